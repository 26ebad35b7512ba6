"""Which of a few items each item could hurt: one bit for each of them."""

from __future__ import annotations

from impact.kernels.compiling import Array, Kernel

BITS = 63
"""So many items are asked about at once; the sign of a number is no bit of its own."""


def _serve(
    most: int,
    start: Array,
    stop: Array,
    other: Array,
    code: Array,
    table: Array,
    open_: Array,
    asked: Array,
    mask: Array,
    queue: Array,
    waits: Array,
) -> int:
    room = len(queue)
    head = 0
    tail = 0
    number = 0
    looked = 0
    for at in range(len(asked)):
        place = asked[at]
        for state in range(1, 4):
            mask[4 * place + state] |= 1 << at
        if not waits[place]:
            waits[place] = 1
            queue[tail] = place
            tail = (tail + 1) % room
            number += 1
    while number:
        place = queue[head]
        head = (head + 1) % room
        number -= 1
        waits[place] = 0
        first = int(start[place])
        last = int(stop[place])
        looked += 1 + last - first
        if looked > most:
            return -1
        for row in range(first, last):
            origin = other[row]
            if not open_[origin]:
                continue
            way = 4 * (code[row] & 0x7FFF)
            grown = False
            for state in range(1, 4):
                after = table[way + state]
                if after:
                    before = mask[4 * origin + state]
                    now = before | mask[4 * place + after]
                    if now != before:
                        mask[4 * origin + state] = now
                        grown = True
            if grown and not waits[origin]:
                waits[origin] = 1
                queue[tail] = origin
                tail = (tail + 1) % room
                number += 1
    return looked


serve = Kernel(_serve)
"""Find what each item could do to some items, over rows backwards to the fixpoint.

Parameters
----------
start, stop, other, code
    By number, where the rows that end there start and stop; by row, the item it starts at, and its way.
table
    By way and state at the start of a row, `4 * way + state`: the state that could arrive at its end, or 0.
open_
    By number, whether it carries harm.
asked
    The numbers in question, at most `BITS`, each once.
mask
    Zeros, four by number; filled in at `4 * number + state`: bit n is set where that state of the item could
    hurt the n-th of those asked about. `state` is 1 to 3.
queue, waits
    Room for one number per item, and zeros by number.
"""
