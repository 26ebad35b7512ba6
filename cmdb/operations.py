"""Operations: the smallest steps a revision is made of.

Each says what it does to one item or one relation, with the values before and after; a missing value is
`None`. A commit applies a list of them all or not at all. As plain data they are what is hashed, what plans
keep, and what history shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from secrets import token_hex
from time import time_ns
from typing import Any

from cmdb.errors import Conflict, Rejected
from cmdb.keys import wrong_with
from cmdb.model import CORE, Identity, Item, Provenance, Relation, RelationId
from cmdb.values import Value

Changes = Mapping[str, Value | None]
"""New values by field; `None` takes a value away. `key`, `name` and `class` are fields like any other."""


@dataclass(frozen=True, slots=True)
class CreateItem:
    """A new item."""

    uid: str
    after: Changes
    source: str


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """Other values for some fields of an item."""

    uid: str
    before: Changes
    after: Changes
    source: str


@dataclass(frozen=True, slots=True)
class AddRelation:
    """A relation that is not there now."""

    id: RelationId
    after: Changes
    source: str


@dataclass(frozen=True, slots=True)
class ChangeRelation:
    """Other values for some fields of a relation."""

    id: RelationId
    before: Changes
    after: Changes
    source: str


@dataclass(frozen=True, slots=True)
class RemoveRelation:
    """The end of a relation. Added again, its versions continue."""

    id: RelationId
    before: Changes
    source: str


ItemOperation = CreateItem | ChangeItem
RelationOperation = AddRelation | ChangeRelation | RemoveRelation
GraphOperation = ItemOperation | RelationOperation

Target = str | RelationId
"""What an operation is about: an item by its uid, or a relation."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a plan intends for one item or relation.

    Attributes
    ----------
    operation
        All of it: a plan holds one step for each target.
    identities
        The names by which sources know an item that the plan creates.
    """

    operation: GraphOperation
    identities: tuple[Identity, ...] = ()

    @property
    def target(self) -> Target:
        """What it is about."""
        return target_of(self.operation)


Plan = Mapping[Target, Step]
"""Everything that a project, deliverable or change intends."""


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """Another step of a plan for one target: `None` before where there was none, after where there is none.

    Attributes
    ----------
    owner
        The uid of the project, deliverable or change whose plan it is.
    """

    owner: str
    before: Step | None
    after: Step | None

    @property
    def step(self) -> Step:
        """What the plan says from then on; where it says nothing any more, what it said until then."""
        return self.after or self.before or _no_step()

    @property
    def target(self) -> Target:
        """What the step is about."""
        return self.step.target


def _no_step() -> Step:
    raise ValueError("a plan cannot change from no step to no step")


Operation = GraphOperation | ChangePlan


def target_of(operation: GraphOperation) -> Target:
    """The uid of the item, or the relation, that an operation is about."""
    return operation.uid if isinstance(operation, ItemOperation) else operation.id


def text_of(target: Target) -> str:
    """The uid of an item or relation, as one text."""
    return target if isinstance(target, str) else target.uid


def target_from(text: str) -> Target:
    """The target that `text_of` wrote."""
    return RelationId.of(text) or text


def new_uid() -> str:
    """An opaque identifier no other item has.

    Later ones sort behind earlier ones, so that a store writes what is new in one place and not all over.
    """
    return f"{time_ns():016x}{token_hex(8)}"


def as_data(operations: Sequence[Operation]) -> list[dict[str, Any]]:
    """The operations as plain data with sorted, stable content: what is hashed and stored."""
    return [_as_data(operation) for operation in operations]


def from_data(data: Sequence[Mapping[str, Any]]) -> list[Operation]:
    """The operations that `as_data` wrote.

    Raises
    ------
    ValueError
        If this is not what it writes.
    """
    try:
        return [_read(one) for one in data]
    except (KeyError, TypeError) as error:
        raise ValueError(f"an operation cannot be read: {error}") from error


def value_of(item: Item, field: str) -> Value | None:
    """The item's present value of a field, `None` where it has none."""
    if field in CORE:
        value: str = getattr(item, CORE[field])
        return value
    return item.attributes.get(field)


def apply_to_item(item: Item | None, operation: ItemOperation, time: str) -> Item:
    """The item after the operation: a new one at version 1; else the store counts versions.

    Raises
    ------
    Conflict
        If the item's values are not those the operation expects.
    Rejected
        If it leaves the item without a class or name, or with a key that cannot be one.
    """
    if isinstance(operation, CreateItem):
        if item is not None:
            raise Conflict(f"{item.key}: it exists already.")
        return _complete(_created(operation, time))
    if item is None:
        raise Conflict("The item to change does not exist.")
    _expect(item.key, operation.before, partial(value_of, item))
    return _complete(_with(item, operation, time))


