"""What stores promise when many write at once, programs are killed, and answers are lost."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from neo4j import GraphDatabase

from cmdb.errors import Conflict, Stale
from cmdb.stores.base import Store
from cmdb.stores.opening import Location, Server, open_store
from cmdb.verify import verify
from tests.cmdb.estates import Clock, asked, change, commit, content, create
from tests.fixtures.wire import Wire
from tests.neo4j_server.embedded import EmbeddedServer

pytestmark = pytest.mark.slow

SOAK = bool(os.environ.get("CMDB_SOAK"))
ROOT = Path(__file__).parents[2]
WRITERS, ROUNDS = (32, 50) if SOAK else (8, 5)
KEYS = 200 if SOAK else 8
LOST_ANSWERS = 500 if SOAK else 15
KILLS = 100 if SOAK else 2
SERVER_KILLS = 100 if SOAK else 1
ROWS = 10_000

Content = tuple[dict[str, Any], dict[tuple[str, str, str], Any]]
NOTHING: Content = ({}, {})

WRITE = """
import sys
from cmdb.model import Actor
from cmdb.errors import Stale
from cmdb.operations import ChangeItem, CreateItem
from cmdb.stores.base import Transaction
from cmdb.stores.opening import open_store
from api.service.build import system_clock
from api.settings import read_settings

me, times = sys.argv[1], int(sys.argv[2])
store = open_store(read_settings().store, system_clock)
print("ready", flush=True)
sys.stdin.readline()
for number in range(times):
    made = CreateItem(f"{me}{number}", {"key": f"{me}{number}", "class": "server", "name": me}, me)
    store.commit(Transaction([made], Actor(me), "mine"))
    while True:
        shared = store.read(only=["shared"]).item("shared")
        more = ChangeItem("shared", {}, {"users": shared.attributes["users"] + 1}, me)
        try:
            store.commit(Transaction([more], Actor(me), "ours", expected={"shared": shared.version}))
        except Stale:
            continue
        break
store.close()
"""

IMPORT = """
import sys
from pathlib import Path
from api.service import open_service
from api.service.imports import Import
from api.settings import read_settings
from cmdb.model import Actor
from loaders.source import Source

with open_service(read_settings()) as service:
    if len(sys.argv) > 2:  # so few rows are a large commit only to whoever says so
        service.workspace.store.limits.large = int(sys.argv[2])
    print("ready", flush=True)
    sys.stdin.readline()
    source = Source("rows.json", Path(sys.argv[1]).read_bytes())
    service.imports.apply(Import((source,), Actor("ada")))
    print("done", flush=True)
