"""`cmdb data`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from api.cli.asking import show_wrong
from api.cli.kinds import OneOf
from api.cli.root import Document, json_option, leave, root, run, select_option, view_option
from api.cli.words import called, noted, say, table, title


def _kinds() -> Sequence[str]:
    from impact.candidates import KINDS

    return KINDS


@root.command()
@select_option
@click.option(
    "--fix",
    "kinds",
    type=OneOf(_kinds),
    multiple=True,
    help="Look for these fixes only. Can be given several times.",
)
@view_option
@json_option
@click.pass_context
def data(
    context: click.Context, select: str | None, kinds: tuple[str, ...], view: str, *, as_json: bool
) -> None:
    """Show how much of the estate answers can rest on, what is wrong with the rest, and what to fix first.

    The fixes are those that would change most answers about services of tier 1, then of tier 2; a service
    without a tier counts as 2. Each comes with the command that does it.

    Example: cmdb data

    Example: cmdb data --fix relation --select 'upstream(checkout)'
    """
    document = run(context, lambda service: service.data.judge(view, select=select, kinds=kinds or _kinds()))
    leave(document, _data, as_json=as_json)


def _data(document: Document) -> None:
    """Print what the data is worth, and what to do about it."""
    title(document["detail"])
    if document["relations"]["total"]:
        say(_relations(document["relations"]), style="dim")
    say()
    table(("class", "CIs", "reach a service", "with owner", "verified"), map(_class, document["classes"]))
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


def _class(one: Document) -> tuple[object, ...]:
    return (
        one["class"].replace("_", " "),
        *(f"{one[name]:,}" for name in ("cis", "reach_service", "owned", "verified")),
    )


def _source(one: Document) -> tuple[object, ...]:
    return one["source"], one["items"], one["relations"], one["last_seen"]


def _fix(number: int, one: Document) -> None:
    """Print one fix: what to do, why, and the command that does it."""
    say(f"{number}. {one['what']}")
    say(one["why"], style="dim", indent=3)
    say(one["command"], indent=3)
    if one["otherwise"]:
        say(f"or {one['otherwise']}", indent=3)
