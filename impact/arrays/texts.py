"""Texts by number, kept as bytes in one pool."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from impact.arrays.ranges import Numbers, Ranges, no_rows

MANY = 10_000
"""From so many texts at once on, if they are a twentieth of all, all are read, once."""


class Words:
    """Texts that are gathered: one after the other in one buffer, and where each ends."""

    def __init__(self, texts: Iterable[bytes] = ()) -> None:
        self.data = bytearray()
        self.ends = [0]
        for text in texts:
            self.append(text)

    def append(self, text: bytes) -> None:
        """Add a text."""
        self.data += text
        self.ends.append(len(self.data))

    def __getitem__(self, place: int) -> bytes:
        return bytes(self.data[self.ends[place] : self.ends[place + 1]])

    def __len__(self) -> int:
        return len(self.ends) - 1


@dataclass(frozen=True)
class Texts:
    """One text for each number from 0 on."""

    ranges: Ranges
    _read: list[str] = field(default_factory=list, repr=False)
    """All texts by number, once very many of them were asked for; empty before."""

    def __len__(self) -> int:
        return len(self.ranges)

    def raw(self, place: int) -> bytes:
        """A text as bytes."""
        return self.ranges.pool["byte"][self.ranges.of(place)].tobytes()

    def __getitem__(self, place: int) -> str:
        return self.raw(place).decode()

    def some(self, places: Numbers) -> list[str]:
        """The texts of some numbers."""
        if not self._read and MANY < len(places) > len(self) // 20:
            self._read.extend(self._some(np.arange(len(self), dtype=np.int32)))
        if self._read:
            return list(map(self._read.__getitem__, places.tolist()))
        return self._some(places)

    def all(self) -> list[str]:
        """All texts in order of their numbers."""
        return self._read or self._some(np.arange(len(self), dtype=np.int32))

    def _some(self, places: Numbers) -> list[str]:
        data = self.ranges.pool["byte"].data
        starts, stops = self.ranges.start[places].tolist(), self.ranges.stop[places].tolist()
        return [str(data[start:stop], "utf-8") for start, stop in zip(starts, stops, strict=True)]

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
        pool, first = self.ranges.pool.append({"byte": np.frombuffer(texts.data, np.uint8)})
        ranges = self.ranges.grown(length)
        ends = np.array(texts.ends, np.int64)
        found = Texts(ranges.pointing(pool, places, ends[1:] - ends[:-1], first))
        if self._read:
            read = [*self._read, *[""] * (length - len(self))]
            for at, place in enumerate(places.tolist()):
                read[place] = texts[at].decode()
            found._read.extend(read)
        return found


def no_texts() -> Texts:
    """No text at all."""
    return Texts(no_rows({"byte": np.uint8}))


class Distinct:
    """Values of which there are few, each kept once and known by a code.

    Codes are given in order of arrival and never taken back, so versions of one thing share one of these.
    """

    def __init__(self, values: Sequence[bytes] = ()) -> None:
        self._values = list(values)
        self._codes = {value: code for code, value in enumerate(self._values)}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._values)

    def __getitem__(self, code: int) -> bytes:
        return self._values[code]

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
