"""How many items each of some items rests on."""

from __future__ import annotations

from impact.kernels.compiling import Array, Kernel


def _count(
    most: int,
    start: Array,
    stop: Array,
    other: Array,
    code: Array,
    table: Array,
    open_: Array,
    marked: Array,
    asked: Array,
    seen: Array,
    queue: Array,
    found: Array,
) -> int:
    looked = 0
    for at in range(len(asked)):
        turn = at + 1
        queue[0] = asked[at]
        seen[asked[at]] = turn
        number = 1
        head = 0
        some = 0
        while head < number:
            place = queue[head]
            head += 1
            if marked[place]:
                some += 1
            looked += 1 + int(stop[place]) - int(start[place])
            for row in range(int(start[place]), int(stop[place])):
                origin = other[row]
                if seen[origin] != turn and open_[origin] and table[4 * (code[row] & 0x7FFF) + 3]:
                    seen[origin] = turn
                    queue[number] = origin
                    number += 1
        found[2 * at] = number
        found[2 * at + 1] = some
        if looked > most:
            return -1
    return len(asked)


count_needs = Kernel(_count)
"""Count what could help to put each of some items out, itself included, and how much of it is marked.

Parameters
----------
start, stop, other, code
    By number, where the rows that end there start and stop; by row, the item it starts at, and its way.
table
    By way, `4 * way + 3`: whether an item that is out can put the one at the end out.
open_, marked
    By number, whether it carries harm, and whether it is marked.
asked
    The numbers in question, in this order.
seen, queue
    Zeros by number, and room for one number per item.
found
    Filled in, by twos: how many items, and how many of them are marked.
"""
