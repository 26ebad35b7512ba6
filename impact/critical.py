"""Critical points: what takes a service out alone, and redundancy that is none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from impact.arrays.marks import Marks, marked
from impact.arrays.ranges import Numbers
from impact.kernels.compiling import FEW_ROWS, WITHOUT_LIMIT
from impact.kernels.trying import try_each
from impact.picture import Picture
from impact.reach import Reach, upstream

Lost = Mapping[tuple[int, int], Sequence[int]]
"""By group and item, members of the group."""

ROWS_AT_MOST = 4_000_000_000
"""How many rows of harm one search looks at, again and again, before it stops and says so."""

ROOM = 4_000_000
"""How many findings one run of the search has room for, at least."""


@dataclass(frozen=True)
class Critical:
    """What is critical for some items.

    Attributes
    ----------
    reach
        What could hurt them, the nearest first, themselves included.
    points
        By item, everything that alone puts it out, itself apart, the nearest first.
    shared
        By group, what its members share, the nearest first: each item that alone leaves it fewer members
        than it needs although it has members to spare.
    untried
        What was not tried any more, because the search had become too long.
    """

    picture: Picture
    reach: Reach
    points: Mapping[int, Sequence[int]]
    shared: Mapping[int, Sequence[int]]
    untried: Sequence[int]


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
    reach = upstream(picture, places)
    region = np.array(list(reach), np.int32)
    inside, wanted = marked(region, len(picture)), marked(list(places), len(picture))
    told, emptied, tried = _try_all(picture, region, wanted, ROWS_AT_MOST)
    emptied = emptied[inside[emptied[:, 1]]]
    points: dict[int, Sequence[int]] = dict.fromkeys(picture.in_order(set(places)), ())
    return Critical(
        picture,
        reach,
        points | dict(_by_item(picture, region, told)),
        dict(_by_item(picture, region, emptied)),
        region[tried:].tolist(),
    )


def members_lost(picture: Picture, shared: Mapping[int, Sequence[int]]) -> Lost:
    """By group and item, the members that the group loses when the item alone is out, in order of their keys.

    Parameters
    ----------
    shared
        By group, the items in question.
    """
    points = np.unique(np.array([point for some in shared.values() for point in some], np.int32))
    owner, members = picture.members_of(np.array([*shared], np.int32))
    told, _, _ = _try_all(picture, points, marked(members, len(picture)), WITHOUT_LIMIT)
    lost = {point: {point} for point in points.tolist()}
    for at, place, _ in told.tolist():
        lost[int(points[at])].add(place)
    of: dict[int, list[int]] = {group: [] for group in shared}
    order = np.lexsort((picture.rank[members], owner))
    for group, member in zip(owner[order].tolist(), members[order].tolist(), strict=True):
        of[group].append(member)
    return {
        (group, point): [member for member in of[group] if member in lost[point]]
        for group, some in shared.items()
        for point in some
    }


def taken_out(picture: Picture, points: Numbers, places: Numbers) -> dict[int, list[int]]:
    """By place, those of some points that alone put it out, itself apart, in order of their keys."""
    found: dict[int, list[int]] = {}
    told, _, _ = _try_all(picture, points, marked(places, len(picture)), WITHOUT_LIMIT)
    for at, place, _ in told.tolist():
        if points[at] != place:
            found.setdefault(place, []).append(int(points[at]))
    return {place: picture.in_order(some) for place, some in found.items()}


def _try_all(picture: Picture, candidates: Numbers, wanted: Marks, most: int) -> tuple[Numbers, Numbers, int]:
    """What each candidate puts out of the wanted ones, which groups it empties, and how many were tried.

    Parameters
    ----------
    most
        After how many rows to stop.
    """
    out, groups, length = picture.out, picture.groups, len(picture)
    told, emptied = [np.zeros((0, 3), np.int32)], [np.zeros((0, 3), np.int32)]
    tried = looked = 0

    def arguments() -> tuple[Any, ...]:
        return (
            *(out.start, picture.special, out.stop, out.pool["end"], out.pool["code"]),
            *(picture.codes.actions, picture.active, groups.index, groups.spare),
            *(most - looked, candidates, wanted),
            *(np.zeros(length, np.uint8), np.zeros(length, np.int32), np.empty(length, np.int32)),
            np.zeros(len(groups.places), np.int32),
            *(np.empty(3 * (ROOM + some), np.int32) for some in (length, len(groups.places))),
            np.array([0, 0, tried, 0], np.int64),
        )

    while tried < len(candidates) and looked <= most:
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
