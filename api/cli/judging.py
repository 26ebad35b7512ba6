"""`cmdb data`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from api.cli.asking import show_wrong
from api.cli.kinds import OneOf
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
from api.cli.words import FOLD_AFTER, called, more, noted, say, table, title, unshown


def _kinds() -> Sequence[str]:
    from impact.candidates import KINDS

    return KINDS


def _lists() -> Sequence[str]:
    from impact.documents.lists import LISTS

    return LISTS


@root.command()
@select_option
@click.option(
    "--fix",
    "kinds",
    type=OneOf(_kinds),
    multiple=True,
    help="Look for these fixes only. Can be given several times.",
)
@click.option("--list", "name", type=OneOf(_lists), help="List what is behind a number, one by one, instead.")
@view_option
@limit_option
@cursor_option
@json_option
@click.pass_context
def data(
    context: click.Context,
    select: str | None,
    kinds: tuple[str, ...],
    name: str | None,
    view: str,
    limit: int,
    cursor: str | None,
    *,
    as_json: bool,
) -> None:
    """Show how much of the estate answers can rest on, what is wrong with the rest, and what to fix first.

    The fixes are those that would change most answers about services of tier 1, then of tier 2; a service
    without a tier counts as 2. Each comes with the command that does it.

    Example: cmdb data

    Example: cmdb data --fix relation --select 'upstream(checkout)'

    Example: cmdb data --list unowned --select class:server
    """
    if name is not None:
        found = run(
            context,
            lambda service: service.data.rows(name, view, select=select, limit=limit, cursor=cursor),
        )
        leave(found, _list, as_json=as_json)
        return
    document = run(context, lambda service: service.data.judge(view, select=select, kinds=kinds or _kinds()))
    leave(document, _data, as_json=as_json)


def _data(document: Document) -> None:
    """Print what the data is worth, and what to do about it."""
    title(document["detail"])
    if document["relations"]["total"]:
        say(_relations(document["relations"]), style="dim")
    say()
    table(
        ("class", *_QUALITY), (_quality(one["class"].replace("_", " "), one) for one in document["classes"])
    )
    say()
    table(("team", *_QUALITY), (_quality(one["name"], one) for one in document["teams"][:FOLD_AFTER]))
    unshown(document["teams"])
    say()
    table(("source", "items", "relations", "last seen"), map(_source, document["sources"] or ()))
    say()
    say(document["fixes_detail"])
    for number, one in enumerate(document["fixes"], start=1):
        _fix(number, one)
    noted("References that lead nowhere", [one["detail"] for one in document["unresolved"]])
    noted("Without relations", [called(one) for one in document["unmapped"]])
    show_wrong(document)
    noted("Limits", [one["reason"] for one in document["limits"]])


def _relations(found: Document) -> str:
    """How relations are known, in a sentence."""
    ways = [f"{found[way]:,} {way}" for way in ("declared", "observed", "inferred") if found[way]]
    ways += [f"{found['unsaid']:,} that do not say how they are known"] if found["unsaid"] else []
    checked = f"{found['verified']:,} verified, {found['stale']:,} stale"
    return f"{found['total']:,} relations carry harm: {', '.join(ways)}; {checked}."


_QUALITY = ("CIs", "reach a service", "with owner", "verified", "relations", "observed", "stale")


def _quality(name: str, one: Document) -> tuple[object, ...]:
    own, ways = ("cis", "reach_service", "owned", "verified"), ("total", "observed", "stale")
    numbers = [*(one[part] for part in own), *(one["relations"][part] for part in ways)]
    return name, *(f"{number:,}" for number in numbers)


def _list(document: Document) -> None:
    """Print what is behind a number."""
    title(document["detail"])
    table(_headings(document["list"]), map(_row, document["items"]))
    more(document)


def _headings(name: str) -> tuple[str, ...]:
    from impact.documents.lists import ITEMS, REFERENCES

    if name in ITEMS:
        return "item", "class", "owner"
    return ("reference", "source", "") if name == REFERENCES else ("relation", "known", "last seen")


def _row(one: Document) -> tuple[object, ...]:
    """An item, a relation or a reference."""
    if "refers_to" in one:
        return one["detail"], one["source"], ""
    if "detail" in one:
        return one["detail"], one["known"], f"{one['evidence']}{', verified' if one['verified'] else ''}"
    return called(one), one["class"].replace("_", " "), one["owner"] or ""


def _source(one: Document) -> tuple[object, ...]:
    return one["source"], one["items"], one["relations"], one["last_seen"]


def _fix(number: int, one: Document) -> None:
    """Print one fix: what to do, why, and the command that does it."""
    say(f"{number}. {one['what']}")
    say(one["why"], style="dim", indent=3)
    say(one["command"], indent=3)
    if one["otherwise"]:
        say(f"or {one['otherwise']}", indent=3)
