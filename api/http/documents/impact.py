"""Answers of the engine: what follows, why, what is needed, how things hang together."""

from __future__ import annotations

from typing import Literal

from api.http.documents.parts import Brief, Document, Ends, Group, Question, Reason, Standing, State, without
from impact.explain import Verdict

Hurt = Literal["at_risk", "degraded", "out"]


class CauseTold(Brief):
    """A cause and the state that it was given."""

    state: Hurt


class Hit(Document):
    """An item that is hit; it has the fields that were asked for."""

    key: str
    class_: str
    name: str
    state: State
    before: State
    """Its state without the causes."""
    distance: int
    """How many relations the harm came along."""
    tier: int | None
    tipped_by: Ends
    """The relation over which the deciding harm came."""

    model_config = without("key", "class", "name", "state", "before", "distance", "tier", "tipped_by")


class HurtAnyway(Document):
    """An item that is not ok whatever the causes do."""

    key: str
    class_: str
    name: str
    state: State
    alone: State
    """Its state from the causes alone."""

    model_config = without("key", "class", "name", "state")


class Counts(Document):
    """How many items are hit, by state."""

    out: int
    degraded: int
    at_risk: int


class Contact(Document):
    """Who answers for some of the services that are hit."""

    owner: str | None
    name: str
    on_call: str | None
    services: list[str]


class Touched(Document):
    """How much is known of some part of the estate."""

    cis: int
    reach_service: int
    """How many of them lead to a service."""
    unmapped: int
    relations: int
    verified_relations: int
    stale_relations: int
    detail: str


class Coverage(Touched):
    """How much is known of the estate, and of what the answer touched."""

    touched: Touched


class Box(Document):
    """A box of the drawing."""

    id: str
    kind: Literal["item", "service", "group", "fold", "members"]
    keys: list[str]
    """The items that it stands for."""
    label: str
    second: str
    state: State
    cause: bool
    tier: int | None
    column: int


class Arrow(Document):
    """An arrow of the drawing: harm flows along it."""

    source: str
    target: str
    transfer: str
    state: State


class ImpactAnswer(Question):
    """The blast radius of some causes."""

    detail: str
    causes: list[CauseTold]
    affected: list[Hit]
    """What is worse with the causes than without; the worst first."""
    already: list[HurtAnyway]
    absorbed: list[Group]
    """Groups that lost members and held."""
    counts: Counts
    services: list[Hit]
    """Those of `affected` that are services."""
    call: list[Contact]
    unmapped: list[Brief]
    """Items without relations, which could never be hit."""
    coverage: Coverage
    faults: list[Reason]
    """Groups that ask for what they cannot have."""
    broken: list[Reason]
    """Relations that lead to what is not live."""
    limits: list[Reason]
    """What the answer does not cover, and why."""
    boxes: list[Box]
    arrows: list[Arrow]
    items: int
    """How many items the boxes stand for."""

    model_config = without("boxes", "arrows", "items")


class Step(Brief):
    """One step from an item that is hit to what hits it."""

    words: str
    state: State
    relation: Ends
    seen: str | None
    """When the relation was last seen or verified."""
    seen_words: str
    stale: bool


class Because(Brief):
    """Why an item is in its state: a chain, and at its end perhaps a group with the members it lost."""

    state: State
    steps: list[Step]
    group: Standing | None
    members: list[Because]
    ends: Literal["members", "cause", "context", "told", "cut"]


class Chain(Document):
    """One shortest chain, as steps and as a sentence."""

    steps: list[Step]
    detail: str


class Chains(Document):
    """The shortest chains, as many as are written out."""

    total: int
    shown: list[Chain]


class WhyNot(Document):
    """One reason why harm did not arrive, and the item where it stopped."""

    verdict: Verdict
    key: str
    detail: str


class Asked(Brief):
    """The item in question."""

    tier: int | None


class ExplainAnswer(Question):
    """Why an item is hit, or why not."""

    causes: list[CauseTold]
    item: Asked
    state: State
    before: State
    hit: bool
    verdict: Verdict
    detail: str
    reasons: list[WhyNot]
    because: Because | None
    chains: Chains
    limits: list[Reason]


class Unharmed(Asked):
    """A service that is not hit, with its first reason."""

    state: State
    verdict: Verdict
    detail: str


class NotHitAnswer(Question):
    """Which services are not hit."""

    detail: str
    total: int
    items: list[Unharmed]
    next: str | None
    """The `cursor` of the next page."""


class Need(Asked):
    """An item that is needed, with the relation over which."""

    distance: int
    via: Ends | None
    words: str
    """How that relation reads from what needs it."""
    needed_by: list[str]
    """All that need it directly."""
    detail: str


class Needing(Brief):
    """The item that was asked about."""

    needed_by: list[str]
    """Of what it needs, all that need it directly: with them it is a circle."""


class DependsAnswer(Question):
    """Everything an item needs, the nearest first."""

    item: Needing
    detail: str
    needs: list[Need]
    limits: list[Reason]


class WayStep(Brief):
    """One step of a way, towards what harm comes from."""

    words: str


class Way(Document):
    """One way between two items."""

    relations: list[Ends]
    steps: list[WayStep]
    detail: str


class PathAnswer(Question):
    """The shortest ways between two items."""

    ends: list[Brief]
    detail: str
    from_: str | None
    """From which of them harm passes to the other."""
    to: str | None
    total: int
    paths: list[Way]
    limits: list[Reason]


class Points(Asked):
    """What takes an item out alone."""

    points: list[Brief]
    total: int
    detail: str


class Share(Brief):
    """Something that several members of a group hang on."""

    lost: list[str]
    """The members that it takes."""
    total: int


class FalseRedundancy(Brief):
    """A group whose members share what takes too many of them."""

    needs: int
    members: int
    shares: list[Share]
    total: int
    detail: str


class CriticalTotals(Document):
    """How much there is, written out or not."""

    groups: int
    false_redundancy: int


class SpofAnswer(Question):
    """Single points of failure, and groups by how many members they can lose."""

    items: list[Points]
    groups: list[Group]
    false_redundancy: list[FalseRedundancy]
    totals: CriticalTotals
    limits: list[Reason]


class Rated(Document):
    """Of how many items that can help to put it out a failure rate is given."""

    given: int
    needs: int


class Estimated(Asked):
    """How much of the time an item is out, with an interval of 95 %."""

    p_out: float | None
    low: float
    high: float
    hits: int
    """In how many draws it was out."""
    certain: bool
    wide: bool
    """Whether the interval is too wide to rely on."""
    rates: Rated
    detail: str


class SimulateAnswer(Question):
    """How much of the time items are out."""

    detail: str
    draws: int
    seed: int
    out: list[Brief]
    items: list[Estimated]
    without_rates: int
    """Of how many items nothing can be said."""
    limits: list[Reason]
