"""The fixes that move most answers, against the reference: every candidate is tried there."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.model import Provenance, Relation
from cmdb.values import Attributes, instant
from cmdb.vocabulary import Field
from cmdb.vocabulary_files import load_vocabulary
from impact import candidates as the_candidates
from impact import fixes as the_fixes
from impact import serving as the_serving
from impact.candidates import KINDS
from impact.fixes import Doubt, Fix, Fixes, fixes
from impact.following import take
from impact.kernels import compiling
from impact.picture import Picture
from impact.reach import upstream
from impact.serving import serving
from impact.trials import Trials
from impact.unresolved import Unresolved, unresolved
from tests.impact.cases import random_case
from tests.impact.pictures import NOON, graph_of, graph_of_case, nonsense
from tests.impact.reference import STATES, Case, Link, carries, flows, judge

pytestmark = pytest.mark.slow

GRAPHS = 150
EXAMPLES = 500 if os.environ.get("CMDB_SOAK") else 40
SEEDS = st.integers(0, 1_000_000)

Tiers = dict[str, int | None]
Score = tuple[int, int]


def estate(seed: int) -> tuple[Case, Tiers, Picture]:
    """Draw a small graph in which everything is a service of some tier, and some of it has an owner."""
    rng = random.Random(seed)
    case = replace(random_case(rng, rng.randint(2, 12)), causes={}, hurt={})
    tiers: Tiers = {key: rng.choice((1, 1, 2, 3, None)) for key in case.things}
    vocabulary = nonsense(case).vocabulary
    families = {**vocabulary.families, "jabber": replace_family(vocabulary.families["jabber"])}
    graph = graph_of_case(case)
    items = {
        key: replace(item, attributes=known(item.attributes, tiers[key])) for key, item in graph.items.items()
    }
    told = {"unresolved": Field(type="texts", describe="brillig"), **vocabulary.fields}
    return case, tiers, take(replace(graph, items=items), replace(vocabulary, families=families, fields=told))


def replace_family(family: Any) -> Any:  # noqa: ANN401
    """Return a family whose classes are services."""
    return family.model_copy(update={"service": True})


def known(attributes: Attributes, tier: int | None) -> Attributes:
    """Return the attributes with a tier, if there is one."""
    return dict(attributes) if tier is None else {**attributes, "tier": tier}


def score(case: Case, tiers: Tiers, services: set[str]) -> Score:
    """Count the services of tier 1, and those of tier 2 or none."""
    live = [tiers[key] for key in services if carries(case, key)]
    return live.count(1), live.count(2) + live.count(None)


def hit(case: Case, cause: str) -> dict[str, int]:
    """Return how bad everything is when one item is out, as the reference says."""
    alone = judge(replace(case, causes={cause: "out"})).alone
    return {key: STATES.index(state) for key, state in alone.items()}


def worth(case: Case, tiers: Tiers, link: Link) -> Score:
    """Return what a relation is worth: services that are hit less badly without it."""
    without = replace(case, links=case.links - {link})
    floor = {key: STATES.index(state) for key, state in judge(case).alone.items()}
    moved: set[str] = set()
    for flow in flows(case):
        if flow.link == link:
            before, after = hit(case, flow.giver), hit(without, flow.giver)
            moved |= {key for key in before if before[key] > max(after[key], floor[key])}
    return score(case, tiers, moved)


def all_worths(case: Case, tiers: Tiers) -> dict[Link, Score]:
    """Return what each relation is worth along which harm can pass."""
    return {link: worth(case, tiers, link) for link in {flow.link for flow in flows(case)}}


def best(scores: Sequence[Score]) -> list[Score]:
    """Return the ten best that are worth anything."""
    return sorted((one for one in scores if any(one)), reverse=True)[:10]


def of_link(picture: Picture, fix: Fix) -> Link:
    """Return the relation that a fix is about, by keys."""
    assert isinstance(fix.about, Doubt)
    source, kind, target = fix.about.link
    return picture.keys[source], kind, picture.keys[target]


@settings(deadline=None, max_examples=EXAMPLES)
@given(SEEDS)
def test_relations_are_worth_what_is_hit_only_because_of_them(seed: int) -> None:
    """Each relation is taken out by the reference; the ten best are found, each with its true worth."""
    case, tiers, picture = estate(seed)
    true = all_worths(case, tiers)
    found = fixes(picture, NOON, kinds=["relation"])
    assert [tuple(one.score) for one in found.found] == best([*true.values()])
    assert [tuple(one.score) for one in found.found] == [true[of_link(picture, one)] for one in found.found]
    assert found.untried == 0


@settings(deadline=None, max_examples=EXAMPLES)
@given(SEEDS)
def test_an_item_without_an_owner_is_worth_the_services_that_need_it(seed: int) -> None:
    """Those that it could hit, itself included."""
    case, tiers, picture = estate(seed)
    needs = {
        key: {picture.keys[place] for place in upstream(picture, [picture.find(key)])}
        for key in case.things
        if carries(case, key)
    }
    true = {key: score(case, tiers, {one for one in needs if key in needs[one]}) for key in needs}
    found = fixes(picture, NOON, kinds=["owner"]).found
    assert [tuple(one.score) for one in found] == best([*true.values()])
    assert all(isinstance(one.about, int) and true[picture.keys[one.about]] == one.score for one in found)


@settings(deadline=None, max_examples=EXAMPLES)
@given(SEEDS)
def test_what_an_item_could_hit_is_counted_for_all_at_once(seed: int) -> None:
    """It is the same as walking upstream from each service."""
    case, tiers, picture = estate(seed)
    found = serving(picture)
    walks = {key: upstream(picture, [picture.find(key)]) for key in case.things if carries(case, key)}
    for tier, counts in zip((1, 2), found.counts, strict=True):
        services = [walks[key] for key in walks if (tiers[key] or 2) == tier]
        expected = [sum(place in walk for walk in services) for place in range(len(picture))]
        assert counts.tolist() == expected
    assert found.is_whole


@settings(deadline=None, max_examples=EXAMPLES)
@given(SEEDS)
def test_an_item_being_out_hits_what_the_reference_says(seed: int) -> None:
    """References are worth the services that the item which refers would hit, itself included."""
    case, _, picture = estate(seed)
    trials = Trials(picture, np.flatnonzero(picture.services).astype(np.int32))
    keys = picture.keys.some(trials.services)
    floor = judge(case).alone
    for cause in filter(lambda key: carries(case, key), case.things):
        told = {
            key for key, is_hit in zip(keys, trials.hit(picture.find(cause)).tolist(), strict=True) if is_hit
        }
        assert told == {
            key for key, state in hit(case, cause).items() if state > STATES.index(floor[key])
        } & {*keys}


@pytest.mark.slow
def test_machine_code_finds_the_same_fixes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled loops and Python agree."""
    for seed in range(GRAPHS):
        told = []
        for few in (compiling.FEW_ROWS, -1):
            with monkeypatch.context() as patched:
                patched.setattr(compiling, "FEW_ROWS", few)
                patched.setattr(compiling, "TRIED_ROWS", few)
                found = fixes(estate(seed)[2], NOON)
                told.append((found.found, found.candidates, [one.tolist() for one in found.serving.counts]))
        assert told[0] == told[1], f"seed {seed}"


