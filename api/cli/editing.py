"""`cmdb edit` and `cmdb withdraw`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from api.cli.given import into_option, parted, values_of, version_option
from api.cli.kinds import KEY, PLAN
from api.cli.root import Document, json_option, leave, root, run
from api.cli.shell import Shell
from api.cli.words import changed, say, title
from cmdb.words import listed

if TYPE_CHECKING:
    from api.service import Service


@root.command()
@click.argument("key", type=KEY)
@click.argument("values", nargs=-1, required=True, metavar="FIELD=VALUE...")
@version_option
@into_option
@json_option
@click.pass_context
def edit(
    context: click.Context,
    key: str,
    values: tuple[str, ...],
    version: str | None,
    into: str | None,
    *,
    as_json: bool,
) -> None:
    """Give an item other values; FIELD= takes one away, key=NEW renames it, status=retired retires it.

    Example: cmdb edit checkout tier=1 owner=team-shop
    """
    from api.service.editing import Edit

    actor = context.ensure_object(Shell).actor
    given = parted(values)

    def use_case(service: Service) -> Document:
        return service.editing.edit(Edit(key, values_of(service, given), actor, version, into))

    leave(run(context, use_case), show_edited, as_json=as_json)


@root.command()
@click.argument("plan", metavar="PLAN", type=PLAN)
@click.argument("keys", nargs=-1, required=True, metavar="KEY...", type=KEY)
@json_option
@click.pass_context
def withdraw(context: click.Context, plan: str, keys: tuple[str, ...], *, as_json: bool) -> None:
    """Take everything out of a plan that is about some items, their relations included.

    Example: cmdb withdraw project:web-shop checkout
    """
    actor = context.ensure_object(Shell).actor
    document = run(context, lambda service: service.editing.withdraw(plan, keys, actor))
    leave(document, _show_withdrawn, as_json=as_json)


def _show_withdrawn(document: Document) -> None:
    where = f"the plan of {document['into']}, revision {document['revision']}"
    title(f"Nothing about {listed(document['keys'])} is left in {where}.")


def show_edited(document: Document) -> None:
    """Print what was done to an item."""
    if document["revision"] is None:
        title("Nothing changes: it says this already.")
        return
    where = f" in the plan of {document['into']}" if document["into"] else ""
    title(f"{document['name']} ({document['key']}) changed{where}, revision {document['revision']}.")
    for one in document["changes"]:
        say(changed(one), indent=2)
