"""What differs between two states of the graph."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from cmdb.diff import Differences, FieldChange, compare, differences
from cmdb.errors import Conflict
from cmdb.model import Graph, Identity, RelationId
from cmdb.operations import ChangePlan, GraphOperation, Step, target_of
from cmdb.stores.base import Store
from cmdb.stores.sqlite import SqliteStore
from cmdb.viewing import Place, laid_over, locate, plans_at
from cmdb.views import parse_view
from cmdb.vocabulary_files import load_vocabulary
from tests.cmdb.estates import Clock, change, commit, create, needs, relate, unrelate
from tests.cmdb.test_overlay import random_operation

VOCABULARY = load_vocabulary()


@pytest.fixture
def store(clock: Clock) -> Iterator[Store]:
    """Return an empty store; which kind it is makes no difference to what differs."""
    opened = SqliteStore(None, clock)
    yield opened
    opened.close()


def told(found: Differences) -> list[str]:
    """Describe differences in a line each."""
    items = [f"{one.how} {one.item.key}" for one in found.items]
    return items + [f"{one.how} {one.source.key} → {one.target.key}" for one in found.relations]


def into(owner: str, *operations: GraphOperation) -> list[ChangePlan]:
    """Make the operations that put steps into a new plan."""
    return [ChangePlan(owner, None, Step(one)) for one in operations]


def between(store: Store, before: str, after: str) -> Differences:
    """Compare two views of a store."""
    first, second = (locate(store, VOCABULARY, parse_view(view)) for view in (before, after))
    return differences(store, first, second)


def test_additions_changes_and_ends_are_told(store: Store) -> None:
    """Each difference says how, with the fields that have another value; the way back says the opposite."""
    commit(store, create("a", tier=1), create("b"), relate("a", "b"))
    commit(store, create("c"), change("a", {"tier": 1}, {"tier": 2, "owner": "x"}), relate("b", "c"))
    commit(store, unrelate("a", "b"), change("b", {"key": "b"}, {"key": "z"}))
    found = between(store, "@1", "live")
    assert told(found) == ["changed a", "added c", "changed z", "removed a → b", "added z → c"]
    assert found.items[0].changes == (FieldChange("owner", None, "x"), FieldChange("tier", 1, 2))
    assert found.items[2].changes == (FieldChange("key", "b", "z"),)
    assert told(between(store, "live", "@1")) == [
        "changed a",
        "changed b",
        "removed c",
        "added a → b",
        "removed z → c",
    ]


def test_what_was_undone_is_no_difference(store: Store) -> None:
    """Only the two states count, not what happened between."""
    commit(store, create("a"), create("b"))
    commit(store, change("a", {}, {"tier": 1}), relate("a", "b"))
    commit(store, change("a", {"tier": 1}, {"tier": None}), unrelate("a", "b"))
    assert told(between(store, "@1", "@3")) == []
    assert told(between(store, "@2", "@2")) == []


def test_a_plan_is_the_difference_it_would_make(store: Store) -> None:
    """Today against today with a plan laid over it is the plan."""
    commit(store, create("p", **{"class": "project"}), create("a"), create("b"))
    commit(store, *into("p", create("c"), relate("a", "c"), change("b", {}, {"tier": 1})))
    commit(store, change("a", {}, {"owner": "x"}))
    assert told(between(store, "live", "live+project:p")) == ["changed b", "added c", "added a → c"]
    assert told(between(store, "@2", "live")) == ["changed a"]
    assert told(between(store, "@2", "live+project:p")) == [
        "changed a",
        "changed b",
        "added c",
        "added a → c",
    ]
    assert told(between(store, "@1", "@1+project:p")) == []


def test_a_projects_plan_takes_in_those_of_its_deliverables(store: Store) -> None:
    """What the deliverables intend, directly or further down, shows with the project."""
    deliverables = [create(name, **{"class": "deliverable"}) for name in ("d", "e")]
    commit(store, create("p", **{"class": "project"}), *deliverables, create("a"), create("b"))
    commit(store, *into("p", create("c")), *into("e", change("a", {}, {"tier": 1})))
    assert told(between(store, "live", "live+project:p")) == ["added c"]
    tree = [RelationId("p", "delivers", "d"), RelationId("d", "includes", "e")]
    commit(store, *(relate_as(one) for one in tree))
    assert told(between(store, "live", "live+project:p")) == ["changed a", "added c"]
    assert told(between(store, "@2", "@2+project:p")) == ["added c"]


def relate_as(one: RelationId) -> GraphOperation:
    """Make the operation that adds a relation of any type."""
    made = relate(one.source, one.target)
    return type(made)(one, {}, "test")


def whole(store: Store, place: Place) -> Graph:
    """Return the whole graph of a view."""
    return laid_over(store, store.read(place.revision), plans_at(store, place))


@pytest.mark.parametrize("seed", range(60))
def test_a_diff_is_what_comparing_everything_finds(seed: int) -> None:
    """Whatever happened, in the graph and in plans, the short way finds what the long way does."""
    rng = random.Random(seed)
    store = SqliteStore(None, Clock())
    commit(store, *(create(name) for name in "abcd"), create("p", **{"class": "project"}))
    for number in range(rng.randint(2, 8)):
        graph = store.read()
        items = {uid: item for uid, item in graph.items.items() if item.class_name == "server"}
        one = random_operation(rng, items, dict(graph.relations), number)
        if rng.random() < 0.7:
            commit(store, one)
        elif target_of(one) not in store.plan("p"):
            commit(store, *into("p", one))
    revisions = [rng.randint(0, store.head().revision) for _ in range(2)]
    views = [f"@{one}" for one in revisions if one] + ["live", "live+project:p"]
    places = []
    for view in views:
        place = locate(store, VOCABULARY, parse_view(view))
        try:
            whole(store, place)
        except Conflict:
            continue  # a plan that no longer fits shows nothing that could be compared
        places.append(place)
    for before in places:
        for after in places:
            assert differences(store, before, after) == compare(whole(store, before), whole(store, after))
    store.close()


def test_live_that_stands_for_a_planned_item_is_compared(store: Store) -> None:
    """Where live brought the same thing meanwhile, only what the plan adds to it differs."""
    name = Identity("scan", "server", "c")
    commit(store, create("p", **{"class": "project"}), create("a"))
    steps = [Step(create("planned", key="c", name="c", owner="x"), (name,)), Step(relate("a", "planned"))]
    commit(store, *(ChangePlan("p", None, step) for step in steps))
    commit(store, create("real", key="c", name="c"), relate("a", "real"))
    assert told(between(store, "live", "live+project:p")) == ["changed c"]
    assert (
        needs("a", "real") in whole(store, locate(store, VOCABULARY, parse_view("live+project:p"))).relations
    )
