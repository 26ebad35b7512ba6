"""A walk along rows together with the state that arrives."""

from __future__ import annotations

from impact.kernels.compiling import Array, Kernel


def _walk(
    most: int,
    start: Array,
    stop: Array,
    other: Array,
    code: Array,
    table: Array,
    open_: Array,
    closed: Array,
    number: int,
    deepest: int,
    seen: Array,
    places: Array,
    states: Array,
    steps: Array,
) -> int:
    head = 0
    looked = 0
    while head < number:
        place = places[head]
        state = states[head]
        beyond = steps[head] + 1
        head += 1
        if beyond > deepest or closed[place] or not open_[place]:
            continue
        looked += int(stop[place]) - int(start[place])
        if looked > most:
            return -1
        for row in range(int(start[place]), int(stop[place])):
            after = table[4 * (code[row] & 0x7FFF) + state]
            end = other[row]
            if after and open_[end] and not seen[end] & (1 << after):
                seen[end] |= 1 << after
                places[number] = end
                states[number] = after
                steps[number] = beyond
                number += 1
    return number


walk = Kernel(_walk)
"""Walk along rows, nearest first.

Parameters
----------
start, stop, other, code
    By number, where its rows start and stop; by row, the item at its other end, and its way.
table
    By way and state, `4 * way + state`: the state beyond; 0 where the way ends.
open_, closed
    By number, whether it is walked over at all, and whether no way leads beyond it.
number, deepest
    How many places to start from there are; how many rows to walk at most.
seen
    By number, bit n is set once it was reached in state n; the starts are told here already.
places, states, steps
    Filled in, as many as are returned: where the walk came, in which state, after how many rows; they begin
    with the starts.
"""
