from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import Conflict, NotFound, Rejected, Stale, Unavailable
from cmdb.model import EMPTY, Actor, Identity, Item, Sighting
from cmdb.operations import ChangeRelation, Operation
from cmdb.stores.base import Answered, Transaction, chained, digest
from cmdb.stores.sqlite import SqliteStore
from cmdb.values import Value
from tests.cmdb.estates import ACTOR, TIME, Clock, asked, change, commit, create, needs, relate, unrelate

NASTY = [
    "x'}) DETACH DELETE n //",
    "a`) DETACH DELETE (n",
    "'; DROP TABLE items; --",
    "<img src=x onerror=alert(1)></script>",
    "two\nlines\r\nand\ttabs",
    "📈 Ünïcode क्षि",
    "right \u200fto\u202e left",
    "nothing\0after",
    "=HYPERLINK(1)",
    "\x1b[31mred",
    "\\u0027 $param {{x}}",
]


def only(store: SqliteStore) -> Item:
    """Return the one item of a store."""
    (item,) = store.read().items.values()
    return item


def test_an_empty_store_is_at_revision_nothing(store: SqliteStore) -> None:
    """Before the first commit there is an empty graph at revision 0."""
    assert store.head() == (0, "1970-01-01T00:00:00Z")
    assert store.read() == EMPTY == store.read(0)
    assert store.revision_at("2026-11-20T12:00:00Z") == 0


def test_what_is_committed_is_read(store: SqliteStore) -> None:
    """Items and relations come back as they were given, with version 1."""
    done = commit(store, create("a", tier=1), create("b"), relate("a", "b", known="declared"))
    graph = store.read()
    assert (done.revision, done.author, done.message) == (1, ACTOR, "a test")
    assert (graph.revision, graph.time) == store.head() == (1, done.time)
    assert graph.item("a").attributes == {"tier": 1}
    assert graph.relations[needs("a", "b")].attributes == {"known": "declared"}
    versions = [one.version for one in graph.items.values()]
    assert versions == [1, 1]
    assert graph.relations[needs("a", "b")].version == 1
    with pytest.raises(NotFound, match="Nothing has the key “c”"):
        graph.item("c")


def test_a_revision_that_is_not_there_is_not_found(store: SqliteStore) -> None:
    """Asking for the future, or for less than nothing, says what the newest revision is."""
    commit(store, create("a"))
    for revision in (2, -1):
        with pytest.raises(NotFound, match=f"There is no revision {revision}; the newest is 1"):
            store.read(revision)


def test_the_past_reads_as_it_was(store: SqliteStore) -> None:
    """Each revision keeps its own keys, values, relations and time."""
    commit(store, create("a", tier=1), create("b"))
    commit(store, change("a", {"tier": 1, "key": "a"}, {"tier": 2, "key": "z"}), relate("a", "b"))
    commit(store, unrelate("a", "b"), change("b", {}, {"status": "retired"}))
    first, second, third = (store.read(revision) for revision in (1, 2, 3))
    assert (first.item("a").attributes, second.item("z").attributes) == ({"tier": 1}, {"tier": 2})
    assert "a" not in second.uid_of
    assert [len(graph.relations) for graph in (first, second, third)] == [0, 1, 0]
    assert third.item("b").retired
    assert not second.item("b").retired


def test_renaming_frees_the_old_key(store: SqliteStore) -> None:
    """A freed key can be given to something else, even in the same commit, and two can be swapped."""
    commit(store, create("a"), create("b"))
    commit(store, change("a", {"key": "a"}, {"key": "b"}), change("b", {"key": "b"}, {"key": "a"}))
    assert store.read().item("a").uid == "b"
    commit(store, change("a", {"key": "b"}, {"key": "c"}), create("new", key="b"))
    assert store.read().uid_of == {"a": "b", "c": "a", "b": "new"}


