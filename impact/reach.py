"""How far harm could go, whatever the state of things: the structure beneath every answer.

What an item out could do to another depends on the whole way: a rule out makes its firewall worse, but only
a firewall out takes its other rules. So ways are followed together with the state that arrives; a member's
state is taken to arrive at its group, since the others may be lost as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmdb.harm import State
from impact.arrays.marks import Marks, marked
from impact.arrays.ranges import Numbers
from impact.codes import NOTHING
from impact.kernels.walking import walk
from impact.picture import Picture, Row

Node = tuple[int, int]
"""An item and a state: forwards the one that arrives, backwards the one it takes to be felt at the end."""

FARTHEST = 2**31 - 1
"""Deeper than any walk leads."""


class Reach(Mapping[int, int]):
    """Where a walk came: after how many relations, by number, nearest first, starts included.

    Attributes
    ----------
    places, states, steps
        Where it came, in which state, and after how many relations, in that order.
    """

    def __init__(self, places: Numbers, states: NDArray[np.uint8], steps: Numbers) -> None:
        self.places, self.states, self.steps = places, states, steps

    def marks(self, length: int) -> Marks:
        """By number, of which there are so many, whether the walk came there."""
        return marked(self.places, length)

    @cached_property
    def nodes(self) -> dict[Node, int]:
        """After how many relations the walk came to an item in a state."""
        return dict(
            zip(
                zip(self.places.tolist(), self.states.tolist(), strict=True), self.steps.tolist(), strict=True
            )
        )

    def __getitem__(self, place: int) -> int:
        return self._distance[place]

    def __iter__(self) -> Iterator[int]:
        return iter(self._distance)

    def __len__(self) -> int:
        return len(self._distance)

    @cached_property
    def _distance(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for place, steps in zip(self.places.tolist(), self.steps.tolist(), strict=True):
            found.setdefault(place, steps)
        return found


def downstream(
    picture: Picture, starts: Iterable[int], most: int = FARTHEST, *, asleep: bool = False
) -> Reach:
    """Everything that could be hurt if the starts were out.

    Parameters
    ----------
    most
        How many relations to follow at most.
    asleep
        Whether to go over what is not live as if it were.
    """
    over = np.ones(len(picture), np.bool_) if asleep else None
    return _walk(picture, starts, State.OUT, picture.codes.arriving, most=most, over=over)


def upstream(
    picture: Picture, starts: Iterable[int], most: int = FARTHEST, felt: State = State.AT_RISK
) -> Reach:
    """Everything that, being out, could hurt one of the starts, at least so badly."""
    return _walk(picture, starts, felt, picture.codes.needed, most=most, forth=False)


def way_over(picture: Picture, found: Reach, end: int) -> list[int]:
    """A shortest way over which a walk downstream that went over everything came to an end.

    Returns
    -------
    list
        The items on the way, both ends included; empty if it did not come there. Of several ways the one
        whose items have the first keys, as seen from the end.
    """
    if found.get(end, 0) == 0:
        return []
    steps, state = min((found.nodes[end, state], state) for state in State if (end, state) in found.nodes)
    way = [end]
    while steps:
        steps -= 1
        before = (
            (row.start, arrived)
            for row in picture.rows_to(way[-1], asleep=True)
            for arrived in State
            if passed(row, arrived) == state and found.nodes.get((row.start, arrived)) == steps
        )
        place, state = next(before)
        way.append(place)
    return way[::-1]


def leading_from(picture: Picture, starts: Iterable[int]) -> Reach:
    """Everything that rows lead to, however little of the harm would arrive; starts included."""
    return _walk(picture, starts, 1, _anything(picture))


def leading_to(picture: Picture, place: int, ends: Collection[int], over: Marks) -> Reach:
    """Everything from which rows lead to an item, over some items; ways are not followed beyond `ends`."""
    return _walk(picture, [place], 1, _anything(picture), forth=False, closed=ends, over=over)


def needed(picture: Picture, found: Reach, place: int) -> Row | None:
    """The first relation over which a place that `upstream` found is needed; `None` for a start."""
    return next(
        (
            row
            for row in picture.rows_from(place)
            for felt in (1, 2, 3)
            if found.nodes.get((row.end, felt)) == found[place] - 1
            and found.nodes.get((place, _mildest(row, felt))) == found[place]
        ),
        None,
    )


def needing(picture: Picture, found: Reach, place: int) -> list[int]:
    """All that needs a place directly, of what `upstream` found with it; in order of the relations."""
    ends = {
        row.end: None
        for row in picture.rows_from(place)
        for felt in (1, 2, 3)
        if (row.end, felt) in found.nodes and _mildest(row, felt)
    }
    return list(ends)


def _mildest(row: Row, felt: int) -> int:
    """The mildest state at a row's start that is at least `felt` at its end; 0 if none is."""
    return next((state for state in State if state and passed(row, state) >= felt), 0)


def passed(row: Row, state: int) -> int:
    """The state that a row lets arrive at its end."""
    return state if row.counted else row.transfer[state]


def _anything(picture: Picture) -> NDArray[np.uint8]:
    return np.repeat((picture.codes.kind != NOTHING).astype(np.uint8), 4)


def _walk(  # noqa: PLR0913  the many ways to walk are told apart above
    picture: Picture,
    starts: Iterable[int],
    state: int,
    table: NDArray[np.uint8],
    *,
    most: int = FARTHEST,
    forth: bool = True,
    over: Marks | None = None,
    closed: Collection[int] = (),
) -> Reach:
    length = len(picture)
    ranges, other = (picture.out, "end") if forth else (picture.into, "start")
    first = np.array(picture.in_order(set(starts)), np.int32)
    barred = marked(list(closed), length)
    open_ = picture.active if over is None else over

    def arguments() -> tuple[Any, ...]:
        places, states = np.empty(3 * length, np.int32), np.empty(3 * length, np.uint8)
        steps, seen = np.empty(3 * length, np.int32), np.zeros(length, np.uint8)
        places[: len(first)], states[: len(first)], steps[: len(first)] = first, state, 0
        seen[first] = 1 << state
        return (
            *(ranges.start, ranges.stop, ranges.pool[other], ranges.pool["code"], table),
            *(open_, barred, len(first), most, seen, places, states, steps),
        )

    number, (*_, places, states, steps) = walk(ranges.live, arguments)
    return Reach(places[:number], states[:number], steps[:number])
