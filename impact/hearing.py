"""Hearing: when somebody last knew of each relation, as pictures keep it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import repeat

import numpy as np

from cmdb.model import Relation
from cmdb.values import moment
from impact.arrays.names import names_of
from impact.arrays.ranges import Numbers, Numbers64, Ranges
from impact.arrays.uids import NOBODY
from impact.picture import Picture

VERIFIED = "verified_at"
VERIFIED_BY = "verified_by"


def seconds_of(instant: datetime) -> int:
    """Whole seconds since 1970, as they fit into a column."""
    return min(max(int(instant.timestamp()), 0), 2**32 - 1)


def last_written(relation: Relation) -> int:
    """The latest instant at which anybody wrote or verified a relation, in seconds since 1970; 0 for none."""
    instants = [origin.time for origin in relation.provenance.values()]
    verified = relation.attributes.get(VERIFIED)
    if isinstance(verified, str):
        instants.append(verified)
    return max((seconds_of(moment(one)) for one in instants), default=0)


def hear(picture: Picture, last_seen: Iterable[list[tuple[str, str]]], reports: int) -> Picture:
    """The picture with what sources have seen as evidence for its relations.

    Parameters
    ----------
    last_seen
        Uids of relations with instants, in batches; a relation may come several times.
    """
    numbers, newest = _Numbers(picture), picture.heard
    for some in last_seen:
        told = _told(picture, numbers, some)
        newest = max(newest, int(told[:, 3].max(initial=0)))
        _note(picture.relations, told)
    return replace(picture, reports=reports, heard=newest)


@dataclass
class _Numbers:
    """What finds the numbers of uids: by their hashes at first, in a table of all once they are many."""

    picture: Picture
    asked: int = 0

    def __call__(self, uids: Sequence[str]) -> Numbers:
        """The numbers with some uids, `NOBODY` for one that is not here."""
        self.asked += len(uids)
        if self.asked <= len(self.picture) // 5:
            return self.picture.numbers_of_uids(uids)
        return np.fromiter(map(self._table.get, uids, repeat(NOBODY)), np.int32, len(uids))

    @cached_property
    def _table(self) -> dict[str, int]:
        return {uid: place for place, uid in enumerate(self.picture.uids.all())}


def _told(picture: Picture, numbers: _Numbers, seen: Sequence[tuple[str, str]]) -> Numbers64:
    """Source, type, target and instant in seconds of relations that were seen, as far as they are here."""
    ends: tuple[list[str], list[str]] = [], []
    codes, seconds, others = picture.codes.type_code, dict[str, int](), []
    for uid, when in seen:
        source, type_name, target = uid.split(">")
        ends[0].append(source)
        ends[1].append(target)
        if when not in seconds:
            seconds[when] = seconds_of(moment(when))
        others.append((codes.get(type_name, NOBODY), seconds[when]))
    found = np.empty((len(seen), 4), np.int64)
    found[:, 0], found[:, 2] = map(numbers, ends)
    found[:, 1::2] = np.array(others, np.int64).reshape(-1, 2)
    here: Numbers64 = found[(found != NOBODY).all(axis=1)]
    return here


def _note(relations: Ranges, told: Numbers64) -> None:
    """Note when relations were seen, for every picture that shares them."""
    if not len(told):
        return
    owner, places = relations.where(np.unique(told[:, 0]).astype(np.int32))
    pool = relations.pool
    known = names_of(owner, pool["type"][places], pool["target"][places])
    heard = names_of(told[:, 0], told[:, 1], told[:, 2])
    order = np.lexsort((told[:, 3], heard))
    last = np.minimum(np.searchsorted(heard, known, side="right", sorter=order) - 1, len(heard) - 1)
    at = order[np.maximum(last, 0)]
    same = heard[at] == known
    seen = pool["seen"]
    seen[places[same]] = np.maximum(seen[places[same]], told[at[same], 3].astype(np.uint32))
