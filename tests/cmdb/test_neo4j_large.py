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
from cmdb.operations import AddRelation, ChangePlan, ChangeRelation, Operation, Step
from cmdb.stores.base import Answered, Progress, Store, Transaction
from cmdb.stores.neo4j import Neo4jStore
from cmdb.stores.neo4j.connection import Connection, Cypher
from cmdb.stores.neo4j.writing import Batch
from cmdb.stores.opening import Server, open_store
from cmdb.stores.staging import Present, Staged, stage
from cmdb.verify import verify
from tests.cmdb.estates import TIME, Clock, asked, change, commit, create, needs, relate, unrelate

pytestmark = pytest.mark.neo4j

T = TypeVar("T")
SOAK = bool(os.environ.get("CMDB_SOAK"))
ROOT = Path(__file__).parents[2]
LATER = "2026-11-21T00:00:00Z"

WRITER = """
import time
from api.service.build import system_clock
from api.settings import read_settings
from cmdb.stores.neo4j import Neo4jStore
from tests.cmdb.test_neo4j_large import in_chunks, large

def told(what, done, total):
    if what == "items":
        print(what, done, flush=True)
        time.sleep(60)

in_chunks(Neo4jStore(read_settings().store, system_clock)).commit(large(), told)
"""


def used(source: str, target: str) -> RelationId:
    """Name the relation by which one item uses another."""
    return RelationId(source, "uses", target)


def seen(source_id: str, uid: str, time: str) -> Sighting:
    """Make a sighting of a server."""
    return Sighting(Identity("scan", "server", source_id), uid, time)


def live(store: Store) -> None:
    """Give a store a past of two revisions."""
    steps = Step(create("x")), Step(change("a", {}, {"tier": 9}))
    first: list[Operation] = [
        *(create(uid, tier=1) for uid in "abcde"),
        create("p"),
        *(relate(one, other) for one, other in ("ab", "bc", "cd", "de")),
        AddRelation(used("a", "e"), {"role": "old"}, "test"),
        *(ChangePlan("p", None, step) for step in steps),
    ]
    store.commit(asked(*first, id="first"))
    store.commit(asked(change("e", {"tier": 1}, {"tier": 2}), unrelate("d", "e"), id="second"))
    store.see([seen("1", "a", TIME), seen("2", "b", TIME)], [Answered("asked", "hash", {"said": 1})])


