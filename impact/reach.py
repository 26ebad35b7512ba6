"""How far harm could go, whatever the state of things: the structure beneath every answer.

What an item out could do to another depends on the whole way: a rule out makes its firewall worse, but only
a firewall out takes its other rules. So ways are followed together with the state that arrives; a member's
state is taken to arrive at its group, since the others may be lost as well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from cmdb.harm import State
from impact.picture import Picture, Row

Node = tuple[int, int]
"""An item and a state: forwards the one that arrives, backwards the one it takes to be felt at the end."""


class Step(NamedTuple):
    """How something is first reached: after how many relations, and over which one (`None` at a start)."""

    distance: int
    row: Row | None


def downstream(picture: Picture, starts: Iterable[int]) -> Mapping[int, Step]:
    """Everything that could be hurt if the starts were out, nearest first, starts included."""
    return _by_item(arrivals(picture, starts))


def upstream(picture: Picture, starts: Iterable[int]) -> Mapping[int, Step]:
    """Everything that, being out, could hurt one of the starts, nearest first, starts included."""

    def before(node: Node) -> Iterator[tuple[Row, Node]]:
        for row in picture.into[node[0]]:
            needed = _needed(row, node[1])
            if needed is not None:
                yield row, (row.start, needed)

    return _by_item(_walk(((start, State.AT_RISK) for start in sorted(starts)), before))


def arrivals(picture: Picture, starts: Iterable[int]) -> Mapping[Node, Step]:
    """Each state in which harm could arrive at each item if the starts were out."""

    def beyond(node: Node) -> Iterator[tuple[Row, Node]]:
        for row in picture.out[node[0]]:
            state = passed(row, node[1])
            if state:
                yield row, (row.end, state)

    return _walk(((start, State.OUT) for start in sorted(starts)), beyond)


def passed(row: Row, state: int) -> int:
    """The state that a row lets arrive at its end."""
    return state if row.counted else row.transfer[state]


def leading_from(picture: Picture, starts: Iterable[int]) -> Collection[int]:
    """Everything that rows lead to, however little of the harm would arrive; starts included."""
    return _by_item(
        _walk(
            ((start, 0) for start in starts),
            lambda node: ((row, (row.end, 0)) for row in picture.out[node[0]]),
        )
    )


def leading_to(picture: Picture, place: int, ends: Collection[int]) -> Collection[int]:
    """Everything from which rows lead to an item; ways are not followed beyond `ends`."""

    def before(node: Node) -> Iterator[tuple[Row, Node]]:
        rows = () if node[0] in ends else picture.into[node[0]]
        return ((row, (row.start, 0)) for row in rows)

    return _by_item(_walk([(place, 0)], before))


def _needed(row: Row, felt: int) -> int | None:
    """The mildest state at a row's start that is at least `felt` at its end."""
    return next((state for state in State if state and passed(row, state) >= felt), None)


def _walk(
    starts: Iterable[Node], beyond: Callable[[Node], Iterable[tuple[Row, Node]]]
) -> Mapping[Node, Step]:
    found = {start: Step(0, None) for start in starts}
    queue = deque(found)
    while queue:
        node = queue.popleft()
        for row, new in beyond(node):
            if new not in found:
                found[new] = Step(found[node].distance + 1, row)
                queue.append(new)
    return found


def _by_item(found: Mapping[Node, Step]) -> Mapping[int, Step]:
    first: dict[int, Step] = {}
    for (place, _), step in found.items():
        first.setdefault(place, step)
    return first