def test_a_relation_added_again_continues_its_versions(store: SqliteStore) -> None:
    """Removing a relation does not make it forget how often it changed."""
    commit(store, create("a"), create("b"), relate("a", "b"))
    commit(store, unrelate("a", "b"))
    commit(store, relate("a", "b", role="db"))
    assert store.read().relations[needs("a", "b")].version == 2
    commit(store, unrelate("a", "b", role="db"), relate("a", "b"))
    assert store.read().relations[needs("a", "b")].version == 3


def test_a_commit_is_one_version(store: SqliteStore) -> None:
    """However many steps a commit takes with one thing, its version goes up by one and its history by one."""
    both = ChangeRelation(needs("a", "b"), {"role": None}, {"role": "db"}, "test")
    commit(store, create("a"), change("a", {}, {"tier": 1}), create("b"), relate("a", "b"), both)
    commit(store, change("a", {"tier": 1}, {"tier": 2}), change("a", {"tier": 2}, {"owner": "ops"}))
    assert [version.item.version for version in store.item_history("a")] == [1, 2]
    assert store.read().item("a").attributes == {"owner": "ops", "tier": 2}
    assert store.read().relations[needs("a", "b")].version == 1


def test_what_one_commit_adds_and_removes_was_never_there(store: SqliteStore) -> None:
    """The steps of a commit are taken in order, also with one relation."""
    commit(store, create("a"), create("b"), relate("a", "b"), unrelate("a", "b"))
    assert store.read().relations == {}
    commit(store, relate("a", "b"))
    commit(store, ChangeRelation(needs("a", "b"), {}, {"role": "db"}, "test"), unrelate("a", "b", role="db"))
    assert store.read().relations == {}


BAD: list[tuple[Operation, type[Exception], str]] = [
    (create("a"), Conflict, "a: it exists already"),
    (create("c", key="a"), Conflict, "The key “a” is taken"),
    (create("c", key="a b"), Rejected, "“a b” cannot be a key: it holds a blank"),
    (create("c", name=""), Rejected, "c: an item needs a class and a name"),
    (create("c", owner="half \ud83d"), Rejected, "cannot be stored"),
    (change("nobody", {}, {"tier": 1}), Conflict, "does not exist"),
    (change("b", {"tier": 3}, {"tier": 1}), Conflict, "b: tier was expected to be “3”, but is missing"),
    (change("b", {}, {"key": "a"}), Conflict, "The key “a” is taken"),
    (relate("b", "a"), Conflict, "b → a, depends_on: it is there already"),
    (relate("a", "nobody"), Rejected, "a → nobody, depends_on: an end of it does not exist"),
    (unrelate("a", "b"), Conflict, "a → b, depends_on: it is not there"),
    (unrelate("b", "a", role="x"), Conflict, "b → a, depends_on: role was expected to be “x”"),
]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("bad", "kind", "reason"), BAD, ids=range(len(BAD)))
def test_one_bad_operation_writes_nothing(
    store: SqliteStore, bad: Operation, kind: type[Exception], reason: str, *, first: bool
) -> None:
    """A commit is all or nothing: what stood before or behind the bad step is not there either."""
    commit(store, create("a"), create("b"), relate("b", "a"))
    before = store.read()
    good = (create("new"), change("a", {}, {"tier": 1}), relate("new", "a"))
    with pytest.raises(kind, match=reason):
        commit(store, *((bad, *good) if first else (*good, bad)))
    assert store.read() == before
    assert (store.item_history("new"), len(store.item_history("a"))) == ([], 1)
    commit(store, *good)
    assert store.head().revision == 2


