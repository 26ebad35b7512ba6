"""`cmdb relate`, `cmdb unrelate` and `cmdb confirm`."""

from __future__ import annotations

import click

from api.cli.given import into_option, parted, relation_version_option, values_of
from api.cli.kinds import KEY
from api.cli.root import Document, json_option, leave, root, run
from api.cli.shell import Shell
from api.cli.words import changed, say, title


@root.command()
@click.argument("source", type=KEY)
@click.argument("type_name", metavar="TYPE")
@click.argument("target", type=KEY)
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE]...")
@relation_version_option
@into_option
@json_option
@click.pass_context
def relate(
    context: click.Context,
    source: str,
    type_name: str,
    target: str,
    values: tuple[str, ...],
    version: str | None,
    into: str | None,
    *,
    as_json: bool,
) -> None:
    """Add a relation, or give the one that is there other values; FIELD= takes one away.

    Example: cmdb relate checkout depends_on db-orders-1 known=declared
    """
    from api.service.relating import Link

    wanted = Link(source, type_name, target, context.ensure_object(Shell).actor, version, into)
    given = parted(values)
    document = run(context, lambda service: service.relating.relate(wanted, values_of(service, given)))
    leave(document, show_related, as_json=as_json)


@root.command()
@click.argument("source", type=KEY)
@click.argument("type_name", metavar="TYPE")
@click.argument("target", type=KEY)
@relation_version_option
@into_option
@json_option
@click.pass_context
def unrelate(
    context: click.Context,
    source: str,
    type_name: str,
    target: str,
    version: str | None,
    into: str | None,
    *,
    as_json: bool,
) -> None:
    """Remove a relation; with --into, plan that it goes, or take it out of the plan again.

    Example: cmdb unrelate checkout depends_on db-orders-1
    """
    from api.service.relating import Link

    wanted = Link(source, type_name, target, context.ensure_object(Shell).actor, version, into)
    document = run(context, lambda service: service.relating.unrelate(wanted))
    leave(document, show_related, as_json=as_json)


@root.command()
@click.argument("source", type=KEY)
@click.argument("type_name", metavar="TYPE")
@click.argument("target", type=KEY)
@relation_version_option
@into_option
@json_option
@click.pass_context
def confirm(
    context: click.Context,
    source: str,
    type_name: str,
    target: str,
    version: str | None,
    into: str | None,
    *,
    as_json: bool,
) -> None:
    """Note that a relation is so: it counts as verified by you from now on.

    Example: cmdb confirm payments connects_via fw-118
    """
    from api.service.relating import Link

    wanted = Link(source, type_name, target, context.ensure_object(Shell).actor, version, into)
    leave(run(context, lambda service: service.relating.confirm(wanted)), show_related, as_json=as_json)


def show_related(document: Document) -> None:
    """Print what was done to a relation."""
    if document["revision"] is None:
        title("Nothing changes: it says this already.")
        return
    what = f"{document['source']} {document['type'].replace('_', ' ')} {document['target']}"
    where = f" in the plan of {document['into']}" if document["into"] else ""
    title(f"{what}: {document['how']}{where}, revision {document['revision']}.")
    for one in document["changes"]:
        say(changed(one), indent=2)
