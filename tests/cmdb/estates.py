"""What the tests of the core build their graphs from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cmdb.model import Actor, Commit, Graph, RelationId
from cmdb.observations import End, Observations, SeenItem, SeenRelation
from cmdb.operations import AddRelation, ChangeItem, CreateItem, Operation, RemoveRelation
from cmdb.reconcile import Known, Plan, Rules, plan
from cmdb.stores.base import Store, Transaction
from cmdb.values import Value
from cmdb.vocabulary import Vocabulary

ACTOR = Actor("ada")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TIME = "2026-11-20T12:00:00Z"


class Clock:
    """A clock that a test sets by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """Tell the time it was set to."""
        return self.now

    def jump(self, **by: float) -> None:
        """Set it forward or back."""
        self.now += timedelta(**by)


def create(uid: str, **fields: Value) -> CreateItem:
    """Make the operation that creates an item; key and name are its uid unless given."""
    return CreateItem(uid, {"key": uid, "name": uid, "class": "server", **fields}, "test")


def change(uid: str, before: Mapping[str, Value | None], after: Mapping[str, Value | None]) -> ChangeItem:
    """Make the operation that changes an item."""
    return ChangeItem(uid, before, after, "test")


def needs(source: str, target: str) -> RelationId:
    """Name the relation by which one item depends on another."""
    return RelationId(source, "depends_on", target)


def relate(source: str, target: str, **fields: Value) -> AddRelation:
    """Make the operation that adds a relation."""
    return AddRelation(needs(source, target), fields, "test")


def unrelate(source: str, target: str, **before: Value) -> RemoveRelation:
    """Make the operation that removes a relation."""
    return RemoveRelation(needs(source, target), before, "test")


def asked(
    *operations: Operation,
    id: str = "",
    expected: Mapping[str, int] | None = None,
    planned_at: int | None = None,
) -> Transaction:
    """Make a transaction; its id is new unless given."""
    made = Transaction(operations, ACTOR, "a test", expected=expected or {}, planned_at=planned_at)
    return replace(made, id=id) if id else made


def commit(
    store: Store,
    *operations: Operation,
    expected: Mapping[str, int] | None = None,
    planned_at: int | None = None,
) -> Commit:
    """Commit some operations."""
    return store.commit(asked(*operations, expected=expected, planned_at=planned_at))


def item(
    source_id: str, class_name: str = "server", name: str | None = None, **attributes: object
) -> SeenItem:
    """Make an item as a source sees it, its name being its id unless given."""
    return SeenItem(class_name, source_id, name or source_id, attributes, f"row of {source_id}")


def end(source_id: str, class_name: str = "server") -> End:
    """Name an item by the id its source has for it."""
    return End(class_name, source_id)


def link(source: End, type: str, target: End, **attributes: object) -> SeenRelation:
    """Make a relation as a source sees it."""
    return SeenRelation(source, type, target, f"{source.name} {type} {target.name}", attributes)


def listing(*seen: SeenItem | SeenRelation, format: str = "scan") -> Observations:
    """Make a file whose ids only its source understands, and of which what is valid is applied."""
    return Observations(format, _items(seen), _relations(seen))


def native(*seen: SeenItem | SeenRelation) -> Observations:
    """Make a file with keys of the whole graph, applied as a whole or not at all."""
    return Observations("native", _items(seen), _relations(seen), global_keys=True, all_or_nothing=True)


def bring(
    store: Store,
    vocabulary: Vocabulary,
    *seen: Observations,
    source: str | None = None,
    any_share: bool = False,
) -> Plan:
    """Import observations: plan, and commit where there is something to do."""
    known = Known(store.read(), store.identities(), vocabulary)
    found = plan(seen, known, Rules(TIME, source, any_share))
    if found.operations:
        transaction = asked(*found.operations, planned_at=found.planned_at)
        store.commit(replace(transaction, sightings=found.sightings))
    else:
        store.see(found.sightings)
    return found


def content(graph: Graph) -> tuple[dict[str, Any], dict[tuple[str, str, str], Any]]:
    """Describe a graph by keys, without what only the store chose."""
    items = {one.key: (one.class_name, one.name, one.attributes) for one in graph.items.values()}
    relations = {
        (graph.items[one.source].key, one.type, graph.items[one.target].key): relation.attributes
        for one, relation in graph.relations.items()
    }
    return items, relations


def _items(seen: tuple[SeenItem | SeenRelation, ...]) -> tuple[SeenItem, ...]:
    return tuple(one for one in seen if isinstance(one, SeenItem))


def _relations(seen: tuple[SeenItem | SeenRelation, ...]) -> tuple[SeenRelation, ...]:
    return tuple(one for one in seen if isinstance(one, SeenRelation))
