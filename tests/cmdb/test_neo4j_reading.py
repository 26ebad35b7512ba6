"""Reading while others write: whatever is read is as it was at one revision, to the last property."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

import pytest

from cmdb.model import Graph, RelationId
from cmdb.operations import (
    AddRelation,
    ChangeItem,
    ChangeRelation,
    Changes,
    Operation,
    RemoveRelation,
    Target,
)
from cmdb.stores.base import ItemVersion, State, Store
from cmdb.stores.neo4j import Neo4jStore, reading
from cmdb.stores.opening import Server
from cmdb.verify import verify
from tests.cmdb.estates import Clock, asked, commit, create

pytestmark = pytest.mark.neo4j

SECONDS = 300 if os.environ.get("CMDB_SOAK") else 4
UIDS = [f"i{number:02}" for number in range(30)]


@dataclass
class Seen:
    """What was read while others wrote."""

    graphs: list[Graph] = field(default_factory=list)
    parts: list[Graph] = field(default_factory=list)
    states: list[list[State]] = field(default_factory=list)
    histories: list[list[ItemVersion]] = field(default_factory=list)

    def look(self, store: Store) -> None:
        """Read once more of everything."""
        wanted: list[Target] = [*UIDS, *store.read().relations]
        self.graphs += [store.read(), store.read(max(0, store.head().revision - 2))]
        self.parts.append(store.read(only=wanted))
        self.states.append(list(store.states()))
        self.histories.append(store.item_history(UIDS[0]))


@pytest.fixture
def stores(empty_neo4j: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Neo4jStore]]:
    """Return a store that several have open, the last of whom writes in chunks of three rows."""
    monkeypatch.setattr(reading, "BLOCK", 4)
    monkeypatch.setattr(reading, "WINDOW", 11)
    opened = [Neo4jStore(empty_neo4j, clock) for _ in range(4)]
    opened[-1].limits.large, opened[-1].limits.chunk = 0, 3
    commit(opened[0], *(create(uid, turn=0) for uid in UIDS))
    yield opened
    for one in opened:
        one.close()


def next_steps(graph: Graph, rng: random.Random) -> list[Operation]:
    """Make a commit that changes and renames half of the items, and some relations between them."""
    turn, steps = graph.revision, list[Operation]()
    chosen = rng.sample(UIDS, len(UIDS) // 2)
    for uid, other in zip(chosen, rng.sample(UIDS, len(chosen)), strict=True):
        values: Changes = {"turn": turn, "text": f"{turn} " * rng.randrange(40)}
        key = f"{uid}-{turn}"
        steps.append(ChangeItem(uid, {}, {"key": key, "name": key, **values}, "test"))
        one = RelationId(uid, rng.choice(["depends_on", "uses"]), other)
        if one not in graph.relations:
            steps.append(AddRelation(one, values, "test"))
        elif rng.random() < 0.5:
            steps.append(ChangeRelation(one, {}, values, "test"))
        else:
            steps.append(RemoveRelation(one, {}, "test"))
    return steps


def write(stores: list[Neo4jStore], rng: random.Random) -> None:
    """Commit at once or in chunks; of these, break off some that others have to undo."""
    *_, small, large = stores
    steps = next_steps(small.read(), rng)
    if rng.random() < 0.5:
        commit(small, *steps)
        return
    last = rng.choice([3, 6, 9, 0])

    def told(_: str, done: int, __: int) -> None:
        if done == last:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        large.commit(asked(*steps), told)


def test_whoever_reads_sees_one_revision(stores: list[Neo4jStore]) -> None:
    """While the graph changes all the time, at once or in chunks, of which some are undone."""
    over, seen = threading.Event(), Seen()

    def read(store: Neo4jStore) -> None:
        while not over.is_set():
            seen.look(store)

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read, store) for store in stores[:2]]
        until, rng = monotonic() + SECONDS, random.Random(1)
        try:
            while monotonic() < until:
                write(stores, rng)
        finally:
            over.set()
        for one in readers:
            one.result()
    check(stores[0], seen)


def check(store: Store, seen: Seen) -> None:
    """Compare what was read with what there was, now that nobody writes."""
    assert verify(store).faults == ()
    there = {revision: store.read(revision) for revision in range(store.head().revision + 1)}
    assert len(seen.graphs) > 4
    assert all(graph == there[graph.revision] for graph in seen.graphs)
    for part in seen.parts:
        whole = there[part.revision]
        assert part.items == whole.items
        assert all(whole.relations[one] == relation for one, relation in part.relations.items())
    states = list(store.states())
    for some in seen.states:
        newest = max(state.since for state in some)
        assert sorted(map(repr, some)) == sorted(map(repr, as_of(newest, states)))
    history = store.item_history(UIDS[0])
    assert all(history[: len(some)] == some for some in seen.histories)


def as_of(revision: int, states: list[State]) -> Iterator[State]:
    """Tell the states as they were to be told at a revision."""
    for state in states:
        if state.since <= revision:
            holds = state.until is None or state.until > revision
            yield state._replace(until=None) if holds else state
