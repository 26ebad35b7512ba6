"""Bare breadth-first search: the least that a compiled loop can do to find what is within reach.

It runs over the same arrays as the sweep, and like the sweep it is given fresh room for each question. It
knows neither states nor distances nor groups.
"""

from __future__ import annotations

import numpy as np

from impact.arrays.ranges import Numbers
from impact.kernels.compiling import Array, Kernel
from impact.picture import Picture


def reached(picture: Picture, root: int) -> Numbers:
    """Everything within reach of an active item over rows of harm between active items, itself included."""
    out = picture.out
    seen, queue = np.zeros(len(picture), np.bool_), np.empty(len(picture), np.int32)
    number = _SEARCH.compiled(out.start, out.stop, out.pool["end"], picture.active, root, seen, queue)
    return queue[:number]


def _search(
    start: Array, stop: Array, end: Array, active: Array, root: int, seen: Array, queue: Array
) -> int:
    seen[root] = True
    queue[0] = root
    number = 1
    head = 0
    while head < number:
        place = queue[head]
        head += 1
        for row in range(int(start[place]), int(stop[place])):
            other = end[row]
            if active[other] and not seen[other]:
                seen[other] = True
                queue[number] = other
                number += 1
    return number


_SEARCH = Kernel(_search)
