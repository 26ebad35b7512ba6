"""Fixes: what to confirm, assign or resolve first, by how many answers about important services it moves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import numpy as np

from impact.arrays.marks import Marks
from impact.candidates import KINDS, REFERENCE, RELATION, Candidates, Score, Wanted, candidates
from impact.coverage import stale
from impact.evidence import WAYS_OF_KNOWING
from impact.picture import Link, Picture
from impact.reach import downstream
from impact.serving import TIERS, Serving, serving
from impact.trials import Trials
from impact.unresolved import Unresolved

WANTED = 10
"""How many fixes are told."""

WORK_AT_MOST = 12_000_000
"""How many items trials look at before they stop and say so."""


class Doubt(NamedTuple):
    """A relation, and what makes it doubtful."""

    link: Link
    known: str
    verified: bool
    stale: bool


class Fix(NamedTuple):
    """One thing to do.

    Attributes
    ----------
    kind
        One of `KINDS`.
    score, unclassified
        What it is worth, and how many of the services have no tier.
    about
        What is doubtful, what leads nowhere, or the number of the item that has no owner.
    """

    kind: str
    score: Score
    unclassified: int
    about: Doubt | Unresolved | int


class Fixes(NamedTuple):
    """What to do first.

    Attributes
    ----------
    found
        The fixes, those that are worth most first.
    candidates
        By kind, how many there are that could be worth anything.
    untried
        How many of them were not tried although they might be worth more.
    serving
        By what the candidates were put in order.
    """

    found: list[Fix]
    candidates: dict[str, int]
    untried: int
    serving: Serving


def fixes(
    picture: Picture,
    at: datetime,
    among: Marks | None = None,
    kinds: Collection[str] = KINDS,
    *,
    inside: bool = False,
) -> Fixes:
    """Find the fixes that would change most answers about services of tier 1, then of tier 2.

    Parameters
    ----------
    at
        The instant at which evidence is looked at.
    among
        By number, whether an item is looked at, by default all; a relation is if one of its ends is.
    kinds
        What to look for.
    inside
        Whether both ends of a relation have to be looked at.

    Notes
    -----
    A relation that nobody verified, that was inferred, or that is stale is worth the services that are hit
    less badly without it when the item that harm comes from is out. A reference is worth the services that
    the item which refers would hit, an item without an owner those that need it, itself included.

    What any of them is worth at most follows from `serving`, for all of them at once. They are tried in that
    order, and once no other can be worth more than the tenth best, that is the answer. In an estate so large
    that this would take too long the order is an estimate and the trials stop early; what is told of a fix is
    exact all the same.
    """
    served = serving(picture)
    marks = np.ones(len(picture), np.bool_) if among is None else among
    some = candidates(picture, served, at, Wanted(marks, kinds, inside))
    search = _Search(picture, at, some, served.is_whole)
    untried = search.run()
    return Fixes(search.best, search.candidates.table.counts(), untried, served)


@dataclass
class _Search:
    """One search for the best fixes."""

    picture: Picture
    at: datetime
    candidates: Candidates
    is_exact: bool
    best: list[Fix] = field(default_factory=list)

    def run(self) -> int:
        """Try candidates until no other can be among the best; return how many might have been."""
        first = self.candidates.table.first()
        columns = (first.kinds, first.places, first.tier_1, first.tier_2)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for tried, (kind, place, *most) in enumerate(rows):
            if self._is_enough(Score(*most)):
                return 0
            if self.trials.looked > WORK_AT_MOST:
                return len(self.candidates.table.kinds) - tried
            self._try(KINDS[kind], place)
        return len(self.candidates.table.kinds) - len(first.kinds)

    def _is_enough(self, most: Score) -> bool:
        """Whether what is worth so much at most cannot be among the best any more."""
        return not any(most) or (len(self.best) == WANTED and most <= self.best[-1].score)

    def _try(self, kind: str, place: int) -> None:
        if kind == RELATION:
            doubt = self._doubt(place)
            if not self._is_enough(self._score(self._most(doubt.link))):
                self._keep(kind, self.trials.hit_over(doubt.link), doubt)
        elif kind == REFERENCE:
            one = self.candidates.references[place]
            self._keep(kind, self.trials.hit(one.place), one)
        else:
            item = int(self.candidates.ownerless[place])
            self._keep(kind, self._needing(item), item)

    def _keep(self, kind: str, services: Marks, about: Doubt | Unresolved | int) -> None:
        """Put a fix among the best, behind those that are worth as much."""
        score = self._score(services)
        if not self._is_enough(score):
            fix = Fix(kind, score, int(np.count_nonzero(services & self._without_tier)), about)
            self.best.append(fix)
            self.best.sort(key=lambda one: one.score, reverse=True)
            del self.best[WANTED:]

    def _doubt(self, place: int) -> Doubt:
        some = self.candidates.relations
        old = bool(stale(some.last[place : place + 1], self.at)[0])
        link, known = some.link(self.picture, place), WAYS_OF_KNOWING[some.known[place]]
        return Doubt(link, known, bool(some.verified[place]), old)

    # Services, by their place among the important ones

    @cached_property
    def trials(self) -> Trials:
        """What tries; it knows the important services."""
        important = self.picture.services & (self.picture.weights <= TIERS[-1])
        return Trials(self.picture, np.flatnonzero(important).astype(np.int32))

    @cached_property
    def _first_tier(self) -> Marks:
        found: Marks = self.picture.weights[self.trials.services] == TIERS[0]
        return found

    @cached_property
    def _without_tier(self) -> Marks:
        none = np.array([tier is None for tier in self.picture.tiers], np.bool_)
        found: Marks = none[self.picture.facets["tier"][self.trials.services]]
        return found

    def _score(self, services: Marks) -> Score:
        first = int(np.count_nonzero(services & self._first_tier))
        return Score(first, int(np.count_nonzero(services)) - first)

    def _most(self, link: Link) -> Marks:
        """What is hit at all when an end of a relation is out from which harm comes.

        Where the order is an estimate anyway, also what the other end hits by itself: that takes far less
        time for one of very many that hang on the same item, and misses only what several lose together.
        """
        found = np.zeros(len(self.trials.services), np.bool_)
        for cause in self.trials.causes(link):
            hit = self.trials.hit(cause)
            if not self.is_exact:
                hit = hit & self.trials.hit(link.source if cause == link.target else link.target)
            found |= hit
        return found

    def _needing(self, item: int) -> Marks:
        """The services that an item could hit, itself included."""
        found = downstream(self.picture, [item])
        self.trials.looked += len(found.places) + len(self.picture) // 100
        return found.marks(len(self.picture))[self.trials.services]
