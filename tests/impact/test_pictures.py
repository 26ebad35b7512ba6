"""Pictures at hand follow whoever writes to the store."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cmdb.model import Actor, RelationId
from cmdb.operations import AddRelation, ChangePlan, GraphOperation, Operation, RemoveRelation, Step
from cmdb.stores.base import Store, Transaction
from cmdb.stores.opening import open_store
from cmdb.viewing import laid_over, locate, plans_at
from cmdb.views import LIVE, parse_view
from cmdb.vocabulary_files import load_vocabulary
from impact.arrays import ranges
from impact.following import take
from impact.pictures import Pictures
from tests.cmdb.estates import Clock, change, create
from tests.impact.test_following import told

pytestmark = pytest.mark.slow

VOCABULARY = load_vocabulary()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return where a store is that several programs can share."""
    return tmp_path / "graph.db"


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    """Return a store with a project in it."""
    with closing(open_store(place, Clock())) as opened:
        commit(
            opened, create("apollo", **{"class": "project"}), *(create(f"a{number}") for number in range(6))
        )
        yield opened


def later() -> Clock:
    """Return a clock that is ahead of others."""
    clock = Clock()
    clock.jump(minutes=1)
    return clock


def commit(store: Store, *operations: Operation) -> None:
    """Commit operations."""
    store.commit(Transaction(operations, Actor("ada"), "a step"))


def step(rng: random.Random, store: Store, number: int) -> list[Operation]:
    """Make up what one commit does to what is there."""
    graph = store.read()
    uids = sorted(graph.items)
    made: dict[object, Operation] = {}
    for count in range(rng.randint(1, 4)):
        one, other, chance = rng.choice(uids), rng.choice(uids), rng.random()
        item, relation = graph.items[one], RelationId(one, "depends_on", other)
        if chance < 0.3:
            uid = f"n{number}-{count}"
            made[uid] = create(uid, status=rng.choice(["live", "planned"]))
        elif chance < 0.5:
            made[one] = change(one, {"key": item.key}, {"key": f"r{number}-{count}"})
        elif chance < 0.65:
            status = item.attributes.get("status")
            made[one] = change(one, {"status": status}, {"status": rng.choice(["maintenance", "retired"])})
        elif relation in graph.relations:
            made[relation] = RemoveRelation(relation, graph.relations[relation].attributes, "test")
        elif one != other:
            made[relation] = AddRelation(relation, {}, "test")
    return list(made.values())


def test_several_programs_see_each_others_commits(store: Store, place: Path) -> None:
    """After every commit of one, the picture of each is that of a program that has just started."""
    rng = random.Random(3)
    with closing(open_store(place, Clock())) as other:
        programs = [(one, Pictures(one, VOCABULARY)) for one in (store, other)]
        for number in range(60):
            commit(programs[number % 2][0], *step(rng, store, number))
            fresh = told(take(store.read(), VOCABULARY))
            for _, pictures in programs if number % 3 == 0 else programs[:1]:
                assert told(pictures.show(LIVE).picture) == fresh


def test_a_view_with_plans_is_the_graph_with_plans(store: Store) -> None:
    """A picture with plans laid over it is one made of the graph with these plans, today and for the past."""
    rng, pictures = random.Random(4), Pictures(store, VOCABULARY)
    planned: list[GraphOperation] = [
        create("new", status="planned", name="New"),
        AddRelation(RelationId("new", "depends_on", "a1"), {}, "test"),
        change("a2", {"owner": None}, {"owner": "ann"}),
    ]
    commit(store, *(ChangePlan("apollo", None, Step(one)) for one in planned))
    texts = ["live+project:apollo", "@2+project:apollo", "@5", "@5+project:apollo"]
    for number in range(20):
        commit(store, *step(rng, store, number))
        for text in texts if number > 6 else texts[:1]:
            at = locate(store, VOCABULARY, view := parse_view(text))
            graph = store.read(at.revision)
            if "apollo" not in graph.uid_of or graph.items["a2"].key != "a2":
                continue
            laid = laid_over(store, graph, plans_at(store, at)) if at.owners else graph
            assert told(pictures.show(view).picture) == told(take(laid, VOCABULARY)), (text, number)


@pytest.mark.parametrize("more", [0, 3])
def test_another_history_is_noticed(store: Store, tmp_path: Path, more: int) -> None:
    """Where a store was emptied and filled again, nothing of what it held before is shown."""
    pictures = Pictures(store, VOCABULARY)
    commit(store, create("old"))
    pictures.show(LIVE)
    with closing(open_store(tmp_path / "other.db", later())) as other:
        for number in range(store.head().revision + more):
            commit(other, create(f"new-{number}"))
        pictures._store = other  # noqa: SLF001  as a server finds what was restored behind its back
        assert told(pictures.show(LIVE).picture) == told(take(other.read(), VOCABULARY))


def test_whoever_asks_meanwhile_gets_a_whole_picture(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one writes and rows are put together in the background, every picture is that of its revision."""
    monkeypatch.setattr(ranges, "LEAST_DEAD", 10)
    pictures, rng = Pictures(store, VOCABULARY), random.Random(5)
    seen: dict[int, dict[str, object]] = {}
    wrong: list[int] = []
    done = threading.Event()

    def ask() -> None:
        last = 0
        while not done.is_set():
            picture = pictures.show(LIVE).picture
            found = seen.setdefault(picture.revision, told(picture))
            if found != told(picture) or picture.revision < last:
                wrong.append(picture.revision)
            last = picture.revision

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(40):
        commit(store, *step(rng, store, number))
        assert pictures.show(LIVE).picture.revision == store.head().revision
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    for revision, found in seen.items():
        assert found == told(take(store.read(revision), VOCABULARY))
