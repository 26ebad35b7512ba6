"""Commits too large for one transaction: seen as a whole or not at all, whoever dies while writing them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import Any, TypeVar

import pytest
from neo4j import Driver

from cmdb.errors import Conflict, Stale, Unavailable
from cmdb.model import Commit, Identity, RelationId, Sighting
from cmdb.operations import AddRelation, ChangePlan, ChangeRelation, Step
from cmdb.stores.base import Answered, Store, Transaction
from cmdb.stores.neo4j import Neo4jStore, committing
from cmdb.stores.neo4j.connection import Connection, Cypher
from cmdb.stores.opening import Server, open_store
from cmdb.stores.staging import Present, Staged
from cmdb.verify import verify
from tests.cmdb.estates import TIME, Clock, asked, change, commit, create, needs, relate, unrelate

pytestmark = pytest.mark.neo4j

T = TypeVar("T")
SOAK = bool(os.environ.get("CMDB_SOAK"))
ROOT = Path(__file__).parents[2]
LATER = "2026-11-21T00:00:00Z"

WRITER = """
import sys, time
from cmdb.stores.neo4j import Neo4jStore, committing
from cmdb.stores.opening import Server
from cmdb.values import moment
from tests.cmdb.test_neo4j_large import in_chunks, large

def told(what, done, total):
    print(what, done, flush=True)
    time.sleep(float(sys.argv[2]))

store = in_chunks(Neo4jStore(Server(sys.argv[1]), lambda: moment("2026-11-20T12:00:00Z")))
store.commit(large(), told)
"""


def used(source: str, target: str) -> RelationId:
    """Name the relation by which one item uses another."""
    return RelationId(source, "uses", target)


def seen(source_id: str, uid: str, time: str) -> Sighting:
    """Make a sighting of a server."""
    return Sighting(Identity("scan", "server", source_id), uid, time)


def live(store: Store) -> None:
    """Give a store a past of two revisions."""
    plan = [
        ChangePlan("p", None, Step(create("x"))),
        ChangePlan("p", None, Step(change("a", {}, {"tier": 9}))),
    ]
    commit(
        store,
        *(create(uid, tier=1) for uid in "abcde"),
        create("p"),
        *(relate(one, other) for one, other in ("ab", "bc", "cd", "de")),
        AddRelation(used("a", "e"), {"role": "old"}, "test"),
        *plan,
    )
    commit(store, change("e", {"tier": 1}, {"tier": 2}), unrelate("d", "e"))
    store.see([seen("1", "a", TIME), seen("2", "b", TIME)], [Answered("asked", "hash", {"said": 1})])


def large(id: str = "large") -> Transaction:
    """Ask for a commit that does everything a commit can do."""
    operations = [
        change("a", {"key": "a"}, {"key": "b"}),
        change("b", {"key": "b"}, {"key": "a", "tier": 7}),
        change("c", {"class": "server"}, {"class": "database", "key": "moved"}),
        change("d", {}, {"status": "retired"}),
        *(create(f"new-{number}", **({"key": "c"} if not number else {})) for number in range(4)),
        ChangeRelation(needs("a", "b"), {}, {"role": "db"}, "test"),
        ChangeRelation(used("a", "e"), {"role": "old"}, {"role": "new"}, "test"),
        unrelate("b", "c"),
        unrelate("c", "d"),
        relate("c", "d", role="again"),
        relate("d", "e"),
        AddRelation(used("new-1", "a"), {}, "test"),
        relate("new-0", "new-3"),
        ChangePlan("p", Step(create("x")), None),
        ChangePlan("p", Step(change("a", {}, {"tier": 9})), Step(change("a", {}, {"tier": 8}))),
        ChangePlan("a", None, Step(create("y"))),
    ]
    sightings = [seen("1", "c", LATER), seen("2", "b", LATER), seen("3", "new-0", LATER)]
    return replace(asked(*operations, id=id), sightings=sightings, result={"added": 4})


def everything(store: Store) -> list[Any]:
    """Return all that a store answers."""
    revisions = range(store.head().revision + 1)
    uids = [*"abcdepxy", *(f"new-{number}" for number in range(4))]
    return [
        store.head(),
        [store.read(revision) for revision in revisions],
        store.read(only=[*uids, needs("c", "d"), needs("b", "c"), used("a", "e")]),
        sorted(store.states(), key=repr),
        [(store.item_history(uid), store.relation_history(uid), store.sightings(uid)) for uid in uids],
        [store.holders(key) for key in [*"abcde", "moved", "new-1"]],
        [store.plan(owner, revision) for owner in "pa" for revision in revisions],
        (store.log(), [[*store.body(revision)] for revision in range(5)], store.answered()),
        (store.sightings(), store.identities(), store.last_seen(), store.sources()),
        (store.recall("large", "any") if store.head().revision < 3 else None, store.revision_at(LATER)),
    ]


def in_chunks(store: Neo4jStore) -> Neo4jStore:
    """Let a store write every commit in chunks of one row."""
    store.limits.large, store.limits.chunk = 0, 1
    return store


@pytest.fixture
def store(empty_neo4j: Server, clock: Clock) -> Iterator[Neo4jStore]:
    """Return a store on the server that has lived."""
    with closing(Neo4jStore(empty_neo4j, clock)) as opened:
        live(opened)
        yield opened


@pytest.fixture
def writer(store: Neo4jStore, empty_neo4j: Server, clock: Clock) -> Iterator[Neo4jStore]:
    """Return the same store, opened by somebody whose commits are all large."""
    with closing(in_chunks(Neo4jStore(empty_neo4j, clock))) as opened:
        yield opened


@pytest.fixture
def raw(neo4j_driver: Driver) -> Callable[[], tuple[list[str], list[str]]]:
    """Return a function that tells all of every node and relationship there is on the server.

    It leaves out what the head learns for good, and what was known before of a sighting that was put back.
    """
    passing = {"_Head": {"restores", "types"}, "_Sighting": {"_since", "_uid", "_time"}}

    def tell() -> tuple[list[str], list[str]]:
        nodes = neo4j_driver.execute_query(
            "MATCH (n) RETURN labels(n) AS names, properties(n) AS all"
        ).records
        ends = "MATCH (s)-[n]->(t) RETURN s.uid, type(n), t.uid, properties(n)"
        told = []
        for names, properties in nodes:
            hidden = passing.get(names[0], set())
            told.append((sorted(names), sorted((k, v) for k, v in properties.items() if k not in hidden)))
        return sorted(map(repr, told)), sorted(map(repr, neo4j_driver.execute_query(ends).records))

    return tell


@pytest.fixture
def expected(clock: Clock) -> list[Any]:
    """Return all that the embedded store answers after the same."""
    with closing(open_store(None, clock)) as embedded:
        live(embedded)
        embedded.commit(large())
        return everything(embedded)


class Died(BaseException):
    """The process ended here."""


class Deaths:
    """Lets a process die once it has changed the server so many times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.changes = 0

    def let_die(self, after: int, work: Callable[[], object]) -> bool:
        """Do the work; return whether it died of that."""
        self.changes = 0
        real = Connection.change

        def change(connection: Connection, work: Callable[[Cypher], T], seconds: float = 10) -> T:
            if self.changes == after:
                raise Died
            self.changes += 1
            return real(connection, work, seconds)

        with self._monkeypatch.context() as patch:
            patch.setattr(Connection, "change", change)
            try:
                work()
            except Died:
                return True
            return False