# Hand-made estates


SHOP: dict[str, Attributes] = {
    "checkout": {"class": "application_service", "tier": 1, "owner": "team-shop"},
    "search": {"class": "application_service", "owner": "team-shop"},
    "db": {"class": "database", "owner": "team-shop"},
    "pool": {"class": "redundancy_group", "needs": 1, "owner": "team-shop"},
    "srv-1": {"owner": "team-shop"},
    "srv-2": {"owner": "team-shop"},
    "team-shop": {"class": "team"},
}
RELATIONS = [
    ("checkout", "depends_on", "db"),
    ("search", "uses", "db"),
    ("checkout", "runs_on", "pool"),
    ("srv-1", "member_of", "pool"),
    ("srv-2", "member_of", "pool"),
]


def shop(
    attributes: dict[tuple[str, str, str], Attributes] | None = None,
    items: dict[str, Attributes] | None = None,
    relations: Sequence[tuple[str, str, str]] = (),
    written: str = instant(NOON),
) -> Picture:
    """Make the picture of a small shop, each of whose relations was written at an instant."""
    graph = graph_of({**SHOP, **(items or {})}, [*RELATIONS, *relations])
    told = attributes or {}
    known_relations = {
        one: Relation(
            one, told.get((one.source, one.type, one.target), {}), 1, {"type": Provenance("scan", written)}
        )
        for one in graph.relations
    }
    return take(replace(graph, relations=known_relations), load_vocabulary())


