"""In which column each box stands: right of everything whose harm reaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

Arrows = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class Ranks:
    """Where boxes stand, counted in arrows; arrows that lead back into a circle do not count.

    Attributes
    ----------
    before, behind
        By box, the most arrows on a way that leads to it, and on a way that starts from it.
    """

    before: Mapping[str, int]
    behind: Mapping[str, int]

    @property
    def columns(self) -> int:
        """How many columns all boxes together take."""
        return max(self.before.values(), default=-1) + 1

    def longest(self, box: str) -> int:
        """How many columns the longest way through a box takes."""
        return self.before[box] + self.behind[box] + 1


def rank(boxes: Iterable[str], out: Arrows) -> Ranks:
    """Rank boxes; those given first stay left where arrows run in circles."""
    order, back = _in_order(boxes, out)
    before, behind = dict.fromkeys(order, 0), dict.fromkeys(order, 0)
    forward = {box: [end for end in out(box) if (box, end) not in back] for box in order}
    for box in order:
        for end in forward[box]:
            before[end] = max(before[end], before[box] + 1)
    for box in reversed(order):
        behind[box] = max((behind[end] + 1 for end in forward[box]), default=0)
    return Ranks(before, behind)


def _in_order(boxes: Iterable[str], out: Arrows) -> tuple[list[str], set[tuple[str, str]]]:
    """The boxes so that arrows lead onwards, and the arrows that cannot."""
    left: list[str] = []  # in the order in which everything behind a box was seen
    done: set[str] = set()
    way: dict[str, Iterator[str]] = {}  # from the first box to the present one, each with its ends to come
    back: set[tuple[str, str]] = set()
    for first in boxes:
        if first not in done:
            way[first] = iter(out(first))
        while way:
            box, ends = next(reversed(way.items()))
            end = next(ends, None)
            if end is None:
                del way[box]
                done.add(box)
                left.append(box)
            elif end in way:
                back.add((box, end))
            elif end not in done:
                way[end] = iter(out(end))
    return left[::-1], back
