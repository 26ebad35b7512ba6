"""Where harm could go at all, whatever its state: the structure beneath every answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from impact.picture import Picture, Row


class Step(NamedTuple):
    """How an item is first reached: after how many relations, and over which one (`None` at a start)."""

    distance: int
    row: Row | None


def downstream(picture: Picture, starts: Iterable[int]) -> Mapping[int, Step]:
    """Everything harm from the starts could reach, breadth first, starts included."""
    return _walk(picture, starts, forward=True)


def upstream(picture: Picture, starts: Iterable[int]) -> Mapping[int, Step]:
    """Everything whose harm could reach the starts, breadth first, starts included."""
    return _walk(picture, starts, forward=False)


def _walk(picture: Picture, starts: Iterable[int], *, forward: bool) -> Mapping[int, Step]:
    rows_at = picture.out if forward else picture.into
    found = {place: Step(0, None) for place in sorted(starts)}
    queue = deque(found)
    while queue:
        place = queue.popleft()
        for row in picture.in_order(rows_at[place]):
            beyond = row.end if forward else row.start
            if beyond not in found:
                found[beyond] = Step(found[place].distance + 1, row)
                queue.append(beyond)
    return found
