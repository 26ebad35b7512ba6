"""The fixpoint: how far harm spreads, how bad it is, and after how many steps.

An item's state is the worst of what its relations carry to it. Groups count: a group is as well as its k-th
best member, and at least at risk when exactly k of more than k members are up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmdb.harm import State
from impact.arrays.ranges import Numbers
from impact.kernels.spreading import spread
from impact.picture import Picture

States = NDArray[np.int8]


class Distances(Mapping[int, int]):
    """For each item that a sweep made worse, the relations along the chain that decided its state."""

    def __init__(self, hurt: Numbers, distance: Numbers, worse: NDArray[np.bool_]) -> None:
        self._hurt, self._distance, self._worse = hurt, distance.data, worse.data

    def __getitem__(self, place: int) -> int:
        if not self._worse[place]:
            raise KeyError(place)
        return self._distance[place]

    def __iter__(self) -> Iterator[int]:
        return iter(self._hurt.tolist())

    def __len__(self) -> int:
        return len(self._hurt)


@dataclass(frozen=True)
class Harm:
    """What a sweep found.

    Attributes
    ----------
    states
        By number of the item, its state (`cmdb.harm.State` as int).
    hurt
        The items that this sweep made worse.
    steps
        By number, for those: the number of relations along the chain that decided its state; 0 for a cause
        that is as bad as it was given.
    earlier
        By number, the states that held before.
    tally
        Shape (4 * groups,): for each group how many of its members are out; then by state at_risk, degraded,
        out, how many are at least so bad.
    """

    states: States
    hurt: Numbers
    steps: Numbers
    earlier: States
    tally: Numbers

    @cached_property
    def state(self) -> memoryview:
        """The states, read one by one."""
        return self.states.data

    @cached_property
    def distance(self) -> Distances:
        """Distances by number, of what this sweep made worse."""
        return Distances(self.hurt, self.steps, self.states > self.earlier)


def sweep(picture: Picture, causes: Mapping[int, State], before: Harm) -> Harm:
    """Spread harm from causes over a graph in which some items are hurt already.

    Parameters
    ----------
    picture
        The graph.
    causes
        By number, the state each cause is given.
    before
        What holds without the causes, itself a fixpoint. Harm that was there before counts in groups but
        never decides anything here, and has no distance.

    Returns
    -------
    Harm
        The least fixpoint at or above both, with distances.

    Notes
    -----
    Since transfers never return worse than they are given, whatever is out is decided by what is out; so
    one linear pass per level, worst first, is exact. A pass visits the newly hurt in order of distance,
    which makes the first relation to decide an item's state a last step of a shortest chain. In groups the
    deciding member is the one whose arrival leaves fewer than k better than the level. Rows that pass every
    state on as it is matter in the pass of that state alone; later passes look at the others again.

    This is Dowling and Gallier's linear-time unit propagation for Horn clauses (1984), run once per level,
    with thresholds as in Knuth's generalisation of Dijkstra's algorithm (1977).
    """
    length, groups, out, earlier = len(picture), picture.groups, picture.out, before.states
    named = np.fromiter(causes.keys(), np.int32, len(causes))
    given = np.fromiter(causes.values(), np.uint8, len(causes))

    def arguments() -> tuple[Any, ...]:
        return (
            *(out.start, picture.special, out.stop, out.pool["end"], out.pool["code"]),
            *(picture.codes.actions, picture.active, groups.index, groups.spare),
            *(earlier, named, given, earlier.copy()),
            *(np.empty(length, np.int32) for _ in range(4)),
            before.tally.copy(),
        )

    number, (*_, states, steps, found, _, _, tally) = spread(out.live, arguments)
    return Harm(states, found[:number], steps, earlier, tally)


def undisturbed(picture: Picture) -> Harm:
    """The states that hold in every context: a group that can never be safe is at risk."""
    faulty = dict.fromkeys(picture.groups.places[picture.groups.faulty].tolist(), State.AT_RISK)
    return sweep(picture, faulty, unharmed(picture))


def unharmed(picture: Picture) -> Harm:
    """No harm at all."""
    ok, nobody = np.zeros(len(picture), np.int8), np.zeros(0, np.int32)
    steps, tally = (np.zeros(size, np.int32) for size in (len(picture), 4 * len(picture.groups.places)))
    return Harm(ok, nobody, steps, ok, tally)
