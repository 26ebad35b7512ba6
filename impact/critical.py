"""Critical points: what takes a service out alone, and redundancy that is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from cmdb.harm import State
from impact.picture import Picture
from impact.reach import upstream
from impact.sweep import Harm, sweep, undisturbed

Share = tuple[int, tuple[int, ...]]
"""What members share, and the members lost with it."""

WORK_AT_MOST = 500_000
"""How many items one search looks at, again and again, before it stops and says so."""


@dataclass(frozen=True)
class Critical:
    """What is critical for some items.

    Attributes
    ----------
    points
        By item, everything that alone puts it out, itself apart, the nearest first.
    shared
        By group, what its members share, the nearest first: each item that alone leaves it fewer members
        than it needs although it has members to spare, with the members lost.
    untried
        What was not tried any more, because the search had become too long.
    """

    points: dict[int, tuple[int, ...]]
    shared: dict[int, tuple[Share, ...]]
    untried: tuple[int, ...]


def critical(picture: Picture, places: Iterable[int]) -> Critical:
    """Find single points of failure of some items, and false redundancy on the way to them.

    Parameters
    ----------
    places
        The items in question, by number; only what could hurt them is tried, the nearest first.

    Notes
    -----
    x is a single point of failure of s if x out makes s out, with nothing else hurt. Each candidate is
    tried with one sweep, except where all it does is to take one other item with it: then it does what that
    one does.
    """
    trials = _Trials(picture, frozenset(places), tuple(upstream(picture, places)))
    points: dict[int, list[int]] = {place: [] for place in sorted(trials.wanted)}
    shared: dict[int, list[Share]] = {}
    untried: list[int] = []
    for candidate in trials.region:
        if trials.work > WORK_AT_MOST:
            untried.append(candidate)
            continue
        outcome = trials.of(candidate)
        for place in outcome.out - {candidate}:
            points[place].append(candidate)
        for group, lost in outcome.emptied:
            if group != candidate:
                shared.setdefault(group, []).append((candidate, lost))
    return Critical(
        {place: tuple(trials.nearest(place, found)) for place, found in points.items()},
        {group: trials.sorted_shares(group, found) for group, found in sorted(shared.items())},
        tuple(untried),
    )


class _Outcome(NamedTuple):
    """What an item does alone: which of the wanted ones it puts out, and which groups it empties."""

    out: frozenset[int]
    emptied: tuple[Share, ...]


@dataclass
class _Trials:
    """Tries items one by one and remembers what each does."""

    picture: Picture
    wanted: frozenset[int]
    region: tuple[int, ...]
    work: int = 0
    known: dict[int, _Outcome] = field(default_factory=dict)

    @cached_property
    def inside(self) -> frozenset[int]:
        """The region as a set."""
        return frozenset(self.region)

    @cached_property
    def floor(self) -> Sequence[int]:
        """The states that hold in every context."""
        return undisturbed(self.picture).state

    def of(self, place: int) -> _Outcome:
        """What an item does alone."""
        way = [place]
        while way[-1] not in self.known:
            taken = self._takes_only(way[-1])
            if taken is None or taken in way:
                self.known[way[-1]] = self._try(way[-1])
            else:
                way.append(taken)
        for before, after in zip(way[-2::-1], way[:0:-1], strict=True):
            found = self.known[after]
            self.known[before] = found._replace(out=found.out | {after}) if after in self.wanted else found
        return self.known[place]

    def nearest(self, place: int, points: Sequence[int]) -> Sequence[int]:
        """Points in order of their distance to an item; as they were tried where that takes too long."""
        if len(points) < 2 or self.work > WORK_AT_MOST:
            return points
        steps = upstream(self.picture, [place])
        self.work += len(steps)
        return sorted(points, key=lambda point: (steps[point].distance, point))

    def sorted_shares(self, group: int, found: Sequence[Share]) -> tuple[Share, ...]:
        """What members share, the nearest to their group first."""
        lost = dict(found)
        return tuple((point, lost[point]) for point in self.nearest(group, list(lost)))

    def _takes_only(self, place: int) -> int | None:
        """The one item that this one takes with it, if that is all it does in the region."""
        rows = [row for row in self.picture.out[place] if row.end in self.inside and row.end != place]
        alone = len(rows) == 1 and not rows[0].counted and rows[0].transfer[State.OUT] == State.OUT
        return rows[0].end if alone else None

    def _try(self, place: int) -> _Outcome:
        harm = sweep(self.picture, {place: State.OUT}, self.floor)
        self.work += len(harm.distance)
        out = frozenset(one for one in self.wanted & harm.distance.keys() if harm.state[one] == State.OUT)
        return _Outcome(out, tuple(self._emptied(harm)))

    def _emptied(self, harm: Harm) -> Iterator[Share]:
        """The groups with members to spare that have lost too many of them."""
        groups = self.picture.groups
        reached = {one for place in harm.distance for one in self.picture.groups_of.get(place, ())}
        for number in sorted(reached & self.inside):
            lost = tuple(sorted(one for one in groups[number].members if harm.state[one] == State.OUT))
            if len(lost) > groups[number].spare > 0:
                yield number, lost
