"""Runs: what a change does as planned, if one of its steps fails, and if everything it touches fails.

Steps follow each other; what one step touches is touched together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from cmdb.harm import State
from impact.answer import Answer, ask
from impact.context import Moment
from impact.picture import Picture

TIERS = (1, 2, 3, 4)


class Part(NamedTuple):
    """What a change does to one item.

    Attributes
    ----------
    place
        The item, by number.
    planned
        The state it is in while that is done, if all goes well.
    shared
        Whether it is done to all members of a group at once, as with configuration, a schema or credentials
        that they share: redundancy does not absorb it.
    """

    place: int
    planned: State = State.OK
    shared: bool = False


Steps = Sequence[Sequence[Part]]


@dataclass(frozen=True)
class Run:
    """One way it may go.

    Attributes
    ----------
    answer
        What follows.
    step
        The place among the steps of the one that does most harm; `None` if all of them are meant.
    loss
        What services lose.
    """

    answer: Answer
    step: int | None
    loss: Loss


class Loss(NamedTuple):
    """What services lose, as it is compared: tier by tier, the worst state first.

    Attributes
    ----------
    tiers
        For each tier from 1 to 4, how many services go out, are degraded, are at risk.
    items
        How many items are hit at all; it decides only where services lose the same.
    """

    tiers: tuple[tuple[int, int, int], ...]
    items: int

    def of(self, tier: int, *states: State) -> int:
        """How many services of a tier get into one of some states."""
        told = dict(zip((State.OUT, State.DEGRADED, State.AT_RISK), self.tiers[tier - 1], strict=True))
        return sum(told[state] for state in states)


@dataclass(frozen=True)
class Runs:
    """A change as planned; with its worst step failing; with everything it touches out."""

    planned: Run
    credible: Run
    worst: Run


@dataclass(frozen=True)
class Questions:
    """What is asked of a picture under one context; nothing is worked out twice.

    Attributes
    ----------
    when
        The instant whose context counts.
    """

    picture: Picture
    when: Moment
    _known: dict[frozenset[tuple[int, State]], tuple[Answer, Loss]] = field(default_factory=dict, repr=False)

    def run(self, causes: Mapping[int, State], step: int | None) -> Run:
        """What follows from causes."""
        name = frozenset(causes.items())
        if name not in self._known:
            answer = ask(self.picture, causes, self.when)
            self._known[name] = answer, loss_of(answer)
        answer, loss = self._known[name]
        return Run(answer, step, loss)

    def worst(self, steps: Sequence[Mapping[int, State]]) -> Run:
        """The step that does most harm; the first of those that do as much."""
        runs = [self.run(causes, at) for at, causes in enumerate(steps) if causes or not at]
        return max(runs, key=lambda run: (run.loss, -(run.step or 0)))


def run_all(questions: Questions, steps: Steps) -> Runs:
    """Work out what a change does.

    Parameters
    ----------
    steps
        What it does, step by step; a change without any does nothing.
    """
    whole = together(questions.picture, steps)
    planned = [{part.place: part.planned for part in step if part.planned > State.OK} for step in whole]
    everything = {part.place: State.OUT for step in whole for part in step}
    return Runs(
        planned=questions.worst(planned),
        credible=credible(questions, steps),
        worst=questions.run(everything, None),
    )


def credible(questions: Questions, steps: Steps) -> Run:
    """What happens if one step fails: what it touches is out, all else is ok; the worst such step."""
    whole = together(questions.picture, steps)
    return questions.worst([dict.fromkeys((part.place for part in step), State.OUT) for step in whole])


def together(picture: Picture, steps: Steps) -> list[list[Part]]:
    """The steps as they act; those whose parts act in an earlier one are empty.

    What is shared is done to a group and to all its members, and to theirs where these are groups. Members
    of one group to which something shared is done are one step, the first of theirs.
    """
    widened = [list(_with_members(picture, step)) for step in steps]
    found: list[list[Part]] = [[] for _ in widened]
    first: dict[int, int] = {}
    for at, step in enumerate(widened):
        for part in step:
            to = at
            if part.shared:
                groups = _groups_of(picture, part.place)
                to = min((first.setdefault(group, at) for group in groups), default=at)
            found[to].append(part)
    return [list(_once(step)) for step in found] or [[]]


def _once(step: Iterable[Part]) -> Iterator[Part]:
    """Each item once, in the worst of its planned states."""
    found: dict[int, Part] = {}
    for part in step:
        known = found.get(part.place, part)
        found[part.place] = Part(part.place, max(part.planned, known.planned), part.shared or known.shared)
    yield from found.values()


def _with_members(picture: Picture, step: Iterable[Part]) -> Iterator[Part]:
    """The parts of a step, those that are done to all members of a group with each of these."""
    waiting, seen = list(step)[::-1], set[int]()
    while waiting:
        part = waiting.pop()
        yield part
        if part.shared and part.place not in seen and picture.is_group(part.place):
            seen.add(part.place)
            members = picture.in_order(picture.group(part.place).members)
            waiting.extend(Part(place, part.planned, shared=True) for place in members[::-1])


def _groups_of(picture: Picture, place: int) -> list[int]:
    """The groups in which an item counts."""
    found: list[int] = picture.groups_beside(np.array([place], np.int32)).tolist()
    return found


def loss_of(answer: Answer) -> Loss:
    """What services lose."""
    places = np.array(answer.services, np.int32)
    states, weights = answer.harm.states[places], answer.picture.weights[places]
    hurt = (State.OUT, State.DEGRADED, State.AT_RISK)
    out, degraded, at_risk = (
        [int(np.count_nonzero((weights == tier) & (states == state))) for tier in TIERS] for state in hurt
    )
    return Loss(tuple(zip(out, degraded, at_risk, strict=True)), len(answer.affected))
