"""Coverage: how much of the estate the map can speak about at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from impact.codes import NOTHING, Codes
from impact.following import seconds_of
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
    relations, stale_relations
        Relations along which harm could pass, and how many of them nobody has seen or verified lately.
    """

    cis: int
    reach_service: int
    unmapped: tuple[int, ...]
    relations: int
    stale_relations: int


def coverage(picture: Picture, at: datetime) -> Coverage:
    """Measure a picture at an instant."""
    known = survey(picture)
    fresh_from = seconds_of(at - rules().evidence.stale)
    return Coverage(
        cis=int(np.count_nonzero(picture.cis)),
        reach_service=known.reach_service,
        unmapped=known.unmapped,
        relations=len(known.evidence),
        stale_relations=int(np.count_nonzero(known.evidence < fresh_from)),
    )


def unmapped(picture: Picture) -> tuple[int, ...]:
    """The configuration items without any relation, the most important first."""
    return survey(picture).unmapped


def is_stale(picture: Picture, link: Link, at: datetime) -> bool:
    """Whether the newest evidence for the relation is older than the rules allow."""
    newest = picture.evidence(link)
    return newest is None or at - newest > rules().evidence.stale


class Survey(NamedTuple):
    """What coverage knows of a picture, whatever the instant; evidence is in seconds since 1970."""

    reach_service: int
    unmapped: tuple[int, ...]
    evidence: NDArray[np.uint32]


@once_per_picture
def survey(picture: Picture) -> Survey:
    """Look at everything once, for all that coverage asks."""
    reach = upstream(picture, np.flatnonzero(picture.services).tolist())
    reached = reach.marks(len(picture))
    alone = np.flatnonzero(picture.cis & (picture.relations.count + picture.backwards.count == 0))
    alone = alone[np.lexsort((picture.rank[alone], picture.weights[alone]))]
    return Survey(int(np.count_nonzero(reached & picture.cis)), tuple(alone.tolist()), _evidence(picture))


def _evidence(picture: Picture) -> NDArray[np.uint32]:
    """When somebody last knew of each relation along which harm could pass."""
    codes, active = picture.codes, picture.active
    live = np.flatnonzero(active).astype(np.int32)
    source, relation = picture.relations.rows(live, "target", "type", "evidence", "seen")
    to_source, to_target = 2 * relation["type"], 2 * relation["type"] + 1
    groups = codes.is_group[picture.classes]
    carries = _carries(codes, to_source, groups[source]) | _carries(
        codes, to_target, groups[relation["target"]]
    )
    known = np.maximum(relation["evidence"], relation["seen"])
    return known[carries & active[relation["target"]]]


def _carries(codes: Codes, ways: NDArray[np.uint16], to_group: NDArray[np.bool_]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (codes.kind[ways] != NOTHING) & (~codes.counted[ways] | to_group)
    return found
