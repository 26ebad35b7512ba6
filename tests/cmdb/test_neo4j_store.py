"""What is special about the store on Neo4j: what people see there, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from neo4j import Driver

from cmdb.errors import Conflict, Unavailable
from cmdb.model import RelationId
from cmdb.operations import AddRelation, ChangeItem, ChangePlan, Operation, Step
from cmdb.stores.neo4j import Neo4jStore
from cmdb.stores.neo4j.schema import INDEXED, STEPS, UNIQUE
from cmdb.stores.opening import Server, open_store
from tests.cmdb.estates import Clock, change, commit, create, needs, relate, unrelate

pytestmark = pytest.mark.neo4j

Ask = Callable[..., list[Any]]


@pytest.fixture
def ask(neo4j_driver: Driver) -> Ask:
    """Return a function that asks the server itself, in plain Cypher."""

    def run(statement: str, **values: object) -> list[Any]:
        records = neo4j_driver.execute_query(statement, values).records
        return [record[0] if len(record) == 1 else tuple(record) for record in records]

    return run


@pytest.fixture
def store(empty_neo4j: Server, clock: Clock) -> Iterator[Neo4jStore]:
    """Return an empty store on the server."""
    with closing(Neo4jStore(empty_neo4j, clock)) as opened:
        yield opened


def test_the_graph_is_there_as_people_expect_it(store: Neo4jStore, ask: Ask) -> None:
    """Classes are labels, relation types relationship types, attributes properties."""
    shop = create("1", key="shop", name="Web shop", tier=1, labels=["a"], **{"class": "application_service"})
    commit(store, shop, create("2", key="db", **{"class": "database"}), relate("1", "2", known="declared"))
    query = "MATCH (s:ApplicationService)-[r:DEPENDS_ON]->(d:Database) RETURN s.key, r.known, d.key"
    assert ask(query) == [("shop", "declared", "db")]
    ((item, labels),) = ask("MATCH (n:Item {key: 'shop'}) RETURN properties(n), labels(n)")
    assert sorted(labels) == ["ApplicationService", "Item"]
    own = {name: value for name, value in item.items() if not name.startswith("_")}
    assert own == {
        "uid": "1",
        "key": "shop",
        "name": "Web shop",
        "class": "application_service",
        "tier": 1,
        "labels": ["a"],
    }
    assert ask("MATCH ()-[r]->() RETURN r.uid, type(r)") == [("1>depends_on>2", "DEPENDS_ON")]


def test_a_class_change_swaps_the_label(store: Neo4jStore, ask: Ask) -> None:
    """An item has the label of its present class, and no other; labels that people gave it stay."""
    commit(store, create("a"), create("b"))
    ask("MATCH (n {uid: 'a'}) SET n:Favourite")
    commit(store, change("a", {"class": "server"}, {"class": "virtual_machine"}))
    labels = dict(ask("MATCH (n:Item) RETURN n.uid, labels(n)"))
    assert sorted(labels["a"]) == ["Favourite", "Item", "VirtualMachine"]
    assert sorted(labels["b"]) == ["Item", "Server"]


def test_what_is_past_or_planned_is_out_of_the_way(store: Neo4jStore, ask: Ask) -> None:
    """Who asks for servers and what they need finds what there is now, and nothing else."""
    commit(store, create("a"), create("b"), create("p", **{"class": "project"}), relate("a", "b"))
    commit(store, change("a", {}, {"tier": 1}), unrelate("a", "b"))
    commit(store, ChangePlan("p", None, Step(create("new"))), ChangePlan("p", None, Step(relate("b", "a"))))
    assert sorted(ask("MATCH (n:Server) RETURN n.uid")) == ["a", "b"]
    assert ask("MATCH ()-[r]->() RETURN count(r)") == [0]
    assert sorted(ask("MATCH (n:_Past) RETURN n.uid, n._since, n._until, n.tier")) == [
        ("a", 1, 2, None),
        ("a>depends_on>b", 1, 2, None),
    ]
    assert ask("MATCH (n:_Past) WHERE (n)--() RETURN n") == []


def test_the_server_itself_keeps_uids_and_keys_unique(store: Neo4jStore, ask: Ask) -> None:
    """Even somebody who writes by hand cannot make a second one."""
    commit(store, create("a"), create("b"), relate("a", "b"))
    for statement in (
        "CREATE (:Item {uid: 'a'})",
        "CREATE (:Item {uid: 'x', key: 'a'})",
        "MATCH (a:Item {uid: 'a'}) CREATE (a)-[:DEPENDS_ON {uid: 'a>depends_on>b'}]->(a)",
    ):
        with pytest.raises(Exception, match="already exists"):
            ask(statement)


def test_many_keys_change_hands_at_once(store: Neo4jStore) -> None:
    """A ring of renames, and a key that a new item takes over, fit into one commit."""
    uids = "abcdef"
    commit(store, *(create(uid) for uid in uids))
    ring = zip(uids, uids[1:] + uids[0], strict=True)
    commit(store, *(change(one, {"key": one}, {"key": other}) for one, other in ring))
    assert store.read().uid_of == dict(zip("bcdefa", uids, strict=True))
    commit(store, change("a", {"key": "b"}, {"key": "free"}), create("new", key="b"))
    assert store.read().uid_of["b"] == "new"
    with pytest.raises(Conflict, match="The key “free” is taken"):
        commit(store, change("b", {}, {"key": "free"}))


def test_a_refused_commit_makes_no_room_for_a_type(store: Neo4jStore, ask: Ask) -> None:
    """Only a commit that would be written gives its relation types a place."""
    wanted: list[Operation] = [
        create("a"),
        create("b"),
        AddRelation(RelationId("a", "never_seen", "b"), {}, "test"),
    ]
    with pytest.raises(Conflict):
        commit(store, *wanted, create("a"))
    types = "MATCH (h:_Head) RETURN h.types"
    assert ask(types) == [[]]
    commit(store, *wanted)
    assert ask(types) == [["never_seen"]]


def test_what_somebody_changed_by_hand_does_no_harm(store: Neo4jStore, ask: Ask) -> None:
    """A class that cannot be one is never made part of a statement."""
    commit(store, create("a"), create("b"), relate("a", "b"))
    spoilt = "x` DETACH DELETE n //"
    ask("MATCH (n:Item {uid: 'a'}) SET n.class = $class", **{"class": spoilt})
    ask("MATCH (n:Item {uid: 'b'}), (m:Item {uid: 'a'}) CREATE (n)-[:LIKES {since: 2020}]->(m)")
    commit(store, ChangeItem("a", {"class": spoilt}, {"class": "database"}, "test"))
    graph = store.read()
    assert graph.items["a"].class_name == "database"
    assert graph.relations.keys() == {needs("a", "b")}
    assert [one.relation.id for one in store.relation_history("a")] == [needs("a", "b")]


def test_somebody_elses_database_is_left_alone(empty_neo4j: Server, ask: Ask, clock: Clock) -> None:
    """A server that holds other things is refused, and not a thing of it changes."""
    ask("CREATE (:Person {name: 'Ada'})")
    constraints = ask("SHOW CONSTRAINTS YIELD name RETURN name")
    with pytest.raises(Unavailable) as caught:
        open_store(empty_neo4j, clock)
    told = f"{empty_neo4j.url} holds something else. Give cmdb a database of its own."
    assert caught.value.detail == told
    assert ask("MATCH (n) RETURN n.name") == ["Ada"]
    assert ask("SHOW CONSTRAINTS YIELD name RETURN name") == constraints


def test_a_newer_version_is_refused(store: Neo4jStore, empty_neo4j: Server, ask: Ask, clock: Clock) -> None:
    """A server that a later version wrote to is refused before anything is changed."""
    commit(store, create("a"))
    ask("MATCH (h:_Head) SET h.schema = $newer", newer=len(STEPS) + 1)
    with pytest.raises(Unavailable) as caught:
        open_store(empty_neo4j, clock)
    assert caught.value.detail == f"{empty_neo4j.url} was written by a newer version of cmdb. Use that one."
    assert ask("MATCH (h:_Head) RETURN h.schema") == [len(STEPS) + 1]


def test_a_server_that_was_emptied_is_told(store: Neo4jStore, empty_the_server: Callable[[], None]) -> None:
    """Whoever has it open learns that everything is gone, and does not take it for a new graph."""
    commit(store, create("a"))
    empty_the_server()
    for work in (store.head, store.read, lambda: commit(store, create("b")), lambda: store.item_history("a")):
        with pytest.raises(Unavailable, match="What cmdb keeps on the server was taken away"):
            work()


def cut(*_: object) -> None:
    """Be cut off here."""
    raise KeyboardInterrupt


@pytest.mark.parametrize("place", ["connection.Connection.change", "schema._ensure", "schema._set"])
def test_an_interrupted_set_up_is_done_again(
    empty_neo4j: Server, ask: Ask, clock: Clock, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Whether nothing of it was done, a part of it, or all but its number: the next to come completes it."""
    forget_schema(ask)
    with monkeypatch.context() as patch:
        patch.setattr(f"cmdb.stores.neo4j.{place}", cut)
        with pytest.raises(KeyboardInterrupt):
            open_store(empty_neo4j, clock)
    with closing(open_store(empty_neo4j, clock)) as store:
        commit(store, create("a"))
    assert ask("MATCH (h:_Head) RETURN h.schema") == [len(STEPS)]
    assert "cmdb_item_key" in ask("SHOW CONSTRAINTS YIELD name RETURN name")


