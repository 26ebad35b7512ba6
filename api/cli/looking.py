"""`cmdb show`, `cmdb search`, `cmdb history`."""

from __future__ import annotations

import click

from api.cli.kinds import KEY
from api.cli.root import (
    Document,
    cursor_option,
    json_option,
    leave,
    limit_option,
    root,
    run,
    select_option,
    view_option,
)
from api.cli.words import changed, more, say, table, title


@root.command()
@click.argument("key", type=KEY)
@view_option
@json_option
@click.pass_context
def show(context: click.Context, key: str, view: str, *, as_json: bool) -> None:
    """Show an item: what is known of it and how it is related.

    Example: cmdb show checkout
    """
    leave(run(context, lambda service: service.items.show(key, view)), _show, as_json=as_json)


@root.command()
@click.argument("text", nargs=-1)
@select_option
@view_option
@limit_option
@cursor_option
@json_option
@click.pass_context
def search(
    context: click.Context,
    text: tuple[str, ...],
    select: str | None,
    view: str,
    limit: int,
    cursor: str | None,
    *,
    as_json: bool,
) -> None:
    """Find items whose key, name or class holds every word, or that a selection means, or both.

    Example: cmdb search checkout database

    Example: cmdb search --select 'class:server and upstream(checkout)'
    """
    if not text and select is None:
        raise click.UsageError("Say what to find: words, or --select SELECTION.")
    words = " ".join(text)
    document = run(
        context,
        lambda service: service.items.search(words, view, select=select, limit=limit, cursor=cursor),
    )
    leave(document, lambda found: _search(found, words, select), as_json=as_json)


@root.command()
@click.argument("key", type=KEY)
@view_option
@json_option
@click.pass_context
def history(context: click.Context, key: str, view: str, *, as_json: bool) -> None:
    """Show everything that ever happened to an item, and what plans said of it, newest first.

    Example: cmdb history checkout
    """
    leave(run(context, lambda service: service.items.history(key, view)), _history, as_json=as_json)


def _show(document: Document) -> None:
    title(f"{document['name']}  ({document['key']}, {document['class'].replace('_', ' ')})")
    facts = [
        (name.replace("_", " "), value, document["provenance"][name]["source"])
        for name, value in document["attributes"].items()
    ]
    table(("fact", "value", "from"), facts)
    for one in document["seen"] or ():
        say(f"Seen by {one['source']} as {one['id']}, last at {one['last_seen']}.", style="dim")
    say(f"Version {document['edition'] or document['version']}.", style="dim")
    if not document["relations"]:
        say(f"{document['name']} has no relations.")
        return
    say()
    table(
        ("relation", "with", "class", ""),
        (
            (
                one["words"],
                one["other"]["name"],
                one["other"]["class"].replace("_", " "),
                "" if one["carries_harm"] else "carries no harm",
            )
            for one in document["relations"]
        ),
    )


def _search(document: Document, words: str, select: str | None) -> None:
    if not document["total"]:
        close = ", ".join(one["key"] for one in document["close"])
        among = f" in “{select}”" if select else ""
        nothing = f"Nothing{among} is called “{words}”." if words else f"“{select}” selects nothing."
        say(nothing + (f" Close to it: {close}." if close else ""))
        return
    table(
        ("key", "class", "name"),
        ((one["key"], one["class"].replace("_", " "), one["name"]) for one in document["items"]),
    )
    more(document)


def _history(document: Document) -> None:
    title(f"{document['name']}  ({document['key']}), version {document['version']}")
    for event in document["history"]:
        when = event["time"][:16].replace("T", " ")
        say(f"{when}  {event['author']}, revision {event['revision']}: {event['message']}")
        where = f", in the plan of {event['plan']}" if event["plan"] else ""
        say(f"    {event['what']}{where}{': ' + event['relation'] if event['relation'] else ''}")
        for change in event["changes"]:
            say(changed(change), indent=4)
