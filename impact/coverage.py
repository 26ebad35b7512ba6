"""Coverage: how much of the estate the map can speak about at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from impact.arrays.marks import Marks
from impact.arrays.ranges import Numbers
from impact.evidence import Evidence, evidence
from impact.hearing import seconds_of
from impact.memo import once_per_picture
from impact.picture import Link, Picture
from impact.reach import upstream
from impact.rules import rules


@dataclass(frozen=True)
class Coverage:
    """What share of the live estate an answer can rest on.

    Attributes
    ----------
    cis
        Configuration items whose status carries harm.
    reach_service
        How many of them are a service or could hit one.
    unmapped
        Those without any relation, which could never be in a blast radius.
    relations, verified, stale_relations
        Relations along which harm could pass, how many of them anybody ever verified, and how many nobody has
        seen or verified lately.
    """

    cis: int
    reach_service: int
    unmapped: tuple[int, ...]
    relations: int
    verified: int
    stale_relations: int


def coverage(picture: Picture, at: datetime) -> Coverage:
    """Measure a picture at an instant."""
    known = survey(picture)
    return Coverage(
        cis=int(np.count_nonzero(picture.cis)),
        reach_service=int(np.count_nonzero(known.reached & picture.cis)),
        unmapped=known.unmapped,
        relations=len(known.evidence),
        verified=known.verified,
        stale_relations=int(np.count_nonzero(stale(known.evidence, at))),
    )


def coverage_of(picture: Picture, places: Numbers, relations: Evidence, at: datetime) -> Coverage:
    """Measure some items, each given once, and some relations."""
    cis = places[picture.cis[places]]
    return Coverage(
        cis=len(cis),
        reach_service=int(np.count_nonzero(survey(picture).reached[cis])),
        unmapped=tuple(_unrelated(picture, cis).tolist()),
        relations=len(relations.last),
        verified=int(np.count_nonzero(relations.verified)),
        stale_relations=int(np.count_nonzero(stale(relations.last, at))),
    )


def stale(last: NDArray[np.uint32], at: datetime) -> Marks:
    """Whether the newest evidence, in seconds since 1970, is older than the rules allow."""
    return last < seconds_of(at - rules().evidence.stale)


def unmapped(picture: Picture) -> tuple[int, ...]:
    """The configuration items without any relation, the most important first."""
    return survey(picture).unmapped


def is_stale(picture: Picture, link: Link, at: datetime) -> bool:
    """Whether the newest evidence for the relation is older than the rules allow."""
    newest = picture.evidence(link)
    return newest is None or at - newest > rules().evidence.stale


class Survey(NamedTuple):
    """What coverage knows of a picture, whatever the instant.

    Attributes
    ----------
    reached
        By number, whether it is a service or could hit one.
    unmapped
        Configuration items without any relation, the most important first.
    verified
        How many relations along which harm could pass anybody ever verified.
    evidence
        When somebody last knew of each of them, in seconds since 1970.
    """

    reached: Marks
    unmapped: tuple[int, ...]
    verified: int
    evidence: NDArray[np.uint32]


@once_per_picture
def survey(picture: Picture) -> Survey:
    """Look at everything once, for all that coverage asks."""
    reach = upstream(picture, np.flatnonzero(picture.services).tolist())
    alone = _unrelated(picture, np.flatnonzero(picture.cis).astype(np.int32))
    alone = alone[np.lexsort((picture.rank[alone], picture.weights[alone]))]
    relations = evidence(picture)
    verified = int(np.count_nonzero(relations.verified))
    return Survey(reach.marks(len(picture)), tuple(alone.tolist()), verified, relations.last)


def _unrelated(picture: Picture, places: Numbers) -> Numbers:
    """Those of some items that have no relation of whatever type."""
    ranges = (picture.relations, picture.backwards)
    none = [one.start[places] == one.stop[places] for one in ranges]
    found: Numbers = places[none[0] & none[1]]
    return found
