"""`cmdb assign` and `cmdb resolve`."""

from __future__ import annotations

import click

from api.cli.editing import show_edited
from api.cli.given import into_option, version_option
from api.cli.kinds import KEY, OWNER
from api.cli.relating import show_related
from api.cli.root import json_option, leave, root, run
from api.cli.shell import Shell


@root.command()
@click.argument("key", type=KEY)
@click.argument("owner", type=OWNER)
@version_option
@into_option
@json_option
@click.pass_context
def assign(
    context: click.Context, key: str, owner: str, version: str | None, into: str | None, *, as_json: bool
) -> None:
    """Say who answers for an item: a team or a person, by key or by name.

    Example: cmdb assign srv-140 platform-team
    """
    from api.service.fixing import Assignment

    wanted = Assignment(key, owner, context.ensure_object(Shell).actor, version, into)
    leave(run(context, lambda service: service.fixing.assign(wanted)), show_edited, as_json=as_json)


@root.command()
@click.argument("key", type=KEY)
@click.argument("type_name", metavar="TYPE")
@click.argument("name")
@click.argument("means", metavar="MEANS", type=KEY)
@click.option("--back", is_flag=True, help="The relation leads from what is meant to KEY.")
@into_option
@json_option
@click.pass_context
def resolve(
    context: click.Context,
    key: str,
    type_name: str,
    name: str,
    means: str,
    into: str | None,
    *,
    back: bool,
    as_json: bool,
) -> None:
    """Say which item a source means by a NAME that leads nowhere: the key of the one that it MEANS.

    Example: cmdb resolve return-labels depends_on label-printers srv-131
    """
    from api.service.fixing import Meaning
    from cmdb.references import Reference

    reference = Reference(key, type_name, name, back)
    wanted = Meaning(reference, means, context.ensure_object(Shell).actor, into)
    leave(run(context, lambda service: service.fixing.resolve(wanted)), show_related, as_json=as_json)
