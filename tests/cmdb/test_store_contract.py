"""What every store does: commit operations atomically, and answer for any revision."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cmdb.errors import Conflict, NotFound, Rejected, Stale, Unavailable
from cmdb.model import EMPTY, Actor, Item
from cmdb.operations import ChangeRelation, Operation
from cmdb.stores.base import Sealed, Store, Transaction
from cmdb.stores.bodies import chained
from tests.cmdb.estates import ACTOR, Clock, asked, change, commit, create, needs, relate, unrelate


def only(store: Store) -> Item:
    """Return the one item of a store."""
    (item,) = store.read().items.values()
    return item


def test_an_empty_store_is_at_revision_nothing(store: Store) -> None:
    """Before the first commit there is an empty graph at revision 0."""
    assert store.head() == (0, "1970-01-01T00:00:00Z", 0)
    assert store.read() == EMPTY == store.read(0)
    assert store.revision_at("2026-11-20T12:00:00Z") == 0


def test_what_is_committed_is_read(store: Store) -> None:
    """Items and relations come back as they were given, with version 1."""
    done = commit(store, create("a", tier=1), create("b"), relate("a", "b", known="declared"))
    graph = store.read()
    assert (done.revision, done.author, done.message) == (1, ACTOR, "a test")
    assert (graph.revision, graph.time) == store.head()[:2] == (1, done.time)
    assert graph.item("a").attributes == {"tier": 1}
    assert graph.relations[needs("a", "b")].attributes == {"known": "declared"}
    versions = [one.version for one in graph.items.values()]
    assert versions == [1, 1]
    assert graph.relations[needs("a", "b")].version == 1
    with pytest.raises(NotFound, match="Nothing has the key “c”"):
        graph.item("c")


def test_a_revision_that_is_not_there_is_not_found(store: Store) -> None:
    """Asking for the future, or for less than nothing, says what the newest revision is."""
    commit(store, create("a"))
    for revision in (2, -1):
        with pytest.raises(NotFound, match=f"There is no revision {revision}; the newest is 1"):
            store.read(revision)


def test_the_past_reads_as_it_was(store: Store) -> None:
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


def test_renaming_frees_the_old_key(store: Store) -> None:
    """A freed key can be given to something else, even in the same commit, and two can be swapped."""
    commit(store, create("a"), create("b"))
    commit(store, change("a", {"key": "a"}, {"key": "b"}), change("b", {"key": "b"}, {"key": "a"}))
    assert store.read().item("a").uid == "b"
    commit(store, change("a", {"key": "b"}, {"key": "c"}), create("new", key="b"))
    assert store.read().uid_of == {"a": "b", "c": "a", "b": "new"}


def test_a_relation_added_again_continues_its_versions(store: Store) -> None:
    """Removing a relation does not make it forget how often it changed."""
    commit(store, create("a"), create("b"), relate("a", "b"))
    commit(store, unrelate("a", "b"))
    commit(store, relate("a", "b", role="db"))
    assert store.read().relations[needs("a", "b")].version == 2
    commit(store, unrelate("a", "b", role="db"), relate("a", "b"))
    assert store.read().relations[needs("a", "b")].version == 3


def test_a_commit_is_one_version(store: Store) -> None:
    """However many steps a commit takes with one thing, its version goes up by one and its history by one."""
    both = ChangeRelation(needs("a", "b"), {"role": None}, {"role": "db"}, "test")
    commit(store, create("a"), change("a", {}, {"tier": 1}), create("b"), relate("a", "b"), both)
    commit(store, change("a", {"tier": 1}, {"tier": 2}), change("a", {"tier": 2}, {"owner": "ops"}))
    assert [version.item.version for version in store.item_history("a")] == [1, 2]
    assert store.read().item("a").attributes == {"owner": "ops", "tier": 2}
    assert store.read().relations[needs("a", "b")].version == 1


def test_what_one_commit_adds_and_removes_was_never_there(store: Store) -> None:
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
    store: Store, bad: Operation, kind: type[Exception], reason: str, *, first: bool
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


def test_an_outdated_version_is_stale(store: Store) -> None:
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


def test_the_same_commit_twice_is_applied_once(store: Store) -> None:
    """Repeating a commit under its id gives the first outcome back, even when much has happened since."""
    wanted = replace(asked(create("a"), id="once"), result={"added": 1})
    first = store.commit(wanted)
    commit(store, change("a", {}, {"tier": 1}))
    again = store.commit(wanted)
    assert again == first
    assert store.recall("once", Sealed.of(wanted).request_hash) == {"added": 1, "revision": 1}
    assert (again.revision, again.result, store.head().revision) == (1, {"added": 1}, 2)


def test_a_request_is_known_by_what_was_asked(store: Store) -> None:
    """A request in the caller's words counts as the same, whatever operations it would lead to now."""
    wanted = replace(asked(create("a"), id="import"), request_hash="of shop.yaml")
    first = store.commit(wanted)
    assert store.commit(replace(wanted, operations=[create("b")])) == first
    assert store.recall("new", Sealed.of(wanted).request_hash) is None


