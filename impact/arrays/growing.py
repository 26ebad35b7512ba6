"""Growing: arrays that change and get longer, in memory that their versions share."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from impact.arrays.pool import room_for

Number = TypeVar("Number", bound=np.generic)
Places = NDArray[np.integer[Any]]

KEPT = 3
"""So many memories of one array are kept: that of the newest version, that of the one before, which is read
while the next one is made, and one to make that in."""
MANY = 8
"""If more than one in so many values of a memory are out of date, all of it is copied."""


@dataclass
class _Memory:
    """The memory in which a version of an array is.

    Attributes
    ----------
    values
        All of it.
    length
        How much of it the version takes.
    outdated
        Where the newest version has other values, beside what comes behind.
    """

    values: NDArray[Any]
    length: int = 0
    outdated: list[Places] = field(default_factory=list)

    def holds(self, values: NDArray[Any]) -> bool:
        """Whether values are the version that is in it."""
        return self.values is values.base and self.length == len(values)

    def outdate(self, places: Places) -> None:
        """Take note of where the newest version gets other values."""
        self.outdated.append(places)
        if sum(map(len, self.outdated)) > self.length // MANY:
            self.length, self.outdated = 0, []

    def bring(self, values: NDArray[Any], length: int) -> None:
        """Bring it up to date with the newest version, with zeros behind."""
        for places in self.outdated:
            old = places[places < self.length]
            self.values[old] = values[old]
        self.values[self.length : len(values)] = values[self.length :]
        self.values[len(values) : length] = 0
        self.length, self.outdated = length, []


class Room:
    """The memory of arrays by name, which they share with the later versions that come of them.

    What an array holds never changes. What is behind it belongs to the first version that takes it. Other
    values are written where an earlier version was that nobody reads any more, in which only those places
    are brought up to date that have changed since.
    """

    def __init__(self) -> None:
        self._memories: dict[str, list[_Memory]] = {}
        self._lock = threading.Lock()

    def longer(self, name: str, values: NDArray[Number], length: int) -> NDArray[Number]:
        """An array of `length` that begins with some values and ends with zeros, to be filled in there."""
        if length == len(values):
            return values
        with self._lock:
            for newest in self._memories.get(name, [])[-1:]:
                if newest.holds(values) and length <= len(newest.values):
                    newest.bring(values, length)
                    return newest.values[:length]
        return self.changed(name, values, length, np.zeros(0, np.int32))

    def changed(self, name: str, values: NDArray[Number], length: int, places: Places) -> NDArray[Number]:
        """A copy of some values with zeros behind, `length` in all, to be filled in at some places only."""
        with self._lock:
            known = self._memories.get(name, [])
            if not (known and known[-1].holds(values)):
                known = []
            memory = _unread(known, length) or _Memory(np.empty(room_for(length), values.dtype))
            others = [one for one in known if one is not memory]
            for one in others:
                one.outdate(places)
            memory.bring(values, length)
            self._memories[name] = [*others[1 - KEPT :], memory]
            return memory.values[:length]


def _unread(memories: list[_Memory], length: int) -> _Memory | None:
    """One that is long enough and that no array is in."""
    fits = (one for one in memories if len(one.values) >= length and _holders(one) == _NOBODY)
    return next(fits, None)


def _holders(memory: _Memory) -> int:
    """How often a memory is held: an array in it holds it, and so does a part of that."""
    return sys.getrefcount(memory.values)


_NOBODY = _holders(_Memory(np.empty(0)))
"""How often it is when no array is in it."""
