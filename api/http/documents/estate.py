"""Answers about the estate: how the data is, how services are, what differs, what is proven."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from api.http.documents.impact import Touched
from api.http.documents.items import Ending, Found
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


class Quality(Document):
    """Of how many items something is known, and how the relations at them are known."""

    cis: int
    reach_service: int
    owned: int
    verified: int
    relations: Known


class ClassQuality(Quality):
    """How much is known of the items of a class."""

    class_: str


class TeamQuality(Quality):
    """How much is known of the items that somebody owns, or that nobody does."""

    owner: str | None
    name: str
    on_call: str | None


class Unresolved(Brief):
    """A reference of an item to what is not here."""

    type: str
    refers_to: str
    back: bool
    """Whether the item is the target of the relation."""
    source: str
    detail: str


class Reference(Document):
    """What a source says of an item that is here and one that is not."""

    key: str
    type: str
    refers_to: str
    back: bool
    """Whether the item is the target of the relation."""


class Contact(Document):
    """Somebody who may know."""

    key: str
    name: str
    on_call: str | None
    why: str


class Fix(Document):
    """What to fix, by which command, and why."""

    kind: Literal["relation", "reference", "owner"]
    what: str
    question: str
    items: list[str]
    cause: str
    """The item whose failure the answers are about that it moves."""
    relation: Ends | None
    reference: Reference | None
    version: int | None
    """Of the relation, or of the item without an owner, as it was looked at."""
    meant: list[Brief]
    """What a name that leads nowhere may mean."""
    ask: list[Contact]
    """Whom to ask."""
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
    teams: list[TeamQuality]
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


class RelationListed(Ends):
    """A relation, and how it is known."""

    detail: str
    known: Literal["declared", "observed", "inferred", "unsaid"]
    verified: bool
    last_seen: str | None
    evidence: str


class DataListAnswer(Question):
    """What is behind one of the numbers that tell how good the data is."""

    list: str
    detail: str
    total: int
    items: Sequence[Found | RelationListed | Unresolved]
    next: str | None
    """The `cursor` of the next page."""


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
    confirm: list[Fix]
    """Of what somebody's services need, the relations that are most worth confirming."""
    next: str | None
    """The `cursor` of the next page."""
    limits: list[Reason]


class HurtCounts(Document):
    """How many are hurt, by state."""

    out: int
    degraded: int
    at_risk: int


class ServicesNow(HurtCounts):
    """How many services there are, and how many are hurt."""

    total: int


class Hit(Brief):
    """What an open record says is hurt."""

    state: State


class RecordNow(Brief):
    """An open record."""

    priority: int | None
    opened_at: str | None
    hits: list[Hit]


class HurtNow(Brief):
    """Something that is hurt already."""

    tier: int | None
    service: bool
    state: State
    because: str


class NowAnswer(Question):
    """What is wrong before anything else fails."""

    detail: str
    records: list[RecordNow]
    records_total: int
    hurt: list[HurtNow]
    counts: HurtCounts
    services: ServicesNow


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