def test_many_may_set_up_a_new_server_at_once(empty_neo4j: Server, ask: Ask, clock: Clock) -> None:
    """Whoever comes first makes the schema; nobody is turned away."""
    forget_schema(ask)

    def attempt(me: int) -> None:
        with closing(open_store(empty_neo4j, clock)) as store:
            commit(store, create(f"by-{me}"), create(f"of-{me}"), relate(f"by-{me}", f"of-{me}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(8)))
    with closing(open_store(empty_neo4j, clock)) as store:
        assert len(store.read().items) == 16
        assert (len(store.read().relations), store.head().revision) == (8, 8)


def test_what_is_looked_up_has_an_index(store: Neo4jStore, ask: Ask) -> None:
    """Each has a name of its own, or the server would leave out the second."""
    new = AddRelation(RelationId("a", "item_uid", "a"), {}, "test")
    commit(store, create("a"), relate("a", "a"), new)
    found = ask(
        "SHOW INDEXES YIELD labelsOrTypes AS kinds, properties AS names WHERE names IS NOT NULL"
        " RETURN kinds, names"
    )
    there = {(kinds[0], tuple(names)) for kinds, names in found}
    rules = [(label, names) for table in (UNIQUE, INDEXED) for label, rows in table.items() for names in rows]
    assert {(label, tuple(names)) for label, names in rules} <= there
    assert {("DEPENDS_ON", ("uid",)), ("ITEM_UID", ("uid",))} <= there


def forget_schema(ask: Ask) -> None:
    """Take everything away that a store ever set up on the server."""
    for kind in ("CONSTRAINT", "INDEX"):
        for name in ask(f"SHOW {kind}{'ES' if kind == 'INDEX' else 'S'} YIELD name RETURN name"):
            if name.startswith("cmdb_"):
                ask(f"DROP {kind} {name}")