def test_an_outdated_version_is_stale(store: SqliteStore) -> None:
    """Whoever saw an older version is told which item moved on, and nothing is written."""
    commit(store, create("a"), create("b"), relate("a", "b"))
    commit(store, change("a", {}, {"tier": 1}), expected={"a": 1})
    for expected, reason in (
        ({"a": 1}, "a: version 1 was expected, but it is at version 2 now"),
        ({"c": 1}, "c: version 1 was expected, but it is not there"),
        ({needs("a", "b").uid: 2}, "a → b: version 2 was expected, but it is at version 1 now"),
        ({needs("b", "a").uid: 1}, "b → a: version 1 was expected, but it is not there"),
    ):
        with pytest.raises(Stale, match=reason):
            commit(store, change("b", {}, {"tier": 1}), expected=expected)
    commit(store, change("b", {}, {"tier": 1}), expected={"a": 2, "b": 1, needs("a", "b").uid: 1})
    assert store.head().revision == 3


def test_the_same_commit_twice_is_applied_once(store: SqliteStore) -> None:
    """Repeating a commit under its id gives the first outcome back, even when much has happened since."""
    wanted = replace(asked(create("a"), id="once"), result={"added": 1})
    first = store.commit(wanted)
    commit(store, change("a", {}, {"tier": 1}))
    again = store.commit(wanted)
    assert again == first
    assert store.recall("once", wanted.request_hash()) == {"added": 1, "revision": 1}
    assert (again.revision, again.result, store.head().revision) == (1, {"added": 1}, 2)


def test_a_request_is_known_by_what_was_asked(store: SqliteStore) -> None:
    """A request in the caller's words counts as the same, whatever operations it would lead to now."""
    wanted = replace(asked(create("a"), id="import"), request=b"shop.yaml")
    first = store.commit(wanted)
    assert store.commit(replace(wanted, operations=[create("b")])) == first
    assert store.recall("new", wanted.request_hash()) is None


def test_an_id_is_for_one_request(store: SqliteStore) -> None:
    """Another request under a used id is refused and not applied."""
    store.commit(asked(create("a"), id="once"))
    other = asked(create("b"), id="once")
    with pytest.raises(Rejected, match="The id “once” was used before, for another request"):
        store.commit(other)
    with pytest.raises(Rejected, match="for another request"):
        store.recall("once", other.request_hash())
    assert only(store).key == "a"


def test_a_failed_commit_leaves_its_id_free(store: SqliteStore) -> None:
    """What was refused can be corrected and sent again under the same id."""
    with pytest.raises(Rejected):
        store.commit(asked(create("a b"), id="once"))
    assert store.commit(asked(create("a"), id="once")).revision == 1


def test_commit_times_never_run_backwards(store: SqliteStore, clock: Clock) -> None:
    """A clock that jumps back does not put a commit before the one it follows."""
    times: list[str] = []
    for hours in (0, 1, -5, 0, 7):
        clock.jump(hours=hours)
        times.append(commit(store, create(f"at{len(times)}")).time)
    assert times == sorted(times)
    assert times[1] == times[2] == times[3] == "2026-11-20T13:00:00.000000Z"
    assert times[4] == "2026-11-20T15:00:00.000000Z"


def test_an_instant_names_the_revision_of_that_time(store: SqliteStore, clock: Clock) -> None:
    """The graph at an instant is what the last commit until then left, that moment included."""
    commit(store, create("a"))
    clock.jump(hours=1)
    commit(store, create("b"))
    commit(store, create("c"))
    asked_for = {
        "0999-01-01T00:00:00Z": 0,
        "2026-11-20T11:59:59Z": 0,
        "2026-11-20T12:00:00Z": 1,
        "2026-11-20T12:59:59.999999Z": 1,
        "2026-11-20T13:00:00Z": 3,
        "9999-12-31T00:00:00Z": 3,
    }
    assert {instant: store.revision_at(instant) for instant in asked_for} == asked_for
    assert store.read(1).time == "2026-11-20T12:00:00.000000Z"


def _last_hash(clock: Clock, *transactions: Transaction) -> str:
    store = SqliteStore(None, clock)
    last = [store.commit(one) for one in transactions][-1].hash
    store.close()
    return last


