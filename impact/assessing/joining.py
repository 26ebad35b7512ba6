"""Joining: changes at the same time that do more harm together than each of them apart.

A pool holds when either of two databases restarts, and not when both do. Nobody sees that from one change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from cmdb.harm import State
from impact.answer import hurt_anyway
from impact.arrays.marks import Marks
from impact.arrays.ranges import Numbers
from impact.assessing.runs import Steps, together
from impact.context import Moment, context
from impact.picture import Picture
from impact.reach import downstream
from impact.sweep import Harm, States, sweep

Worse = Mapping[int, tuple[State, State]]
"""By number of a service, the worst it gets to with less, and with all."""

SWEEPS_AT_MOST = 2_000
"""How many combinations are tried before the search stops and says so."""


class Work(NamedTuple):
    """What a change does, and when.

    Attributes
    ----------
    name
        What the change is called.
    starts, ends
        Its window.
    steps
        What it does, as planned.
    """

    name: str
    starts: datetime
    ends: datetime
    steps: Steps

    def overlaps(self, other: Work) -> bool:
        """Whether both are done at some instant; one that ends as the other starts is over by then."""
        return self.starts < other.ends and other.starts < self.ends


class Joint(NamedTuple):
    """A smallest set of changes that do together what neither one of them nor fewer do.

    Attributes
    ----------
    others
        The names of the others, in order.
    services
        What they do.
    """

    others: tuple[str, ...]
    services: Worse


class Joined(NamedTuple):
    """What was found, and whether everything was tried."""

    found: Sequence[Joint]
    is_whole: bool


def joint_harm(picture: Picture, own: Work, others: Sequence[Work], when: Moment) -> Joined:
    """Find the smallest sets of other changes with which one is unsafe although it is safe with fewer.

    Parameters
    ----------
    others
        Those that may be done at the same time; whatever does not overlap is left out.
    when
        The instant whose context counts.

    Notes
    -----
    Harm only grows with what is out. So all steps of some changes at once do at least as much as any one
    step of each, and where even that is no worse than apart, their steps need not be tried one by one.
    """
    near = [one for one in others if one.overlaps(own)]
    search = _Search(picture, when)
    reach = search.reach(own)
    beside = [one for one in near if np.any(search.reach(one) & reach)]
    found: list[Joint] = []
    for some in _smallest_first(beside):
        if search.sweeps > SWEEPS_AT_MOST:
            return Joined(found, is_whole=False)
        names = {one.name for one in some}
        known = [one.services for one in found if names.issuperset(one.others)]
        services = search.worse([own, *some], known)
        if services:
            found.append(Joint(tuple(sorted(names)), services))
    return Joined(found, is_whole=True)


def _smallest_first(works: Sequence[Work]) -> Iterator[tuple[Work, ...]]:
    """Sets of changes that are all done at one instant, the smallest first."""
    for size in range(1, len(works) + 1):
        for some in combinations(works, size):
            if all(first.overlaps(second) for first, second in combinations(some, 2)):
                yield some


@dataclass
class _Search:
    """Combinations of changes, tried under one context.

    Attributes
    ----------
    sweeps
        How often harm was spread.
    """

    picture: Picture
    when: Moment
    sweeps: int = 0
    _apart: dict[str, States] = field(default_factory=dict)
    _reach: dict[str, Marks] = field(default_factory=dict)
    _acts: dict[str, list[Mapping[int, State]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._services: Numbers = np.flatnonzero(self.picture.services).astype(np.int32)
        self._before: Harm = hurt_anyway(self.picture, context(self.picture, self.when)).harm

    def reach(self, work: Work) -> Marks:
        """By number, what a change could hurt."""
        if work.name not in self._reach:
            places = {place for act in self._acting(work) for place in act}
            self._reach[work.name] = downstream(self.picture, places).marks(len(self.picture))
        return self._reach[work.name]

    def worse(self, works: Sequence[Work], known: Sequence[Worse]) -> Worse:
        """The services that are worse together than apart, with both states; nothing if none is.

        Parameters
        ----------
        known
            What is known to happen with fewer of them.
        """
        apart = np.maximum.reduce([self._worst_apart(one) for one in works])
        for place, (_, state) in (one for services in known for one in services.items()):
            at = np.searchsorted(self._services, place)
            apart[at] = max(apart[at], state)
        acts = [self._acting(one) for one in works]
        if not np.any(self._states([act for some in acts for act in some]) > apart):
            return {}
        worst = apart
        for chosen in product(*acts):
            worst = np.maximum(worst, self._states(chosen))
        worse = np.flatnonzero(worst > apart)
        order = sorted(worse.tolist(), key=lambda at: (-int(worst[at]), *self._rank(at)))
        return {int(self._services[at]): (State(apart[at]), State(worst[at])) for at in order}

    def _rank(self, at: int) -> tuple[int, int]:
        place = int(self._services[at])
        return self.picture.weight(place), int(self.picture.rank[place])

    def _acting(self, work: Work) -> list[Mapping[int, State]]:
        """By step, what is not ok while it is done; a change that puts nothing out does nothing."""
        if work.name not in self._acts:
            steps = together(self.picture, work.steps)
            acts = [{part.place: part.planned for part in step if part.planned} for step in steps]
            self._acts[work.name] = [act for act in acts if act] or [{}]
        return self._acts[work.name]

    def _worst_apart(self, work: Work) -> States:
        """By service, the worst state that one of the steps brings about."""
        if work.name not in self._apart:
            self._apart[work.name] = np.maximum.reduce([self._states([act]) for act in self._acting(work)])
        return self._apart[work.name]

    def _states(self, acts: Sequence[Mapping[int, State]]) -> States:
        """By service, the state under several acts at once."""
        self.sweeps += 1
        causes: dict[int, State] = {}
        for act in acts:
            for place, state in act.items():
                causes[place] = max(state, causes.get(place, State.OK))
        return sweep(self.picture, causes, self._before).states[self._services]
