"""Numbers by uid, found without a table in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from impact.arrays.texts import Texts

Hashes = NDArray[np.uint64]

FEW = 10_000
"""So many uids are always kept by name; more are hashed as soon as they are a tenth of all."""


@dataclass(frozen=True)
class Uids:
    """Which number has a uid: many by the sorted hashes of their uids, those added since by name.

    Attributes
    ----------
    hashes, places
        The hashes in ascending order, and the number that each belongs to.
    added
        Numbers by uid, of what is not among the hashes.
    """

    hashes: Hashes
    places: NDArray[np.int32]
    added: Mapping[str, int] = field(default_factory=dict)

    def place(self, uid: str, texts: Texts) -> int | None:
        """The number with this uid; `texts` holds the uids by number."""
        if uid in self.added:
            return self.added[uid]
        wanted = np.uint64(text_hash(uid))
        at = int(np.searchsorted(self.hashes, wanted))
        while at < len(self.hashes) and self.hashes[at] == wanted:
            place = int(self.places[at])
            if texts[place] == uid:
                return place
            at += 1
        return None

    def with_more(self, uids: Sequence[str], first: int) -> Uids:
        """The same with more uids, numbered from `first` on."""
        added = {**self.added, **{uid: place for place, uid in enumerate(uids, first)}}
        found = Uids(self.hashes, self.places, added)
        return found if len(added) <= FEW + len(self.hashes) // 10 else found.folded()

    def folded(self) -> Uids:
        """The same with every uid among the hashes."""
        new = np.array([text_hash(uid) for uid in self.added], np.uint64)
        hashes = np.concatenate((self.hashes, new))
        places = np.concatenate((self.places, np.fromiter(self.added.values(), np.int32, len(new))))
        order = np.argsort(hashes, kind="stable")
        return Uids(hashes[order], places[order])


def no_uids() -> Uids:
    """No uid at all."""
    return Uids(np.zeros(0, np.uint64), np.zeros(0, np.int32))


def text_hash(text: str) -> int:
    """A number that no other text is likely to have, the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