def test_the_chain_of_hashes_vouches_for_the_content(clock: Clock) -> None:
    """The same history has the same hash; another value, author, word, order or past has another."""
    first, second = asked(create("a", tier=1), id="1"), asked(create("b"), id="2")
    known = _last_hash(clock, first, second)
    assert known == _last_hash(clock, first, second)
    others = [
        (asked(create("a", tier=2), id="1"), second),
        (replace(first, author=Actor("bob")), second),
        (replace(first, author=Actor("ada", "authenticated")), second),
        (replace(first, message="another word"), second),
        (replace(first, id="3"), second),
        (second, first),
        (second,),
    ]
    assert len({known, *(_last_hash(clock, *one) for one in others)}) == len(others) + 1


def test_each_commit_is_chained_to_the_one_before(store: SqliteStore) -> None:
    """A hash can be computed again from the hash before it and the commit's own content."""
    before = ""
    for wanted in (asked(create("a")), asked(create("b")), asked(change("a", {}, {"tier": 1}))):
        done = store.commit(wanted)
        assert done.hash == chained(before, done.revision, done.time, done.id, digest(wanted.body()))
        before = done.hash


@pytest.fixture(scope="module")
def shared() -> Iterator[SqliteStore]:
    """Return a store in memory for tests that draw many examples."""
    opened = SqliteStore(None, Clock())
    yield opened
    opened.close()


def _told(store: SqliteStore, text: str) -> tuple[str, object, object]:
    uid = f"item-{store.head().revision}"
    wanted = asked(create(uid, name="x" + text, description=text, labels=[text, text]), id=f"id {uid} {text}")
    done = store.commit(replace(wanted, message=text, result={"said": text}))
    assert store.commit(replace(wanted, message=text)) == done
    version = store.item_history(uid)[-1]
    assert (version.commit.message, done.result["said"]) == (text, text)
    item = store.read().items[uid]
    return item.name, item.attributes["description"], item.attributes["labels"]


@pytest.mark.parametrize("text", NASTY)
def test_text_comes_back_unharmed(store: SqliteStore, text: str) -> None:
    """Query language, markup, line breaks, emoji, direction marks and NUL are only text."""
    assert _told(store, text) == ("x" + text, text, [text, text])


@given(text=st.text())
def test_any_text_comes_back_unharmed(shared: SqliteStore, text: str) -> None:
    """Whatever can be written in Unicode is stored and read as it was."""
    assert _told(shared, text) == ("x" + text, text, [text, text])


@pytest.mark.parametrize(
    "spoilt",
    [
        asked(create("a", description="\ud800")),
        replace(asked(create("a")), message="\udfff"),
        replace(asked(create("a")), result={"said": "\ud800"}),
    ],
    ids=["value", "message", "result"],
)
def test_half_a_character_is_refused(store: SqliteStore, spoilt: Transaction) -> None:
    """A lone surrogate, as bad bytes on a command line give, is refused wherever it stands."""
    with pytest.raises(Rejected, match="cannot be stored"):
        store.commit(spoilt)
    assert store.head().revision == 0


@pytest.mark.parametrize("name", ["", "\udcff", "eve\nroot, revision 9: fake", "tab\tbed", "x" * 201])
def test_a_name_that_could_forge_the_log_is_refused(name: str) -> None:
    """Whoever writes has a name that fits on one line."""
    with pytest.raises(Rejected, match="can be printed on one line"):
        Actor(name)


def test_a_request_that_changed_nothing_is_remembered_too(store: SqliteStore) -> None:
    """Its id gives the same answer again, and is refused for another request, as after a commit."""
    store.see((), Answered("monday", "hash", {"said": "nothing"}))
    assert store.recall("monday", "hash") == {"said": "nothing"}
    with pytest.raises(Rejected, match="was used before, for another request"):
        store.recall("monday", "other")
    with pytest.raises(Rejected, match="was used before, for another request"):
        store.commit(asked(create("a"), id="monday"))


