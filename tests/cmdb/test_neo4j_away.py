"""A server that cannot be used: it is told at once, with the reason, and all is well when it is back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import monotonic, sleep

import pytest

from cmdb.errors import Unavailable
from cmdb.stores.neo4j import Neo4jStore
from cmdb.stores.neo4j.connection import PATIENCE
from cmdb.stores.opening import Server, open_store
from tests.cmdb.estates import Clock, asked, commit, create
from tests.cmdb.test_neo4j_large import in_chunks, large, live
from tests.fixtures.wire import Wire
from tests.neo4j_server.embedded import EmbeddedServer, free_port
from tests.neo4j_server.refusing import RefusingServer

pytestmark = pytest.mark.neo4j

BACK_SECONDS = 15
QUOTED = "a value of somebody's data"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail if this takes longer."""
    begun = monotonic()
    yield
    assert monotonic() - begun < seconds


def refusal(work: Callable[[], object]) -> str:
    """Return the words in which something is refused because the store cannot be used."""
    with pytest.raises(Unavailable) as caught:
        work()
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.detail


def until_it_works(work: Callable[[], object]) -> None:
    """Try something again and again until it succeeds."""
    begun = monotonic()
    while True:
        try:
            work()
        except Unavailable:
            assert monotonic() - begun < BACK_SECONDS
            sleep(0.2)
        else:
            return


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("Neo.ClientError.Security.Unauthorized", "it refuses this user and password"),
        ("Neo.ClientError.Security.AuthenticationRateLimit", "too many wrong passwords"),
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", "give it a larger heap"),
        ("Neo.DatabaseError.General.UnknownError", "it answered Neo.DatabaseError.General.UnknownError"),
    ],
)
def test_a_server_that_refuses_is_told_with_the_reason(clock: Clock, code: str, reason: str) -> None:
    """Whatever else the server says stays with it: it may quote what somebody stored."""
    with closing(RefusingServer(code, QUOTED)) as server, within(3):
        told = refusal(lambda: open_store(Server(server.url, "neo4j", "wrong"), clock))
    assert told.startswith(f"The store {server.url} cannot be used: ")
    assert reason in told
    assert QUOTED not in told


@pytest.mark.parametrize("scheme", ["bolt", "neo4j", "bolt+s"])
def test_a_server_that_is_not_there_is_told_at_once(clock: Clock, scheme: str) -> None:
    """With its address, so that a wrong one is seen."""
    url = f"{scheme}://127.0.0.1:{free_port()}"
    with within(3):
        told = refusal(lambda: open_store(Server(url), clock))
    assert told == f"The store {url} cannot be used: it cannot be reached."


def test_an_address_that_is_none_is_told(clock: Clock) -> None:
    """What nobody can make sense of is refused like any server that is not there."""
    told = refusal(lambda: open_store(Server("nonsense://127.0.0.1"), clock))
    assert told.startswith("The store nonsense://127.0.0.1 cannot be used: ")


def test_nobody_waits_twice_for_a_server_that_is_away(empty_neo4j: Server, clock: Clock) -> None:
    """The first who asks finds out; for a while all others are told so at once; then somebody tries again."""
    wire = Wire(int(empty_neo4j.url.rpartition(":")[2]))
    through = Server(f"bolt://127.0.0.1:{wire.port}", empty_neo4j.user, empty_neo4j.password)
    with closing(wire), closing(Neo4jStore(through, clock)) as store:
        commit(store, create("a"))
        wire.cut()
        with within(2):
            refusal(store.read)
        with within(0.5):
            for work in (
                store.read,
                store.head,
                lambda: commit(store, create("b")),
                lambda: list(store.last_seen()),
            ):
                assert refusal(work) == f"The store {through.url} cannot be used: it cannot be reached."
        wire.mend()
        until_it_works(lambda: commit(store, create("b")))
        assert store.read().items.keys() == {"a", "b"}


def test_a_commit_is_tried_for_a_while(
    empty_neo4j: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that breaks for a moment is nobody's concern; one that stays broken is told in time."""
    monkeypatch.setitem(PATIENCE, True, 1.0)
    wire = Wire(int(empty_neo4j.url.rpartition(":")[2]))
    through = Server(f"bolt://127.0.0.1:{wire.port}", empty_neo4j.user, empty_neo4j.password)
    with closing(wire), closing(Neo4jStore(through, clock)) as store:
        wire.cut()
        wire.mend()
        assert commit(store, create("a")).revision == 1
        wire.lose_answers(1000)
        wanted = asked(create("b"), id="once")
        with within(4):
            told = refusal(lambda: store.commit(wanted))
        assert "whether this was written is not known. Send it again under the same id" in told
        wire.lose_answers(0)
        until_it_works(lambda: store.commit(wanted))
        assert store.head().revision == 2


@pytest.fixture
def own(own_neo4j: EmbeddedServer, clock: Clock) -> Iterator[Neo4jStore]:
    """Return a store with a past on a server that the test may harm."""
    with closing(Neo4jStore(Server(own_neo4j.url), clock)) as store:
        if store.head().revision == 0:
            live(store)
        yield store


def test_a_killed_server_is_found_again(own: Neo4jStore, own_neo4j: EmbeddedServer, clock: Clock) -> None:
    """Killed while it takes a large commit, it is told as away; started again, it has nothing of that."""
    before = own.read(), sorted(map(repr, own.states())), own.sightings()

    def told(what: str, done: int, _: int) -> None:
        if (what, done) == ("items", 5):
            own_neo4j.kill()

    with closing(in_chunks(Neo4jStore(Server(own_neo4j.url), clock))) as writer:
        with within(12):
            refusal(lambda: writer.commit(large(), told))
        with within(2):
            refusal(own.head)
        own_neo4j.start()
        until_it_works(own.head)
        assert (own.read(), sorted(map(repr, own.states())), own.sightings()) == before
        assert writer.commit(large("another")).revision == 3
    assert own.recall("large", "") is None


def test_a_server_that_hangs_is_told_as_away(own: Neo4jStore, own_neo4j: EmbeddedServer) -> None:
    """It takes longer to find out, and nobody waits for ever."""
    before = own.read()
    own_neo4j.freeze()
    try:
        with within(15):
            refusal(own.read)
        with within(0.5):
            refusal(own.read)
        with within(15):
            refusal(lambda: commit(own, create("never")))
    finally:
        own_neo4j.thaw()
    until_it_works(own.head)
    assert own.read() == before
