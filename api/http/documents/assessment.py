"""Assessments of changes."""

from __future__ import annotations

from typing import Literal

from api.http.documents.changes import Type
from api.http.documents.impact import ImpactAnswer
from api.http.documents.parts import Brief, Document, Ends, Reason, State, without
from impact.assessing.conflict import Reason as ConflictReason

Band = Literal["low", "medium", "high"]


class RunTold(ImpactAnswer):
    """What follows if it goes one way: an impact document."""

    step: int | None
    """The step that does most harm; null if all of it is meant."""

    model_config = without("boxes", "arrows", "items", "redacted", "stale")


class ServiceHit(Brief):
    """A service that any of the runs hits, with its state in each."""

    tier: int | None
    users: int | None
    users_unit: str | None
    owner: str | None
    on_call: str | None
    planned: State
    credible: State
    worst: State


class Unknown(Document):
    """What a change touches and nothing is known of."""

    unmapped: list[Brief]
    """From these no relation leads to a service."""
    unregistered: list[str]
    """These are no items here."""


class ExposedTold(Document):
    """A project that has a stake in what is touched or hit."""

    project: str
    item: str
    """Its deliverable or milestone, or the project itself."""
    kind: str
    """The class of `item`."""
    state: State
    """What becomes of what it has a stake in, if one step fails."""
    because: str
    """What it has a stake in."""


class AdviceTold(Document):
    """Another way to do it that harms services less."""

    way: Literal["leave_out", "one_at_a_time"]
    key: str | None
    """What to leave out."""
    impact_band: str
    services: list[str]
    """Those that are hit if a step of it fails."""
    detail: str


class Factor(Document):
    """Something that makes a failure likelier, or less likely."""

    name: str
    value: float
    contribution: float


class Chance(Document):
    """How likely a change is to fail."""

    value: float
    low: float
    high: float
    base_rate: float
    basis: str
    """What it rests on."""
    factors: list[Factor]


class NewPoints(Brief):
    """A service that something takes out alone afterwards, which did not before."""

    tier: int | None
    points: list[Brief]
    total: int


class WeakerGroup(Brief):
    """A group that can lose fewer members than before; negative: it needs more than it has."""

    before: int
    after: int


class NewlyBroken(Ends):
    """A relation by which something live rests on what is not, afterwards."""

    detail: str


class After(Document):
    """What is weaker in the graph once the plan of a change has come true."""

    view: str
    conflicts: list[Reason]
    """Why it cannot be said: where the plan does not fit."""
    points: list[NewPoints]
    groups: list[WeakerGroup]
    broken: list[NewlyBroken]


class HoldTold(Document):
    """A rule that bars approval by rule and by peers."""

    rule: str
    detail: str


class Clash(Document):
    """What stands against doing a change when it is planned."""

    reason: ConflictReason
    with_: str
    """The key of the other change, window, incident or milestone; of several, where it takes all of them."""
    owner: str | None
    detail: str
    services: list[str]


class Checked(Document):
    """Against how many of each a change was held."""

    changes: int
    freezes: int
    windows: int
    incidents: int
    milestones: int


class NotHeldAgainst(Document):
    """What could not be taken into account, and why."""

    key: str | None
    reason: str


class AssessmentAnswer(Document):
    """What a change does, and how likely it is to fail: two numbers, never one."""

    format: Literal[1]
    key: str
    title: str
    type: Type
    revision: int
    """Of the graph that it was worked out from."""
    view: str
    at: str
    """The instant whose context counts: the start of its window, or now."""
    assessed_at: str
    detail: str
    planned: RunTold
    """If all goes well."""
    credible: RunTold
    """If one step fails: the one that does most harm."""
    worst: RunTold
    """If everything fails that it touches."""
    services: list[ServiceHit]
    impact_band: str
    """By what services lose if one step fails: low, medium, high, or “unknown, at least” one of them."""
    unknown: Unknown
    exposed: list[ExposedTold]
    advice: list[AdviceTold]
    p_fail: Chance
    p_band: Band
    holds: list[HoldTold]
    conflicts: list[Clash]
    """What matters most comes first."""
    checked: Checked
    limits: list[NotHeldAgainst]
    after: After | None
    """Null for a change that alters nothing."""
    outdated: bool
    redacted: bool
    stale: bool


class AssessmentReplayed(AssessmentAnswer):
    """An assessment that was worked out again; `outdated` if its reach has changed since."""

    same: bool
    """Whether it is the same, to the byte, as when it was assessed."""
    model: str
    """Which rules and figures it rested on."""
    replayed: str
