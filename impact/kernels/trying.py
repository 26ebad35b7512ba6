"""What each of many items takes with it when it alone is out."""

from __future__ import annotations

from impact.kernels.compiling import Array, Kernel


def _try_each(
    most: int,
    start: Array,
    special: Array,
    stop: Array,
    end: Array,
    code: Array,
    actions: Array,
    active: Array,
    index: Array,
    spare: Array,
    budget: int,
    candidates: Array,
    wanted: Array,
    out: Array,
    steps: Array,
    queue: Array,
    tally: Array,
    told: Array,
    emptied: Array,
    counts: Array,
) -> int:
    tolds = 0
    empties = 0
    looked = 0
    at = int(counts[2])
    while at < len(candidates):
        if tolds + len(out) > len(told) // 3 or empties + len(spare) > len(emptied) // 3:
            break
        cause = candidates[at]
        queue[0] = cause
        out[cause] = 1
        steps[cause] = 0
        number = 1
        head = 0
        while head < number:
            place = queue[head]
            head += 1
            beyond = steps[place] + 1
            if place != cause and wanted[place]:
                told[3 * tolds] = at
                told[3 * tolds + 1] = place
                told[3 * tolds + 2] = steps[place]
                tolds += 1
            if not active[place]:
                continue
            first = int(special[place])
            last = int(stop[place])
            looked += last - int(start[place])
            for row in range(int(start[place]), first):
                other = end[row]
                if not out[other] and active[other]:
                    out[other] = 1
                    steps[other] = beyond
                    queue[number] = other
                    number += 1
            for row in range(first, last):
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
                    if tally[group] != spare[group] + 1:
                        continue
                    if spare[group] > 0 and other != cause:
                        emptied[3 * empties] = at
                        emptied[3 * empties + 1] = other
                        emptied[3 * empties + 2] = beyond
                        empties += 1
                elif passed != 3:
                    continue
                if not out[other] and active[other]:
                    out[other] = 1
                    steps[other] = beyond
                    queue[number] = other
                    number += 1
        for head in range(number):
            place = queue[head]
            out[place] = 0
            for row in range(int(special[place]), int(stop[place])):
                way = code[row]
                if way < 0x8000 and actions[4 * way] == 4:
                    group = index[end[row]]
                    if group >= 0:
                        tally[group] = 0
        at += 1
        if looked > most:
            return -1
        if looked > budget:
            break
    counts[0] = tolds
    counts[1] = empties
    counts[2] = at
    counts[3] = looked
    return at


try_each = Kernel(_try_each)
"""Put one candidate out after the other, alone, and note what goes out with it.

Parameters
----------
start, special, stop, end, code, actions, active, index, spare
    As for spreading.
budget
    After how many rows to stop.
candidates, wanted
    What is tried, in this order; by number, whether it is to be told when the item goes out.
out, steps, queue, tally
    Zeros by number twice, room for one number per item, and zeros by group; left as they were.
told
    Filled in, by threes: place among the candidates, an item wanted that it puts out, over how many
    relations.
emptied
    Filled in, by threes: place among the candidates, a group with members to spare that loses too many, over
    how many relations.
counts
    How many were told, how many emptied, how many candidates were tried (also where to go on), and how many
    rows were looked at.
"""