def told(picture: Picture, found: Fixes) -> Iterator[tuple[object, ...]]:
    """Return what each fix is about and what it is worth."""
    for one in found.found:
        if isinstance(one.about, Doubt):
            yield *of_link(picture, one), *one.score, one.unclassified
        elif isinstance(one.about, Unresolved):
            yield str(one.about.reference), *one.score, one.unclassified
        else:
            yield picture.keys[one.about], *one.score, one.unclassified


def test_a_member_that_can_be_lost_is_worth_nothing_until_it_is_the_last_but_one() -> None:
    """Losing one of two leaves nothing to lose, which puts checkout at risk; no tier counts as tier 2."""
    picture = shop()
    assert list(told(picture, fixes(picture, NOON))) == [
        ("checkout", "depends_on", "db", 1, 0, 0),
        ("checkout", "runs_on", "pool", 1, 0, 0),
        ("srv-1", "member_of", "pool", 1, 0, 0),
        ("srv-2", "member_of", "pool", 1, 0, 0),
        ("search", "uses", "db", 0, 1, 1),
    ]
    more = shop(items={"srv-3": {"owner": "team-shop"}}, relations=[("srv-3", "member_of", "pool")])
    assert ("srv-1", "member_of", "pool", 1, 0, 0) not in list(told(more, fixes(more, NOON)))


@pytest.mark.parametrize(
    ("attributes", "written", "doubt"),
    [
        ({"verified_at": instant(NOON)}, NOON, None),
        ({}, NOON, ("unsaid", False, False)),
        ({"known": "inferred", "verified_at": instant(NOON)}, NOON, ("inferred", True, False)),
        ({"known": "observed"}, NOON - timedelta(days=61), ("observed", False, True)),
        (
            {"known": "declared", "verified_at": instant(NOON - timedelta(days=61))},
            NOON - timedelta(days=90),
            ("declared", True, True),
        ),
    ],
    ids=["verified", "unverified", "inferred", "stale", "verified long ago"],
)
def test_only_what_is_doubtful_is_to_be_confirmed(
    attributes: Attributes,
    written: datetime,
    doubt: tuple[str, bool, bool] | None,
) -> None:
    """A relation that somebody verified lately, and that was not inferred, is settled."""
    picture = shop({("checkout", "depends_on", "db"): attributes}, written=instant(written))
    about = {of_link(picture, one): one.about for one in fixes(picture, NOON, kinds=["relation"]).found}.get(
        ("checkout", "depends_on", "db")
    )
    assert (about and tuple(about)[1:]) == doubt  # type: ignore[arg-type]


def test_an_owner_may_be_a_relation() -> None:
    """What its field does not say, owned_by may."""
    items: dict[str, Attributes] = {"db": {"class": "database"}, "srv-1": {}}
    picture = shop(items=items, relations=[("srv-1", "owned_by", "team-shop")])
    assert list(told(picture, fixes(picture, NOON, kinds=["owner"]))) == [("db", 1, 1, 1)]


def source(*references: str) -> dict[str, Attributes]:
    """Return the item of a source that tells some references."""
    return {"source:scan": {"class": "source", "unresolved": list(references)}}


def test_a_reference_is_worth_what_the_item_that_refers_would_hit() -> None:
    """One that carries neither harm nor an owner moves no answer, and is listed all the same."""
    items = source("db runs_on vm-7", "search documented_by Wiki", "pool owned_by Ops", "gone uses x", "odd")
    picture = shop(items=items)
    assert [str(one.reference) for one in unresolved(picture)] == [
        "db runs_on vm-7",
        "pool owned_by Ops",
        "search documented_by Wiki",
    ]
    assert list(told(picture, fixes(picture, NOON, kinds=["reference"]))) == [
        ("db runs_on vm-7", 1, 1, 1),
        ("pool owned_by Ops", 1, 0, 0),
    ]


