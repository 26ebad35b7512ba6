"""Why an item is hit, and each reason why it is not."""

from __future__ import annotations

from cmdb.harm import State
from cmdb.values import Attributes
from cmdb.vocabulary_files import load_vocabulary
from impact.answer import ask
from impact.documents.explanation import explanation_document
from impact.explain import explain
from impact.following import take
from impact.wording import headline
from tests.impact.pictures import NOW, graph_of

SERVICE: Attributes = {"class": "application_service"}
GROUP: Attributes = {"class": "redundancy_group"}


def told(
    items: dict[str, Attributes],
    relations: list[tuple[str, str, str]],
    causes: dict[str, str],
    key: str,
) -> dict[str, object]:
    """The explanation document of one item."""
    picture = take(graph_of(items, relations), load_vocabulary())
    answer = ask(picture, {picture.find(one): State.parse(state) for one, state in causes.items()}, NOW)
    return explanation_document(answer, explain(answer, picture.find(key)), "live")


POOL: dict[str, Attributes] = {"shop": {**SERVICE}, "pool": {**GROUP}, "db-1": {}, "db-2": {}, "feed": {}}
POOL_RELATIONS = [
    ("shop", "depends_on", "pool"),
    ("db-1", "member_of", "pool"),
    ("db-2", "member_of", "pool"),
    ("db-1", "depends_on", "feed"),
    ("db-2", "depends_on", "feed"),
]


def test_a_hit_is_told_with_every_lost_member() -> None:
    """A group that broke is explained by each of the members it lost."""
    found = told(POOL, POOL_RELATIONS, {"feed": "out"}, "shop")
    assert (found["verdict"], found["state"]) == ("hit", "out")
    assert found["detail"] == (
        "shop is out: it depends on pool, which has 0 of 2 left and needs 1,"
        " because db-1 depends on feed; and db-2 depends on feed."
    )
    assert found["chains"]["total"] == 2  # type: ignore[index]


def test_absorbed() -> None:
    """A group that holds is named with what it has left."""
    found = told(
        {**POOL, "pool": {**GROUP, "needs": 1}, "db-3": {}},
        [*POOL_RELATIONS, ("db-3", "member_of", "pool")],
        {"db-1": "out"},
        "shop",
    )
    assert found["verdict"] == "absorbed"
    assert found["detail"] == "pool absorbs that db-1 is out: 2 of 3 left, needs 1, can lose 1 more."


def test_softened_away() -> None:
    """Harm that a relation softens to nothing is said to be softened, and by which relation."""
    found = told(
        {"till": {**SERVICE}, "loyalty": {}}, [("till", "uses", "loyalty")], {"loyalty": "at_risk"}, "till"
    )
    assert found["verdict"] == "softened"
    assert found["detail"] == "till uses loyalty, which passes nothing on when loyalty is at risk."


def test_not_live_item() -> None:
    """What is planned is not hit today."""
    found = told({"new": {"status": "planned"}, "db": {}}, [("new", "runs_on", "db")], {"db": "out"}, "new")
    assert (found["verdict"], found["detail"]) == ("not_live", "new is planned. Nothing hits it today.")


def test_not_live_cause() -> None:
    """What is planned hits nothing today."""
    found = told(
        {"shop": {}, "db": {"status": "in_build"}}, [("shop", "runs_on", "db")], {"db": "out"}, "shop"
    )
    assert (found["verdict"], found["detail"]) == ("not_live", "db is in build. It hits nothing today.")


def test_not_live_between() -> None:
    """Where only a retired item would join the two, it is named."""
    items: dict[str, Attributes] = {"shop": {}, "app": {"status": "retired"}, "db": {}}
    found = told(items, [("shop", "runs_on", "app"), ("app", "runs_on", "db")], {"db": "out"}, "shop")
    assert found["verdict"] == "not_live"
    assert found["detail"] == "The only way leads through what is not live: app (retired)."


def test_no_path() -> None:
    """Two parts of the map that harm does not join."""
    items: dict[str, Attributes] = {"shop": {}, "web": {}, "db": {}, "app": {}}
    found = told(items, [("shop", "runs_on", "web"), ("app", "runs_on", "db")], {"db": "out"}, "shop")
    assert (found["verdict"], found["detail"]) == (
        "no_path",
        "No path along which harm passes leads from db to shop.",
    )


def test_harm_does_not_run_backwards() -> None:
    """What needs the item does not hurt it."""
    found = told({"shop": {}, "db": {}}, [("shop", "runs_on", "db")], {"shop": "out"}, "db")
    assert found["verdict"] == "no_path"


def test_no_relations() -> None:
    """Nothing is known of an item without relations, which is not the same as safe."""
    items: dict[str, Attributes] = {"shop": {}, "web": {}, "db": {}}
    hit = told(items, [("web", "runs_on", "db")], {"db": "out"}, "shop")
    assert (hit["verdict"], hit["detail"]) == (
        "no_relations",
        "shop has no relations. What hits it is unknown, not nothing.",
    )
    cause = told(items, [("web", "runs_on", "db")], {"shop": "out"}, "web")
    assert (cause["verdict"], cause["detail"]) == (
        "no_relations",
        "shop has no relations. What it hits is unknown, not nothing.",
    )


def test_nothing_carries_harm() -> None:
    """Relations that carry no harm are counted and named."""
    items: dict[str, Attributes] = {"shop": {}, "web": {}, "db": {}, "mon": {}}
    relations = [("shop", "runs_on", "web"), ("db", "monitored_by", "mon")]
    found = told(items, relations, {"db": "out"}, "shop")
    assert found["verdict"] == "nothing_carries_harm"
    assert found["detail"] == (
        "db has one relation, none of a kind that carries harm (is monitored by)."
        " If one is a dependency, change it."
    )


