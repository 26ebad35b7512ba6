"""Chains: the distinct shortest ways harm took, or could take, from its causes to an item."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from impact.answer import Answer
from impact.picture import Picture, Row
from impact.reach import downstream

MOST = 20
"""How many chains are written out; `Chains.total` always counts them all."""

Chain = tuple[Row, ...]


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


NO_CHAINS = Chains(0, ())


def chains_of_harm(answer: Answer, place: int) -> Chains:
    """Find every shortest chain that decided an affected item's state."""
    starts = {cause for cause in answer.causes if answer.harm.distance.get(cause) == 0}
    return _chains(place, starts, lambda end: answer.picture.in_order(answer.deciding(end)))


def chains_between(picture: Picture, start: int, end: int) -> Chains:
    """Find every shortest chain along which harm could pass from one item to another."""
    steps = downstream(picture, [start])
    if end not in steps or start == end:
        return NO_CHAINS

    def one_nearer(place: int) -> Sequence[Row]:
        before = steps[place].distance - 1
        rows = (row for row in picture.into[place] if row.start in steps)
        return picture.in_order(row for row in rows if steps[row.start].distance == before)

    return _chains(end, {start}, one_nearer)


def _chains(place: int, starts: Collection[int], rows_into: Callable[[int], Sequence[Row]]) -> Chains:
    """Count and write out the ways back from `place`; every row goes one step nearer to the starts."""
    rows_into = cache(rows_into)
    shown = islice(_ways(place, starts, rows_into), MOST)
    return Chains(_count(place, starts, rows_into), tuple(shown))


def _ways(place: int, starts: Collection[int], rows_into: Callable[[int], Sequence[Row]]) -> Iterator[Chain]:
    way: list[Row] = []
    waiting = [iter(rows_into(place))]
    while waiting:
        row = next(waiting[-1], None)
        if row is None:
            waiting.pop()
            if way:
                way.pop()
        elif row.start in starts:
            yield (*way, row)
        else:
            way.append(row)
            waiting.append(iter(rows_into(row.start)))


def _count(place: int, starts: Collection[int], rows_into: Callable[[int], Sequence[Row]]) -> int:
    counts = dict.fromkeys(starts, 1)
    waiting = [place]
    while waiting:
        here = waiting[-1]
        beyond = [row.start for row in rows_into(here)] if here not in counts else []
        unknown = [one for one in beyond if one not in counts]
        waiting.extend(unknown)
        if not unknown:
            waiting.pop()
            counts.setdefault(here, sum(counts[one] for one in beyond))
    return counts[place]
