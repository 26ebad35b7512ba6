"""From what a change is to be to the operations that make it so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from api.service.changes.ground import Ground
from api.service.given import SOURCE
from cmdb.changes import AFFECTS, CLASS, Change
from cmdb.changes.guarding import FROZEN
from cmdb.changes.reading import Draft
from cmdb.changes.record import STAGE
from cmdb.changes.rules import life
from cmdb.model import Relation, RelationId
from cmdb.operations import (
    AddRelation,
    ChangeItem,
    ChangeRelation,
    Changes,
    CreateItem,
    GraphOperation,
    RelationOperation,
    RemoveRelation,
    value_of,
)
from cmdb.values import Value

OPENED = "opened_at"
REQUESTER = "requester"


def creation(uid: str, key: str, draft: Draft, opened: str, requester: str) -> list[GraphOperation]:
    """What makes a new change; who registers it wants it, where nobody else is named."""
    given: dict[str, Value | None] = {REQUESTER: requester, **_said(draft.values), OPENED: opened}
    core: Changes = {"key": key, "class": CLASS, STAGE: life().first}
    return [
        CreateItem(uid, {**core, **given}, SOURCE),
        *(
            AddRelation(RelationId(uid, AFFECTS, other), _said(values), SOURCE)
            for other, values in sorted(draft.affects.items())
        ),
    ]


def record_edited(change: Change, values: Changes) -> list[GraphOperation]:
    """What gives a change other values; nothing where they are so already."""
    before = {name: value_of(change.item, name) for name in values}
    after = {name: value for name, value in sorted(values.items()) if value != before[name]}
    if not after:
        return []
    return [ChangeItem(change.item.uid, {name: before[name] for name in after}, after, SOURCE)]


def affects_edited(ground: Ground, place: int, wanted: Mapping[str, Changes]) -> list[RelationOperation]:
    """What makes a change touch other items, or otherwise."""
    there = {relation.id.target: relation for relation, _ in ground.affects(place)}
    return [*_touched(ground.picture.uids[place], there, wanted), *_let_go(there, wanted)]


def _touched(
    uid: str, there: Mapping[str, Relation], wanted: Mapping[str, Changes]
) -> Iterator[RelationOperation]:
    for other, values in sorted(wanted.items()):
        now = there.get(other)
        if now is None:
            yield AddRelation(RelationId(uid, AFFECTS, other), _said(values), SOURCE)
            continue
        after = {name: values.get(name) for name in FROZEN if values.get(name) != _now(now, name)}
        if after:
            before = {name: now.attributes.get(name) for name in after}
            yield ChangeRelation(now.id, before, after, SOURCE)


def _now(relation: Relation, name: str) -> Value | None:
    """What a relation says of a field; that nothing is said of its step means the first."""
    return relation.attributes.get(name, 1 if name == "step" else None)


def _let_go(there: Mapping[str, Relation], wanted: Mapping[str, Changes]) -> Iterator[RelationOperation]:
    for other in sorted(there.keys() - wanted.keys()):
        yield RemoveRelation(there[other].id, there[other].attributes, SOURCE)


def _said(values: Changes) -> dict[str, Value | None]:
    return {name: value for name, value in values.items() if value is not None}
