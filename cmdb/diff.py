"""Diff: what differs between two states of the graph, at a cost that follows what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from cmdb.model import CORE, Graph, Item, Relation, RelationId
from cmdb.operations import (
    AddRelation,
    ChangePlan,
    CreateItem,
    GraphOperation,
    RemoveRelation,
    Target,
    target_of,
    value_of,
)
from cmdb.patience import patiently
from cmdb.stores.base import Store
from cmdb.stores.bodies import operations_of
from cmdb.values import Value
from cmdb.viewing import Place, around, part_at

How = Literal["added", "changed", "removed"]


class FieldChange(NamedTuple):
    """Another value of a field; `None` is no value."""

    field: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True)
class ItemDifference:
    """How an item differs; `item` is its later state, or its earlier one where it is there no more."""

    how: How
    item: Item
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class RelationDifference:
    """How a relation differs; source and target are its ends in the state that has it."""

    how: How
    relation: Relation
    source: Item
    target: Item
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class Differences:
    """Everything in which two states differ, in order of keys."""

    items: tuple[ItemDifference, ...]
    relations: tuple[RelationDifference, ...]


def differences(store: Store, before: Place, after: Place) -> Differences:
    """Compare two states of a store's graph: what is different in the second.

    Raises
    ------
    Conflict
        If a plan does not fit one of them.
    """
    touched = set(_touched(store, before, after))
    wanted = around(store, before, touched) | around(store, after, touched)
    return compare(part_at(store, before, wanted), part_at(store, after, wanted))


def compare(before: Graph, after: Graph) -> Differences:
    """Compare two graphs, or the same parts of two graphs: what is different in the second."""
    uids, ids = before.items.keys() | after.items.keys(), before.relations.keys() | after.relations.keys()
    items = filter(None, (_item(before.items.get(uid), after.items.get(uid)) for uid in patiently(uids)))
    relations = filter(None, (_relation(one, before, after) for one in patiently(ids)))
    return Differences(
        tuple(sorted(items, key=lambda one: (one.item.key, one.item.uid))),
        tuple(sorted(relations, key=lambda one: (one.source.key, one.relation.id.type, one.target.key))),
    )


def changed_fields(before: Item, after: Item) -> tuple[FieldChange, ...]:
    """The fields in which two states of an item differ: key, name and class first, then by name."""
    fields = [*CORE, *sorted({*before.attributes, *after.attributes})]
    was, now = ({name: value_of(one, name) for name in fields} for one in (before, after))
    return values_changed(was, now)


def field_changes(operation: GraphOperation) -> tuple[FieldChange, ...]:
    """What an operation gives to fields; nothing of a relation that it removes."""
    if isinstance(operation, RemoveRelation):
        return ()
    before = {} if isinstance(operation, CreateItem | AddRelation) else operation.before
    return values_changed(before, operation.after)


def _touched(store: Store, one: Place, other: Place) -> Iterator[Target]:
    """Whatever a commit between two revisions was about."""
    first, last = sorted((one.revision, other.revision))
    for revision in range(first + 1, last + 1):
        for operation in patiently(operations_of(store.body(revision))):
            if not isinstance(operation, ChangePlan):
                yield target_of(operation)


def _item(before: Item | None, after: Item | None) -> ItemDifference | None:
    if after is None:
        return None if before is None else ItemDifference("removed", before)
    if before is None:
        return ItemDifference("added", after)
    changes = changed_fields(before, after)
    return ItemDifference("changed", after, changes) if changes else None


def _relation(one: RelationId, before: Graph, after: Graph) -> RelationDifference | None:
    was, now = before.relations.get(one), after.relations.get(one)
    there, items = (now, after.items) if now else (was, before.items)
    if there is None:
        return None
    ends = items[one.source], items[one.target]
    if was is None or now is None:
        return RelationDifference("added" if now else "removed", there, *ends)
    changes = values_changed(was.attributes, now.attributes)
    return RelationDifference("changed", there, *ends, changes) if changes else None


def values_changed(
    before: Mapping[str, Value | None], after: Mapping[str, Value | None]
) -> tuple[FieldChange, ...]:
    """The fields in which two sets of values differ."""
    fields = dict.fromkeys([*before, *after])
    pairs = ((name, before.get(name), after.get(name)) for name in fields)
    return tuple(FieldChange(*one) for one in pairs if one[1] != one[2])
