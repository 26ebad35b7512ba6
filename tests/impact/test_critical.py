"""Single points of failure, groups by margin and false redundancy, against the reference."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cmdb.values import Attributes
from cmdb.vocabulary_files import load_vocabulary
from impact.context import Moment
from impact.critical import critical, members_lost
from impact.documents import critical as documents
from impact.documents.critical import spof_document
from impact.following import take
from impact.picture import Picture
from tests.impact.cases import random_case
from tests.impact.pictures import NOON, NOW, graph_of, nonsense
from tests.impact.reference import (
    OUT,
    Case,
    context_of,
    fixpoint,
    judge,
    judged_groups,
    members_of,
    size_of,
)

pytestmark = pytest.mark.slow

GRAPHS = 150


def alone(case: Case, key: str) -> dict[str, str]:
    """What the reference says when one item is out and nothing else is hurt."""
    return judge(replace(case, causes={key: "out"}, hurt={})).alone


def test_single_points_of_failure_are_what_alone_puts_an_item_out() -> None:
    """Each item is tried on its own by the reference; the engine finds the same ones."""
    for seed in range(GRAPHS):
        case = random_case(random.Random(seed), 8)
        picture = nonsense(case)
        keys = picture.keys.all()
        places = [picture.find(key) for key in case.things]
        found = critical(picture, places).points
        named = {(keys[place], keys[point]) for place, points in found.items() for point in points}
        tried = {
            (key, point)
            for point in case.things
            for key, state in alone(case, point).items()
            if state == "out"
        }
        assert named == {(key, point) for key, point in tried if key != point}, f"seed {seed}"


def test_false_redundancy_names_what_the_members_share() -> None:
    """Each shared item, alone, leaves the group fewer members than it needs."""
    for seed in range(GRAPHS):
        case = random_case(random.Random(seed), 8)
        picture = nonsense(case)
        found = critical(picture, range(len(picture)))
        lost = members_lost(picture, found.shared)
        for group, points in found.shared.items():
            for point in points:
                states = alone(case, picture.keys[point])
                out = {one for one in picture.group(group).members if states[picture.keys[one]] == "out"}
                assert lost[group, point] == picture.in_order(out)
                assert len(out) > picture.group(group).spare > 0


def test_groups_stand_as_the_reference_says_under_the_context_alone() -> None:
    """Every group that is live is told, those that can lose least first."""
    seen = 0
    for seed in range(GRAPHS):
        case = replace(random_case(random.Random(seed), 8), causes={})
        picture = nonsense(case)
        places = [picture.find(key) for key in case.things]
        groups = spof_document(picture, places, "live", NOW)["groups"]
        state = fixpoint(case, context_of(case))
        told = {one["key"]: (one["needs"], one["members"], one["up"], one["margin"]) for one in groups}
        expected = {}
        for group in judged_groups(case):
            needs, members = size_of(case, group)
            up = sum(state[member] < OUT for member in members_of(case, group))
            expected[group] = (needs, members, up, up - needs)
        assert told == expected, f"seed {seed}"
        assert [one["margin"] for one in groups] == sorted(one["margin"] for one in groups)
        seen += len(groups)
    assert seen > GRAPHS


def farm(size: int, pools: int = 1) -> Picture:
    """A farm of pools, each of servers in a rack of its own; all racks stand in one site."""
    items: dict[str, Attributes] = {
        "farm": {"class": "application_service"},
        "site": {"class": "site"},
        "other": {"class": "redundancy_group", "needs": 2},
        "srv-0-0": {"status": "maintenance"},
    }
    relations = [("farm", "depends_on", "other")]
    for pool in range(pools):
        items |= {f"pool-{pool}": {"class": "redundancy_group"}, f"rack-{pool}": {"class": "rack"}}
        relations += [("farm", "depends_on", f"pool-{pool}"), (f"rack-{pool}", "located_in", "site")]
        for number in range(size):
            server = f"srv-{pool}-{number}"
            items.setdefault(server, {})
            relations.append((server, "member_of", f"pool-{pool}"))
            relations.append((server, "located_in", f"rack-{pool}"))
    return take(graph_of(items, relations), load_vocabulary())


def told(picture: Picture, *keys: str) -> Any:  # noqa: ANN401
    """The document about some items."""
    return spof_document(picture, [picture.find(key) for key in keys], "live", NOW)


def test_the_group_that_can_lose_least_comes_first() -> None:
    """A fault is told as one; a server in maintenance is lost already, and has ended later on."""
    document = told(farm(2, pools=2), "farm")
    assert [(one["key"], one["margin"], one["detail"]) for one in document["groups"]] == [
        ("other", 0, "needs 2 but has no members: data fault"),
        ("pool-0", 0, "1 of 2 left, needs 1. Nothing left to lose"),
        ("pool-1", 1, "2 of 2 left, needs 1, can lose 1 more"),
    ]
    assert document["totals"] == {"groups": 3, "false_redundancy": 2}
    assert document["limits"] == []
    tomorrow = Moment(at=NOON + timedelta(days=1), known=NOON)
    picture = farm(2, pools=2)
    later = spof_document(picture, [picture.find("farm")], "live", tomorrow)
    assert {one["key"]: one["margin"] for one in later["groups"]} == {"other": 0, "pool-0": 1, "pool-1": 1}
    assert later["items"] == document["items"]


def test_long_lists_are_told_in_part_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest are written out; `total` and the limits tell how many more there are."""
    monkeypatch.setattr(documents, "OF_EACH", 2)
    monkeypatch.setattr(documents, "GROUPS", 1)
    document = told(farm(3, pools=3), "farm", "pool-1", "srv-0-0")
    farm_, pool, server = document["items"]
    assert ([one["key"] for one in farm_["points"]], farm_["total"]) == (["other", "pool-0"], 8)
    assert ([one["key"] for one in pool["points"]], pool["total"]) == (["rack-1", "site"], 2)
    assert ([one["key"] for one in server["points"]], server["total"]) == (["rack-0", "site"], 2)
    assert farm_["detail"].endswith("failure: other, pool-0, pool-1 and 5 more.")
    assert [one["key"] for one in document["groups"]] == ["other"]
    (false,) = document["false_redundancy"]
    assert (false["key"], false["needs"], false["members"], false["total"]) == ("pool-1", 1, 3, 2)
    assert false["shares"][0] == {
        "key": "rack-1",
        "class": "rack",
        "name": "rack-1",
        "lost": ["srv-1-0", "srv-1-1"],
        "total": 3,
    }
    assert document["totals"] == {"groups": 4, "false_redundancy": 3}
    assert document["limits"] == [
        {"key": "farm", "reason": "not written out: six more single points of failure of farm"},
        {"key": "pool-1", "reason": "not written out: two more lost members, in 2 lists"},
        {"key": "pool-0", "reason": "not written out: three more groups"},
        {"key": "pool-0", "reason": "not written out: two more cases of false redundancy"},
    ]
