"""A next picture's groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from impact.arrays.marks import Marks, marked
from impact.arrays.ranges import Numbers
from impact.picture import NEEDS, Groups, Picture, members_needed


def with_groups(before: Picture, picture: Picture, items: Numbers, hit: Numbers) -> Picture:
    """The picture with its groups as they are now.

    Parameters
    ----------
    items, hit
        Items that are other ones than before, and those at which other rows of harm end.
    """
    length, groups = len(picture), picture.groups
    some = _concerned(before, picture, items, hit)
    if not len(some):
        index = picture.room.longer("index", groups.index, length)
        index[len(before) :] = -1
        return replace(picture, groups=replace(groups, index=index))
    stays = ~marked(some, length)[groups.places]
    now = some[picture.codes.is_group[picture.classes[some]] & picture.awake(some)]
    members = np.bincount(np.searchsorted(now, picture.members_of(now)[0]), minlength=len(now))
    wanted = _wanted(picture, now, members)
    places = np.concatenate((groups.places[stays], now))
    return replace(
        picture,
        groups=Groups(
            places,
            _index(picture, places),
            np.concatenate((groups.needs[stays], np.minimum(wanted, members))).astype(np.int32),
            np.concatenate((groups.members[stays], members)).astype(np.int32),
            np.concatenate((groups.faulty[stays], (wanted > members) | (members == 0))),
        ),
    )


def _concerned(before: Picture, picture: Picture, items: Numbers, hit: Numbers) -> Numbers:
    """What is a group or was one, and may be another one now, in ascending order."""
    old = items[items < len(before)]
    woken = old[before.awake(old) != picture.awake(old)]
    beside = picture.out.rows(woken, "end").rows["end"]
    some = np.unique(np.concatenate((items, hit, beside)))
    concerned: Numbers = some[picture.codes.is_group[picture.classes[some]] | _was_group(before, some)]
    return concerned


def _was_group(before: Picture, places: Numbers) -> Marks:
    found = np.zeros(len(places), np.bool_)
    known = places < len(before)
    found[known] = before.groups.index[places[known]] >= 0
    return found


def _wanted(picture: Picture, groups: Numbers, members: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many members each group needs, of those that it has."""
    told = zip(groups.tolist(), members.tolist(), strict=True)
    needs = (members_needed(picture.attributes(place).get(NEEDS, 1), number) for place, number in told)
    return np.fromiter(needs, np.int64, len(groups))


def _index(picture: Picture, places: Numbers) -> Numbers:
    groups = picture.groups
    both = np.concatenate((groups.places, places))
    index = picture.room.changed("index", groups.index, len(picture), both)
    index[len(groups.index) :] = index[groups.places] = -1
    index[places] = np.arange(len(places), dtype=np.int32)
    return index