@pytest.fixture
def deaths(monkeypatch: pytest.MonkeyPatch) -> Deaths:
    """Return what lets a process die."""
    return Deaths(monkeypatch)


def test_a_large_commit_is_like_a_small_one(
    writer: Neo4jStore, store: Neo4jStore, expected: list[Any]
) -> None:
    """Written in chunks of one row, it gives what the embedded store gives, and its hashes too."""
    told: list[tuple[str, int, int]] = []
    done = writer.commit(large(), lambda *progress: told.append(progress))
    assert everything(store) == expected
    assert told == [("items", n, 8) for n in range(1, 9)] + [("relations", n, 6) for n in range(1, 7)]
    assert writer.commit(large()) == done
    assert verify(store).faults == ()


def test_wherever_its_writer_dies_nothing_of_it_is_left(
    writer: Neo4jStore,
    store: Neo4jStore,
    deaths: Deaths,
    raw: Callable[[], object],
    expected: list[Any],
    empty_neo4j: Server,
    clock: Clock,
) -> None:
    """Others see the graph as it was, and whoever opens the store next finds it so to the last property."""
    before, kept = everything(store), raw()
    after = 1
    while deaths.let_die(after, lambda: writer.commit(large())):
        assert everything(store) == before
        open_store(empty_neo4j, clock).close()
        assert everything(store) == before
        assert raw() == kept
        after += 1 if SOAK else 4
    assert after > 30
    assert everything(store) == expected


def test_wherever_undoing_is_interrupted_it_is_done_again(
    writer: Neo4jStore,
    store: Neo4jStore,
    deaths: Deaths,
    raw: Callable[[], object],
    expected: list[Any],
    empty_neo4j: Server,
    clock: Clock,
) -> None:
    """Others see the graph as it was all the time, and the third to come brings it to its end."""
    before, kept = everything(store), raw()
    after = 1
    assert deaths.let_die(40, lambda: writer.commit(large()))
    while deaths.let_die(after, lambda: open_store(empty_neo4j, clock)):
        assert everything(store) == before
        after += 1 if SOAK else 3
    assert after > 15
    assert raw() == kept
    writer.commit(large())
    assert everything(store) == expected


