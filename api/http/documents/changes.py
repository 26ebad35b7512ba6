"""Changes: what is sent of one, and what is answered."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.http.documents.parts import Document, Reason, State
from api.http.documents.writing import StepTold, Written

Type = Literal["standard", "normal", "emergency"]
StageName = Literal["new", "submitted", "assessed", "cancelled", "closed"]


class Affects(Document):
    """Something that a change touches."""

    key: str | None
    """Of the item; null for what is not registered."""
    class_: str | None
    name: str
    tier: int | None
    retired: bool
    """Whether the item has been taken out of use meanwhile."""
    action: str | None
    step: int
    effect: State | None
    """The state it is planned to be in, where that is not the one of its action."""
    minutes: int | None
    state: State
    """The state it is planned to be in while it is its turn."""
    shared: bool
    """Whether the action is one act on all that share what is altered."""
    ends: bool
    """Whether the item is gone afterwards."""
    turn: int
    """When it is its turn, counted from 1; what has the same turn acts together."""


class WindowTold(Document):
    """From when to when, in UTC and on the clocks of the zone in which people speak of it."""

    start: str
    end: str | None
    zone: str
    local_start: str
    local_end: str | None
    minutes: int | None


class RiskTold(Document):
    """What happens if it is not done, and by when it has to be."""

    text: str | None
    deadline: str | None
    local_deadline: str | None
    """On the clocks of the zone in which people speak of it."""


class ProcedureTold(Document):
    """How something is done."""

    text: str | None
    evidence: str | None
    minutes: int | None


class BackoutTold(ProcedureTold):
    """How a change is taken back."""

    tested: bool
    point_of_no_return: int | None
    """How many minutes after its start the change can still be backed out."""


class PlansTold(Document):
    """How a change is done, how it is seen to work, and how it is taken back."""

    implementation: ProcedureTold | None
    test: ProcedureTold | None
    backout: BackoutTold | None


class StageReached(Document):
    """Who brought a change to a stage."""

    stage: str
    revision: int
    time: str
    author: str
    identity: Literal["declared", "authenticated"]
    message: str


class ChangeAnswer(Document):
    """One change."""

    format: Literal[1]
    revision: int
    key: str
    title: str
    type: Type
    stage: str
    moves: list[str]
    """What can be done with it in this stage."""
    reason: str | None
    risk_of_not_doing: RiskTold | None
    affects: list[Affects]
    """In the order of their turns."""
    window: WindowTold | None
    actual: WindowTold | None
    """When the work was done."""
    plans: PlansTold
    view: str | None
    """The graph as it is with what the change means to alter; null where it alters nothing."""
    operations: list[StepTold] | None
    """What it means to alter; null while the store is away, as the four below."""
    conflicts: list[Reason] | None
    """Where that no longer fits what is there, or what others mean to alter."""
    requester: str | None
    implementer: str | None
    outcome: str | None
    review: str | None
    version: int
    edition: str | None
    """What If-Match takes to alter it."""
    history: list[StageReached] | None
    redacted: bool
    stale: bool
    """Whether the store is away, so that there may be newer revisions."""


class ChangeRow(Document):
    """A change in a list."""

    key: str
    title: str
    type: Type
    stage: str
    window: WindowTold | None
    actual: WindowTold | None
    """When the work was done."""
    affects: list[str]
    """The keys of what it touches."""
    unregistered: list[str]
    """The names of what it touches that is not registered."""
    requester: str | None
    implementer: str | None
    outcome: str | None
    impact_band: str | None
    """What its impact was called when it was assessed last; null if it was not."""


class ChangesAnswer(Document):
    """A page of changes, the newest number first."""

    format: Literal[1]
    revision: int
    total: int
    items: list[ChangeRow]
    next: str | None
    """The `cursor` of the next page."""
    redacted: bool
    stale: bool


class ChangeWritten(Written):
    """What became of a change; `into` is its plan, where that is other than it was."""

    key: str
    title: str
    type: Type
    stage: str
    changed: list[str]
    """The parts of it that were sent."""
    warnings: list[str]


class _Sent(BaseModel):
    """A part of what is sent: nobody passes through these models, they say what may be sent."""

    model_config = ConfigDict(extra="forbid")


class _Risk(_Sent):
    text: str | None = None
    deadline: str | None = None


class _Affects(_Sent):
    key: str | None = None
    unregistered: str | None = None
    action: str | None = None
    step: int | None = None
    effect: str | None = None
    minutes: int | None = None


class _Window(_Sent):
    start: str | None = None
    end: str | None = None
    zone: str | None = None


class _Procedure(_Sent):
    text: str | None = None
    evidence: str | None = None
    minutes: int | None = None


class _Backout(_Procedure):
    tested: bool | None = None
    point_of_no_return: int | None = None


class _Plans(_Sent):
    implementation: str | _Procedure | None = None
    test: str | _Procedure | None = None
    backout: str | _Backout | None = None


class ChangeSent(_Sent):
    """A change as it is written down."""

    title: str | None = Field(None, description="what is done, in a few words; a new change needs it")
    type: str | None = Field(None, description="standard, normal (the default) or emergency")
    reason: str | None = Field(None, description="why it is to be done")
    risk_of_not_doing: str | _Risk | None = Field(
        None, description="what happens if it is not done, and by which day or time it has to be"
    )
    affects: list[_Affects] | None = Field(
        None,
        description="what it touches: a `key`, or the name of what is `unregistered`, with an `action` each",
    )
    operations: list[dict[str, Any]] | None = Field(
        None,
        description="what it alters in the graph, each `item: {…}`, `relation: {…}`, `retire: KEY` or"
        " `unrelate: {…}`",
    )
    window: _Window | None = Field(
        None, description="from when to when: instants, or local times with a `zone` such as Europe/Berlin"
    )
    plans: _Plans | None = Field(None, description="how it is done, tested and backed out")
    requester: str | None = Field(None, description="who wants it; who registers it by default")
    implementer: str | None = Field(None, description="who does it")


def sent() -> dict[str, Any]:
    """The schema of what is sent, whole in itself."""
    schema = ChangeSent.model_json_schema()
    parts = schema.pop("$defs")
    return {"properties": _whole(schema["properties"], parts), "additionalProperties": False}


def _whole(node: Any, parts: dict[str, Any]) -> Any:  # noqa: ANN401  any part of a schema
    if isinstance(node, list):
        return [_whole(one, parts) for one in node]
    if not isinstance(node, dict):
        return node
    name = node.get("$ref", "").rpartition("/")[2]
    found = parts[name] if name else node
    return {key: _whole(one, parts) for key, one in found.items() if key not in {"title", "default"}}
