"""Answers about the estate: how the data is, how services are, what differs, what is proven."""

from __future__ import annotations

from typing import Literal

from api.http.documents.impact import Touched
from api.http.documents.items import Ending
from api.http.documents.parts import Brief, Change, Document, Ends, Group, Question, Reason, State, without


class Known(Document):
    """How the relations along which harm could pass are known."""

    total: int
    unsaid: int
    declared: int
    observed: int
    inferred: int
    verified: int
    stale: int


class ClassQuality(Document):
    """Of how many items of a class something is known."""

    class_: str
    cis: int
    reach_service: int
    owned: int
    verified: int


class Unresolved(Brief):
    """A reference of an item to what is not here."""

    type: str
    refers_to: str
    back: bool
    """Whether the item is the target of the relation."""
    source: str
    detail: str


class Fix(Document):
    """What to fix, by which command, and why."""

    kind: Literal["relation", "reference", "owner"]
    what: str
    items: list[str]
    relation: Ends | None
    tier_1: int
    """How many services of tier 1 it moves."""
    tier_2: int
    unclassified: int
    command: str
    otherwise: str | None
    why: str


class Candidates(Document):
    """How many possible fixes there are, by kind."""

    relation: int
    reference: int
    owner: int

    model_config = without("relation", "reference", "owner")


class Source(Document):
    """How much a source has ever seen."""

    source: str
    items: int
    relations: int
    last_seen: str


class DataAnswer(Question):
    """How far the map can be trusted, and what to fix first."""

    detail: str
    cis: int
    reach_service: int
    owned: int
    verified: int
    relations: Known
    classes: list[ClassQuality]
    unresolved: list[Unresolved]
    fixes: list[Fix]
    fixes_detail: str
    candidates: Candidates
    unmapped: list[Brief]
    coverage: Touched
    faults: list[Reason]
    broken: list[Reason]
    limits: list[Reason]
    sources: list[Source] | None


class Owner(Document):
    """Who owns services; without a key, nobody known."""

    key: str | None
    name: str
    on_call: str | None


class OwnerTotal(Owner):
    """How many services somebody owns."""

    services: int


class ServiceCounts(Document):
    """How many services there are, and how many are hurt."""

    services: int
    out: int
    degraded: int
    at_risk: int
    expiring: int
    expired: int


class Weakest(Group):
    """The group that can lose least, and what its members share."""

    hangs_on: Brief | None


class ServiceTold(Brief):
    """How a service is."""

    tier: int | None
    owner: str | None
    state: State
    weakest: Weakest | None
    points: int
    """How many single points of failure it has."""
    first_points: list[Brief]
    expires: Ending | None
    expiring: int


class ServicesAnswer(Question):
    """How somebody's services are."""

    owner: Owner | None
    detail: str
    counts: ServiceCounts
    soon_days: int
    total: int
    items: list[ServiceTold]
    owners: list[OwnerTotal]
    next: str | None
    """The `cursor` of the next page."""
    limits: list[Reason]


class Side(Document):
    """One of two views that were compared."""

    view: str
    revision: int
    time: str | None


How = Literal["added", "changed", "retired", "revived", "removed"]


class DifferenceCounts(Document):
    """How many differ, by how."""

    added: int
    changed: int
    retired: int
    revived: int
    removed: int


class DiffCounts(Document):
    """How many items and relations differ."""

    items: DifferenceCounts
    relations: DifferenceCounts


class ItemDiffers(Brief):
    """How an item differs."""

    how: How
    changes: list[Change]


class RelationDiffers(Ends):
    """How a relation differs."""

    how: How
    changes: list[Change]
    ends: list[Brief]
    words: str
    detail: str


class DiffAnswer(Document):
    """What is different in one view from another."""

    format: Literal[1]
    before: Side
    after: Side
    detail: str
    counts: DiffCounts
    items: list[ItemDiffers]
    relations: list[RelationDiffers]
    redacted: bool


class Faulty(Document):
    """Something that is not as it was written."""

    where: str
    reason: str


class VerifyAnswer(Document):
    """Whether history is as it was written."""

    format: Literal[1]
    intact: bool
    detail: str
    revisions: int
    hash: str
    """Of the newest commit; note it elsewhere."""
    faults: list[Faulty]


class Live(Document):
    """The process runs."""

    status: Literal["live"]


class Ready(Document):
    """Questions can be answered."""

    status: Literal["ready"]
    revision: int
    stale: bool
