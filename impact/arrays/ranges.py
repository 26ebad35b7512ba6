"""Ranges: for each owner some rows of a pool, next to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from impact.arrays.growing import Room
from impact.arrays.pool import Column, Columns, Pool, empty_pool

Numbers = NDArray[np.int32]
Numbers64 = NDArray[np.int64]
Bounds = NDArray[np.uint32]

MOST_ROWS = 2**32 - 1

LEAST_DEAD = 10_000
"""So many rows that nobody owns any more are never worth a clean-up."""


class Found(NamedTuple):
    """Rows of several owners: whose each is, and its columns."""

    owner: Numbers
    rows: Columns


@dataclass(frozen=True)
class Ranges:
    """Rows by owner.

    A next version has bounds of its own and shares the pool; rows that only earlier versions own stay
    where they are.

    Attributes
    ----------
    pool
        All rows.
    start, stop
        By owner, shape (owners,): where its rows start and stop in the pool.
    live
        How many rows are owned.
    room
        Where its bounds grow.
    """

    pool: Pool
    start: Bounds
    stop: Bounds
    live: int
    room: Room = field(default_factory=Room, repr=False)

    def __len__(self) -> int:
        return len(self.start)

    @property
    def count(self) -> Numbers64:
        """By owner, how many rows it has."""
        return self.stop.astype(np.int64) - self.start

    @property
    def crowded(self) -> bool:
        """Whether more than a tenth of the rows belong to earlier versions only."""
        return self.pool.used - self.live > max(self.live // 10, LEAST_DEAD)

    def of(self, owner: int) -> slice:
        """Where the rows of an owner are."""
        return slice(int(self.start[owner]), int(self.stop[owner]))

    def where(self, owners: Numbers) -> tuple[Numbers, Numbers64]:
        """The places of all rows of some owners: whose each is, and where it is in the pool."""
        start = self.start[owners].astype(np.int64)
        count = self.stop[owners] - start
        return np.repeat(owners, count), stretched(start, count)

    def rows(self, owners: Numbers, *names: str) -> Found:
        """The rows of some owners, in order of the owners: all columns, or those that are named."""
        owner, places = self.where(owners)
        return Found(owner, {name: self.pool[name][places] for name in names or self.pool.columns})

    def replaced(self, owners: Numbers, found: Found, length: int) -> Ranges:
        """The same with other rows for some owners, and `length` owners in all.

        Parameters
        ----------
        owners
            Who gets other rows, in ascending order, each once.
        found
            Their rows, in order of their owners.
        """
        if not len(owners) and length == len(self):
            return self
        pool, start = self.pool.append(found.rows)
        return self.pointing(pool, owners, _counts(owners, found.owner), start, length)

    def pointing(self, pool: Pool, owners: Numbers, count: Numbers64, first: int, length: int) -> Ranges:
        """The same with rows for some owners that stand in a pool from a place on, so many for each."""
        stop = first + np.cumsum(count)
        if len(stop) and stop[-1] > MOST_ROWS:
            raise OverflowError(f"One pool holds {MOST_ROWS:,} rows at most.")
        old = owners[owners < len(self)]
        before = int((self.stop[old].astype(np.int64) - self.start[old]).sum())
        starts, stops = (self._bounds(name, length, old) for name in ("start", "stop"))
        starts[owners], stops[owners] = stop - count, stop
        return Ranges(pool, starts, stops, self.live - before + int(count.sum()), self.room)

    def _bounds(self, name: str, length: int, old: Numbers) -> Bounds:
        """Bounds to be filled in for some owners and for those that are new."""
        bounds: Bounds = getattr(self, name)
        if len(old):
            return self.room.changed(name, bounds, length, old)
        return self.room.longer(name, bounds, length)

    def compacted(self) -> Ranges:
        """The same in a pool of its own, in order of the owners."""
        found = self.rows(np.arange(len(self), dtype=np.int32))
        pool = Pool(found.rows).copy(len(found.owner))
        stop = np.cumsum(self.count)
        return Ranges(pool, (stop - self.count).astype(np.uint32), stop.astype(np.uint32), self.live)


def stretched(start: Numbers64, count: Numbers64) -> Numbers64:
    """The places of several stretches, one after the other: of each, so many from where it starts.

    Examples
    --------
    >>> stretched(np.array([7, 20]), np.array([3, 2])).tolist()
    [7, 8, 9, 20, 21]
    """
    before = np.cumsum(count) - count
    places: Numbers64 = np.arange(int(count.sum()), dtype=np.int64) + np.repeat(start - before, count)
    return places


def _counts(owners: Numbers, owner: Numbers) -> Numbers64:
    return np.searchsorted(owner, owners, side="right") - np.searchsorted(owner, owners)


def no_rows(types: Mapping[str, Any]) -> Ranges:
    """Nobody who owns nothing; `types` gives the columns that rows will have."""
    none = np.zeros(0, np.uint32)
    return Ranges(empty_pool(types), none, none, 0)


def sorted_by_owner(found: Found, *then: Column) -> Found:
    """Rows in order of their owners, and of more columns among the rows of one."""
    order = np.lexsort((*then[::-1], found.owner)) if then else np.argsort(found.owner, kind="stable")
    return Found(found.owner[order], {name: column[order] for name, column in found.rows.items()})


def joined(found: Found, more: Found) -> Found:
    """Two lots of rows as one, all in order of their owners; of one owner's, those of the first lot first."""
    if not len(found.owner):
        return more
    at = np.searchsorted(found.owner, more.owner, side="right")
    rows = {name: np.insert(column, at, more.rows[name]) for name, column in found.rows.items()}
    return Found(np.insert(found.owner, at, more.owner), rows)
