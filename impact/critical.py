"""Critical points: what takes a service out alone, and redundancy that is none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmdb.harm import State
from impact.arrays.ranges import Numbers
from impact.kernels.compiling import FEW_ROWS
from impact.kernels.trying import try_each
from impact.picture import Picture
from impact.reach import upstream
from impact.sweep import sweep

Marks = NDArray[np.bool_]

ROWS_AT_MOST = 4_000_000_000
"""How many rows of harm one search looks at, again and again, before it stops and says so."""

ROOM = 4_000_000
"""How many findings one run of the search has room for, at least."""


@dataclass(frozen=True)
class Critical:
    """What is critical for some items.

    Attributes
    ----------
    points
        By item, everything that alone puts it out, itself apart, the nearest first.
    shared
        By group, what its members share, the nearest first: each item that alone leaves it fewer members
        than it needs although it has members to spare.
    untried
        What was not tried any more, because the search had become too long.
    """

    picture: Picture
    points: Mapping[int, Sequence[int]]
    shared: Mapping[int, Sequence[int]]
    untried: Sequence[int]

    def lost(self, group: int, point: int) -> list[int]:
        """The members that a group loses with one item."""
        harm = sweep(self.picture, {point: State.OUT}, np.zeros(len(self.picture), np.int8))
        members = self.picture.group(group).members
        return self.picture.in_order(one for one in members if harm.state[one] == State.OUT)


def critical(picture: Picture, places: Collection[int]) -> Critical:
    """Find single points of failure of some items, and false redundancy on the way to them.

    Parameters
    ----------
    places
        The items in question, by number; only what could hurt them is tried, the nearest first.

    Notes
    -----
    x is a single point of failure of s if x out makes s out, with nothing else hurt. Whatever is out is
    decided by what is out, so each candidate is tried with the first pass of a sweep alone.
    """
    region = np.array(list(upstream(picture, places)), np.int32)
    inside = np.zeros(len(picture), np.bool_)
    inside[region] = True
    wanted = np.zeros(len(picture), np.bool_)
    wanted[list(places)] = True
    told, emptied, tried = _try_all(picture, region, wanted)
    emptied = emptied[inside[emptied[:, 1]]]
    points: dict[int, Sequence[int]] = dict.fromkeys(picture.in_order(set(places)), ())
    return Critical(
        picture,
        points | dict(_by_item(picture, region, told)),
        dict(_by_item(picture, region, emptied)),
        region[tried:].tolist(),
    )


def _try_all(picture: Picture, region: Numbers, wanted: Marks) -> tuple[Numbers, Numbers, int]:
    """What each candidate puts out of the wanted ones, which groups it empties, and how many were tried."""
    out, groups, length = picture.out, picture.groups, len(picture)
    told, emptied = [np.zeros((0, 3), np.int32)], [np.zeros((0, 3), np.int32)]
    tried = looked = 0

    def arguments() -> tuple[Any, ...]:
        return (
            *(out.start, picture.special, out.stop, out.pool["end"], out.pool["code"]),
            *(picture.codes.actions, picture.active, groups.index, groups.spare),
            *(ROWS_AT_MOST - looked, region, wanted),
            *(np.zeros(length, np.uint8), np.zeros(length, np.int32), np.empty(length, np.int32)),
            np.zeros(len(groups.places), np.int32),
            *(np.empty(3 * (ROOM + some), np.int32) for some in (length, len(groups.places))),
            np.array([0, 0, tried, 0], np.int64),
        )

    while tried < len(region) and looked <= ROWS_AT_MOST:
        _, (*_, some_told, some_emptied, counts) = try_each(FEW_ROWS + 1, arguments)
        told.append(some_told.reshape(-1, 3)[: counts[0]].copy())
        emptied.append(some_emptied.reshape(-1, 3)[: counts[1]].copy())
        tried, looked = int(counts[2]), looked + int(counts[3])
    return np.concatenate(told), np.concatenate(emptied), tried


def _by_item(picture: Picture, region: Numbers, found: Numbers) -> Iterator[tuple[int, list[int]]]:
    """By item, the candidates that were found for it, the nearest first; items in order of their keys."""
    if not len(found):
        return
    points, items, steps = region[found[:, 0]], found[:, 1], found[:, 2]
    order = np.lexsort((picture.rank[points], steps, picture.rank[items]))
    points, items = points[order], items[order]
    starts = np.flatnonzero(np.concatenate(([True], items[1:] != items[:-1])))
    for start, stop in zip(starts, [*starts[1:], len(items)], strict=True):
        yield int(items[start]), points[start:stop].tolist()
