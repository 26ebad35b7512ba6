"""A store under a long row of random steps, compared with the simplest model of one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from cmdb.errors import CmdbError
from cmdb.model import Graph, RelationId
from cmdb.operations import AddRelation, ChangeItem, ChangeRelation, CreateItem, Operation, RemoveRelation
from cmdb.stores.base import Store
from cmdb.stores.opening import Server, open_store
from cmdb.values import Value
from tests.cmdb.estates import Clock, commit

pytestmark = pytest.mark.slow

SOAK = bool(os.environ.get("CMDB_SOAK"))
KEYS = st.sampled_from(["a", "b", "c", "d", "📈", "x'})--"])
TYPES = st.sampled_from(["depends_on", "uses"])
VALUES = st.none() | st.text(max_size=3) | st.integers(-(2**63), 2**63 - 1) | st.booleans()


@dataclass
class Thing:
    """What the model knows of one item or relation: its fields while it is there, and its version."""

    fields: dict[str, Value] | None
    version: int = 1
    past: list[tuple[int, dict[str, Value] | None, int]] = field(default_factory=list)

    def becomes(self, told: Mapping[str, Value | None] | None, revision: int) -> None:
        """Take new fields, as a revision left them; `None` once it is removed."""
        fields = None if told is None else {name: value for name, value in told.items() if value is not None}
        if fields is not None:
            self.version += 1 if self.past else 0
        self.fields = fields
        self.past.append((revision, fields, self.version))


class Stores(RuleBasedStateMachine):
    """Create, change, retire, rename, relate and unrelate, in any order."""

    uids = Bundle("uids")

    def __init__(self, new_store: Callable[[Clock], Store]) -> None:
        super().__init__()
        self.clock = Clock()
        self.store = new_store(self.clock)
        self.items: dict[str, Thing] = {}
        self.relations: dict[RelationId, Thing] = {}
        self.graphs: list[Graph] = []

    @initialize()
    def begin(self) -> None:
        """Remember the empty graph."""
        self.graphs.append(self.store.read())

    def _commit(self, *operations: Operation, fits: bool = True) -> bool:
        try:
            done = commit(self.store, *operations)
        except CmdbError:
            assert not fits
            return False
        assert fits
        assert done.revision == len(self.graphs)
        self.graphs.append(self.store.read())
        return True

    @property
    def _keys(self) -> set[Value]:
        return {thing.fields["key"] for thing in self.items.values() if thing.fields}

    @rule(target=uids, key=KEYS, value=VALUES)
    def create(self, key: str, value: Value | None) -> str:
        """Create an item, which succeeds unless the key is taken."""
        uid = f"uid-{len(self.graphs)}-{len(self.items)}"
        after = {"key": key, "name": key, "class": "server", "owner": value}
        if self._commit(CreateItem(uid, after, "test"), fits=key not in self._keys):
            self.items[uid] = Thing(None)
            self.items[uid].becomes(dict(after), len(self.graphs) - 1)
        return uid

    def _change(self, uid: str, *, fits: bool, **after: Value | None) -> None:
        thing = self.items.get(uid)
        before = (thing.fields or {}) if thing else {}
        expected = {name: before.get(name) for name in after}
        if self._commit(ChangeItem(uid, expected, after, "test"), fits=fits) and thing:
            thing.becomes({**before, **after}, len(self.graphs) - 1)

    @rule(uid=uids, value=VALUES)
    def change(self, uid: str, value: Value | None) -> None:
        """Change an item, which succeeds if it was ever created."""
        self._change(uid, fits=uid in self.items, owner=value)

    @rule(uid=uids)
    def retire(self, uid: str) -> None:
        """Retire an item; it stays, and keeps its key."""
        self._change(uid, fits=uid in self.items, status="retired")

    @rule(uid=uids, key=KEYS)
    def rename(self, uid: str, key: str) -> None:
        """Give an item another key, which succeeds if it is free or its own."""
        mine = (self.items[uid].fields or {}).get("key") if uid in self.items else None
        self._change(uid, fits=uid in self.items and (key == mine or key not in self._keys), key=key)

    @rule(uid=uids, key=KEYS)
    def create_and_rename_at_once(self, uid: str, key: str) -> None:
        """Try a commit of which one step is bad: nothing of it may stay."""
        bad = ChangeItem(uid, {"owner": "nobody would guess this"}, {"owner": "x"}, "test")
        new = CreateItem("never", {"key": key, "name": key, "class": "server"}, "test")
        self._commit(new, bad, fits=False)

    @rule(source=uids, type=TYPES, end=uids, value=VALUES)
    def relate(self, source: str, type: str, end: str, value: Value | None) -> None:
        """Add a relation, which succeeds if both ends are there and it is not."""
        one = RelationId(source, type, end)
        thing = self.relations.get(one)
        fits = {source, end} <= self.items.keys() and (thing is None or thing.fields is None)
        if self._commit(AddRelation(one, {"role": value}, "test"), fits=fits):
            self.relations.setdefault(one, Thing(None)).becomes({"role": value}, len(self.graphs) - 1)

    @rule(source=uids, type=TYPES, end=uids, value=VALUES)
    def change_relation(self, source: str, type: str, end: str, value: Value | None) -> None:
        """Change a relation, which succeeds if it is there."""
        one = RelationId(source, type, end)
        thing = self.relations.get(one)
        before = (thing.fields if thing else None) or {}
        step = ChangeRelation(one, {"role": before.get("role")}, {"role": value}, "test")
        if self._commit(step, fits=thing is not None and thing.fields is not None) and thing:
            thing.becomes({"role": value}, len(self.graphs) - 1)

    @rule(source=uids, type=TYPES, end=uids)
    def unrelate(self, source: str, type: str, end: str) -> None:
        """Remove a relation, which succeeds if it is there."""
        one = RelationId(source, type, end)
        thing = self.relations.get(one)
        step = RemoveRelation(one, dict((thing.fields if thing else None) or {}), "test")
        if self._commit(step, fits=thing is not None and thing.fields is not None) and thing:
            thing.becomes(None, len(self.graphs) - 1)

    @rule(uid=consumes(uids))
    def forget(self, uid: str) -> None:
        """Leave an item alone from here on."""

    @rule(hours=st.integers(-48, 48))
    def jump(self, hours: int) -> None:
        """Set the clock forward or back."""
        self.clock.jump(hours=hours)

    @invariant()
    def the_present_is_as_in_the_model(self) -> None:
        """Fields and versions are what the steps made them."""
        if not self.graphs:
            return
        graph = self.store.read()
        items = {
            uid: ({"key": one.key, "name": one.name, "class": one.class_name, **one.attributes}, one.version)
            for uid, one in graph.items.items()
        }
        assert items == {uid: (thing.fields, thing.version) for uid, thing in self.items.items()}
        relations = {one: (found.attributes, found.version) for one, found in graph.relations.items()}
        there = {one: thing for one, thing in self.relations.items() if thing.fields is not None}
        assert relations == {one: (thing.fields, thing.version) for one, thing in there.items()}

    @invariant()
    def keys_are_unique(self) -> None:
        """No two items share a key."""
        graph = self.store.read()
        assert len(graph.uid_of) == len(graph.items)

    @invariant()
    def the_past_never_changes(self) -> None:
        """Every revision reads as it did when it was made, and times follow each other."""
        for revision, graph in enumerate(self.graphs):
            assert self.store.read(revision) == graph
        times = [graph.time for graph in self.graphs[1:]]
        assert times == sorted(times)

    @invariant()
    def what_was_touched_is_what_differs(self) -> None:
        """What is another in two revisions is what the commits between them touched."""
        newest = len(self.graphs) - 1
        for after in range(max(0, newest - 3), newest):
            told = self.store.touched(after, newest)
            before, now = self.graphs[after], self.graphs[newest]
            assert _differing(before.items, now.items) <= told
            assert _differing(before.relations, now.relations) <= told
            assert told <= {*now.items, *before.relations, *now.relations, *self.relations}

    @invariant()
    def history_tells_every_version(self) -> None:
        """An item's history is what each revision held of it; a relation's is all that happened to it."""
        for uid, thing in self.items.items():
            history = self.store.item_history(uid)
            assert [(one.commit.revision, one.item.version) for one in history] == [
                (revision, version) for revision, _, version in thing.past
            ]
            assert all(self.graphs[one.commit.revision].items[uid] == one.item for one in history)
            self._relations_are_told(uid)

    def _relations_are_told(self, uid: str) -> None:
        told = [
            (one.commit.revision, one.relation.id, one.removed, one.relation.version)
            for one in self.store.relation_history(uid)
        ]
        happened = [
            (revision, one, fields is None, version)
            for one, thing in self.relations.items()
            if uid in (one.source, one.target)
            for revision, fields, version in thing.past
        ]
        assert told == sorted(happened)

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()


def _differing(before: Mapping[Any, object], now: Mapping[Any, object]) -> set[Any]:
    return {name for name in {*before, *now} if before.get(name) != now.get(name)}


def run(new_store: Callable[[Clock], Store], examples: int, steps: int) -> None:
    """Let the machine take so many rows of steps, each on an empty store."""
    few = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(lambda: Stores(new_store), settings=few)  # type: ignore[arg-type]


def test_in_memory() -> None:
    """The embedded store does what the model does."""
    run(lambda clock: open_store(None, clock), *((2000, 50) if SOAK else (80, 25)))


@pytest.mark.neo4j
@pytest.mark.parametrize("large", [20_000, 0], ids=["at once", "in chunks"])
def test_on_neo4j(empty_neo4j: Server, empty_the_server: Callable[[], None], large: int) -> None:
    """So does the server, in single transactions and in chunks of one row."""

    def empty(clock: Clock) -> Store:
        from cmdb.stores.neo4j import Neo4jStore  # noqa: PLC0415  only this test needs it

        empty_the_server()
        store = Neo4jStore(empty_neo4j, clock)
        store.limits.large, store.limits.chunk = large, 1
        return store

    run(empty, *((100, 40) if SOAK else (3, 10)))
