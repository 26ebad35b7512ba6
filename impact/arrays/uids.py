"""Numbers by uid, found without a table in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from impact.arrays.marks import Marks
from impact.arrays.ranges import Numbers
from impact.arrays.texts import Texts, Words

Hashes = NDArray[np.uint64]

FEW = 10_000
"""So many uids are always kept apart from the others; more only until they are a tenth of all."""
NOBODY = -1
"""The number of a uid that is not here."""


class Lot(NamedTuple):
    """Hashes of uids in ascending order, and the number that each belongs to."""

    hashes: Hashes
    places: Numbers

    def joined(self, other: Lot) -> Lot:
        """Those of both."""
        if not len(self.hashes):
            return other
        at = np.searchsorted(self.hashes, other.hashes, side="right")
        return Lot(np.insert(self.hashes, at, other.hashes), np.insert(self.places, at, other.places))

    def first(self, wanted: Hashes) -> tuple[Numbers, Marks]:
        """For each hash the number of the first uid that has it, and whether there is any."""
        if not len(self.hashes):
            return np.full(len(wanted), NOBODY, np.int32), np.zeros(len(wanted), np.bool_)
        at = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        return self.places[at], self.hashes[at] == wanted

    def having(self, wanted: int) -> Iterator[int]:
        """The numbers of all uids that have a hash."""
        same = (np.searchsorted(self.hashes, np.uint64(wanted), side) for side in ("left", "right"))
        yield from self.places[slice(*same)].tolist()


_NONE = Lot(np.zeros(0, np.uint64), np.zeros(0, np.int32))


@dataclass(frozen=True)
class Uids:
    """Which number has a uid, by the hashes of all uids: many in one lot, those added since in another."""

    many: Lot = _NONE
    added: Lot = _NONE

    def place(self, uid: str, texts: Texts) -> int | None:
        """The number with this uid; `texts` holds the uids by number."""
        wanted = text_hash(uid)
        candidates = (place for lot in (self.many, self.added) for place in lot.having(wanted))
        return next((place for place in candidates if texts[place] == uid), None)

    def places(self, uids: Sequence[str], texts: Texts) -> Numbers:
        """The numbers with some uids, `NOBODY` where there is none: `place` for very many."""
        wanted = _hashes(uids)
        found, known = self.many.first(wanted)
        late, known_late = self.added.first(wanted)
        found = np.where(known, found, np.where(known_late, late, NOBODY)).astype(np.int32)
        there = np.flatnonzero(known | known_late)
        told = Words([uids[at].encode() for at in there.tolist()])
        for at in there[texts.changed(found[there], told)].tolist():  # the hash of another one is the same
            other = self.place(uids[at], texts)
            found[at] = NOBODY if other is None else other
        return found

    def with_more(self, uids: Sequence[str], first: int) -> Uids:
        """The same with more uids, numbered from `first` on."""
        if not uids:
            return self
        hashes = _hashes(uids)
        order = np.argsort(hashes, kind="stable")
        new = Lot(hashes[order], (first + order).astype(np.int32))
        found = Uids(self.many, self.added.joined(new))
        few = len(found.added.hashes) <= FEW + len(self.many.hashes) // 10
        return found if few else found.folded()

    def folded(self) -> Uids:
        """The same in one lot."""
        return Uids(self.many.joined(self.added)) if len(self.added.hashes) else self


def text_hash(text: str) -> int:
    """A number that no other text is likely to have, the same in every process."""
    return int.from_bytes(_digest(text), "little")


def _hashes(texts: Sequence[str]) -> Hashes:
    return np.frombuffer(b"".join(map(_digest, texts)), "<u8").astype(np.uint64)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()
