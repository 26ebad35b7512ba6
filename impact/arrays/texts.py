"""Texts by number, kept as bytes in one pool."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np
import orjson

from impact.arrays.ranges import Numbers, Ranges, no_rows, stretched

MANY = 10_000
"""So many texts are read at once, at least, to be counted as very many."""


class Words:
    """Texts that are gathered: one after the other in one buffer, and where each ends."""

    def __init__(self, texts: Iterable[bytes] = ()) -> None:
        self.data = bytearray()
        self.ends = [0]
        self.extend(list(texts))

    def extend(self, texts: Sequence[bytes]) -> None:
        """Add some texts."""
        self.ends.extend(accumulate(map(len, texts), initial=self.ends.pop()))
        self.data += b"".join(texts)

    def some(self, places: Numbers) -> Words:
        """Some of them."""
        return self if len(places) == len(self) else Words(map(self.__getitem__, places.tolist()))

    def __getitem__(self, place: int) -> bytes:
        return bytes(self.data[self.ends[place] : self.ends[place + 1]])

    def __len__(self) -> int:
        return len(self.ends) - 1


@dataclass(frozen=True)
class Texts:
    """One text for each number from 0 on."""

    ranges: Ranges
    _asked: list[int] = field(default_factory=list, repr=False)
    """How many were asked for, each time that they were very many."""
    _read: list[str] = field(default_factory=list, repr=False)
    """All texts by number, once as many were asked for as there are; empty before."""

    def __len__(self) -> int:
        return len(self.ranges)

    def raw(self, place: int) -> bytes:
        """A text as bytes."""
        return self.ranges.pool["byte"][self.ranges.of(place)].tobytes()

    def __getitem__(self, place: int) -> str:
        return self.raw(place).decode()

    def reader(self) -> Callable[[int], bytes]:
        """What `raw` does, for whoever reads text after text."""
        data = self.ranges.pool["byte"].data
        start, stop = self.ranges.start.data, self.ranges.stop.data
        return lambda place: bytes(data[start[place] : stop[place]])

    def some(self, places: Numbers) -> list[str]:
        """The texts of some numbers."""
        if not self._read and len(places) > MANY:
            self._asked.append(len(places))
            if sum(self._asked) > len(self):
                self._read[:] = self._some(np.arange(len(self), dtype=np.int32))
        if self._read:
            return list(map(self._read.__getitem__, places.tolist()))
        return self._some(places)

    def all(self) -> list[str]:
        """All texts in order of their numbers."""
        return self._read or self._some(np.arange(len(self), dtype=np.int32))

    def _some(self, places: Numbers) -> list[str]:
        start = self.ranges.start[places].astype(np.int64)
        count = self.ranges.stop[places] - start
        data = self.ranges.pool["byte"][stretched(start, count)].tobytes()
        stops = np.cumsum(count)
        bounds = zip((stops - count).tolist(), stops.tolist(), strict=True)
        if data.isascii():  # then a text's letters are as many as its bytes
            every = data.decode("ascii")
            return [every[first:last] for first, last in bounds]
        return [data[first:last].decode() for first, last in bounds]

    def holding(self, pattern: bytes) -> Numbers:
        """The numbers of the texts in which a pattern is found, in ascending order.

        Texts stand next to each other in the pool, so a pattern must not reach beyond the end of one.
        """
        ranges = self.ranges
        pool = ranges.pool["byte"][: ranges.pool.used].tobytes()
        at = np.fromiter((one.start() for one in re.finditer(pattern, pool)), np.int64)
        order = np.argsort(ranges.start, kind="stable")
        owner = order[np.searchsorted(ranges.start[order], at, side="right") - 1]
        inside = (at >= ranges.start[owner]) & (at < ranges.stop[owner])
        return np.unique(owner[inside]).astype(np.int32)

    def replaced(self, places: Numbers, texts: Words, length: int) -> Texts:
        """The same with other texts for some numbers, and `length` numbers in all."""
        changed = self.changed(places, texts)
        places, texts = places[changed], texts.some(changed)
        if not len(places) and length == len(self):
            return self
        pool, first = self.ranges.pool.append({"byte": np.frombuffer(texts.data, np.uint8)})
        ends = np.array(texts.ends, np.int64)
        found = Texts(self.ranges.pointing(pool, places, ends[1:] - ends[:-1], first, length))
        if self._read:
            read = [*self._read, *[""] * (length - len(self))]
            for at, place in enumerate(places.tolist()):
                read[place] = texts[at].decode()
            found._read.extend(read)
        return found

    def changed(self, places: Numbers, texts: Words) -> Numbers:
        """Which of some texts are new, or other ones than before."""
        ends, ranges = np.array(texts.ends, np.int64), self.ranges
        changed, told = places >= len(self), ends[1:] - ends[:-1]
        at = np.flatnonzero(~changed)
        start = ranges.start[places[at]].astype(np.int64)
        alike = ranges.stop[places[at]] - start == told[at]
        changed[at[~alike]] = True
        at, start = at[alike], start[alike]
        count = told[at]
        old = ranges.pool["byte"][stretched(start, count)]
        new = np.frombuffer(texts.data, np.uint8)[stretched(ends[at], count)]
        changed[np.repeat(at, count)[old != new]] = True
        return np.flatnonzero(changed).astype(np.int32)


def no_texts() -> Texts:
    """No text at all."""
    return Texts(no_rows({"byte": np.uint8}))


class Distinct:
    """JSON values of which there are few, each kept once and known by a code.

    Codes are given in order of arrival and never taken back, so versions of one thing share one of these.
    """

    def __init__(self, values: Sequence[bytes] = ()) -> None:
        self._values = list(values)
        self._codes = {value: code for code, value in enumerate(self._values)}
        self._read: list[Any] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._values)

    def __getitem__(self, code: int) -> bytes:
        return self._values[code]

    def read(self) -> Sequence[Any]:
        """All values by code, read as JSON; each is read once."""
        if len(self._read) < len(self._values):
            with self._lock:
                self._read.extend(map(orjson.loads, self._values[len(self._read) :]))
        return self._read

    def code(self, value: bytes) -> int:
        """The code of a value, which is taken in if it is new."""
        found = self._codes.get(value)
        if found is None:
            with self._lock:
                found = self._codes.get(value, len(self._values))
                if found == len(self._values):
                    self._values.append(value)
                    self._codes[value] = found
        return found
