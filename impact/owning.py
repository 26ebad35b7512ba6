"""Owning: who answers for an item, as it says itself or as a relation says for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from impact.arrays.marks import Marks
from impact.arrays.ranges import Numbers, Numbers64
from impact.picture import ABSENT, Picture

OWNER = "owner"


def owners_of(picture: Picture, places: Numbers) -> list[str | None]:
    """The key of whoever owns each of some items, or the name that a source gives; `None` if nobody does.

    What an item's own field says counts first. Where it says nothing, the target of a relation counts that
    stands for the field; of several the first in order of their keys, those in use first.
    """
    decoded = picture.decoded
    told = [decoded[code] for code in picture.facets[OWNER][places].tolist()]
    found = [None if value is None else str(value) for value in told]
    at, owners = _named(picture, places)
    for place, key in zip(at.tolist(), picture.keys.some(owners), strict=True):
        found[place] = key
    return found


def owner_of(picture: Picture, place: int) -> str | None:
    """The same for one item."""
    return owners_of(picture, np.array([place], np.int32))[0]


def whose_owner(picture: Picture, fits: Callable[[str | None], bool]) -> Marks:
    """By number, whether an item's owner fits; `None` is that of an item without one."""
    found = picture.where(OWNER, lambda value: fits(None if value is None else str(value)))
    at, owners = _named(picture, np.arange(len(picture), dtype=np.int32))
    distinct, which = np.unique(owners, return_inverse=True)
    found[at] = np.array([fits(key) for key in picture.keys.some(distinct)], np.bool_)[which]
    return found


def owned(picture: Picture, places: Numbers) -> Marks:
    """Whether each of some items has an owner."""
    found: Marks = picture.facets[OWNER][places] != ABSENT
    found[_named(picture, places)[0]] = True
    return found


def _named(picture: Picture, places: Numbers) -> tuple[Numbers64, Numbers]:
    """Where among `places` a relation names the owner, because the item does not, and who that is."""
    lacking = np.flatnonzero(picture.facets[OWNER][places] == ABSENT)
    relations, silent = picture.relations, places[lacking]
    number = relations.stop[silent] - relations.start[silent]
    rows = relations.rows(silent, "type", "target").rows
    gives = picture.codes.giving(OWNER)[rows["type"]]
    at, owner = np.repeat(lacking, number)[gives], rows["target"][gives]
    order = np.lexsort((picture.rank[owner], ~picture.active[owner], at))
    at, owner = at[order], owner[order]
    first = np.flatnonzero(np.diff(at, prepend=-1))
    return at[first], owner[first]