def test_an_id_is_for_one_request(store: Store) -> None:
    """Another request under a used id is refused and not applied."""
    store.commit(asked(create("a"), id="once"))
    other = asked(create("b"), id="once")
    with pytest.raises(Rejected, match="The id “once” was used before, for another request"):
        store.commit(other)
    with pytest.raises(Rejected, match="for another request"):
        store.recall("once", Sealed.of(other).request_hash)
    assert only(store).key == "a"


def test_a_failed_commit_leaves_its_id_free(store: Store) -> None:
    """What was refused can be corrected and sent again under the same id."""
    with pytest.raises(Rejected):
        store.commit(asked(create("a b"), id="once"))
    assert store.commit(asked(create("a"), id="once")).revision == 1


def test_commit_times_never_run_backwards(store: Store, clock: Clock) -> None:
    """A clock that jumps back does not put a commit before the one it follows."""
    times: list[str] = []
    for hours in (0, 1, -5, 0, 7):
        clock.jump(hours=hours)
        times.append(commit(store, create(f"at{len(times)}")).time)
    assert times == sorted(times)
    assert times[1] == times[2] == times[3] == "2026-11-20T13:00:00.000000Z"
    assert times[4] == "2026-11-20T15:00:00.000000Z"


def test_an_instant_names_the_revision_of_that_time(store: Store, clock: Clock) -> None:
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


def test_the_chain_of_hashes_vouches_for_the_content(new_store: Callable[[], Store]) -> None:
    """The same history has the same hash; another value, author, word, order or past has another."""

    def last_hash(*transactions: Transaction) -> str:
        store = new_store()
        return [store.commit(one) for one in transactions][-1].hash

    first, second = asked(create("a", tier=1), id="1"), asked(create("b"), id="2")
    known = last_hash(first, second)
    assert known == last_hash(first, second)
    others = [
        (asked(create("a", tier=2), id="1"), second),
        (replace(first, author=Actor("bob")), second),
        (replace(first, author=Actor("ada", "authenticated")), second),
        (replace(first, message="another word"), second),
        (replace(first, id="3"), second),
        (second, first),
        (second,),
    ]
    assert len({known, *(last_hash(*one) for one in others)}) == len(others) + 1


def test_each_commit_is_chained_to_the_one_before(store: Store) -> None:
    """A hash can be computed again from the hash before it and the commit's own content."""
    before = ""
    for wanted in (asked(create("a")), asked(create("b")), asked(change("a", {}, {"tier": 1}))):
        done = store.commit(wanted)
        assert done.hash == chained(before, done.revision, done.time, done.id, Sealed.of(wanted).body_hash)
        before = done.hash


@pytest.mark.parametrize("name", ["", "\udcff", "eve\nroot, revision 9: fake", "tab\tbed", "x" * 201])
def test_a_name_that_could_forge_the_log_is_refused(name: str) -> None:
    """Whoever writes has a name that fits on one line."""
    with pytest.raises(Rejected, match="can be printed on one line"):
        Actor(name)


def test_an_items_history_is_all_it_ever_was(store: Store) -> None:
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


def test_a_relations_history_is_in_order(store: Store) -> None:
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


def test_a_closed_store_says_so(store: Store) -> None:
    """After closing, which may happen twice, every question is answered with the reason."""
    store.close()
    store.close()
    with pytest.raises(Unavailable, match="is closed"):
        store.head()


def test_what_was_written_is_found_again(open_again: Callable[[], Store], store: Store) -> None:
    """Whoever opens the store later finds everything in it; a folder that it needs is made."""
    commit(store, create("a"), create("b"), relate("a", "b"))
    again = open_again()
    assert again.read() == store.read()
    again.close()