def apply_to_relation(relation: Relation | None, operation: RelationOperation, time: str) -> Relation | None:
    """The relation after the operation: a new one at version 1, `None` where it is removed.

    Of others the store counts the versions.

    Raises
    ------
    Conflict
        If it is there already, or is not what the operation expects.
    """
    if isinstance(operation, AddRelation):
        if relation is not None:
            raise Conflict(f"{operation.id.type}: it is there already.")
        attributes = _given(operation.after)
        return Relation(operation.id, attributes, 1, _origins(tuple(attributes), operation.source, time))
    if relation is None:
        raise Conflict(f"{operation.id.type}: it is not there.")
    _expect(operation.id.type, operation.before, relation.attributes.get)
    if isinstance(operation, RemoveRelation):
        return None
    return replace(
        relation,
        attributes=_given({**relation.attributes, **operation.after}),
        provenance=_sourced(relation.provenance, operation.after, operation.source, time),
    )


def _expect(who: str, before: Changes, now: Callable[[str], Value | None]) -> None:
    for field, value in before.items():
        if now(field) != value:
            raise Conflict(f"{who}: {field} was expected to be {said(value)}, but is {said(now(field))}.")


def _created(operation: CreateItem, time: str) -> Item:
    given = _given(operation.after)
    origins = _origins(tuple(given), operation.source, time)
    key, class_name, name = (given.pop(field, "") for field in ("key", "class", "name"))
    return Item(operation.uid, key, class_name, name, given, 1, origins)  # type: ignore[arg-type]


def _with(item: Item, operation: ChangeItem, time: str) -> Item:
    after = operation.after
    core = {CORE[field]: value for field, value in after.items() if field in CORE}
    attributes = {field: value for field, value in after.items() if field not in CORE}
    return replace(
        item,
        **core,  # type: ignore[arg-type]
        attributes=_given({**item.attributes, **attributes}),
        provenance=_sourced(item.provenance, after, operation.source, time),
    )


def _complete(item: Item) -> Item:
    fault = wrong_with(item.key) if item.key else "it is missing"
    if fault:
        raise Rejected(f"“{item.key or ''}” cannot be a key: {fault}.")
    if not item.class_name or not item.name:
        raise Rejected(f"{item.key}: an item needs a class and a name.")
    return item


def _given(values: Changes) -> dict[str, Value]:
    """The values that are there, in order of their names."""
    return {field: value for field, value in sorted(values.items()) if value is not None}


def _sourced(
    provenance: Mapping[str, Provenance], after: Changes, source: str, time: str
) -> dict[str, Provenance]:
    origin = Provenance(source, time)
    new = {field: origin for field, value in after.items() if value is not None}
    return {
        field: origin
        for field, origin in sorted({**provenance, **new}.items())
        if field not in after or field in new
    }


@lru_cache(maxsize=1_000)
def _origins(fields: tuple[str, ...], source: str, time: str) -> Mapping[str, Provenance]:
    """Where the values of something new come from: what an import creates shares a few of these."""
    return dict.fromkeys(fields, Provenance(source, time))


def said(value: Value | None) -> str:
    """A value as messages tell it."""
    return "missing" if value is None else f"“{value}”"


def step_as_data(step: Step) -> dict[str, Any]:
    """A step of a plan as plain data."""
    return {**_as_data(step.operation), "identities": [list(one) for one in step.identities]}


def step_from_data(data: Mapping[str, Any]) -> Step:
    """The step that `step_as_data` wrote; raises like `from_data`."""
    (operation,) = from_data([data])
    if isinstance(operation, ChangePlan):
        raise ValueError("a plan of a plan cannot be read")
    return Step(operation, tuple(Identity(*one) for one in data["identities"]))


def _as_data(operation: Operation) -> dict[str, Any]:
    if isinstance(operation, ChangePlan):
        before, after = (one and step_as_data(one) for one in (operation.before, operation.after))
        return {"do": ChangePlan.__name__, "owner": operation.owner, "before": before, "after": after}
    data: dict[str, Any] = {"do": type(operation).__name__, "source": operation.source}
    if isinstance(operation, ItemOperation):
        data["item"] = operation.uid
    else:
        data["relation"] = list(operation.id)
    if not isinstance(operation, CreateItem | AddRelation):
        data["before"] = dict(operation.before)
    if not isinstance(operation, RemoveRelation):
        data["after"] = dict(operation.after)
    return data


_KINDS: dict[str, type[GraphOperation]] = {
    kind.__name__: kind for kind in (CreateItem, ChangeItem, AddRelation, ChangeRelation, RemoveRelation)
}


def _read(data: Mapping[str, Any]) -> Operation:
    if data["do"] == ChangePlan.__name__:
        before, after = (one and step_from_data(one) for one in (data["before"], data["after"]))
        return ChangePlan(data["owner"], before, after)
    return _KINDS[data["do"]](**_fields_of(data))


def _fields_of(data: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in data.items() if name in {"source", "before", "after"}}
    who = {"uid": data["item"]} if "item" in data else {"id": RelationId(*data["relation"])}
    return fields | who
