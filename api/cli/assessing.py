"""`cmdb change assess` and `replay`: what a change does, and whether that is still so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from api.cli.changing import change, edition_option, key_argument
from api.cli.root import Document, json_option, leave, run
from api.cli.shell import Shell
from api.cli.words import called, noted, say, state, table, title
from cmdb.words import listed

if TYPE_CHECKING:
    from api.service import Service


@change.command()
@key_argument
@edition_option
@json_option
@click.pass_context
def assess(context: click.Context, key: str, version: str | None, *, as_json: bool) -> None:
    """Work out what a change does: as planned, if one of its steps fails, and if all of it fails.

    What it was worked out from is kept with the change; a submitted change is assessed from then on.

    Example: cmdb change assess CHG-1
    """
    from api.service.changes import Move

    wanted = Move(context.ensure_object(Shell).actor, version)

    def use_case(service: Service) -> Document:
        return service.changes.assess(key, wanted)

    leave(run(context, use_case), show_assessment, as_json=as_json)


@change.command()
@key_argument
@json_option
@click.pass_context
def replay(context: click.Context, key: str, *, as_json: bool) -> None:
    """Work the last assessment of a change out again, from what was there then; nothing is written.

    Example: cmdb change replay CHG-1
    """
    leave(run(context, lambda service: service.changes.replay(key)), _show_replayed, as_json=as_json)


def show_assessment(document: Document) -> None:
    """Print an assessment in words."""
    title(f"{document['key']}  {document['title']}")
    chance = document["p_fail"]
    say(f"Impact: {document['impact_band']}. {document['detail']}")
    say(f"Likelihood of failure: {document['p_band']}. {chance['basis']}")
    if document["services"]:
        say()
        rows = ((_named(one), *(state(one[run]) for run in _RUNS)) for one in document["services"])
        table(("service", *_RUNS.values()), rows)
    noted("Holds", [one["detail"] for one in document["holds"]])
    noted("Conflicts", [f"{one['with']} {one['detail']}." for one in document["conflicts"]])
    noted("Advice", [one["detail"] for one in document["advice"]])
    noted("Afterwards", [*_weaker(document["after"])])
    noted("Projects in reach", [*_exposed(document["exposed"])])
    noted("Not known", [*_unknown(document["unknown"])])
    noted("Not taken into account", [*_limits(document["limits"])])
    say()
    say(f"From revision {document['revision']}, for {document['at']}.", style="dim")


_RUNS = {"planned": "as planned", "credible": "if a step fails", "worst": "if all of it fails"}


def _named(one: Document) -> str:
    tier = "" if one["tier"] is None else f"T{one['tier']} "
    return f"{tier}{one['name']}"


def _weaker(after: Document | None) -> Iterator[str]:
    if after is None:
        return
    for one in after["conflicts"]:
        yield f"{one['key']}: {one['reason']}"
    for one in after["points"]:
        points = listed([called(point) for point in one["points"]])
        yield f"{one['name']} has a new single point of failure: {points}."
    for one in after["groups"]:
        yield f"{one['name']} can lose {max(one['after'], 0)} members, {one['before']} before."
    for one in after["broken"]:
        yield f"{one['detail']}."


def _exposed(exposed: list[Document]) -> Iterator[str]:
    for one in exposed:
        item = "" if one["item"] == one["project"] else f"{one['item']} of "
        yield f"{item}{one['project']}: {one['because']} is {one['state'].replace('_', ' ')} if a step fails."


def _limits(limits: list[Document]) -> Iterator[str]:
    for one in limits:
        yield f"{one['key']}: {one['reason']}" if one["key"] else one["reason"]


def _unknown(unknown: Document) -> Iterator[str]:
    if unknown["unmapped"]:
        yield f"No path to a service on the map: {listed([called(one) for one in unknown['unmapped']])}."
    if unknown["unregistered"]:
        yield f"Not registered: {listed(unknown['unregistered'])}."


def _show_replayed(document: Document) -> None:
    show_assessment(document)
    say(document["replayed"])
    if document["outdated"]:
        say("It is outdated: the change, or the graph in its reach, has changed since. Assess it again.")