def test_a_reference_is_resolved_by_a_relation() -> None:
    """By one to an item so called, or one that says that it resolves it; not by one the other way round."""
    items = source("db runs_on srv-1", "db runs_on VM 7", "srv-2 ^runs_on db")
    picture = shop(items=items, relations=[("db", "runs_on", "srv-1")])
    assert [str(one.reference) for one in unresolved(picture)] == ["db runs_on VM 7", "srv-2 ^runs_on db"]
    resolved: dict[tuple[str, str, str], Attributes] = {("db", "runs_on", "srv-1"): {"resolves": "VM 7"}}
    picture = shop(resolved, items, [("db", "runs_on", "srv-1"), ("db", "runs_on", "srv-2")])
    assert unresolved(picture) == []


def test_only_some_items_and_kinds_may_be_looked_at() -> None:
    """A relation is looked at if one of its ends is."""
    picture = shop(items={"db": {"class": "database"}})
    among = np.zeros(len(picture), np.bool_)
    among[picture.find("db")] = True
    assert list(told(picture, fixes(picture, NOON, among))) == [
        ("db", 1, 1, 1),
        ("checkout", "depends_on", "db", 1, 0, 0),
        ("search", "uses", "db", 0, 1, 1),
    ]
    assert fixes(picture, NOON, among, ["owner"]).candidates == {"relation": 0, "reference": 0, "owner": 1}


def test_nothing_is_found_where_there_is_nothing() -> None:
    """An empty graph, and one without services, have no fixes."""
    for graph in (graph_of({}, []), graph_of({"a": {}, "b": {}}, [("a", "depends_on", "b")])):
        found = fixes(take(graph, load_vocabulary()), NOON)
        assert (found.found, sum(found.candidates.values()), found.untried) == ([], 0, 0)


def chain(length: int) -> Picture:
    """Make a chain of services, each of which needs the next, and a database at its end."""
    items: dict[str, Attributes] = {
        f"s-{number:03}": {"class": "application_service"} for number in range(length)
    }
    keys = [*items, "db"]
    items["db"] = {"class": "database"}
    links = [(one, "depends_on", other) for one, other in pairwise(keys)]
    return take(graph_of(items, links), load_vocabulary())


def test_more_services_than_fit_into_a_number_are_counted() -> None:
    """Sixty-three are looked at at once."""
    picture = chain(200)
    assert serving(picture).counts[1][picture.find("db")] == 200
    assert serving(picture).counts[1][picture.find("s-099")] == 100
    assert [one.score.tier_2 for one in fixes(picture, NOON, kinds=["relation"]).found] == [
        *range(200, 190, -1)
    ]


def test_where_it_takes_too_long_the_order_is_an_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told of a fix stays exact, and what was not tried is counted."""
    monkeypatch.setattr(the_serving, "ROWS_AT_MOST", 1)
    monkeypatch.setattr(the_fixes, "WORK_AT_MOST", 2_000)
    picture = chain(200)
    found = fixes(picture, NOON, kinds=["relation"])
    assert (found.serving.is_whole, found.serving.looked, found.serving.services) == (
        False,
        (0, 63),
        (0, 200),
    )
    assert found.untried > 100
    assert 5 < len(found.found) <= 10
    true = {f"s-{number:03}": number + 1 for number in range(200)}
    assert all(true[of_link(picture, one)[0]] == one.score.tier_2 for one in found.found)


def test_of_very_many_candidates_only_the_best_are_put_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ten best are the same, and if they had not been enough, the others would be counted as untried."""
    picture = chain(50)
    all_of_them = fixes(picture, NOON)
    monkeypatch.setattr(the_candidates, "IN_ORDER", 20)
    assert fixes(picture, NOON) == all_of_them
    monkeypatch.setattr(the_candidates, "IN_ORDER", 4)
    found = fixes(picture, NOON)
    assert found.found == all_of_them.found[: len(found.found)]
    assert found.untried == sum(found.candidates.values()) - len(found.found) > 80


def test_kinds_are_the_three_that_people_can_fix() -> None:
    """Doors offer them by name."""
    assert KINDS == ("relation", "reference", "owner")
