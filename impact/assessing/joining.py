"""Joining: changes at the same time that do more harm together than each of them apart.

A pool holds when either of two databases restarts, and not when both do. Nobody sees that from one change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations, product
from math import prod
from typing import NamedTuple

import numpy as np

from cmdb.harm import State
from impact.answer import hurt_anyway
from impact.arrays.ranges import Numbers
from impact.assessing.runs import Steps, together
from impact.context import Moment, context
from impact.picture import Picture
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
    """A smallest set of changes that do together with one what neither they without it nor fewer do.

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

    All that harm meets passes on the worst that it gets, but groups, which count. So changes do more together
    than apart only where they hurt members of one group; the others need not be combined with.
    """
    near = [one for one in others if one.overlaps(own)]
    search = _Search(picture, when)
    beside = search.counting_with(own, near)
    found: list[Joint] = []
    for some in _smallest_first(beside):
        if search.sweeps + search.ways([own, *some]) > SWEEPS_AT_MOST:
            return Joined(found, is_whole=False)
        names = {one.name for one in some}
        known = [one.services for one in found if names.issuperset(one.others)]
        services = search.worse(own, some, known)
        if services:
            found.append(Joint(tuple(sorted(names)), services))
    return Joined(found, is_whole=True)


class _Cluster(NamedTuple):
    """Changes that are looked at together, and the groups whose members they hurt."""

    works: tuple[Work, ...]
    groups: frozenset[int]


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
    _known: dict[tuple[str, ...], States] = field(default_factory=dict)
    _acts: dict[str, list[Mapping[int, State]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._services: Numbers = np.flatnonzero(self.picture.services).astype(np.int32)
        self._before: Harm = hurt_anyway(self.picture, context(self.picture, self.when)).harm

    def ways(self, works: Sequence[Work]) -> int:
        """In how many ways steps of some changes can come together."""
        return prod(len(self._acting(one)) for one in works)

    def counting_with(self, own: Work, others: Sequence[Work]) -> list[Work]:
        """Those of others that hurt members of the groups whose members a change hurts, with one another.

        Notes
        -----
        Changes that hurt members of one group are put together, and what they hurt is looked at again, for
        together they may hurt members of more groups; until nothing more is to be put together.
        """
        clusters = [_Cluster((one,), self._groups_hurt([one])) for one in (own, *others)]
        while True:
            merged = self._merged(clusters)
            if len(merged) == len(clusters):
                return [one for one in merged[0].works if one is not own]
            clusters = merged

    def _merged(self, clusters: Sequence[_Cluster]) -> list[_Cluster]:
        """The same, with those put together that hurt members of one group, in the place of the first."""
        found: list[list[_Cluster]] = []
        for cluster in clusters:
            alike = [some for some in found if any(one.groups & cluster.groups for one in some)]
            if not alike:
                found.append([cluster])
                continue
            first, *rest = alike
            first += [*(one for some in rest for one in some), cluster]
            found = [some for some in found if all(some is not other for other in rest)]
        return [self._as_one(some) for some in found]

    def _as_one(self, clusters: Sequence[_Cluster]) -> _Cluster:
        works = tuple(work for one in clusters for work in one.works)
        return clusters[0] if len(clusters) == 1 else _Cluster(works, self._groups_hurt(works))

    def _groups_hurt(self, works: Sequence[Work]) -> frozenset[int]:
        """The groups any of whose members get worse by all steps of some changes at once."""
        states = self._spread([act for one in works for act in self._acting(one)])
        worse = np.flatnonzero(states > self._before.states).astype(np.int32)
        return frozenset(self.picture.groups_beside(worse).tolist())

    def worse(self, own: Work, others: Sequence[Work], known: Sequence[Worse]) -> Worse:
        """The services that are worse with a change and others than without it, or with fewer of the others.

        Parameters
        ----------
        known
            What is known to happen with the change and fewer of the others.

        Returns
        -------
        Worse
            With the worst state before, and with all; empty if none is worse.
        """
        apart = np.maximum.reduce([self._worst([one]) for one in (own, *others)])
        for place, (_, state) in (one for services in known for one in services.items()):
            at = np.searchsorted(self._services, place)
            apart[at] = max(apart[at], state)
        everything = [act for one in (own, *others) for act in self._acting(one)]
        if not np.any(self._states(everything) > apart):
            return {}
        apart = np.maximum(apart, self._worst(others))
        worst = np.maximum(apart, self._worst([own, *others]))
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

    def _worst(self, works: Sequence[Work]) -> States:
        """By service, the worst state that one step of each of some changes brings about."""
        names = tuple(one.name for one in works)
        if names not in self._known:
            ways = product(*(self._acting(one) for one in works))
            self._known[names] = np.maximum.reduce([self._states(chosen) for chosen in ways])
        return self._known[names]

    def _states(self, acts: Sequence[Mapping[int, State]]) -> States:
        """By service, the state under several acts at once."""
        return self._spread(acts)[self._services]

    def _spread(self, acts: Sequence[Mapping[int, State]]) -> States:
        """By number, the state under several acts at once."""
        self.sweeps += 1
        causes: dict[int, State] = {}
        for act in acts:
            for place, state in act.items():
                causes[place] = max(state, causes.get(place, State.OK))
        return sweep(self.picture, causes, self._before).states
