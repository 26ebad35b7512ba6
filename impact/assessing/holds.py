"""Holds: what bars a change from being approved by rule or by peers, whatever its numbers are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from pydantic import Field

from cmdb.changes import Change
from cmdb.harm import State
from cmdb.tables import Table, read_table
from cmdb.words import listed
from impact.assessing.bands import Impact
from impact.assessing.beside import Footing, by_importance
from impact.assessing.conflict import Conflict, named
from impact.assessing.runs import Runs
from impact.critical import taken_out
from impact.picture import Picture

HOLDS = Path(__file__).with_name("holds.toml")

RuleName = Literal["untested_backout", "freeze", "single_point_of_failure", "window_too_short"]


class Rule(Table):
    """A rule; `holds.toml` explains each entry."""

    on: bool
    words: str


class TierRule(Rule):
    """A rule about services of a tier, and of more important ones."""

    tier: int = Field(ge=1, le=4)


class StateRule(TierRule):
    """A rule about the states that such services may get into."""

    states: frozenset[Literal["at_risk", "degraded", "out"]] = Field(min_length=1)


class Rules(Table):
    """All of them."""

    format: Literal[1]
    untested_backout: StateRule
    freeze: Rule
    single_point_of_failure: TierRule
    window_too_short: Rule


@cache
def rules() -> Rules:
    """The rules in force."""
    return read_table(Rules, HOLDS)


class Hold(NamedTuple):
    """A rule that holds a change.

    Attributes
    ----------
    rule
        Its name in `holds.toml`.
    words, because
        What is held, and why.
    """

    rule: RuleName
    words: str
    because: str

    @property
    def detail(self) -> str:
        """Both, as it is said."""
        return f"{self.words} {self.because}"


class Case(NamedTuple):
    """What is known of a change when it is held against the rules.

    Attributes
    ----------
    runs, impact, conflicts
        What it does, what that is called, and what stands against it.
    """

    picture: Picture
    change: Change
    footing: Footing
    runs: Runs
    impact: Impact
    conflicts: Sequence[Conflict]


def holds(case: Case, by: Rules | None = None) -> Sequence[Hold]:
    """The rules that hold a change, in the order in which they are listed.

    Parameters
    ----------
    by
        The rules; those in force if none are given.
    """
    rules_there = by or rules()
    found: list[Hold] = []
    for name, reasons in _REASONS.items():
        rule: Rule = getattr(rules_there, name)
        if rule.on:
            found += [Hold(name, rule.words, why) for why in reasons(case, rules_there)]
    return found


def _untested(case: Case, by: Rules) -> Iterator[str]:
    backout = case.change.plans.backout
    if backout.tested:
        return
    why = _hurt(case, by.untested_backout) or _unknown(case.impact)
    if why:
        missing = "" if backout.text else "There is no plan for one. "
        yield f"{missing}{why}, so a tested backout is required."


def _hurt(case: Case, rule: StateRule) -> str | None:
    """The most important tier of which a service can get into one of the states, and the worst of these."""
    loss = case.runs.worst.loss
    states = sorted(map(State.parse, rule.states), reverse=True)
    for tier in range(1, rule.tier + 1):
        for state in states:
            if loss.of(tier, state):
                return f"Tier {tier} can {_CAN[state]}"
    return None


def _unknown(impact: Impact) -> str | None:
    """What is not known to harm nothing."""
    return "It is not known what it hits" if impact.is_unknown else None


def _frozen(case: Case, _: Rules) -> Iterator[str]:
    for one in case.conflicts:
        if one.reason == "freeze":
            who = (
                f"{one.owner} may exempt it"
                if one.owner
                else "It has no owner; who exempts it has to be named"
            )
            yield f"{one.detail}. {who}."


def _single(case: Case, by: Rules) -> Iterator[str]:
    picture, footing = case.picture, case.footing
    important = picture.services & (picture.weights <= by.single_point_of_failure.tier)
    wanted = np.flatnonzero(footing.services & important).astype(np.int32)
    alone = taken_out(picture, footing.touched, wanted)
    by_points: dict[tuple[int, ...], list[int]] = {}
    for service in by_importance(picture, [*alone]):
        by_points.setdefault(tuple(alone[service]), []).append(service)
    for points, services in by_points.items():
        has = "has" if len(services) == 1 else "have"
        yield f"{named(picture, services)} {has} no second path beside {named(picture, points)}."
    touched = [place for place in wanted.tolist() if place in footing.touches and place not in alone]
    if touched:
        is_ = "is" if len(touched) == 1 else "are"
        yield f"{named(picture, by_importance(picture, touched))} {is_} touched directly."


def _short(case: Case, _: Rules) -> Iterator[str]:
    change, plans = case.change, case.change.plans
    told = {"implementation": plans.implementation, "test": plans.test, "backout": plans.backout}
    minutes = {name: one.minutes for name, one in told.items() if one.minutes}
    needed, there = sum(minutes.values()), change.window.minutes if change.window else None
    if there is not None and needed > there:
        parts = listed([f"{name} {number}" for name, number in minutes.items()])
        total = f"make {needed} minutes" if len(minutes) > 1 else "minutes are too many"
        yield f"{parts[:1].upper()}{parts[1:]} {total}; the window has {there}."
    known = needed - (plans.backout.minutes or 0)
    last = plans.backout.point_of_no_return
    if last is not None and known > last:
        yield f"Implementation and test take {known} minutes; after {last} it can no longer be backed out."


_CAN = {State.OUT: "go out", State.DEGRADED: "be degraded", State.AT_RISK: "be at risk"}

_REASONS: dict[RuleName, Callable[[Case, Rules], Iterator[str]]] = {
    "untested_backout": _untested,
    "freeze": _frozen,
    "single_point_of_failure": _single,
    "window_too_short": _short,
}
