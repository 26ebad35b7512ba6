"""`cmdb impact`, `explain`, `not-hit`, `depends`, `path`, `spof` and `simulate`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from api.cli.kinds import KEY
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
from api.cli.trees import show_chains, show_needs
from api.cli.words import (
    FOLD_AFTER,
    behind_state,
    called,
    more,
    noted,
    say,
    state,
    table,
    title,
    unshown,
)
from cmdb.words import listed

if TYPE_CHECKING:
    from api.service import Selected

state_option = click.option(
    "--state",
    "harm",
    type=click.Choice(["at_risk", "degraded", "out"]),
    default="out",
    show_default=True,
    help="The state the causes are in.",
)


@root.command()
@click.argument("selections", nargs=-1, required=True, metavar="SELECTION...", type=KEY)
@state_option
@view_option
@at_option
@click.option("--graph", is_flag=True, help="Add boxes and arrows for drawing to the JSON document.")
@click.option(
    "--fields",
    metavar="NAME,...",
    help="Tell only these of each item that is hit, in the JSON document.",
)
@json_option
@click.pass_context
def impact(
    context: click.Context,
    selections: tuple[str, ...],
    harm: str,
    view: str,
    at: str | None,
    *,
    graph: bool,
    fields: str | None,
    as_json: bool,
) -> None:
    """Show what breaks if something fails: services first, worst first.

    A SELECTION is a key, or names several items, which then fail together.

    Example: cmdb impact power-f2

    Example: cmdb impact 'class:server and upstream(payments)'
    """
    if fields is not None and not as_json:
        raise click.UsageError("--fields is for the JSON document. Add --json.", context)

    from impact.documents.rows import FIELDS

    causes: dict[str, str] = dict.fromkeys(_meant(selections), harm)
    told = FIELDS if fields is None else fields.split(",")
    document = run(context, lambda service: service.impact.impact(causes, view, at, graph=graph, fields=told))
    leave(document, lambda found: _impact(found, selections), as_json=as_json)


@root.command()
@click.argument("cause", type=KEY)
@click.argument("key", type=KEY)
@state_option
@view_option
@at_option
@json_option
@click.pass_context
def explain(
    context: click.Context, cause: str, key: str, harm: str, view: str, at: str | None, *, as_json: bool
) -> None:
    """Say why KEY is hit when CAUSE fails, a key or a selection, or why it is not.

    Example: cmdb explain power-f2 checkout
    """
    causes: dict[str, str] = dict.fromkeys(_meant([cause]), harm)
    document = run(context, lambda service: service.impact.explain(causes, key, view, at))
    leave(document, show_explanation, as_json=as_json)


@root.command("not-hit")
@click.argument("causes", nargs=-1, required=True, metavar="SELECTION...", type=KEY)
@state_option
@view_option
@at_option
@limit_option
@cursor_option
@json_option
@click.pass_context
def not_hit(
    context: click.Context,
    causes: tuple[str, ...],
    harm: str,
    view: str,
    at: str | None,
    limit: int,
    cursor: str | None,
    *,
    as_json: bool,
) -> None:
    """Show which services are not hit when something fails, and why not.

    Example: cmdb not-hit power-f2
    """
    asked: dict[str, str] = dict.fromkeys(_meant(causes), harm)
    document = run(
        context, lambda service: service.impact.not_hit(asked, view, at, limit=limit, cursor=cursor)
    )
    leave(document, _not_hit, as_json=as_json)


@root.command()
@click.argument("key", type=KEY)
@view_option
@json_option
@click.pass_context
def depends(context: click.Context, key: str, view: str, *, as_json: bool) -> None:
    """Show everything an item needs, nearest first.

    Example: cmdb depends payments
    """
    leave(run(context, lambda service: service.impact.depends(key, view)), _needs, as_json=as_json)


@root.command()
@click.argument("start", metavar="A", type=KEY)
@click.argument("end", metavar="B", type=KEY)
@view_option
@json_option
@click.pass_context
def path(context: click.Context, start: str, end: str, view: str, *, as_json: bool) -> None:
    """Show the shortest ways along which harm passes between two items.

    Example: cmdb path power-f2 checkout
    """
    leave(run(context, lambda service: service.impact.path(start, end, view)), _paths, as_json=as_json)


@root.command()
@click.argument("selections", nargs=-1, metavar="[SELECTION...]", type=KEY)
@view_option
@at_option
@json_option
@click.pass_context
def spof(
    context: click.Context, selections: tuple[str, ...], view: str, at: str | None, *, as_json: bool
) -> None:
    """Show single points of failure of items, by default of every service, and how much redundancy is left.

    The groups that what was asked about rests on come in order of how many members they can still lose at
    the instant; those whose members share something are no redundancy.

    Example: cmdb spof checkout

    Example: cmdb spof tier:1
    """
    names = _meant(selections)
    leave(run(context, lambda service: service.impact.spof(names, view, at)), _spof, as_json=as_json)


@root.command()
@click.argument("selections", nargs=-1, metavar="[SELECTION...]", type=KEY)
@click.option(
    "--out",
    "out",
    multiple=True,
    type=KEY,
    metavar="SELECTION",
    help="What if this were out all the time? Can be given several times.",
)
@click.option("--draws", type=int, metavar="N", help="How many states of the estate to draw.")
@click.option("--seed", type=int, metavar="N", help="Another seed draws other states.")
@view_option
@json_option
@click.pass_context
def simulate(
    context: click.Context,
    selections: tuple[str, ...],
    out: tuple[str, ...],
    draws: int | None,
    seed: int | None,
    view: str,
    *,
    as_json: bool,
) -> None:
    """Show how much of the time items are out, by default every service, where failure rates are given.

    An item has a rate if it has failures_per_year and hours_to_restore. What needs nothing that has one is
    not shown. What is out today, in maintenance or by an incident, makes no difference.

    Example: cmdb simulate checkout

    Example: cmdb simulate tier:1 --out power-f2
    """
    names, without = _meant(selections), _meant(out)
    document = run(
        context,
        lambda service: service.impact.simulate(names, view, out=without, draws=draws, seed=seed),
    )
    leave(document, _simulated, as_json=as_json)


def _meant(texts: Sequence[str]) -> list[Selected]:
    """Texts as selections; a text as it is would be a key."""
    from api.service import Selected

    return list(map(Selected, texts))


def _impact(document: Document, asked: Collection[str]) -> None:
    """Print an impact document in words; the causes too if they were not asked about by their keys."""
    title(document["detail"])
    causes = [called(one) for one in document["causes"]]
    if {one["key"] for one in document["causes"]} != set(asked):
        say(f"If {listed(causes)} {'fails' if len(causes) == 1 else 'fail together'}.", style="dim")
    say(document["coverage"]["touched"]["detail"], style="dim")
    say(f"Map: {document['coverage']['detail']}", style="dim")
    counts = document["counts"]
    if document["affected"]:
        say(f"{counts['out']} out, {counts['degraded']} degraded, {counts['at_risk']} at risk.")
        say()
    names = {one["key"]: one["name"] for part in ("causes", "affected") for one in document[part]}
    table(
        ("state", "tier", "service", "because of"),
        (
            (state(one["state"]), tier(one), one["name"], _because_of(one, names))
            for one in document["services"]
        ),
    )
    services = {one["key"] for one in document["services"]}
    others = [one for one in document["affected"] if one["key"] not in services]
    noted("Also hit", [behind_state(one["state"], called(one)) for one in others])
    noted("Redundancy that held", [f"{one['name']}: {one['detail']}." for one in document["absorbed"]])
    noted("Call", [contact(one) for one in document["call"]])
    noted("Hurt anyway", [behind_state(one["state"], called(one)) for one in document["already"]])
    show_wrong(document)
    noted("Limits", [f"{one['key']}: {one['reason']}" for one in document["limits"]])


def show_explanation(document: Document) -> None:
    """Print an explanation in words."""
    title(document["detail"])
    if document["hit"]:
        chains = [chain["steps"] for chain in document["chains"]["shown"]]
        if any(len(steps) > 1 for steps in chains):
            say()
            first = {**document["item"], "state": document["state"]}
            show_chains(first, chains, dict(_standing(document["because"])))
        noted("Limits", [one["reason"] for one in document["limits"]])
    else:
        noted("Also", [one["detail"] for one in document["reasons"][1:]])


def _standing(because: Document) -> Iterator[tuple[str, str]]:
    """By key, how the groups stand that decide why an item is hit."""
    if because["group"]:
        last = because["steps"][-1] if because["steps"] else because
        yield last["key"], because["group"]["detail"]
    for member in because["members"]:
        yield from _standing(member)


def _needs(document: Document) -> None:
    """Print what an item needs."""
    title(document["detail"])
    if document["needs"]:
        show_needs(document)


def _spof(document: Document) -> None:
    """Print single points of failure, groups by margin, and false redundancy."""
    items = document["items"]
    for one in items[:FOLD_AFTER]:
        say(one["detail"], style="bold" if one["points"] else "")
    unshown(items)
    groups = [f"{one['name']}: {one['detail']}" for one in document["groups"]]
    noted("Groups, those that can lose least first", groups)
    noted("False redundancy", [one["detail"] for one in document["false_redundancy"]])
    noted("Limits", [f"{one['key']}: {one['reason']}" for one in document["limits"]])


def _simulated(document: Document) -> None:
    """Print how much of the time items are out."""
    title(document["detail"])
    rows = document["items"]
    if rows:
        say(
            f"{document['draws']:,} draws, seed {document['seed']}; intervals have 95 % confidence.",
            style="dim",
        )
        say()
    table(
        ("tier", "item", "out", "interval", "a year", "with rates"),
        ((tier(one), one["name"], *_chance(one)) for one in rows[:FOLD_AFTER]),
    )
    unshown(rows)
    noted("Limits", [f"{one['key']}: {one['reason']}" for one in document["limits"]])


def _chance(row: Document) -> tuple[str, ...]:
    """How much of the time an item is out, in columns."""
    from impact.documents.simulation import a_year, between, percent

    rated = f"{row['rates']['given']:,} of {row['rates']['needs']:,}"
    if row["certain"]:
        return "always", "", "", rated
    high, share, interval = row["high"], row["p_out"], between(row["low"], row["high"])
    if share is None:
        return f"< {percent(high)}", interval, f"< {a_year(high)}", rated
    return percent(share), interval, a_year(share), rated


def _not_hit(document: Document) -> None:
    title(document["detail"])
    table(("service", "because"), ((one["name"], one["detail"]) for one in document["items"]))
    more(document)


def show_wrong(document: Document) -> None:
    """Print what is wrong with the data."""
    for heading, name in (("Data faults", "faults"), ("Resting on what is not live", "broken")):
        noted(heading, [f"{one['key']}: {one['reason']}" for one in document[name]])


def _paths(document: Document) -> None:
    title(document["detail"])
    if document["paths"]:
        first = next(one for one in document["ends"] if one["key"] == document["to"])
        show_chains(first, [one["steps"] for one in document["paths"]], {})
    noted("Limits", [one["reason"] for one in document["limits"]])


def tier(row: Document) -> str:
    """A tier as a badge; an unclassified item counts as tier 2."""
    return f"T{row['tier']}" if row["tier"] else "T2?"


def _because_of(row: Document, names: Mapping[str, str]) -> str:
    relation = row["tipped_by"]
    other = str(relation["target"] if relation["source"] == row["key"] else relation["source"])
    return names.get(other, other)


def contact(row: Document) -> str:
    """Whom to call, how, and for which services."""
    reach = f", {row['on_call']}" if row["on_call"] else ""
    return f"{row['name']}{reach}: for {', '.join(row['services'])}"
