"""Operations: the smallest steps a revision is made of.

Each says what it does to one item or one relation, with the values before and after; a missing value is
`None`. A commit applies a list of them all or not at all. As plain data they are what is hashed, what plans
keep, and what history shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from cmdb.errors import Conflict, Rejected
from cmdb.keys import wrong_with
from cmdb.model import CORE, Item, Provenance, Relation, RelationId
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
Operation = ItemOperation | RelationOperation


def new_uid() -> str:
    """An opaque identifier no other item has."""
    return uuid4().hex


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
        return [_KINDS[one["do"]](**_fields_of(one)) for one in data]
    except (KeyError, TypeError) as error:
        raise ValueError(f"an operation cannot be read: {error}") from error


def value_of(item: Item, field: str) -> Value | None:
    """The item's present value of a field, `None` where it has none."""
    if field in CORE:
        value: str = getattr(item, CORE[field])
        return value
    return item.attributes.get(field)


def apply_to_item(item: Item | None, operation: ItemOperation, time: str) -> Item:
    """The item after the operation. Its version is left as it is; the store counts versions.

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
        item = Item(operation.uid, "", "", "", version=0)
    elif item is None:
        raise Conflict("The item to change does not exist.")
    else:
        _expect(item.key, operation.before, partial(value_of, item))
    return _complete(_with(item, operation, time))


def apply_to_relation(relation: Relation | None, operation: RelationOperation, time: str) -> Relation | None:
    """The relation after the operation, `None` where that removes it; versions are the store's to count.

    Raises
    ------
    Conflict
        If it is there already, or is not what the operation expects.
    """
    if isinstance(operation, AddRelation):
        if relation is not None:
            raise Conflict(f"{operation.id.type}: it is there already.")
        relation = Relation(operation.id, version=0)
    elif relation is None:
        raise Conflict(f"{operation.id.type}: it is not there.")
    else:
        _expect(operation.id.type, operation.before, relation.attributes.get)
    if isinstance(operation, RemoveRelation):
        return None
    return replace(
        relation,
        attributes=_merged(relation.attributes, operation.after),
        provenance=_sourced(relation.provenance, operation.after, operation.source, time),
    )


def _expect(who: str, before: Changes, now: Callable[[str], Value | None]) -> None:
    for field, value in before.items():
        if now(field) != value:
            raise Conflict(f"{who}: {field} was expected to be {_said(value)}, but is {_said(now(field))}.")


def _with(item: Item, operation: ItemOperation, time: str) -> Item:
    after = operation.after
    core = {CORE[field]: value for field, value in after.items() if field in CORE}
    attributes = {field: value for field, value in after.items() if field not in CORE}
    return replace(
        item,
        **core,  # type: ignore[arg-type]
        attributes=_merged(item.attributes, attributes),
        provenance=_sourced(item.provenance, after, operation.source, time),
    )


def _complete(item: Item) -> Item:
    fault = wrong_with(item.key) if item.key else "it is missing"
    if fault:
        raise Rejected(f"“{item.key or ''}” cannot be a key: {fault}.")
    if not item.class_name or not item.name:
        raise Rejected(f"{item.key}: an item needs a class and a name.")
    return item


def _merged(attributes: Mapping[str, Value], after: Changes) -> dict[str, Value]:
    merged = {**attributes, **after}
    return {field: value for field, value in sorted(merged.items()) if value is not None}


def _sourced(
    provenance: Mapping[str, Provenance], after: Changes, source: str, time: str
) -> dict[str, Provenance]:
    new = {field: Provenance(source, time) for field, value in after.items() if value is not None}
    return {
        field: origin
        for field, origin in sorted({**provenance, **new}.items())
        if field not in after or field in new
    }


def _said(value: Value | None) -> str:
    return "missing" if value is None else f"“{value}”"


def _as_data(operation: Operation) -> dict[str, Any]:
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


_KINDS: dict[str, type[Operation]] = {
    kind.__name__: kind for kind in (CreateItem, ChangeItem, AddRelation, ChangeRelation, RemoveRelation)
}


def _fields_of(data: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in data.items() if name in {"source", "before", "after"}}
    who = {"uid": data["item"]} if "item" in data else {"id": RelationId(*data["relation"])}
    return fields | who
