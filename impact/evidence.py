"""Evidence: how each relation along which harm could pass is known, and when somebody last knew of it."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import orjson
from numpy.typing import NDArray

from impact.arrays.marks import Marks, marked
from impact.arrays.ranges import Numbers
from impact.arrays.texts import Distinct
from impact.hearing import VERIFIED
from impact.picture import Link, Picture

KNOWN = "known"
DECLARED, OBSERVED = "declared", "observed"
WAYS_OF_KNOWING = ("unsaid", DECLARED, OBSERVED, "inferred")
"""How a relation may be known, by code; one that says anything else has not said."""
UNSAID, _, _, INFERRED = range(4)

_VERIFIED = 4
_NOT_READ = 255


class Evidence(NamedTuple):
    """Relations between live items along which harm could pass, in columns.

    Attributes
    ----------
    sources, types, targets
        Which relation it is: the numbers of its ends and the code of its type.
    known
        How it is known: a place in `WAYS_OF_KNOWING`.
    verified
        Whether anybody has confirmed it, whenever that was.
    last
        When somebody last wrote, saw or verified it, in seconds since 1970.
    """

    sources: Numbers
    types: NDArray[np.uint16]
    targets: Numbers
    known: NDArray[np.uint8]
    verified: Marks
    last: NDArray[np.uint32]

    def where(self, wanted: Marks) -> Evidence:
        """Some of them."""
        return Evidence(
            self.sources[wanted],
            self.types[wanted],
            self.targets[wanted],
            self.known[wanted],
            self.verified[wanted],
            self.last[wanted],
        )

    def link(self, picture: Picture, row: int) -> Link:
        """One of them."""
        kind = picture.codes.types[int(self.types[row])]
        return Link(int(self.sources[row]), kind, int(self.targets[row]))


def evidence(picture: Picture) -> Evidence:
    """What is known of all of them, by number of the source."""
    return _between(picture, picture.active)


def evidence_among(picture: Picture, places: Numbers) -> Evidence:
    """What is known of those between some items."""
    return _between(picture, marked(places, len(picture)) & picture.active)


def _between(picture: Picture, ends: Marks) -> Evidence:
    sources, where = picture.relations.where(np.flatnonzero(ends).astype(np.int32))
    pool, codes = picture.relations.pool, picture.codes
    inside = ends[pool["target"][where]]
    sources, where = sources[inside], where[inside]
    targets, types = pool["target"][where], pool["type"][where]
    to_source, to_target = (codes.is_group[picture.classes[some]] for some in (sources, targets))
    found = codes.carries(2 * types, to_source) | codes.carries(2 * types + 1, to_target)
    facts = _facts(picture.shared, pool["details"][where[found]])
    return Evidence(
        sources[found],
        types[found],
        targets[found],
        facts & np.uint8(_VERIFIED - 1),
        facts >= _VERIFIED,
        np.maximum(pool["evidence"][where[found]], pool["seen"][where[found]]),
    )


_read: WeakKeyDictionary[Distinct, NDArray[np.uint8]] = WeakKeyDictionary()
"""What attributes were found to say, by their code; pictures that follow each other share the codes."""


def _facts(shared: Distinct, details: Numbers) -> NDArray[np.uint8]:
    """How each relation is known, plus `_VERIFIED` if it is verified, from the codes of its attributes."""
    known = _read.get(shared, np.zeros(0, np.uint8))
    if len(known) < len(shared):
        more = np.full(len(shared) - len(known), _NOT_READ, np.uint8)
        known = np.concatenate((known, more))
    asked = marked(details, len(known))
    for code in np.flatnonzero(asked & (known == _NOT_READ)).tolist():
        known[code] = _fact(shared[code])
    _read[shared] = known
    return known[details]


def _fact(attributes: bytes) -> int:
    said = orjson.loads(attributes)
    how = said.get(KNOWN)
    return (WAYS_OF_KNOWING.index(how) if how in WAYS_OF_KNOWING else UNSAID) + _VERIFIED * bool(
        said.get(VERIFIED)
    )
