"""Candidates: all that could be confirmed, resolved or assigned, and what each is worth at most."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from impact.arrays.marks import Marks
from impact.arrays.ranges import Numbers, Numbers64
from impact.coverage import stale
from impact.evidence import INFERRED, Evidence, evidence
from impact.owning import OWNER, owned
from impact.picture import Picture
from impact.serving import Serving
from impact.unresolved import Unresolved, unresolved

RELATION, REFERENCE, OWNERSHIP = KINDS = ("relation", "reference", "owner")
"""What can be fixed: of two fixes that are worth the same, the first kind comes first."""

IN_ORDER = 5_000
"""How many candidates are put in order, more if the last of them are worth the same."""


class Wanted(NamedTuple):
    """What is looked for.

    Attributes
    ----------
    among
        By number, whether an item is looked at.
    kinds
        Which of `KINDS`.
    inside
        Whether a relation is looked at only if both its ends are, not if one is.
    """

    among: Marks
    kinds: Collection[str]
    inside: bool

    def joins(self, some: Evidence) -> Marks:
        """Whether each of some relations is looked at."""
        source, target = self.among[some.sources], self.among[some.targets]
        found: Marks = source & target if self.inside else source | target
        return found


class Score(NamedTuple):
    """How many services of tier 1 and of tier 2 something is worth; those without a tier count as 2."""

    tier_1: int
    tier_2: int


class Candidates(NamedTuple):
    """What could be fixed.

    Attributes
    ----------
    relations
        Those that nobody verified, that were inferred, or that are stale.
    references
        Those along which harm would pass, or that tell an owner.
    ownerless
        Configuration items without an owner.
    table
        Those of all three that could be worth anything.
    """

    relations: Evidence
    references: list[Unresolved]
    ownerless: Numbers
    table: Table


class Table(NamedTuple):
    """Candidates in columns.

    Attributes
    ----------
    kinds, places
        What each is: a place in `KINDS`, and the place among the candidates of that kind.
    tier_1, tier_2
        What it is worth at most.
    order
        By what those of one kind that are worth the same are put in order, shape (3, candidates).
    """

    kinds: NDArray[np.uint8]
    places: Numbers64
    tier_1: Numbers64
    tier_2: Numbers64
    order: Numbers

    def first(self) -> Table:
        """Those that may be worth most, in order."""
        worth: Numbers64 = self.tier_1 * (int(self.tier_2.max(initial=0)) + 1) + self.tier_2
        some = np.arange(len(worth))
        if len(worth) > IN_ORDER:
            some = np.flatnonzero(worth >= np.partition(worth, -IN_ORDER)[-IN_ORDER])
        order = np.lexsort((*self.order[::-1, some], self.kinds[some], -worth[some]))
        return self.rows(some[order])

    def rows(self, some: Numbers64) -> Table:
        """Some of them."""
        columns = (self.kinds[some], self.places[some], self.tier_1[some], self.tier_2[some])
        return Table(*columns, self.order[:, some])

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return dict(zip(KINDS, np.bincount(self.kinds, minlength=len(KINDS)).tolist(), strict=True))


def candidates(picture: Picture, served: Serving, at: datetime, wanted: Wanted) -> Candidates:
    """Everything that is wanted and could be fixed.

    Parameters
    ----------
    served
        How many services each item could hit.
    at
        The instant at which evidence is looked at.
    """
    among = wanted.among
    relations = _doubtful(picture, at, wanted)
    references = _telling(picture, among)
    looked_at = np.flatnonzero(picture.cis & among).astype(np.int32)
    ownerless = looked_at[~owned(picture, looked_at)]
    places = np.array([one.place for one in references], np.int32)
    ranks = (
        picture.rank[relations.sources],
        relations.types.astype(np.int32),
        picture.rank[relations.targets],
    )
    tables = (
        _table(RELATION, _bounds_of_relations(picture, served, relations), ranks),
        _table(REFERENCE, _bounds(served, places), (np.arange(len(places), dtype=np.int32),)),
        _table(OWNERSHIP, _bounds(served, ownerless), (picture.rank[ownerless],)),
    )
    some = [one for kind, one in zip(KINDS, tables, strict=True) if kind in wanted.kinds]
    return Candidates(relations, references, ownerless, _joined(some))


def _doubtful(picture: Picture, at: datetime, wanted: Wanted) -> Evidence:
    found = evidence(picture)
    doubtful = ~found.verified | (found.known == INFERRED) | stale(found.last, at)
    return found.where(doubtful & wanted.joins(found))


def _telling(picture: Picture, among: Marks) -> list[Unresolved]:
    relations = picture.vocabulary.relations
    wanted = {name for name, kind in relations.items() if kind.carries or kind.gives == OWNER}
    return [
        one
        for one in unresolved(picture)
        if one.reference.type in wanted and picture.active[one.place] and among[one.place]
    ]


def _bounds(served: Serving, places: Numbers) -> tuple[Numbers64, ...]:
    return tuple(counts[places] for counts in served.counts)


def _bounds_of_relations(picture: Picture, served: Serving, some: Evidence) -> tuple[Numbers64, ...]:
    """What relations are worth at most: the services of the end that harm comes to, or of both."""
    codes, groups, types = picture.codes, picture.codes.is_group[picture.classes], some.types
    ways = ((some.sources, 2 * types), (some.targets, 2 * types + 1))
    passes = [(end, codes.carries(way, groups[end])) for end, way in ways]
    each = [[np.where(passing, counts[end], 0) for end, passing in passes] for counts in served.counts]
    return tuple(
        np.minimum(one + other, most) for (one, other), most in zip(each, served.services, strict=True)
    )


def _table(kind: str, bounds: tuple[Numbers64, ...], order: tuple[Numbers, ...]) -> Table:
    first, second = bounds
    kinds = np.full(len(first), KINDS.index(kind), np.uint8)
    none = np.zeros(len(first), np.int32)
    table = Table(kinds, np.arange(len(first)), first, second, np.stack((*order, none, none)[:3]))
    return table.rows(np.flatnonzero(first + second))


def _joined(some: list[Table]) -> Table:
    *columns, orders = zip(*some, strict=True)
    kinds, places, first, second = map(np.concatenate, columns)
    return Table(kinds, places, first, second, np.concatenate(orders, axis=1))