def test_numbers_keep_their_size_and_kind(store: SqliteStore) -> None:
    """64-bit integers, floats and truth values come back equal and of the same kind."""
    values: dict[str, Value] = {
        "big": 2**63 - 1,
        "small": -(2**63),
        "part": 0.1,
        "whole": 3.0,
        "yes": True,
        "none": [],
    }
    commit(store, create("a", **values))
    found = only(store).attributes
    assert found == values
    assert {name: type(value) for name, value in found.items()} == {
        name: type(value) for name, value in values.items()
    }


def test_an_items_history_is_all_it_ever_was(store: SqliteStore) -> None:
    """Versions come oldest first, each with who made it, and what came from where."""
    commit(store, create("a", tier=1), create("other"))
    commit(store, change("other", {}, {"tier": 4}))
    commit(store, change("a", {"tier": 1}, {"tier": None, "status": "retired"}))
    history = store.item_history("a")
    assert [one.commit.revision for one in history] == [1, 3]
    assert [one.item.attributes for one in history] == [{"tier": 1}, {"status": "retired"}]
    assert history[-1].item == store.read().item("a")
    assert history[-1].item.provenance["status"].time == history[-1].commit.time
    assert store.item_history("nobody") == []


def test_a_relations_history_is_in_order(store: SqliteStore) -> None:
    """Additions, changes and removals at either end come oldest first."""
    altered = ChangeRelation(needs("a", "b"), {"role": None}, {"role": "db"}, "test")
    commit(store, create("a"), create("b"), create("c"), relate("a", "b"))
    commit(store, altered, relate("c", "b"))
    commit(store, unrelate("a", "b", role="db"))
    commit(store, relate("a", "b"), relate("a", "c"))

    def told(uid: str) -> list[tuple[int, str, str, int, bool]]:
        found = [(one.commit.revision, one.relation, one.removed) for one in store.relation_history(uid)]
        return [(revision, one.id.source, one.id.target, one.version, gone) for revision, one, gone in found]

    assert told("b") == [
        (1, "a", "b", 1, False),
        (2, "a", "b", 2, False),
        (2, "c", "b", 1, False),
        (3, "a", "b", 2, True),
        (4, "a", "b", 3, False),
    ]
    assert told("c") == [(2, "c", "b", 1, False), (4, "a", "c", 1, False)]


def test_seeing_is_not_changing(store: SqliteStore) -> None:
    """That a source saw something is remembered with the latest time, and makes no revision."""
    identity = Identity("scan", "server", "srv-1")
    commit(store, create("a"))
    for time in ("2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z"):
        store.see([Sighting(identity, "a", time)])
    assert (store.head().revision, only(store).version) == (1, 1)
    assert store.identities() == {identity: "a"}
    assert store.last_seen() == {"a": "2026-11-21T00:00:00Z"}


def test_sightings_come_and_go_with_their_commit(store: SqliteStore) -> None:
    """What a refused commit would have seen was not seen."""
    seen = (Sighting(Identity("scan", "server", "1"), "a", TIME),)
    with pytest.raises(Rejected):
        store.commit(replace(asked(create("a b")), sightings=seen))
    assert store.identities() == {}
    store.commit(replace(asked(create("a")), sightings=seen))
    assert store.identities() == {seen[0].identity: "a"}


def test_a_closed_store_says_so(store: SqliteStore) -> None:
    """After closing, which may happen twice, every question is answered with the reason."""
    store.close()
    store.close()
    with pytest.raises(Unavailable, match="is closed"):
        store.head()


def test_a_file_is_found_again(tmp_path: Path, clock: Clock) -> None:
    """A store in a file, in a folder made for it, holds everything after it was closed."""
    path = tmp_path / "new" / "folder" / "store.db"
    first = SqliteStore(path, clock)
    commit(first, create("a"), create("b"), relate("a", "b"))
    before = first.read()
    first.close()
    second = SqliteStore(path, clock)
    assert second.read() == before
    second.close()
