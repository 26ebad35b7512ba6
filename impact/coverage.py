"""Coverage: how much of the estate the map can speak about at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cmdb.model import Relation
from cmdb.values import moment
from impact.picture import Picture
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


def coverage(picture: Picture, at: datetime, last_seen: Mapping[str, str]) -> Coverage:
    """Measure a picture; `last_seen` gives by relation uid when a source last saw it."""
    cis = [place for place in range(len(picture.items)) if picture.active[place] and picture.is_ci(place)]
    reach = upstream(picture, filter(picture.is_service, cis))
    relations = {row.relation for rows in picture.out for row in rows}
    stale = sum(1 for one in relations if is_stale(picture.graph.relations[one], at, last_seen))
    return Coverage(
        cis=len(cis),
        reach_service=sum(1 for place in cis if place in reach),
        unmapped=tuple(sorted(_unmapped(picture, cis), key=lambda place: (picture.weight(place), place))),
        relations=len(relations),
        stale_relations=stale,
    )


def evidence(relation: Relation, last_seen: Mapping[str, str]) -> str | None:
    """The latest instant at which anybody saw, wrote or verified the relation."""
    instants = [origin.time for origin in relation.provenance.values()]
    verified = relation.attributes.get("verified_at")
    if isinstance(verified, str):
        instants.append(verified)
    if relation.id.uid in last_seen:
        instants.append(last_seen[relation.id.uid])
    return max(instants, key=moment, default=None)


def is_stale(relation: Relation, at: datetime, last_seen: Mapping[str, str]) -> bool:
    """Whether the newest evidence for the relation is older than the rules allow."""
    newest = evidence(relation, last_seen)
    return newest is None or at - moment(newest) > rules().evidence.stale


def _unmapped(picture: Picture, cis: list[int]) -> list[int]:
    return [place for place in cis if place not in picture.relations_of]
