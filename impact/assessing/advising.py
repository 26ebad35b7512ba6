"""Advice: other ways to do a change that harm services less if a step fails, each worked out anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from impact.assessing.assessment import Assessment
from impact.assessing.bands import Impact, impact_of
from impact.assessing.runs import Loss, Run, Steps, credible

TOLD = 3
"""How many ways are told at most."""


class Advice(NamedTuple):
    """A way to do it with less harm.

    Attributes
    ----------
    way
        Whether to leave something out, or to do one item after the other.
    place
        What to leave out.
    steps
        The change as it would be.
    run, impact
        What happens then if one step fails, and what that is called.
    """

    way: Literal["leave_out", "one_at_a_time"]
    place: int | None
    steps: Steps
    run: Run
    impact: Impact


def advice(assessment: Assessment) -> list[Advice]:
    """The ways that harm services less, the best first."""
    least = assessment.runs.credible.loss.tiers
    found = [one for one in _ways(assessment) if one.run.loss.tiers < least]
    return sorted(found, key=_order)[:TOLD]


def _order(one: Advice) -> tuple[Loss, bool]:
    return one.run.loss, one.way == "leave_out"


def _ways(assessment: Assessment) -> Iterator[Advice]:
    apart = [[part] for step in assessment.steps for part in step]
    if len(apart) > len(assessment.steps):
        yield _way(assessment, "one_at_a_time", None, apart)
    touched = assessment.touched
    for place in touched if len(touched) > 1 else ():
        less = [[part for part in step if part.place != place] for step in assessment.steps]
        yield _way(assessment, "leave_out", place, less)


def _way(
    assessment: Assessment, way: Literal["leave_out", "one_at_a_time"], place: int | None, steps: Steps
) -> Advice:
    run = credible(assessment.questions, steps)
    touched = {part.place for step in steps for part in step}
    named = impact_of(assessment.picture, run.loss, sorted(touched), assessment.unregistered)
    return Advice(way, place, steps, run, named)
