"""Chains: the distinct shortest ways harm took, or could take, from its causes to an item."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice

from cmdb.harm import State
from impact.answer import Answer
from impact.picture import Picture, Row
from impact.reach import Node, downstream, passed

MOST = 20
"""How many chains are written out; `Chains.total` always counts them all."""

Chain = tuple[Row, ...]
Back = tuple[Row, Node]
"""One step back: the row, and where it comes from."""


@dataclass(frozen=True)
class Chains:
    """Shortest chains to one item, each from the item back to where it starts, in order.

    Attributes
    ----------
    total
        How many there are.
    shown
        The first of them, at most `MOST`.
    """

    total: int
    shown: tuple[Chain, ...]

    @property
    def left(self) -> int:
        """How many are counted and not written out."""
        return self.total - len(self.shown)


NO_CHAINS = Chains(0, ())


def chains_of_harm(answer: Answer, place: int) -> Chains:
    """Find every shortest chain that decided an affected item's state."""
    starts = {(cause, 0) for cause in answer.causes if answer.harm.distance.get(cause) == 0}

    def deciding(node: Node) -> list[Back]:
        return [(row, (row.start, 0)) for row in answer.deciding(node[0])]

    return _chains([(place, 0)], starts, deciding)


def chains_between(picture: Picture, start: int, end: int) -> Chains:
    """Find every shortest chain along which an item, being out, could hurt another."""
    steps = downstream(picture, [start]).nodes
    ends = [node for node in steps if node[0] == end]
    if not ends or start == end:
        return NO_CHAINS

    def one_nearer(node: Node) -> list[Back]:
        rows = picture.rows_to(node[0])
        backs = [
            (row, (row.start, state)) for row in rows for state in State if passed(row, state) == node[1]
        ]
        return [back for back in backs if steps.get(back[1]) == steps[node] - 1]

    nearest = min(steps[node] for node in ends)
    return _chains([node for node in ends if steps[node] == nearest], {(start, State.OUT)}, one_nearer)


def _chains(
    ends: Iterable[Node], starts: Collection[Node], backs: Callable[[Node], Sequence[Back]]
) -> Chains:
    """Count and write out the ways back; every one of them goes one step nearer to the starts."""
    backs, total = cache(backs), 0
    ways: list[Iterator[Chain]] = []
    for end in ends:
        total += _count(end, starts, backs)
        ways.append(_ways(end, starts, backs))
    return Chains(total, tuple(islice(chain.from_iterable(ways), MOST)))


def _ways(end: Node, starts: Collection[Node], backs: Callable[[Node], Sequence[Back]]) -> Iterator[Chain]:
    way: list[Row] = []
    waiting = [iter(backs(end))]
    while waiting:
        row, node = next(waiting[-1], (None, end))
        if row is None:
            waiting.pop()
            if way:
                way.pop()
        elif node in starts:
            yield (*way, row)
        else:
            way.append(row)
            waiting.append(iter(backs(node)))


def _count(end: Node, starts: Collection[Node], backs: Callable[[Node], Sequence[Back]]) -> int:
    counts = dict.fromkeys(starts, 1)
    waiting = [end]
    while waiting:
        here = waiting[-1]
        beyond = [node for _, node in backs(here)] if here not in counts else []
        unknown = [one for one in beyond if one not in counts]
        waiting.extend(unknown)
        if not unknown:
            waiting.pop()
            counts.setdefault(here, sum(counts[one] for one in beyond))
    return counts[end]
