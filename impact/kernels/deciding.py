"""Which rows decided the state of what is hit."""

from __future__ import annotations

from impact.kernels.compiling import Array, Kernel


def _decide(
    most: int,
    start: Array,
    stop: Array,
    other: Array,
    code: Array,
    actions: Array,
    active: Array,
    index: Array,
    spare: Array,
    before: Array,
    state: Array,
    distance: Array,
    places: Array,
    owner: Array,
    rows: Array,
) -> int:
    number = 0
    looked = 0
    for at in range(len(places)):
        place = places[at]
        now = state[place]
        steps = distance[place] - 1
        first = int(start[place])
        last = int(stop[place])
        looked += last - first
        if looked > most:
            return -1
        group = index[place]
        by_level = False
        by_loss = False
        if group >= 0:
            fallen = 0
            lost = 0
            for row in range(first, last):
                way = code[row]
                if way < 0x8000 and actions[4 * way] == 4:
                    member = other[row]
                    if active[member]:
                        was = before[member]
                        then = state[member]
                        if was >= now or (then >= now and distance[member] <= steps):
                            fallen += 1
                        if was == 3 or (then == 3 and distance[member] <= steps):
                            lost += 1
            by_level = fallen > spare[group]
            by_loss = now == 1 and spare[group] > 0 and lost >= spare[group]
        for row in range(first, last):
            way = code[row] & 0x7FFF
            origin = other[row]
            then = state[origin]
            was = before[origin]
            if not active[origin] or then <= was or distance[origin] != steps:
                continue
            passed = actions[4 * way + then]
            if passed == 4:
                decides = (by_level and was < now <= then) or (by_loss and then == 3)
            else:
                decides = passed == now
            if decides:
                owner[number] = at
                rows[number] = row
                number += 1
    return number


decide = Kernel(_decide)
"""Find every row that decides a state over a shortest chain.

Parameters
----------
start, stop, other, code
    By number, where the rows that end there start and stop; by row, the item it starts at, and its way.
actions, active, index, spare
    As for spreading.
before, state, distance
    By number, the state without and with the causes, and the distance of what is worse.
places
    The numbers that are asked about, all of them hit.
owner, rows
    Filled in, as many as are returned: the place among `places` that a row decides, and the row.
"""
