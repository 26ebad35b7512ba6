"""A next picture's rows of harm."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from impact.arrays.ranges import Found, Numbers
from impact.codes import NOTHING, REPEATED, Codes
from impact.following.relations import RelationNews
from impact.picture import Picture


def with_rows(
    before: Picture, picture: Picture, items: Numbers, news: RelationNews
) -> tuple[Picture, Numbers]:
    """The picture with rows of harm as they are now, and the items at which other ones end than before.

    Parameters
    ----------
    items
        What may have become a group, or is none any more.
    """
    length, codes = len(picture), picture.codes
    sources, targets, ways = news.every("source"), news.every("target"), 2 * news.every("type")
    to_source, to_target = codes.kind[ways] != NOTHING, codes.kind[ways + 1] != NOTHING
    turned = _turned(before, picture, items)
    leaving = np.unique(np.concatenate((targets[to_source], sources[to_target], turned)))
    coming = np.unique(np.concatenate((sources[to_source], targets[to_target], turned)))
    rows = _Rows(codes, _keys(picture, leaving, outwards=True))
    out = picture.out.replaced(leaving, rows.found("end"), length)
    if len(leaving):
        special = picture.room.changed("special", picture.special, length, leaving)
        special[leaving] = out.start[leaving] + rows.plain(leaving)
    else:
        special = picture.room.longer("special", picture.special, length)
    rows = _Rows(codes, _keys(picture, coming, outwards=False))
    into = picture.into.replaced(coming, rows.found("start"), length)
    return replace(picture, out=out, into=into, special=special), coming


def _turned(before: Picture, picture: Picture, items: Numbers) -> Numbers:
    """What has become a group or is none any more, with all that is related to it."""
    old, is_group = items[items < len(before)], picture.codes.is_group
    turned = np.unique(old[is_group[before.classes[old]] != is_group[picture.classes[old]]])
    forth, back = picture.relations.rows(turned, "target"), picture.backwards.rows(turned, "source")
    return np.concatenate((turned, forth.rows["target"], back.rows["source"]))


_OTHER, _PLACE, _OWNER = np.uint64(10), np.uint64(36), np.uint64(38)
"""Where in the key of a row stand, above its way: the item at its other end, its place, and whose it is."""


def _keys(picture: Picture, owners: Numbers, *, outwards: bool) -> NDArray[np.uint64]:
    """The rows that leave some items, or come to them, as keys in order.

    An item's plain rows come first, the counted ones last.
    """
    codes, found = picture.codes, []
    ends = ((picture.relations, "target", outwards), (picture.backwards, "source", not outwards))
    for ranges, name, odd in ends:
        owner, places = ranges.where(owners)
        ways, other = 2 * ranges.pool["type"][places] + np.uint16(odd), ranges.pool[name][places]
        carries = codes.carries(ways, codes.is_group[picture.classes[other if outwards else owner]])
        owner, other, ways = owner[carries], other[carries], ways[carries]
        place = codes.kind[ways] + codes.counted[ways]
        columns = ((owner, _OWNER), (place, _PLACE), (other, _OTHER))
        key = ways.astype(np.uint64)
        for column, bits in columns:
            key |= column.astype(np.uint64) << bits
        found.append(key)
    keys = np.concatenate(found)
    keys.sort()
    return keys


@dataclass(frozen=True)
class _Rows:
    """Rows by their keys, in order."""

    codes: Codes
    keys: NDArray[np.uint64]

    def found(self, name: str) -> Found:
        """The rows in columns; `name` is what the other end is called."""
        ways = (self.keys & np.uint64(2**10 - 1)).astype(np.uint16)
        other = (self.keys >> _OTHER & np.uint64(2**26 - 1)).astype(np.int32)
        repeated = np.zeros(len(ways), np.bool_)
        pairs = self.keys >> _OTHER
        repeated[1:] = (pairs[1:] == pairs[:-1]) & self.codes.counted[ways[1:]]
        code = np.where(repeated, ways | np.uint16(REPEATED), ways)
        return Found((self.keys >> _OWNER).astype(np.int32), {name: other, "code": code})

    def plain(self, owners: Numbers) -> NDArray[np.uint32]:
        """How many of the rows of each owner pass every state on as it is."""
        first = owners.astype(np.uint64) << _OWNER
        bounds = (np.searchsorted(self.keys, one) for one in (first, first | np.uint64(1) << _PLACE))
        start, stop = bounds
        return (stop - start).astype(np.uint32)