def test_a_writer_that_fails_clears_up_behind_itself(
    writer: Neo4jStore, store: Neo4jStore, raw: Callable[[], object]
) -> None:
    """Whoever interrupts a large commit finds everything as it was, and others can write at once."""
    before, kept = everything(store), raw()
    for last in (1, 5, 8, 11, 14):

        def told(_: str, done: int, total: int, last: int = last) -> None:
            if done + 8 * (total == 6) == last:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            writer.commit(large(), told)
        assert everything(store) == before
        assert raw() == kept
    assert commit(store, create("more")).revision == 3


def test_a_killed_process_is_cleared_up_behind(
    store: Neo4jStore, raw: Callable[[], object], empty_neo4j: Server, clock: Clock
) -> None:
    """What a program leaves that was killed while it wrote is undone by the next that comes."""
    before, kept = everything(store), raw()
    command = [sys.executable, "-W", "error", "-c", WRITER, empty_neo4j.url, "60"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "items 1\n"
        assert everything(store) == before
        program.kill()
    assert everything(store) == before
    open_store(empty_neo4j, clock).close()
    assert everything(store) == before
    assert raw() == kept


def test_whoever_writes_next_clears_up_too(store: Neo4jStore, deaths: Deaths, writer: Neo4jStore) -> None:
    """A store that is open all the time undoes what somebody left, before it writes."""
    assert deaths.let_die(20, lambda: writer.commit(large()))
    assert commit(store, change("a", {"tier": 1}, {"tier": 3})).revision == 3
    assert deaths.let_die(20, lambda: writer.commit(large("other")))
    store.see([seen("9", "b", LATER)])
    assert store.identities()[Identity("scan", "server", "9")] == "b"
    assert store.read().items["a"].attributes == {"tier": 3}
    assert verify(store).faults == ()


def test_a_refused_large_commit_leaves_nothing(
    writer: Neo4jStore, store: Neo4jStore, raw: Callable[[], object]
) -> None:
    """Everything is checked before anything is written."""
    before, kept = everything(store), raw()
    wanted = large()
    for bad, kind in (
        (replace(wanted, operations=[*wanted.operations, create("a")]), Conflict),
        (replace(wanted, expected={"a": 7}), Stale),
        (replace(wanted, planned_at=1), Stale),
    ):
        with pytest.raises(kind):
            writer.commit(bad)
        assert everything(store) == before
        assert raw() == kept


def test_others_wait_until_it_is_there(writer: Neo4jStore, store: Neo4jStore, expected: list[Any]) -> None:
    """Whoever writes meanwhile comes after it; whoever reads meanwhile sees the graph before it."""
    begun, graph = threading.Event(), store.read()
    made: list[Commit] = []
    other = threading.Thread(target=lambda: made.append(commit(store, create("z"))))

    def told(_: str, __: int, ___: int) -> None:
        if not begun.is_set():
            begun.set()
            other.start()
            sleep(0.5)
            assert made == []
        assert store.read() == graph

    assert writer.commit(large(), told).revision == 3
    other.join()
    assert made[0].revision == 4
    assert store.read(3) == expected[1][3]


def test_others_do_not_wait_for_ever(writer: Neo4jStore, store: Neo4jStore) -> None:
    """After a while they are told what is going on."""
    store.limits.wait_seconds = 0.3
    refused: list[str] = []

    def told(what: str, done: int, _: int) -> None:
        if (what, done) == ("items", 3):
            for write in (lambda: commit(store, create("z")), lambda: store.see([seen("9", "a", TIME)])):
                with pytest.raises(Unavailable) as caught:
                    write()
                refused.append(caught.value.detail)

    writer.commit(large(), told)
    assert refused == 2 * ["An import is being written. Try again when it is done."]


def test_a_writer_that_was_taken_for_dead_stops(writer: Neo4jStore, store: Neo4jStore) -> None:
    """Whoever is not heard of for too long is undone by others, and told so when he goes on."""
    writer.limits.lease_seconds = 0.5
    made: list[Commit] = []

    def told(what: str, done: int, _: int) -> None:
        if (what, done) == ("items", 5):
            made.append(commit(store, create("z")))

    with pytest.raises(Unavailable, match="came to a halt for so long that others undid it"):
        writer.commit(large(), told)
    assert [one.revision for one in made] == [3]
    assert store.head().revision == 3
    assert "new-0" not in store.read().items
    assert verify(store).faults == ()


def test_staging_may_take_longer_than_the_lease(
    writer: Neo4jStore, store: Neo4jStore, monkeypatch: pytest.MonkeyPatch, expected: list[Any]
) -> None:
    """While a writer works out what to write, it is heard of all the time."""
    writer.limits.lease_seconds, store.limits.wait_seconds = 0.3, 1
    real = committing.stage

    def slow(transaction: Transaction, present: Present, time: str) -> Staged:
        if transaction.id == "large":
            with pytest.raises(Unavailable, match="An import is being written"):
                commit(store, create("z"))
        return real(transaction, present, time)

    monkeypatch.setattr(committing, "stage", slow)
    assert writer.commit(large()).revision == 3
    assert everything(store) == expected
