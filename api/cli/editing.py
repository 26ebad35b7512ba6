"""`cmdb edit`."""

from __future__ import annotations

import click

from api.cli.root import Document, Shell, json_option, leave, root, run
from api.cli.words import changed, say, title
from api.service import Service
from api.service.editing import Edit
from cmdb.errors import WrongUsage


@root.command()
@click.argument("key")
@click.argument("values", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--version", type=click.IntRange(1), metavar="N", help="Only if it is at this version now.")
@click.option("--into", metavar="PLAN", help="Put it into a plan, such as project:apollo.")
@json_option
@click.pass_context
def edit(
    context: click.Context,
    key: str,
    values: tuple[str, ...],
    version: int | None,
    into: str | None,
    *,
    as_json: bool,
) -> None:
    """Give an item other values; FIELD= takes one away, key=NEW renames it, status=retired retires it.

    Example: cmdb edit checkout tier=1 owner=team-shop
    """
    actor = context.ensure_object(Shell).actor
    given = [_parted(one) for one in values]

    def use_case(service: Service) -> Document:
        typed = {name: service.editing.typed(name, text) for name, text in given}
        return service.editing.edit(Edit(key, typed, actor, version, into))

    leave(run(context, use_case, writes=True), _show, as_json=as_json)


def _parted(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise WrongUsage(f"“{text}” gives no value. Write FIELD=VALUE.")
    return name, value


def _show(document: Document) -> None:
    if document["revision"] is None:
        title("Nothing changes: it says this already.")
        return
    where = f" in the plan of {document['into']}" if document["into"] else ""
    title(f"{document['name']} ({document['key']}) changed{where}, revision {document['revision']}.")
    for one in document["changes"]:
        say(changed(one), indent=2)
