"""What a store keeps beside the graph, and what it can tell of all that ever was."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import chain

import pytest

from cmdb.errors import NotFound, Rejected
from cmdb.model import Graph, Identity, Item, Relation, RelationId, Sighting
from cmdb.operations import ChangePlan, ChangeRelation, RemoveRelation, Step, Target
from cmdb.stores.base import Answered, Planned, Sealed, SourceTotal, Store
from cmdb.stores.bodies import PART, body_hash, operations_of
from cmdb.verify import verify
from tests.cmdb.estates import ACTOR, TIME, asked, change, commit, create, needs, relate, unrelate

SCANNED = 10_000
"""How much a batch of a scan holds at most, where all of it is of one kind."""
LATER = "2026-11-21T00:00:00Z"


def seen(source: str, source_id: str, uid: str, time: str = TIME) -> Sighting:
    """Make a sighting of a server."""
    return Sighting(Identity(source, "server", source_id), uid, time)


@pytest.fixture
def lived(store: Store) -> Store:
    """Return a store with a past: things renamed, retired, related, unrelated and related again."""
    altered = ChangeRelation(needs("a", "b"), {"role": None}, {"role": "db"}, "test")
    commit(store, create("a", tier=1), create("b"), create("c", key="z"), relate("a", "b"))
    commit(store, change("a", {"key": "a"}, {"key": "y"}), altered, relate("b", "b"))
    commit(store, unrelate("a", "b", role="db"), change("b", {}, {"class": "database", "key": "a"}))
    commit(store, relate("a", "b", role="x"), change("c", {}, {"status": "retired"}))
    commit(store, unrelate("a", "b", role="x"), change("b", {}, {"key": "b"}), change("a", {}, {"key": "a"}))
    return store


def test_a_part_of_the_graph_can_be_read(lived: Store) -> None:
    """Only what was asked for, as of any revision; what is not there by then is left out."""
    wanted: list[Target] = ["a", "c", "nobody", needs("a", "b"), needs("b", "a"), needs("b", "b"), "a"]
    for revision in range(6):
        whole = lived.read(revision)
        part = lived.read(revision, wanted)
        assert (part.revision, part.time) == (whole.revision, whole.time)
        assert part.items == {uid: one for uid, one in whole.items.items() if uid in wanted}
        assert part.relations == {one: found for one, found in whole.relations.items() if one in wanted}
    assert lived.read(only=[]).items == {} == lived.read(only=[]).relations
    assert lived.read(only={"a"}).items.keys() == {"a"}


def test_a_scan_tells_a_whole_revision(lived: Store) -> None:
    """Whatever it was, each item and relation once; a revision that is not there is refused at once."""
    for revision in (*range(6), None):
        whole, scan = lived.read(revision), lived.scan(revision)
        assert (scan.revision, scan.time) == (whole.revision, whole.time)
        items = list(chain.from_iterable(scan.items))
        relations = list(chain.from_iterable(scan.relations))
        assert {one.uid: one for one in items} == whole.items
        assert {found.id: found for found in relations} == whole.relations
        assert (len(items), len(relations)) == (len(whole.items), len(whole.relations))
    for revision in (6, -1):
        with pytest.raises(NotFound, match=f"There is no revision {revision}"):
            lived.scan(revision)


@pytest.mark.slow
def test_a_scan_is_of_one_revision_whatever_is_written_meanwhile(store: Store) -> None:
    """A large graph comes in several batches, in between which the store is asked and written to."""
    many = [create(f"i{number:05}") for number in range(2 * SCANNED)]
    commit(store, *many, *(relate(many[0].uid, one.uid) for one in many))
    whole, scan, items, relations = (
        store.read(),
        store.scan(),
        dict[str, Item](),
        dict[RelationId, Relation](),
    )
    for number, some in enumerate(scan.items):
        assert 0 < len(some) <= SCANNED
        items.update((one.uid, one) for one in some)
        for uid in ("i00001", f"i{2 * SCANNED - 1:05}"):
            commit(store, change(uid, {}, {"key": f"{uid}-{number}", "tier": 1}))
    for linked in scan.relations:
        assert 0 < len(linked) <= SCANNED
        relations.update((one.id, one) for one in linked)
        last = max(one for one in store.read().relations)
        commit(store, unrelate(last.source, last.target), create(f"j{store.head().revision}"))
    assert (items, relations) == (whole.items, whole.relations)
    assert store.head().revision >= 5


def test_what_was_touched_is_told(lived: Store) -> None:
    """By commits later than one revision and up to another: whatever reads otherwise is among it."""
    assert lived.touched(0, 1) == {"a", "b", "c", needs("a", "b")}
    assert lived.touched(1, 2) == {"a", needs("a", "b"), needs("b", "b")}
    assert lived.touched(2, 4) == {"b", "c", needs("a", "b")}
    assert lived.touched(0, 5) == {"a", "b", "c", needs("a", "b"), needs("b", "b")}
    assert lived.touched(3, 3) == lived.touched(3, 1) == set()
    for after, upto in ((0, 6), (6, 6), (-1, 2)):
        with pytest.raises(NotFound, match="There is no revision"):
            lived.touched(after, upto)


def test_planning_and_seeing_touch_nothing(lived: Store) -> None:
    """A step of a plan changes its plan, and no item or relation."""
    commit(lived, create("p"))
    steps = (Step(change("a", {}, {"tier": 4})), Step(relate("c", "a")))
    commit(lived, *(ChangePlan("p", None, step) for step in steps))
    lived.see([seen("scan", "1", "a")])
    commit(lived)
    assert lived.touched(6, lived.head().revision) == set()
    assert lived.touched(5, lived.head().revision) == {"p"}


def test_every_state_is_told(lived: Store) -> None:
    """What is told of all states is what the graphs of all revisions show, and each state is told once."""
    states = list(lived.states())
    kept = lived.head().revision
    told: defaultdict[int, list[object]] = defaultdict(list)
    for what, since, until in states:
        for revision in range(since, kept + 1 if until is None else until):
            told[revision].append(what)
    for revision in range(1, kept + 1):
        graph = lived.read(revision)
        assert len(told[revision]) == len(graph.items) + len(graph.relations)
        assert all(_is_in(graph, what) for what in told[revision])
    assert verify(lived).faults == ()


def _is_in(graph: Graph, what: object) -> bool:
    assert not isinstance(what, Planned)
    return what in (graph.items if isinstance(what, Item) else graph.relations).values()


def test_the_holders_of_a_key_are_told(lived: Store) -> None:
    """Whoever had it, from which revision on; a change that keeps the key is not told again."""
    assert lived.holders("a") == [(1, "a"), (3, "b"), (5, "a")]
    assert lived.holders("y") == [(2, "a")]
    assert lived.holders("z") == [(1, "c")]
    assert lived.holders("nobody") == []


def test_the_log_tells_what_was_done(store: Store) -> None:
    """Every commit in order, with its hashes, and what it did in its own words."""
    first, second = asked(create("a", tier=1)), replace(asked(create("b")), request_hash="of a file")
    second = replace(second, message="by hand", result={"added": 1})
    commits = [store.commit(one) for one in (first, second)]
    log = store.log()
    assert [one.commit for one in log] == commits
    assert [one.request_hash for one in log] == [Sealed.of(first).request_hash, "of a file"]
    assert [one.body_hash for one in log] == [Sealed.of(one).body_hash for one in (first, second)]
    assert [one.commit.revision for one in store.log(1)] == [2]
    assert [one.commit.revision for one in store.log(0, 1)] == [1]
    assert store.log(1, 5) == store.log(1)
    assert store.log(2) == store.log(0, 0) == []
    assert [*operations_of(store.body(1))] == [*first.operations]
    assert list(store.body(1)) == list(Sealed.of(first).parts)
    assert body_hash(ACTOR, "by hand", store.body(2)) == log[1].body_hash
    assert [*store.body(3)] == [*store.body(0)] == []


def test_a_long_body_comes_in_parts(store: Store) -> None:
    """They are those that were sealed, in order."""
    operations = [create(f"item-{number:05}") for number in range(2 * PART + 5)]
    wanted = asked(*operations)
    store.commit(wanted)
    assert list(store.body(1)) == list(Sealed.of(wanted).parts)
    assert [*operations_of(store.body(1))] == operations
    assert verify(store).faults == ()


def test_a_commit_told_again_has_its_own_time(store: Store) -> None:
    """A history that is restored keeps its times, and what follows is not before them."""
    commit(store, create("a"))
    again = replace(asked(create("b")), time="2030-01-01T00:00:00.000000Z")
    assert store.commit(again).time == "2030-01-01T00:00:00.000000Z"
    assert store.read().items["b"].provenance["name"].time == "2030-01-01T00:00:00.000000Z"
    assert commit(store, create("c")).time == "2030-01-01T00:00:00.000000Z"
    assert store.head().time == store.read(2).time == "2030-01-01T00:00:00.000000Z"
    assert store.revision_at("2029-12-31T00:00:00Z") == 1


def test_seeing_is_not_changing(store: Store) -> None:
    """That a source saw something is remembered with the latest time, and makes no revision."""
    commit(store, create("a"))
    reports = {store.head().reports}
    for time in (LATER, TIME):
        store.see([seen("scan", "srv-1", "a", time)])
        assert store.head().reports not in reports
        reports.add(store.head().reports)
    assert store.head().revision == 1
    assert store.read().items["a"].version == 1
    assert store.identities() == {Identity("scan", "server", "srv-1"): "a"}
    assert store.sightings("a") == [seen("scan", "srv-1", "a", LATER)]


def test_sightings_come_and_go_with_their_commit(store: Store) -> None:
    """What a refused commit would have seen was not seen."""
    sightings = (seen("scan", "1", "a"),)
    with pytest.raises(Rejected):
        store.commit(replace(asked(create("a b")), sightings=sightings))
    assert store.identities() == {}
    store.commit(replace(asked(create("a")), sightings=sightings))
    assert store.identities() == {sightings[0].identity: "a"}


def test_who_saw_what_is_told_in_order(store: Store) -> None:
    """Of one thing or of all, by source, class and name; under a name, what was last seen under it."""
    uid = needs("a", "b").uid
    first = [seen("scan", "2", "a"), seen("scan", "10", "b"), seen("cloud", "2", "a", LATER)]
    commit(store, create("a"), create("b"), relate("a", "b"))
    store.see([*first, Sighting(Identity("scan", "depends_on", "x"), uid, TIME)])
    store.see([seen("scan", "2", "b"), seen("scan", "10", "b", LATER)])
    assert store.sightings() == [
        seen("cloud", "2", "a", LATER),
        Sighting(Identity("scan", "depends_on", "x"), uid, TIME),
        seen("scan", "10", "b", LATER),
        seen("scan", "2", "b"),
    ]
    assert store.sightings("a") == [seen("cloud", "2", "a", LATER)]
    assert store.sightings("b") == [seen("scan", "10", "b", LATER), seen("scan", "2", "b")]
    assert store.sightings("nobody") == []
    for since in ("", TIME):
        assert [one for batch in store.last_seen(since) for one in batch] == [(uid, TIME)]
    assert not [one for batch in store.last_seen(LATER) for one in batch]
    assert store.sources() == [SourceTotal("cloud", 1, 0, LATER), SourceTotal("scan", 2, 1, LATER)]
    known = [Identity("scan", "server", "10"), Identity("scan", "server", "no")]
    assert store.identities(known) == {known[0]: "b"}
    assert store.identities([]) == {}
    assert len(store.identities()) == 4


def test_one_name_seen_twice_at_once_is_seen_once(store: Store) -> None:
    """The last of them says what it means, the latest of them when it was seen."""
    commit(store, create("a"), create("b"))
    store.see([seen("scan", "1", "a", LATER), seen("scan", "1", "b", TIME)])
    assert store.sightings() == [seen("scan", "1", "b", LATER)]


def test_names_that_look_alike_are_kept_apart(store: Store) -> None:
    """Whatever source, class and name are made of, and however long they are."""
    parts = ["a", 'a","b', "b", "", "a\0", "🛒", "x" * 20_000]
    found = [Sighting(Identity(one, two, one + two), "a", TIME) for one in parts for two in parts]
    commit(store, create("a"))
    store.see(found)
    assert store.sightings() == sorted(found)
    assert store.identities([found[-1].identity]) == {found[-1].identity: "a"}


def test_a_request_that_changed_nothing_is_remembered_too(store: Store) -> None:
    """Its id gives the same answer again, and is refused for another request, as after a commit."""
    store.see((), [Answered("monday", "hash", {"said": "nothing"})])
    store.see((), [Answered("monday", "other", {}), Answered("friday", "h", {"n": [1, None, 0.5]})])
    assert store.recall("monday", "hash") == {"said": "nothing"}
    with pytest.raises(Rejected, match="was used before, for another request"):
        store.recall("monday", "other")
    with pytest.raises(Rejected, match="was used before, for another request"):
        store.commit(asked(create("a"), id="monday"))
    assert store.answered() == [
        Answered("friday", "h", {"n": [1, None, 0.5]}),
        Answered("monday", "hash", {"said": "nothing"}),
    ]


def test_a_relation_that_comes_and_goes_is_told_once_each_time(store: Store) -> None:
    """What a commit removes and adds again is a change, no end; a relation to itself is one relation."""
    commit(store, create("a"), relate("a", "a", role="x"))
    commit(store, RemoveRelation(needs("a", "a"), {}, "test"), relate("a", "a", role="y"))
    commit(store, unrelate("a", "a"))
    told = [(one.commit.revision, one.relation.version, one.removed) for one in store.relation_history("a")]
    assert told == [(1, 1, False), (2, 2, False), (3, 2, True)]
