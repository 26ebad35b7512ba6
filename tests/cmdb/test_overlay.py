"""Plans laid over a graph: what they make of it, and where they do not fit."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from cmdb.errors import Conflict
from cmdb.model import Graph, Identity, Item, Relation, RelationId
from cmdb.operations import (
    AddRelation,
    ChangeItem,
    ChangeRelation,
    CreateItem,
    GraphOperation,
    Plan,
    RemoveRelation,
    Step,
    Target,
    apply_to_item,
    apply_to_relation,
)
from cmdb.overlay import Elsewhere, Known, overlay
from cmdb.planning import Planner
from cmdb.vocabulary_files import load_vocabulary
from tests.cmdb.estates import TIME, change, create, needs, relate, unrelate

NAME = Identity("scan", "server", "srv-1")


def live(*items: Item, relations: tuple[Relation, ...] = ()) -> Graph:
    """Make a graph."""
    return Graph(7, TIME, {item.uid: item for item in items}, {one.id: one for one in relations})


def thing(uid: str, **attributes: object) -> Item:
    """Make an item; its key and name are its uid."""
    return Item(uid, uid, "server", uid, attributes)  # type: ignore[arg-type]


def plan(*operations: GraphOperation, names: tuple[Identity, ...] = ()) -> Plan:
    """Make a plan; what it creates is known by some names."""
    steps = [Step(one, names if isinstance(one, CreateItem) else ()) for one in operations]
    return {step.target: step for step in steps}


def laid(graph: Graph, *plans: Plan, come_true: bool = True) -> Graph:
    """Lay plans called p1, p2 and so on over a graph."""
    named = {f"p{number}": one for number, one in enumerate(plans, start=1)}
    return overlay(graph, named, come_true=come_true).fitting().graph


def conflicts(graph: Graph, *plans: Plan) -> list[str]:
    """Return what stands against laying the plans."""
    with pytest.raises(Conflict) as caught:
        laid(graph, *plans)
    return [f"{fault.pointer}: {fault.detail}" for fault in caught.value.faults]


AB = live(thing("a", tier=1), thing("b"), relations=(Relation(needs("a", "b"), {"role": "db"}),))


def test_what_is_planned_is_there_and_the_rest_as_before() -> None:
    """New items, other values, new and ended relations show; the graph itself is untouched."""
    found = laid(AB, plan(create("c"), relate("b", "c"), change("a", {"tier": 1}, {"tier": 2, "owner": "x"})))
    assert found.items["c"] == Item("c", "c", "server", "c", {}, 1, found.items["c"].provenance)
    assert found.items["a"].attributes == {"owner": "x", "tier": 2}
    assert found.items["b"] is AB.items["b"]
    assert set(found.relations) == {needs("a", "b"), needs("b", "c")}
    assert (AB.items["a"].attributes, len(AB.items)) == ({"tier": 1}, 2)
    assert not laid(AB, plan(unrelate("a", "b", role="db"))).relations


def test_what_is_planned_is_live_once_it_comes_true() -> None:
    """New items are live in the view, and keep their status where the plan itself is worked on."""
    new = plan(create("c", status="in_build"), create("d", status="retired"))
    assert "status" not in laid(AB, new).items["c"].attributes
    assert laid(AB, new).items["d"].retired
    assert laid(AB, new, come_true=False).items["c"].attributes["status"] == "in_build"


def test_what_is_done_already_is_no_conflict() -> None:
    """A plan that has come true by other hands leaves the graph as it is."""
    done = plan(
        change("a", {"tier": 3}, {"tier": 1}),
        relate("a", "b", role="db"),
        unrelate("b", "a"),
        create("b"),
    )
    found = laid(AB, done)
    assert (found.items, found.relations) == (AB.items, AB.relations)


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (change("a", {"tier": 3}, {"tier": 2}), "a: tier: p1 plans from “3” to “2”, but it is “1”"),
        (change("a", {}, {"tier": 2}), "a: tier: p1 plans from missing to “2”, but it is “1”"),
        (change("z", {}, {"tier": 2}), "an item of another plan: p1 changes an item that is not here"),
        (change("a", {"key": "a"}, {"key": "b"}), "b: two items would have this key"),
        (unrelate("a", "b"), "a → b, depends_on: p1 removes it, but it has changed since"),
        (relate("a", "b", role="x"), "a → b, depends_on: role: p1 plans from missing to “x”, but it is “db”"),
        (relate("a", "z"), "a → an item of another plan, depends_on: p1 needs an item that is not here"),
        (
            ChangeRelation(needs("b", "a"), {}, {"role": "x"}, "test"),
            "b → a, depends_on: p1 changes it, but it is not there",
        ),
        (create("a", tier=2), "a: tier: p1 plans from missing to “2”, but it is “1”"),
    ],
)
def test_what_does_not_fit_is_a_conflict(operation: GraphOperation, told: str) -> None:
    """The plan, the field, what was expected and what is there are named."""
    assert conflicts(AB, plan(operation)) == [told]


def test_every_conflict_is_listed() -> None:
    """A plan with several faults tells them all at once, in order."""
    bad = plan(change("z", {}, {"tier": 2}), change("a", {"tier": 3}, {"tier": 2}), relate("b", "y"))
    told = [one.split(":")[0] for one in conflicts(AB, bad)]
    assert told == ["a", "an item of another plan", "b → an item of another plan, depends_on"]


def test_two_plans_that_want_different_things_conflict() -> None:
    """Neither wins because it came first; two that want the same agree."""
    one, other = (plan(change("a", {"tier": 1}, {"tier": tier})) for tier in (2, 3))
    assert conflicts(AB, one, other) == ["a: tier: p1 plans “2”, p2 plans “3”"]
    assert laid(AB, one, one).items["a"].attributes == {"tier": 2}
    assert conflicts(
        AB,
        plan(unrelate("a", "b", role="db")),
        plan(ChangeRelation(needs("a", "b"), {"role": "db"}, {"role": "x"}, "test")),
    ) == ["a → b, depends_on: p1 removes it and p2 needs it"]


def test_a_plan_may_rest_on_another() -> None:
    """A relation to an item that another plan creates shows with both, and is a conflict without."""
    maker, user = plan(create("c")), plan(relate("a", "c"), change("c", {}, {"tier": 2}))
    found = laid(AB, user, maker)
    assert (needs("a", "c") in found.relations, found.items["c"].attributes) == (True, {"tier": 2})
    assert conflicts(AB, user) == [
        "a → an item of another plan, depends_on: p1 needs an item that is not here",
        "an item of another plan: p1 changes an item that is not here",
    ]


def test_live_stands_for_what_a_plan_made_with_the_same_key() -> None:
    """What somebody brought meanwhile counts, with all that the plan adds to it and its relations."""
    graph = live(*AB.items.values(), Item("own", "c", "server", "C", {"cpus": 2}))
    found = overlay(graph, {"p1": plan(create("new", key="c", name="C", owner="x"), relate("a", "new"))})
    assert found.aliases == {"new": "own"}
    assert found.graph.items["own"].attributes == {"cpus": 2, "owner": "x"}
    assert set(found.graph.relations) == {needs("a", "own")}


def test_live_stands_for_what_a_source_knows_by_the_same_name() -> None:
    """The identity is enough, whatever key live gave it."""
    graph = live(*AB.items.values(), Item("own", "other", "server", "new"))
    step = plan(create("new"), names=(NAME,))
    found = overlay(graph, {"p1": step}, Known({NAME: "own"}))
    assert (found.aliases, "new" in found.graph.items) == ({"new": "own"}, False)
    assert overlay(graph, {"p1": step}, Known({NAME: "unknown here"})).aliases == {}


def test_two_plans_that_make_the_same_thing_make_it_once() -> None:
    """One of the two stands for both, whichever is laid first, and their relations meet there."""
    first = plan(create("c1", key="c", name="C", tier=1), relate("a", "c1"))
    second = plan(create("c2", key="c", name="C", owner="x"), relate("b", "c2"))
    for plans in ((first, second), (second, first)):
        found = laid(AB, *plans)
        assert found.items["c1"].attributes == {"owner": "x", "tier": 1}
        assert set(found.relations) == {needs("a", "b"), needs("a", "c1"), needs("b", "c1")}


def random_operations(rng: random.Random, graph: Graph) -> list[GraphOperation]:
    """Return some steps that fit a graph one after the other."""
    items, relations = dict(graph.items), dict(graph.relations)
    made: list[GraphOperation] = []
    for number in range(rng.randint(1, 12)):
        made.append(random_operation(rng, items, relations, number))
        one = made[-1]
        if isinstance(one, CreateItem | ChangeItem):
            items[one.uid] = apply_to_item(items.get(one.uid), one, TIME)
        else:
            relation = apply_to_relation(relations.pop(one.id, None), one, TIME)
            relations |= {one.id: relation} if relation else {}
    return made


def random_operation(
    rng: random.Random, items: dict[str, Item], relations: dict[RelationId, Relation], number: int
) -> GraphOperation:
    """Return a step that fits."""
    uid, field = rng.choice(sorted(items)), rng.choice(["tier", "cpus"])
    relation = RelationId(uid, "uses", rng.choice(sorted(set(items) - {uid})))
    value = rng.choice([None, 1, 2])
    if rng.random() < 0.3:
        return create(f"{rng.random()}-{number}", cpus=number)
    if rng.random() < 0.5:
        return ChangeItem(uid, {field: items[uid].attributes.get(field)}, {field: value}, "test")
    if relation not in relations:
        return AddRelation(relation, {"role": f"r{number}"}, "test")
    before = dict(relations[relation].attributes)
    if rng.random() < 0.5:
        return RemoveRelation(relation, before, "test")
    return ChangeRelation(relation, {"role": before.get("role")}, {"role": f"x{number}"}, "test")


def content(graph: Graph) -> tuple[object, ...]:
    """Describe a graph without versions and origins."""
    items = {uid: (one.key, one.name, one.class_name, one.attributes) for uid, one in graph.items.items()}
    return items, {one: relation.attributes for one, relation in graph.relations.items()}


@pytest.mark.parametrize("seed", range(300))
def test_a_plan_shows_what_its_steps_would_do(seed: int) -> None:
    """Whatever is planned, in however many sittings, shows as if it were done; order is nothing."""
    rng = random.Random(seed)
    graph = live(*(thing(name, tier=rng.choice([1, 2])) for name in "abcd"))
    operations = random_operations(rng, graph)
    done = graph
    for one in operations:
        items, relations = dict(done.items), dict(done.relations)
        if isinstance(one, CreateItem | ChangeItem):
            items[one.uid] = apply_to_item(items.get(one.uid), one, TIME)
        else:
            relation = apply_to_relation(relations.pop(one.id, None), one, TIME)
            relations |= {one.id: relation} if relation else {}
        done = Graph(7, TIME, items, relations)
    steps: dict[Target, Step] = {}
    cut = rng.randint(0, len(operations))
    for sitting in (operations[:cut], operations[cut:]):
        planned(graph, steps, *sitting)
    assert content(laid(graph, steps)) == content(done)
    targets = sorted(steps, key=str)
    halves = [{one: steps[one] for one in targets[start::2]} for start in (0, 1)]
    assert content(laid(graph, *halves)) == content(laid(graph, *reversed(halves))) == content(done)


def planned(graph: Graph, steps: dict[Target, Step], *operations: GraphOperation, **aliases: str) -> None:
    """Plan operations on top of a graph and what is planned already."""
    for changed in Planner("owner", steps, graph, aliases).steps(operations, {}):
        steps.pop(changed.target, None)
        steps |= {changed.target: changed.after} if changed.after else {}


def test_a_field_is_planned_from_what_is_there_when_it_is_planned() -> None:
    """What came true meanwhile is where a later wish starts; what is so already is no wish."""
    steps: dict[Target, Step] = {}
    planned(AB, steps, change("a", {"tier": 1}, {"tier": 2}))
    now = live(thing("a", tier=2), thing("b"))
    planned(now, steps, change("a", {"tier": 2}, {"tier": 3}))
    assert laid(now, steps).items["a"].attributes == {"tier": 3}
    planned(now, steps, change("a", {"tier": 3}, {"tier": 2}))
    assert steps == {}
    planned(now, steps, change("a", {"tier": 2}, {"tier": 1}))
    assert laid(now, steps).items["a"].attributes == {"tier": 1}


def test_a_key_that_a_plan_frees_can_be_used_in_it() -> None:
    """What is created under it is another item, as it is outside of plans."""
    found = laid(AB, plan(change("a", {"key": "a"}, {"key": "old"}), create("new", key="a", name="New")))
    assert {key: found.items[uid].name for key, uid in found.uid_of.items()} == {
        "old": "a",
        "b": "b",
        "a": "New",
    }


def test_two_names_for_one_new_item_are_a_conflict() -> None:
    """Both plans and both names are told; a name that nobody chose is no wish."""
    one, other = (plan(create(f"c-{name}", key="c", name=name)) for name in ("One", "Two"))
    assert conflicts(AB, one, other) == ["c: name: p1 plans “One”, p2 plans “Two”"]
    unnamed = plan(create("c-none", key="c", name="c"))
    assert laid(AB, one, unnamed).items["c-One"].name == "One"
    there = live(*AB.items.values(), Item("own", "c", "server", "Named here"))
    assert laid(there, unnamed).items["own"].name == "Named here"


@pytest.mark.parametrize("live_status", [None, "in_build"])
def test_how_far_a_planned_item_is_does_not_matter_once_it_is_live(live_status: str | None) -> None:
    """Planned, in build or there already: it is live in the view, unless something else is planned."""
    own = Item("own", "c", "server", "c", {"status": live_status} if live_status else {})
    step = plan(create("c", status="planned"), change("own", {"status": "planned"}, {"status": "in_build"}))
    assert "status" not in laid(live(own), step).items["own"].attributes
    both = laid(
        AB, plan(create("c", status="planned")), plan(create("d", key="c", name="c", status="in_build"))
    )
    assert "status" not in both.items["c"].attributes
    kept = plan(create("c", status="planned"), change("own", {"status": None}, {"status": "maintenance"}))
    assert laid(live(own), kept).items["own"].attributes["status"] == "maintenance"


def test_where_plans_do_not_fit_the_graph_stands() -> None:
    """With its conflicts told, the rest of the plan can be looked at and mended."""
    bad = plan(change("a", {"tier": 3}, {"tier": 2}), change("b", {}, {"tier": 4}), unrelate("a", "b"))
    found = overlay(AB, {"p1": bad})
    assert [one.attributes for one in found.graph.items.values()] == [{"tier": 1}, {"tier": 4}]
    assert (len(found.conflicts), set(found.graph.relations)) == (2, {needs("a", "b")})


def test_who_makes_what_is_not_here_is_told_where_it_is_known() -> None:
    """By its key: the plan that makes it, or that none does any more; of both ends of a relation."""
    bad = plan(relate("y", "z"))
    assert overlay(AB, {"p1": bad}).strangers == {"y", "z"}
    elsewhere = {"y": Elsewhere("why", "p2"), "z": Elsewhere("zed", None)}
    found = overlay(AB, {"p1": bad}, Known(elsewhere=elsewhere)).conflicts
    assert [(one.pointer, one.detail) for one in found] == [
        ("why → zed, depends_on", "p1 needs why, which only the plan of p2 makes: lay that over it too"),
        ("why → zed, depends_on", "p1 needs zed, which no plan makes any more"),
    ]


@pytest.mark.parametrize(
    ("operations", "told"),
    [
        ([change("b", {"class": "server"}, {"class": "document"})], True),
        ([change("b", {"class": "server"}, {"class": "database"})], False),
        ([create("c", **{"class": "document"}), relate("a", "c")], True),
        ([change("b", {"class": "server"}, {"class": "document"}), unrelate("a", "b", role="db")], False),
        ([change("b", {"class": "server"}, {"class": "of another vocabulary"})], False),
    ],
)
def test_relations_join_what_the_vocabulary_allows(operations: list[GraphOperation], told: bool) -> None:  # noqa: FBT001
    """Those of the graph at items that a plan makes another class of, and those of plans."""
    found = overlay(AB, {"p1": plan(*operations)}, Known(vocabulary=load_vocabulary())).conflicts
    reason = "with the plan of p1: the vocabulary does not allow that a server depends on a document"
    assert [one.detail for one in found] == [reason] * told


def test_an_edition_is_another_one_whenever_anything_of_it_is() -> None:
    """The version today, what a plan says, and which plan says it; the rest of the plan is nothing to it."""
    step, other = change("a", {"tier": 1}, {"tier": 2}), change("a", {"tier": 1}, {"tier": 3})
    newer = live(replace(AB.items["a"], version=2), AB.items["b"])
    found = [
        overlay(AB, {"p1": plan(step)}),
        overlay(AB, {"p1": plan(other)}),
        overlay(AB, {"p2": plan(step)}),
        overlay(AB, {"p1": plan(step), "p2": plan(step)}),
        overlay(newer, {"p1": plan(step)}),
    ]
    assert len({one.edition("a", 1) for one in found}) == len(found)
    assert found[4].edition("a", 2).startswith("2-")
    beside = overlay(AB, {"p1": plan(change("b", {}, {"tier": 4}), step, relate("b", "a"))})
    assert beside.edition("a", 1) == found[0].edition("a", 1)
    assert overlay(AB, {"p1": plan(step)}).edition("b", 7) == "7"
    assert beside.edition(needs("b", "a").uid, 1).startswith("0-")