"""


@pytest.fixture(params=["file", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """Return where an empty store is that several programs can share."""
    if request.param == "file":
        return tmp_path / "shared.db"
    server: Server = request.getfixturevalue("empty_neo4j")
    return server


@pytest.fixture
def store(location: Location, clock: Clock) -> Iterator[Store]:
    """Return a store that other programs can open too."""
    with closing(open_store(location, clock)) as opened:
        yield opened


def environment(location: Location) -> dict[str, str]:
    """Return the settings by which another program finds a store."""
    if isinstance(location, Server):
        own = {"CMDB_STORE": location.url, "CMDB_STORE_USER": location.user}
        return {**os.environ, **own, "CMDB_STORE_PASSWORD": location.password or ""}
    return {**os.environ, "CMDB_STORE": f"sqlite:///{location}"}


@contextmanager
def running(script: str, location: Location, *words: object) -> Iterator[subprocess.Popen[str]]:
    """Run a program that has opened a store and waits for a line; it is ended with the test."""
    command = [sys.executable, "-W", "error", "-c", script, *map(str, words)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(location), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
            yield program
        finally:
            program.kill()


def go(program: subprocess.Popen[str]) -> None:
    """Let a waiting program begin."""
    assert program.stdin is not None
    program.stdin.write("go\n")
    program.stdin.flush()


def together(number: int, work: Callable[[int], object]) -> list[object]:
    """Start the same work in several threads at once; return what each got or raised."""
    start = threading.Barrier(number)

    def one(me: int) -> object:
        start.wait()
        try:
            return work(me)
        except (Conflict, Stale) as error:
            return type(error)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_each_version_is_won_by_one(store: Store) -> None:
    """Of all who change the same version at once, one succeeds and the others are told; none is lost."""
    commit(store, create("a"))
    for version in range(1, ROUNDS + 1):

        def attempt(me: int, version: int = version) -> str:
            commit(store, change("a", {}, {"owner": f"{version}-{me}"}), expected={"a": version})
            return f"{version}-{me}"

        outcomes = together(WRITERS, attempt)
        assert outcomes.count(Stale) == WRITERS - 1
        item = store.read().item("a")
        assert item.version == version + 1
        assert item.attributes["owner"] in outcomes
    assert store.head().revision == ROUNDS + 1
    assert verify(store).faults == ()


def test_a_key_is_created_once(store: Store) -> None:
    """Of fifty who create the same key at once, one succeeds, and there is one item."""
    for number in range(KEYS):

        def attempt(me: int, number: int = number) -> int:
            return commit(store, create(f"{number}-{me}", key=f"key-{number}")).revision

        outcomes = together(50, attempt)
        assert outcomes.count(Conflict) == 49
    assert sorted(store.read().uid_of) == sorted(f"key-{number}" for number in range(KEYS))


def test_several_programs_share_a_store(location: Location, store: Store) -> None:
    """Programs that write at once lose nothing of each other's, and an open store sees it all."""
    commit(store, create("shared", users=0))
    with running(WRITE, location, "ada", ROUNDS) as ada, running(WRITE, location, "bob", ROUNDS) as bob:
        for program in (ada, bob):
            go(program)
        assert [program.wait(120) for program in (ada, bob)] == [0, 0]
    graph = store.read()
    assert len(graph.items) == 1 + 2 * ROUNDS
    assert graph.item("shared").attributes["users"] == 2 * ROUNDS
    assert graph.revision == 1 + 4 * ROUNDS
    assert verify(store).faults == ()


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Return a native file of ten thousand rows."""
    items = [{"key": f"srv-{number}", "class": "server", "cpus": number % 7} for number in range(ROWS // 4)]
    ends = [(number, (number * 7 + step) % len(items)) for number in range(len(items)) for step in (1, 2, 3)]
    relations = [
        {"source": f"srv-{one}", "type": "depends_on", "target": f"srv-{other}"}
        for one, other in ends
        if one != other
    ]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps({"items": items, "relations": relations}))
    return path


def seconds_to_import(location: Location, rows: Path, *words: object) -> float:
    """Import the rows without any harm; return how long that took."""
    with running(IMPORT, location, rows, *words) as program:
        started = monotonic()
        go(program)
        assert program.wait(120) == 0
        return monotonic() - started


def harm_while_importing(
    location: Location, rows: Path, after: float, harm: Callable[[], None] | None, *words: object
) -> bool:
    """Do harm, by default kill the program, after so many seconds of its import; return whether it hit."""
    with running(IMPORT, location, rows, *words) as program:
        go(program)
        try:
            program.wait(after)
        except subprocess.TimeoutExpired:
            (harm or program.kill)()
            program.wait()
        return program.returncode != 0


def is_all_or_nothing(location: Location, whole: Content, clock: Clock) -> bool:
    """Check that everything is there or nothing; return which."""
    with closing(open_store(location, clock)) as opened:
        found = content(opened.read())
        assert found in (whole, NOTHING)
        assert verify(opened).faults == ()
        assert len(opened.identities()) in {0, len(whole[0]) + len(whole[1])}
        return found == whole


def emptied(location: Location, request: pytest.FixtureRequest) -> Location:
    """Return an empty place for a store of the same kind."""
    if isinstance(location, Path):
        return location.with_name(f"{random.getrandbits(64)}.db")
    empty: Callable[[], None] = request.getfixturevalue("empty_the_server")
    empty()
    return location


def test_a_killed_import_is_all_or_nothing(
    location: Location, rows: Path, request: pytest.FixtureRequest, clock: Clock
) -> None:
    """Whenever the program dies, all rows are there or none; brought again, the graph is the same."""
    rng = random.Random(1)
    needed = seconds_to_import(location, rows)
    with closing(open_store(location, clock)) as opened:
        whole = content(opened.read())
    large: list[tuple[int, ...]] = [(), (1_000,)] if isinstance(location, Server) else [()]
    for number in range(KILLS):
        after, words = rng.uniform(0, 0.8) * needed, large[number % len(large)]
        place = emptied(location, request)
        while not harm_while_importing(place, rows, after, None, *words):
            place, after = emptied(location, request), after / 2
        is_all_or_nothing(place, whole, clock)
        seconds_to_import(place, rows, *words)
        assert is_all_or_nothing(place, whole, clock)


@pytest.mark.neo4j
def test_a_killed_server_holds_all_or_nothing(
    own_neo4j: EmbeddedServer, rows: Path, tmp_path: Path, clock: Clock
) -> None:
    """Whenever the server dies, all rows are there when it is back or none; brought again, it is whole."""
    rng, place = random.Random(2), Server(own_neo4j.url)
    seconds_to_import(tmp_path / "own.db", rows)
    with closing(open_store(tmp_path / "own.db", clock)) as opened:
        whole = content(opened.read())
    for number in range(SERVER_KILLS):
        empty(place)
        words = [(), (1_000,)][number % 2]
        needed = seconds_to_import(place, rows, *words)
        empty(place)
        after = rng.uniform(0.1, 0.7) * needed
        while not harm_while_importing(place, rows, after, own_neo4j.kill, *words):
            own_neo4j.stop()
            own_neo4j.start()
            empty(place)
            after /= 2
        own_neo4j.stop()
        own_neo4j.start()
        is_all_or_nothing(place, whole, clock)
        seconds_to_import(place, rows, *words)
        assert is_all_or_nothing(place, whole, clock)


def empty(place: Server) -> None:
    """Take everything out of a server."""
    with GraphDatabase.driver(place.url) as driver, driver.session() as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()


@pytest.mark.neo4j
def test_a_lost_answer_is_no_second_commit(empty_neo4j: Server, clock: Clock) -> None:
    """When the line breaks between a commit and its answer, it was done once, and its result is known."""
    wire = Wire(int(empty_neo4j.url.rpartition(":")[2]))
    through = Server(f"bolt://127.0.0.1:{wire.port}", empty_neo4j.user, empty_neo4j.password)
    with closing(open_store(through, clock)) as store:
        for number in range(LOST_ANSWERS):
            wire.lose_answers(1)
            done = store.commit(asked(create(f"item-{number}"), id=f"commit-{number}"))
            wire.lose_answers(0)
            assert done.revision == number + 1
            assert store.commit(asked(create(f"item-{number}"), id=f"commit-{number}")) == done
        assert wire.lost >= LOST_ANSWERS
        assert len(store.read().items) == store.head().revision == LOST_ANSWERS
        assert verify(store).faults == ()
    wire.close()