def large(id: str = "large") -> Transaction:
    """Ask for a commit that does everything a commit can do."""
    operations: list[Operation] = [
        change("a", {"key": "a"}, {"key": "b"}),
        change("b", {"key": "b"}, {"key": "a", "tier": 7}),
        change("c", {"class": "server"}, {"class": "database", "key": "moved"}),
        change("d", {}, {"status": "retired"}),
        *(create(f"new-{number}", **({} if number else {"key": "c"})) for number in range(4)),
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
    revision, time, _ = store.head()
    revisions = range(revision + 1)
    uids = [*"abcdepxy", *(f"new-{number}" for number in range(4))]
    return [
        (revision, time, store.revision_at(LATER)),
        [store.read(revision) for revision in revisions],
        store.read(only=[*uids, needs("c", "d"), needs("b", "c"), used("a", "e")]),
        sorted(store.states(), key=repr),
        [(store.item_history(uid), store.relation_history(uid), store.sightings(uid)) for uid in uids],
        [store.holders(key) for key in [*"abcde", "moved", "new-1"]],
        [store.plan(owner, revision) for owner in "pa" for revision in revisions],
        (store.log(), [[*store.body(revision)] for revision in range(5)], store.answered()),
        (
            store.sightings(),
            store.identities(),
            sorted(one for batch in store.last_seen() for one in batch),
            store.sources(),
        ),
        store.recall("large", "any") if revision < 3 else None,
    ]


def in_chunks(store: Neo4jStore) -> Neo4jStore:
    """Let a store write every commit in chunks of one row."""
    store.limits.large, store.limits.chunk = 0, 1
    return store


class Site:
    """A store on the server, and two who have it open: one of them writes every commit in chunks."""

    def __init__(self, server: Server, clock: Clock, driver: Driver) -> None:
        self._server = server
        self._clock = clock
        self._driver = driver
        self.store = self.open()
        live(self.store)
        self.writer = in_chunks(self.open())

    def open(self) -> Neo4jStore:
        """Open the store once more."""
        return Neo4jStore(self._server, self._clock)

    def raw(self) -> tuple[list[str], list[str]]:
        """Tell all of every node and relationship there is on the server.

        It leaves out what the head counts and learns for good, and what was known before of sightings.
        """
        passing = {"_Head": {"restores", "reports", "types"}, "_Sighting": {"_since", "_uid", "_time"}}
        told = []
        for names, properties in self._ask("MATCH (n) RETURN labels(n), properties(n)"):
            hidden = passing.get(names[0], set())
            told.append((sorted(names), sorted((k, v) for k, v in properties.items() if k not in hidden)))
        relationships = self._ask("MATCH (s)-[n]->(t) RETURN s.uid, type(n), t.uid, properties(n)")
        return sorted(map(repr, told)), sorted(map(repr, relationships))

    def _ask(self, statement: str) -> list[Any]:
        return [record.values() for record in self._driver.execute_query(statement).records]

    def close(self) -> None:
        """Close both."""
        self.store.close()
        self.writer.close()


@pytest.fixture
def site(empty_neo4j: Server, clock: Clock, neo4j_driver: Driver) -> Iterator[Site]:
    """Return a store that has lived."""
    with closing(Site(empty_neo4j, clock, neo4j_driver)) as opened:
        yield opened


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

    def let_die(self, after: int, work: Callable[[], object]) -> bool:
        """Do the work; return whether it died of that."""
        real, changes = Connection.change, iter(range(after))

        def change(connection: Connection, work: Callable[[Cypher], T], seconds: float = 10) -> T:
            if next(changes, None) is None:
                raise Died
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


def test_a_large_commit_is_like_a_small_one(site: Site, expected: list[Any]) -> None:
    """Written in chunks of one row, it gives what the embedded store gives, and its hashes too."""
    told: list[tuple[str, int, int]] = []
    done = site.writer.commit(large(), lambda *progress: told.append(progress))
    assert everything(site.store) == expected
    written = {"items": 8, "relations": 6, "sightings": 3}
    assert told[-17:] == [(what, n, total) for what, total in written.items() for n in range(1, total + 1)]
    assert [what for what, _, _ in told[:-17]] == [
        "operations written out",
        "items looked up",
        "keys looked up",
        "relations looked up",
        "operations checked",
    ]
    assert site.writer.commit(large()) == done
    assert verify(site.store).faults == ()


def test_wherever_its_writer_dies_nothing_of_it_is_left(
    site: Site, deaths: Deaths, expected: list[Any]
) -> None:
    """Others see the graph as it was, and whoever opens the store next finds it so to the last property."""
    before, kept = everything(site.store), site.raw()
    after = 1
    while deaths.let_die(after, lambda: site.writer.commit(large())):
        assert everything(site.store) == before
        site.open().close()
        assert everything(site.store) == before
        assert site.raw() == kept
        after += 1 if SOAK else 4
    assert after > 25
    assert everything(site.store) == expected


def test_wherever_undoing_is_interrupted_it_is_done_again(
    site: Site, deaths: Deaths, expected: list[Any]
) -> None:
    """Others see the graph as it was all the time, and whoever comes last brings it to its end."""
    before, kept = everything(site.store), site.raw()
    after = 1
    assert deaths.let_die(28, lambda: site.writer.commit(large()))
    while deaths.let_die(after, lambda: site.open().close()):
        assert everything(site.store) == before
        after += 1 if SOAK else 3
    assert after > 8
    assert site.raw() == kept
    site.writer.commit(large())
    assert everything(site.store) == expected


def test_a_writer_that_fails_clears_up_behind_itself(site: Site) -> None:
    """Whoever interrupts a large commit finds everything as it was, and others can write at once."""
    before, kept = everything(site.store), site.raw()
    for what, last in (("items", 1), ("items", 5), ("items", 8), ("relations", 3), ("relations", 6)):

        def told(now: str, done: int, _: int, *, what: str = what, last: int = last) -> None:
            if (now, done) == (what, last):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            site.writer.commit(large(), told)
        assert everything(site.store) == before
        assert site.raw() == kept
    assert commit(site.store, create("more")).revision == 3


def test_a_killed_process_is_cleared_up_behind(site: Site, empty_neo4j: Server) -> None:
    """What a program leaves that was killed while it wrote is undone by the next that comes."""
    before, kept = everything(site.store), site.raw()
    settings = {"CMDB_STORE": empty_neo4j.url, "CMDB_STORE_PASSWORD": empty_neo4j.password or ""}
    command = [sys.executable, "-W", "error", "-c", WRITER]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "items 1\n"
        assert everything(site.store) == before
        program.kill()
    assert everything(site.store) == before
    site.open().close()
    assert everything(site.store) == before
    assert site.raw() == kept


def test_whoever_writes_next_clears_up_too(site: Site, deaths: Deaths) -> None:
    """A store that is open all the time undoes what somebody left, before it writes."""
    assert deaths.let_die(20, lambda: site.writer.commit(large()))
    assert commit(site.store, change("a", {"tier": 1}, {"tier": 3})).revision == 3
    assert deaths.let_die(20, lambda: site.writer.commit(large("other")))
    site.store.see([seen("9", "b", LATER)])
    assert site.store.identities()[Identity("scan", "server", "9")] == "b"
    assert site.store.read().items["a"].attributes == {"tier": 3}
    assert verify(site.store).faults == ()


def test_a_refused_large_commit_leaves_nothing(site: Site) -> None:
    """Everything is checked before anything is written."""
    before, kept = everything(site.store), site.raw()
    wanted = large()
    for bad, kind in (
        (replace(wanted, operations=[*wanted.operations, create("a")]), Conflict),
        (replace(wanted, expected={"a": 7}), Stale),
        (replace(wanted, planned_at=1), Stale),
    ):
        with pytest.raises(kind):
            site.writer.commit(bad)
        assert everything(site.store) == before
        assert site.raw() == kept


def test_others_wait_until_it_is_there(site: Site, expected: list[Any]) -> None:
    """Whoever writes meanwhile comes after it; whoever reads meanwhile sees the graph before it."""
    begun, graph = threading.Event(), site.store.read()
    made: list[Commit] = []
    other = threading.Thread(target=lambda: made.append(commit(site.store, create("z"))))

    def told(what: str, _: int, __: int) -> None:
        if what == "items" and not begun.is_set():
            begun.set()
            other.start()
            sleep(0.5)
            assert made == []
        assert site.store.read() == graph

    assert site.writer.commit(large(), told).revision == 3
    other.join()
    assert made[0].revision == 4
    assert site.store.read(3) == expected[1][3]


def test_others_do_not_wait_for_ever(site: Site) -> None:
    """After a while they are told what is going on."""
    site.store.limits.wait_seconds = 0.3
    refused: list[str] = []

    def told(what: str, done: int, _: int) -> None:
        if (what, done) == ("items", 3):
            sighting = seen("9", "a", TIME)
            for write in (lambda: commit(site.store, create("z")), lambda: site.store.see([sighting])):
                with pytest.raises(Unavailable) as caught:
                    write()
                refused.append(caught.value.detail)

    site.writer.commit(large(), told)
    assert refused == 2 * ["An import is being written. Try again when it is done."]


def test_a_writer_that_was_taken_for_dead_stops(site: Site) -> None:
    """Whoever is not heard of for too long is undone by others, and told so when he goes on."""
    site.writer.limits.lease_seconds = 0.5
    made: list[Commit] = []

    def told(what: str, done: int, _: int) -> None:
        if (what, done) == ("items", 5):
            made.append(commit(site.store, create("z")))

    with pytest.raises(Unavailable, match="came to a halt for so long that others undid it"):
        site.writer.commit(large(), told)
    assert [one.revision for one in made] == [3]
    assert site.store.head().revision == 3
    assert "new-0" not in site.store.read().items
    assert verify(site.store).faults == ()


def test_one_step_may_take_longer_than_the_lease(
    site: Site, monkeypatch: pytest.MonkeyPatch, expected: list[Any]
) -> None:
    """Whoever comes meanwhile waits for its end, and then hears of the writer."""
    site.writer.limits.lease_seconds = 2
    run, others = Batch.run, [threading.Thread(target=lambda: site.open().close())]

    def slow(batch: Batch, cypher: Cypher) -> None:
        run(batch, cypher)
        if not others[0].is_alive():
            sleep(1.5)
            others[0].start()
            sleep(1)
            monkeypatch.setattr(Batch, "run", run)

    monkeypatch.setattr(Batch, "run", slow)
    assert site.writer.commit(large()).revision == 3
    others[0].join()
    assert everything(site.store) == expected


def test_staging_may_take_longer_than_the_lease(
    site: Site, monkeypatch: pytest.MonkeyPatch, expected: list[Any]
) -> None:
    """While a writer works out what to write, it is heard of all the time."""
    site.writer.limits.lease_seconds, site.store.limits.wait_seconds = 1, 2

    def slow(transaction: Transaction, present: Present, time: str, progress: Progress) -> Staged:
        if transaction.id == "large":
            with pytest.raises(Unavailable, match="An import is being written"):
                commit(site.store, create("z"))
        return stage(transaction, present, time, progress)

    monkeypatch.setattr("cmdb.stores.neo4j.committing.stage", slow)
    assert site.writer.commit(large()).revision == 3
    assert everything(site.store) == expected
