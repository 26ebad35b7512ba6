"""The table of runs: each service that a change hits, with its state in each of the three runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from api.web.question import Question

Document = Mapping[str, Any]

RUNS = {"planned": "As planned", "credible": "If one step fails", "worst": "If all of it fails"}
ROWS = 8
"""How many services are shown before the rest is folded."""

FOLDED = 100
"""How many folded services are written out."""

LINKED = 10
"""Of how many causes a run may be so that each of its states links to its reason."""


class Column(NamedTuple):
    """One run: its name, what it is called, which step it is, and where the explorer asks the same."""

    name: str
    label: str
    step: int | None
    address: str | None


class Row(NamedTuple):
    """A service with its state in each run, and where that state's reason is told."""

    service: Document
    states: Sequence[tuple[str, str | None]]


class RunTable(NamedTuple):
    """The runs and the services; those that are hit least, or matter least, are folded."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    folded: Sequence[Row]
    left: int


def run_table(assessment: Document, steps: int) -> RunTable:
    """Lay out what a change of so many steps does to services."""
    asked = {name: _question(assessment[name]) for name in RUNS}
    columns = [
        Column(name, label, assessment[name]["step"] if steps > 1 else None, _asked(asked[name]))
        for name, label in RUNS.items()
    ]
    rows = [_row(one, asked) for one in assessment["services"]]
    first = [row for row in rows if _stands_out(row.service)][:ROWS] or rows[:ROWS]
    shown = {row.service["key"] for row in first}
    rest = [row for row in rows if row.service["key"] not in shown]
    return RunTable(columns, first, rest[:FOLDED], max(len(rest) - FOLDED, 0))


def _question(run: Document) -> Question:
    return Question({one["key"]: one["state"] for one in run["causes"]}, run["view"], run["at"])


def _asked(question: Question) -> str | None:
    return question.address() if question.causes else None


def _row(service: Document, asked: Mapping[str, Question]) -> Row:
    states = []
    for name, question in asked.items():
        has_reason = service[name] != "ok" and len(question.causes) <= LINKED
        address = question.selecting(service["key"]).address() if has_reason else None
        states.append((service[name], address))
    return Row(service, states)


def _stands_out(service: Document) -> bool:
    """Whether it is of tier 1, or of tier 2 or none and goes out or is degraded in some run."""
    hurt = {service[name] for name in RUNS} & {"out", "degraded"}
    return service["tier"] == 1 or (bool(hurt) and service["tier"] not in (3, 4))
