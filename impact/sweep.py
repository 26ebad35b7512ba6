"""The fixpoint: how far harm spreads, how bad it is, and after how many steps.

An item's state is the worst of what its relations carry to it. Groups count: a group is as well as its k-th
best member, and at least at risk when exactly k of more than k members are up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from cmdb.harm import State
from impact.picture import Picture

_WORST_FIRST = (State.OUT, State.DEGRADED, State.AT_RISK)


@dataclass(frozen=True)
class Harm:
    """What a sweep found.

    Attributes
    ----------
    state
        By number of the item, its state (`cmdb.harm.State` as int).
    distance
        For each item that this sweep made worse, the number of relations along the chain that decided its
        state; 0 for a cause that is as bad as it was given.
    """

    state: Sequence[int]
    distance: Mapping[int, int]


def sweep(picture: Picture, causes: Mapping[int, State], earlier: Sequence[int]) -> Harm:
    """Spread harm from causes over a graph in which some items are hurt already.

    Parameters
    ----------
    picture
        The graph.
    causes
        By number, the state each cause is given.
    earlier
        By number, the states that hold without the causes, themselves a fixpoint. Harm that was there
        earlier counts in groups but never decides anything here, and has no distance.

    Returns
    -------
    Harm
        The least fixpoint at or above both, with distances.

    Notes
    -----
    Since transfers never return worse than they are given, whatever is out is decided by what is out; so
    one linear pass per level, worst first, is exact. A pass visits the newly hurt in order of distance,
    which makes the first relation to decide an item's state a last step of a shortest chain. In groups the
    deciding member is the one whose arrival leaves fewer than k better than the level.

    This is Dowling and Gallier's linear-time unit propagation for Horn clauses (1984), run once per level,
    with thresholds as in Knuth's generalisation of Dijkstra's algorithm (1977).
    """
    run = _Run(picture, list(earlier), earlier)
    for level in _WORST_FIRST:
        run.spread(level, causes)
    return Harm(run.state, run.distance)


def undisturbed(picture: Picture) -> Harm:
    """The states that hold in every context: a group that can never be safe is at risk."""
    faulty = {place: State.AT_RISK for place, group in picture.groups.items() if group.fault}
    return sweep(picture, faulty, [State.OK] * len(picture.items))


class _Run:
    """The state of one sweep while it runs."""

    def __init__(self, picture: Picture, state: list[int], earlier: Sequence[int]) -> None:
        self.picture = picture
        self.state = state
        self.earlier = earlier
        self.distance: dict[int, int] = {}

    def spread(self, level: State, causes: Mapping[int, State]) -> None:
        """Settle every item whose state is exactly `level`."""
        for place, given in causes.items():
            if given == level and self.state[place] < level:
                self.state[place] = level
                self.distance[place] = 0
        queue = [(steps, place) for place, steps in self.distance.items()]
        heapify(queue)
        lost: dict[int, int] = {}
        out: dict[int, int] = {}
        while queue:
            steps, place = heappop(queue)
            for end in self._reached(place, level, lost, out):
                if self.state[end] < level:
                    self.state[end] = level
                    self.distance[end] = steps + 1
                    heappush(queue, (steps + 1, end))

    def _reached(self, place: int, level: State, lost: dict[int, int], out: dict[int, int]) -> list[int]:
        state = self.state[place]
        reached = [row.end for row in self.picture.out[place] if row.transfer[state] == level]
        groups = self.picture.groups_of.get(place, ())
        return reached + [number for number in groups if self._tips(place, number, level, lost, out)]

    def _tips(self, place: int, number: int, level: State, lost: dict[int, int], out: dict[int, int]) -> bool:
        """Whether a group comes to the level by one more member being as bad as it is now."""
        spare = self.picture.groups[number].spare
        if self.earlier[place] < level and self._one_more(lost, number, level) > spare:
            return True
        newly_out = level == State.AT_RISK and self.state[place] == State.OUT > self.earlier[place]
        return newly_out and self._one_more(out, number, State.OUT) == spare

    def _one_more(self, tally: dict[int, int], number: int, level: State) -> int:
        """Count one more member of the group that is at least as bad as `level`."""
        if number not in tally:
            members = self.picture.groups[number].members
            tally[number] = sum(1 for member in members if self.earlier[member] >= level)
        tally[number] += 1
        return tally[number]
