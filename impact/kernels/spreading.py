"""The fixpoint of harm, worst level first, over rows in arrays."""

from __future__ import annotations

from impact.kernels.compiling import Array, Kernel


def _spread(
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
    earlier: Array,
    causes: Array,
    given: Array,
    state: Array,
    distance: Array,
    found: Array,
    older: Array,
    merged: Array,
    tally: Array,
) -> int:
    groups = len(spare)
    looked = 0
    number = 0
    olds = 0
    for level in (3, 2, 1):
        head = number
        for at in range(len(causes)):
            place = causes[at]
            if given[at] == level and state[place] < level:
                state[place] = level
                distance[place] = 0
                found[number] = place
                number += 1
        old = 0
        kept = 0
        while old < olds or head < number:
            if head == number or (old < olds and distance[older[old]] <= distance[found[head]]):
                place = older[old]
                old += 1
            else:
                place = found[head]
                head += 1
            if not active[place]:
                continue
            now = state[place]
            steps = distance[place] + 1
            first = int(special[place])
            last = int(stop[place])
            if now == level:
                looked += last - int(start[place])
                if looked > most:
                    return -1
                for row in range(int(start[place]), first):
                    other = end[row]
                    if state[other] < level and active[other]:
                        state[other] = level
                        distance[other] = steps
                        found[number] = other
                        number += 1
            if first < last:
                merged[kept] = place
                kept += 1
            for row in range(first, last):
                way = code[row]
                if way >= 0x8000:
                    continue
                other = end[row]
                passed = actions[4 * way + now]
                if passed == 4:
                    group = index[other]
                    if group < 0:
                        continue
                    tips = False
                    if earlier[place] < level:
                        tally[level * groups + group] += 1
                        tips = tally[level * groups + group] > spare[group]
                    if level == 1 and now == 3 and earlier[place] < 3:
                        tally[group] += 1
                        tips = tips or tally[group] == spare[group]
                    if not tips:
                        continue
                elif passed != level:
                    continue
                if state[other] < level and active[other]:
                    state[other] = level
                    distance[other] = steps
                    found[number] = other
                    number += 1
        older, merged = merged, older
        olds = kept
    return number


spread = Kernel(_spread)
"""Spread harm from causes.

Parameters
----------
start, special, stop
    By number, where its rows start, where those that are not plain start, and where all stop.
end, code, actions
    By row, the item it ends at and its way; what each way does to each state.
active, index, spare
    By number, whether it carries harm, and its place among the groups; by group, how many it may lose.
earlier
    By number, the state without the causes.
causes, given
    The causes and the state of each.
state
    By number, at first the state without the causes; afterwards with them.
distance
    By number, filled in for everything that is worse: the relations along the chain that decided its state.
found
    Filled in, as many as are returned: the numbers that are worse.
older, merged
    Room for one number per item each.
tally
    For each group how many of its members are out, then by state 1 to 3 how many are at least so bad: at
    first without the causes, afterwards with them.
"""
