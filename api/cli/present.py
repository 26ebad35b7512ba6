"""`cmdb now`."""

from __future__ import annotations

import click

from api.cli.asking import tier
from api.cli.root import Document, json_option, leave, root, run, view_option
from api.cli.words import say, state, table, title


@root.command()
@view_option
@json_option
@click.pass_context
def now(context: click.Context, view: str, *, as_json: bool) -> None:
    """Show what is wrong now: open incidents, and what is hurt by them, by maintenance and by each other.

    Example: cmdb now
    """
    document = run(context, lambda service: service.present.now(view))
    leave(document, _now, as_json=as_json)


def _now(document: Document) -> None:
    """Print what is wrong: services first."""
    title(document["detail"])
    for one in document["records"]:
        say(f"{one['key']}  {one['name']}: {_hits(one)}")
    if document["hurt"]:
        say()
    table(
        ("state", "tier", "item", "because"),
        (
            (state(one["state"]), tier(one) if one["service"] else "", one["name"], one["because"])
            for one in document["hurt"]
        ),
    )
    left = sum(document["counts"].values()) - len(document["hurt"])
    if left:
        say(f"and {left:,} more")


def _hits(record: Document) -> str:
    """What a record says of items."""
    return ", ".join(f"{one['name']} is {one['state'].replace('_', ' ')}" for one in record["hits"])
