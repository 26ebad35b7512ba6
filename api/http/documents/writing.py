"""Answers to what writes: what was done, or would be."""

from __future__ import annotations

from typing import Literal

from api.http.documents.parts import Change, Document, Value, without

Part = Literal["added", "changed", "retired", "kept", "unresolved", "rejected", "lonely", "warnings"]


class Written(Document):
    """What every write answers."""

    format: Literal[1]
    revision: int | None
    """The commit; null where nothing was to be done, or nothing was to be written."""
    into: str | None
    """The plan that took it."""


class EditAnswer(Written):
    """Which fields of an item got other values."""

    key: str
    name: str
    changes: list[Change]


class RelateAnswer(Written):
    """What became of a relation."""

    source: str
    type: str
    target: str
    how: Literal["added", "changed", "removed", "unchanged", "confirmed"]
    changes: list[Change]


class WithdrawAnswer(Written):
    """How much was taken out of a plan."""

    keys: list[str]
    steps: int


class Tally(Document):
    """How many are added, changed and retired."""

    added: int
    changed: int
    retired: int


class ImportTally(Tally):
    """How many are added, changed, retired, and as they were."""

    unchanged: int


class Missing(Document):
    """A reference that leads nowhere, and what may be meant."""

    source: str
    type: str
    target: str
    where: str
    missing: list[str]
    candidates: list[str]
    candidates_total: int


class Refused(Document):
    """What was left out, and why."""

    where: str
    reason: str


class Kept(Document):
    """A value of an item or a relation that was not taken over, because a source of higher rank differs."""

    key: str
    source: str
    type: str
    target: str
    field: str
    value: Value | None
    by: str
    offered: Value | None
    offered_by: str
    where: str

    model_config = without("key", "source", "type", "target")


class FieldStep(Change):
    """Another value of a field, and whose word it was and is."""

    was_from: str | None
    from_: str


class StepTold(Document):
    """All that is done to one item, or to one relation."""

    action: Literal["add", "change", "retire"]
    what: Literal["item", "relation"]
    key: str
    class_: str
    name: str
    source: str
    type: str
    target: str
    fields: list[FieldStep]
    where: str | None

    model_config = without("key", "class", "name", "source", "type", "target")


class Parts(Document):
    """How many entries each part of a plan has."""

    added: int
    changed: int
    retired: int
    kept: int
    unresolved: int
    rejected: int
    lonely: int
    warnings: int


class Filtered(Document):
    """What of a plan was to be seen."""

    only: list[Part]
    match: str | None


class Retiring(Document):
    """How many of the live items that a source brought are retired."""

    items: int
    of: int
    limit: float
    """The largest share that is retired unless any share is allowed."""


class ImportAnswer(Written):
    """What an import did; a dry run tells each step too."""

    changes: int
    source: str
    formats: list[str]
    items: ImportTally
    relations: ImportTally
    unresolved: list[Missing]
    warnings: list[str]
    rejected: list[Refused]
    candidates: list[str]
    """What the source no longer lists, and only an import with `source` retires."""
    lonely: list[str]
    """Items without any relation."""
    kept: list[Kept]
    retiring: Retiring | None
    digest: str
    """Of a dry run: what tells these steps from any others. An import with it as `seen` does no others."""
    steps: list[StepTold]
    totals: Parts
    matching: Parts
    filtered: Filtered | None

    model_config = without("digest", "steps", "totals", "matching", "filtered")


class UndoAnswer(Written):
    """What undoing a commit did; a dry run tells each step too."""

    undone: int
    message: str
    changes: int
    items: Tally
    relations: Tally
    plan_steps: int
    steps: list[StepTold]

    model_config = without("steps")
