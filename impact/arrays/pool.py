"""Pools: columns of rows that are only ever appended to, shared by all that point into them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]
Columns = Mapping[str, Column]

SPARE = 4
"""A pool that is copied leaves room for one row more in so many."""
SPARE_LEAST = 64


def room_for(used: int) -> int:
    """How many rows a pool that holds so many should have room for."""
    return used + used // SPARE + SPARE_LEAST


class Pool:
    """Columns of equal length with room at the end.

    What is in use never changes, so whoever knows which rows are theirs may read without a lock while
    others append.

    Attributes
    ----------
    columns
        By name, an array of shape (capacity,).
    used
        How many rows are in use.
    """

    def __init__(self, columns: Columns, used: int | None = None) -> None:
        self.columns = dict(columns)
        self.used = self.capacity if used is None else used
        self._lock = threading.Lock()

    @property
    def capacity(self) -> int:
        """How many rows there is room for."""
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def append(self, rows: Columns) -> tuple[Pool, int]:
        """Add rows, and return the pool that holds them and the place of the first.

        That is this pool while there is room, else a larger copy of it.
        """
        more = len(next(iter(rows.values())))
        with self._lock:
            start = self.used
            if start + more <= self.capacity:
                self._write(start, rows)
                self.used = start + more
                return self, start
        grown = self.copy(start, room_for(start + more))
        return grown, grown.append(rows)[1]

    def copy(self, used: int, capacity: int | None = None) -> Pool:
        """The first rows in a pool of their own."""
        found: dict[str, Column] = {}
        for name, column in self.columns.items():
            found[name] = np.empty(room_for(used) if capacity is None else capacity, column.dtype)
            found[name][:used] = column[:used]
        return Pool(found, used)

    def _write(self, start: int, rows: Columns) -> None:
        for name, values in rows.items():
            self.columns[name][start : start + len(values)] = values


def empty_pool(types: Mapping[str, Any]) -> Pool:
    """A pool without rows."""
    return Pool({name: np.empty(SPARE_LEAST, kind) for name, kind in types.items()}, 0)
