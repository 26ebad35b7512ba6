"""Plans: what a project, deliverable or change intends, step by step, as of any revision."""

from __future__ import annotations

import pytest

from cmdb.errors import Conflict, NotFound, Rejected
from cmdb.model import Identity
from cmdb.operations import ChangePlan, Step
from cmdb.stores.base import Planned, Store
from tests.cmdb.estates import change, commit, create, needs, relate, unrelate

NEW = Step(create("new", tier=1), (Identity("scan", "server", "n-1"), Identity("cloud", "server", "i-7")))
TIER = Step(change("a", {"tier": None}, {"tier": 2}))
LINK = Step(relate("a", "new", role="db"))
CUT = Step(unrelate("a", "b", role="x"))


def add(*steps: Step, owner: str = "p") -> list[ChangePlan]:
    """Make the operations that put steps into a plan."""
    return [ChangePlan(owner, None, step) for step in steps]


@pytest.fixture
def planned(store: Store) -> Store:
    """Return a store where a plan has been made at revision 2."""
    commit(store, create("a"), create("b"), create("p", **{"class": "project"}), create("q"))
    commit(store, *add(NEW, TIER, LINK, CUT))
    return store


def test_a_plan_is_read_as_it_was_made(planned: Store) -> None:
    """Its steps come back whole, with the names of what they create, and change nothing of the graph."""
    assert planned.plan("p") == {step.target: step for step in (NEW, TIER, LINK, CUT)}
    assert [type(target) for target in planned.plan("p")].count(str) == 2
    assert planned.plan("q") == {} == planned.plan("nobody")
    assert planned.read().items.keys() == {"a", "b", "p", "q"}
    assert planned.read().relations == {}


def test_a_plan_is_kept_as_of_every_revision(planned: Store) -> None:
    """Steps are added, replaced and dropped, and each revision keeps its own."""
    other = Step(change("a", {"tier": None}, {"tier": 3, "owner": "ops"}))
    commit(planned, ChangePlan("p", TIER, other), ChangePlan("p", CUT, None))
    commit(planned, ChangePlan("p", other, None), *add(CUT), *add(TIER, owner="q"))
    assert planned.plan("p", 0) == planned.plan("p", 1) == {}
    assert planned.plan("p", 2) == {step.target: step for step in (NEW, TIER, LINK, CUT)}
    assert planned.plan("p", 3) == {step.target: step for step in (NEW, other, LINK)}
    assert planned.plan("p") == planned.plan("p", 4) == {step.target: step for step in (NEW, LINK, CUT)}
    assert planned.plan("q") == {"a": TIER}
    with pytest.raises(NotFound, match="There is no revision 5; the newest is 4"):
        planned.plan("p", 5)


def test_a_step_is_changed_from_what_it_was(planned: Store) -> None:
    """Whoever saw another step than there is, or none where there is one, is refused."""
    other = Step(change("a", {}, {"tier": 4}))
    renamed = Step(NEW.operation, NEW.identities[:1])
    for wrong in (
        ChangePlan("p", None, other),
        ChangePlan("p", other, None),
        ChangePlan("p", renamed, None),
        ChangePlan("q", TIER, None),
        ChangePlan("p", Step(relate("b", "a")), None),
    ):
        with pytest.raises(Conflict, match=r"^[pq]: a step of its plan is not what was expected\.$"):
            commit(planned, create("never"), wrong)
    assert planned.head().revision == 2
    with pytest.raises(Rejected, match=r"^nobody: the owner of a plan does not exist\.$"):
        commit(planned, *add(TIER, owner="nobody"))


def test_one_commit_is_one_step(planned: Store) -> None:
    """However often a commit changes its mind, the plan goes from one step to the next, or stays without."""
    other, brief = Step(change("a", {}, {"tier": 4})), Step(create("brief"))
    commit(planned, ChangePlan("p", TIER, None), *add(other), *add(brief), ChangePlan("p", brief, None))
    assert planned.plan("p")["a"] == other
    assert "brief" not in planned.plan("p")
    made = create("r")
    commit(planned, made, *add(TIER, owner="r"), ChangePlan("r", TIER, other))
    assert planned.plan("r") == {"a": other}


def test_plans_have_states_too(planned: Store) -> None:
    """Every step that there ever was is told with how long it held."""
    commit(planned, ChangePlan("p", TIER, None))
    commit(planned, *add(TIER))
    told = [(what, since, until) for what, since, until in planned.states() if isinstance(what, Planned)]
    assert {(what.step.target, since, until) for what, since, until in told} == {
        ("new", 2, None),
        ("a", 2, 3),
        ("a", 4, None),
        (needs("a", "new"), 2, None),
        (needs("a", "b"), 2, None),
    }
    assert len(told) == 5
    assert {what.owner for what, _, _ in told} == {"p"}
