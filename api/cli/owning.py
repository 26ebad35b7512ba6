"""`cmdb services`."""

from __future__ import annotations

import click

from api.cli.asking import tier
from api.cli.kinds import OWNER
from api.cli.root import (
    Document,
    at_option,
    cursor_option,
    json_option,
    leave,
    limit_option,
    root,
    run,
    view_option,
)
from api.cli.words import more, noted, say, state, table, title


@root.command()
@click.option(
    "--owner",
    type=OWNER,
    metavar="TEAM",
    help="Whose: key or name of a team or a person; everybody's by default.",
)
@view_option
@at_option
@limit_option
@cursor_option
@json_option
@click.pass_context
def services(
    context: click.Context,
    owner: str | None,
    view: str,
    at: str | None,
    limit: int,
    cursor: str | None,
    *,
    as_json: bool,
) -> None:
    """Show how somebody's services are, the worst first.

    For each: its state, of the groups that it rests on the one that can lose least, how many single points
    of failure it has, and what expires next of itself and all it needs.

    Example: cmdb services --owner team-shop
    """
    document = run(
        context, lambda service: service.owning.services(owner, view, at, limit=limit, cursor=cursor)
    )
    leave(document, _services, as_json=as_json)


def _services(document: Document) -> None:
    """Print somebody's services."""
    title(document["detail"])
    if document["items"]:
        say()
    table(
        ("state", "tier", "service", "weakest group", "alone", "expires"),
        (
            (
                state(one["state"]),
                tier(one),
                one["name"],
                _weakest(one["weakest"]),
                one["points"],
                one["expires"]["detail"] if one["expires"] else "",
            )
            for one in document["items"]
        ),
    )
    more(document)
    noted("Worth confirming", [f"{one['question']} {one['command']}" for one in document["confirm"]])
    noted("Limits", [f"{one['key']}: {one['reason']}" for one in document["limits"]])


def _weakest(group: Document | None) -> str:
    if group is None:
        return ""
    shared = f"; {group['hangs_on']['name']} takes it out alone" if group["hangs_on"] else ""
    return f"{group['name']}: {group['detail']}{shared}"
