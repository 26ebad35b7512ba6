"""The past of plans, read from the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cmdb.model import Commit, Identity
from cmdb.operations import ChangePlan, CreateItem, GraphOperation, Step
from cmdb.plan_log import INTO, Made, made_by_plans, plans_about
from cmdb.stores.base import Store
from cmdb.stores.sqlite import SqliteStore
from tests.cmdb.estates import Clock, asked, change, commit, create, relate

NAME = Identity("scan", "server", "srv-1")


@pytest.fixture
def store(clock: Clock) -> Iterator[Store]:
    """Return a store with a project and two servers."""
    opened = SqliteStore(None, clock)
    commit(opened, create("p", **{"class": "project"}), create("a"), create("b"))
    yield opened
    opened.close()


def into(store: Store, *operations: GraphOperation, **result: str | None) -> Commit:
    """Put new steps into the plan of the project; what they create is known to a source by one name."""
    steps = [Step(one, (NAME,) if isinstance(one, CreateItem) else ()) for one in operations]
    return store.commit(replace(asked(*(ChangePlan("p", None, step) for step in steps)), result=result))


def revisions(store: Store, uid: str, key: str, *names: Identity, upto: int = 9) -> list[int]:
    """Return the revisions in which plans said something of an item."""
    return [one.commit.revision for one in plans_about(store, uid, key, names, upto)]


def test_steps_about_an_item_and_its_relations_are_found(store: Store) -> None:
    """Whoever wrote them, and whether or not the commit says that it changed a plan."""
    into(store, change("a", {}, {"tier": 1}))
    into(store, relate("b", "a"), **{INTO: "project:p"})
    into(store, change("b", {}, {"tier": 1}))
    commit(store, change("a", {}, {"tier": 4}))
    assert revisions(store, "a", "a") == [2, 3]
    assert revisions(store, "b", "b") == [3, 4]
    assert revisions(store, "a", "a", upto=2) == [2]
    assert revisions(store, "p", "p") == []


def test_a_commit_that_says_it_changed_no_plan_is_not_searched(store: Store) -> None:
    """So that nobody reads through every large import."""
    into(store, change("a", {}, {"tier": 1}), **{INTO: None})
    assert revisions(store, "a", "a") == []


def test_what_a_plan_makes_is_found_by_key_and_by_name(store: Store) -> None:
    """With the steps that speak of it by the uid which it has in the plan."""
    into(store, create("new", key="c"))
    into(store, relate("a", "new"))
    assert revisions(store, "new", "c") == [2, 3]
    assert revisions(store, "own", "c") == [2, 3]
    assert revisions(store, "own", "other", NAME) == [2, 3]
    assert revisions(store, "own", "other") == []


def test_who_makes_an_item_is_known_also_after_it_was_withdrawn(store: Store) -> None:
    """With the last key it had there; at a past revision it is as it was then."""
    into(store, create("new", key="c"), create("d"))
    step = store.plan("p")["new"]
    commit(store, ChangePlan("p", step, None))
    assert made_by_plans(store, {"new", "a"}, 9) == {"new": Made("c", "p", still=False)}
    assert made_by_plans(store, {"new"}, 2) == {"new": Made("c", "p", still=True)}
    assert made_by_plans(store, (), 9) == {}
