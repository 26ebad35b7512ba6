"""What goes out in each of many draws, in which some items are out by lot."""

from __future__ import annotations

from impact.kernels.compiling import Array, Kernel


def _cast(
    most: int,
    start: Array,
    special: Array,
    stop: Array,
    end: Array,
    code: Array,
    actions: Array,
    open_: Array,
    index: Array,
    spare: Array,
    budget: int,
    wanted: Array,
    given: Array,
    first: Array,
    lots: Array,
    out: Array,
    queue: Array,
    tally: Array,
    hits: Array,
    counts: Array,
) -> int:
    looked = 0
    draw = -1
    while draw < len(first) - 1:
        begin = 0
        finish = len(given)
        if draw >= 0:
            begin = int(first[draw])
            finish = int(first[draw + 1])
        number = 0
        for at in range(begin, finish):
            place = lots[at] if draw >= 0 else given[at]
            if not out[place]:
                out[place] = 1
                queue[number] = place
                number += 1
        head = 0
        while head < number:
            place = queue[head]
            head += 1
            if draw >= 0 and wanted[place]:
                hits[place] += 1
            if not open_[place]:
                continue
            middle = int(special[place])
            last = int(stop[place])
            looked += 1 + last - int(start[place])
            for row in range(int(start[place]), middle):
                other = end[row]
                if not out[other] and open_[other]:
                    out[other] = 1
                    queue[number] = other
                    number += 1
            for row in range(middle, last):
                way = code[row]
                if way >= 0x8000:
                    continue
                other = end[row]
                passed = actions[4 * way + 3]
                if passed == 4:
                    group = index[other]
                    if group < 0:
                        continue
                    tally[group] += 1
                    if tally[group] <= spare[group]:
                        continue
                elif passed != 3:
                    continue
                if not out[other] and open_[other]:
                    out[other] = 1
                    queue[number] = other
                    number += 1
        if draw >= 0:
            for head in range(number):
                place = queue[head]
                out[place] = 0
                if open_[place]:
                    for row in range(int(special[place]), int(stop[place])):
                        way = code[row]
                        if way < 0x8000 and actions[4 * way] == 4:
                            group = index[end[row]]
                            if group >= 0:
                                tally[group] -= 1
        draw += 1
        if looked > most:
            return -1
        if looked > budget:
            break
    counts[0] = draw
    counts[1] = looked
    return draw


cast = Kernel(_cast)
"""Spread outages, draw after draw, and count in how many draws an item is out.

Parameters
----------
start, special, stop, end, code, actions, index, spare
    As for spreading.
open_
    By number, whether it carries harm and is looked at.
budget
    After how many rows to stop.
wanted
    By number, whether to count.
given
    What is out in every draw.
first, lots
    For each draw where its lots start, and where the last ones stop; the numbers that are out by lot.
out, queue, tally
    Zeros by number, room for one number per item, and zeros by group. Afterwards `out` marks what is out in
    every draw.
hits
    Zeros by number; filled in: in how many draws each one wanted is out that is not out in all of them.
counts
    Filled in: how many draws were spread, and how many rows looked at.
"""