def test_already_hurt() -> None:
    """What is out anyway is not blamed on the cause, which would have done the same."""
    items: dict[str, Attributes] = {"shop": {}, "db": {}, "old": {"status": "maintenance"}}
    found = told(items, [("shop", "runs_on", "db"), ("shop", "runs_on", "old")], {"db": "out"}, "shop")
    assert found["verdict"] == "already"
    assert (
        found["detail"] == "shop is out already, whatever happens here. By itself the cause would put it out."
    )


def test_the_cause_itself() -> None:
    """What was set is what it was set to."""
    found = told({"shop": {}, "db": {}}, [("shop", "runs_on", "db")], {"db": "degraded"}, "db")
    assert (found["verdict"], found["detail"]) == (
        "cause",
        "db is what was set to degraded; nothing makes it worse.",
    )


def test_chains_through_parallel_relations_are_distinct() -> None:
    """Two relations between one pair are two chains."""
    relations = [("shop", "runs_on", "db"), ("shop", "depends_on", "db")]
    found = told({"shop": {**SERVICE}, "db": {}}, relations, {"db": "out"}, "shop")
    sentences = [chain["detail"] for chain in found["chains"]["shown"]]  # type: ignore[index]
    assert sentences == ["shop depends on db.", "shop runs on db."]


def test_many_chains_are_counted_and_the_rest_is_said() -> None:
    """Of more chains than are written out, all are counted and the limit is named."""
    items: dict[str, Attributes] = {"shop": {**SERVICE}, "feed": {}}
    relations = []
    for layer in range(3):
        for one in "abcd":
            items[f"{one}{layer}"] = {}
            below = ["feed"] if layer == 2 else [f"{other}{layer + 1}" for other in "abcd"]
            relations += [(f"{one}{layer}", "depends_on", other) for other in below]
    relations += [("shop", "depends_on", f"{one}0") for one in "abcd"]
    found = told(items, relations, {"feed": "out"}, "shop")
    assert found["chains"]["total"] == 64  # type: ignore[index]
    assert found["limits"] == [{"key": "shop", "reason": "44 more chains are as short and not written out"}]


def headline_of(
    items: dict[str, Attributes], relations: list[tuple[str, str, str]], causes: dict[str, str]
) -> str:
    """The first sentence of an answer."""
    picture = take(graph_of(items, relations), load_vocabulary())
    return headline(
        ask(picture, {picture.find(one): State.parse(state) for one, state in causes.items()}, NOW)
    )


def test_headlines_say_which_kind_of_answer_it_is() -> None:
    """An answer about services names them; each kind of empty answer reads differently."""
    assert headline_of(POOL, POOL_RELATIONS, {"feed": "out"}) == "shop goes out. One service is hit."
    assert headline_of(POOL, POOL_RELATIONS, {"db-1": "out"}) == "shop is at risk. One service is hit."
    three = {**POOL, "db-3": {}}
    relations = [*POOL_RELATIONS, ("db-3", "member_of", "pool")]
    assert headline_of(three, relations, {"db-1": "out"}) == (
        "No service is hit: pool holds. 2 of 3 left, needs 1, can lose 1 more."
    )
    assert (
        headline_of({"srv": {}}, [], {"srv": "out"})
        == "srv has no relations. What it hits is unknown, not nothing."
    )
    assert headline_of({"a": {}, "b": {}}, [("b", "runs_on", "a")], {"a": "out"}) == (
        "a reaches one item, none of them a service. Impact is unknown."
    )


def test_a_fault_is_not_blamed_on_the_cause() -> None:
    """What is at risk in every context is not said to be so because of something unrelated."""
    items: dict[str, Attributes] = {
        "group": {**GROUP, "needs": 3},
        "m": {},
        "shop": {},
        "other": {},
        "srv": {},
    }
    relations = [("m", "member_of", "group"), ("shop", "depends_on", "group"), ("other", "runs_on", "srv")]
    found = told(items, relations, {"srv": "out"}, "shop")
    assert (found["verdict"], found["detail"]) == (
        "no_path",
        "No path along which harm passes leads from srv to shop.",
    )


def test_a_way_back_through_the_cause_is_no_reason() -> None:
    """Only what lies between cause and item is told of, not what else hangs on the cause."""
    items: dict[str, Attributes] = {"fw": {"class": "firewall"}, "r1": {}, "r2": {}}
    found = told(items, [("r1", "part_of", "fw"), ("r2", "part_of", "fw")], {"fw": "degraded"}, "r1")
    assert [one["detail"] for one in found["reasons"]] == [  # type: ignore[attr-defined]
        "r1 is part of fw, which passes nothing on when fw is degraded."
    ]


def test_a_member_of_what_does_not_count_carries_nothing() -> None:
    """Belonging to a team is a relation of a kind that counts, but a team counts nobody."""
    items: dict[str, Attributes] = {"ann": {"class": "person"}, "team": {"class": "team"}, "a": {}, "b": {}}
    found = told(items, [("ann", "member_of", "team"), ("a", "runs_on", "b")], {"team": "out"}, "a")
    assert found["verdict"] == "nothing_carries_harm"
    assert found["detail"] == (
        "team has one relation, none of a kind that carries harm (has as a member)."
        " If one is a dependency, change it."
    )
