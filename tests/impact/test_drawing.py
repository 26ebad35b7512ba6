"""What is drawn of an answer: everything once, little enough to read."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from cmdb.harm import State
from cmdb.values import Attributes
from cmdb.vocabulary_files import load_vocabulary
from impact.answer import Answer, ask
from impact.drawing import drawing
from impact.drawing.sheet import BOXES_AT_MOST, COLUMN_AT_MOST, COLUMNS_AT_MOST
from impact.following import take
from tests.impact.cases import random_case
from tests.impact.pictures import NOW, graph_of, nonsense

pytestmark = pytest.mark.slow

Relations = list[tuple[str, str, str]]


def answer_to(items: dict[str, Attributes], relations: Relations, cause: str) -> Answer:
    """What follows when one item is out, in the real vocabulary."""
    picture = take(graph_of(items, relations), load_vocabulary())
    return ask(picture, {picture.find(cause): State.OUT}, NOW)


def drawn(items: dict[str, Attributes], relations: Relations, cause: str) -> dict[str, Any]:
    """The drawing of what follows."""
    return drawing(answer_to(items, relations, cause))


@pytest.mark.parametrize("share", range(4))
def test_everything_is_drawn_once(share: int) -> None:
    """Causes, hit items and groups that held stand in exactly one box, and arrows join boxes that exist."""
    for seed in range(share, 800, 4):
        rng = random.Random(seed)
        case = random_case(rng, rng.randint(2, 14))
        picture = nonsense(case)
        answer = ask(picture, {picture.find(k): State.parse(s) for k, s in case.causes.items()}, NOW)
        found = drawing(answer)
        counts = Counter(key for box in found["boxes"] if box["kind"] != "members" for key in box["keys"])
        wanted = {*answer.causes, *answer.affected, *answer.absorbed}
        assert counts == Counter(picture.keys[place] for place in wanted), f"seed {seed}"
        ids = [box["id"] for box in found["boxes"]]
        assert len(set(ids)) == len(ids)
        assert {end for arrow in found["arrows"] for end in (arrow["source"], arrow["target"])} <= set(ids)
        columns = Counter(box["column"] for box in found["boxes"])
        assert max(columns.values()) <= COLUMN_AT_MOST
        assert sorted(columns) == list(range(len(columns))), f"seed {seed}"
        assert found == drawing(answer)


def test_a_passage_becomes_the_second_line() -> None:
    """An item between one and one stands on its neighbour's second line."""
    items: dict[str, Attributes] = {"feed": {}, "srv": {}, "db": {}, "shop": {"class": "application_service"}}
    relations = [("srv", "depends_on", "feed"), ("db", "runs_on", "srv"), ("shop", "depends_on", "db")]
    boxes = {box["label"]: box for box in drawn(items, relations, "feed")["boxes"]}
    assert set(boxes) == {"feed", "db", "shop"}
    assert (boxes["db"]["second"], boxes["db"]["keys"]) == ("runs on srv", ["db", "srv"])


def test_dead_ends_become_one_box() -> None:
    """What leads to no service says how much it is, and that there is nothing behind it."""
    items: dict[str, Attributes] = {"feed": {}, **{f"srv-{n}": {} for n in range(5)}}
    relations = [(f"srv-{n}", "depends_on", "feed") for n in range(5)]
    boxes = drawn(items, relations, "feed")["boxes"]
    assert [(box["label"], box["second"]) for box in boxes] == [
        ("feed", "you set it to out"),
        ("5 servers", "no service behind"),
    ]


def test_dead_ends_take_what_hangs_on_them_along() -> None:
    """Servers and the virtual machines on them, none of which a service needs, are one box."""
    items: dict[str, Attributes] = {"feed": {}, **{f"srv-{n}": {} for n in range(4)}}
    items |= {f"vm-{n}": {"class": "virtual_machine"} for n in range(8)}
    relations = [(f"srv-{n}", "depends_on", "feed") for n in range(4)]
    relations += [(f"vm-{n}", "runs_on", f"srv-{n // 2}") for n in range(8)]
    boxes = drawn(items, relations, "feed")["boxes"]
    assert [(box["label"], box["second"]) for box in boxes[1:]] == [("8 VMs, 4 servers", "no service behind")]


def test_many_classes_are_counted_together() -> None:
    """Where a count by classes is long, a number of items is said instead."""
    items: dict[str, Attributes] = {
        "feed": {},
        "a": {},
        "b": {"class": "database"},
        "c": {"class": "network_link"},
    }
    boxes = drawn(items, [(key, "depends_on", "feed") for key in "abc"], "feed")["boxes"]
    assert [box["label"] for box in boxes] == ["feed", "3 items"]


def test_arrows_lead_to_columns_further_right() -> None:
    """A box stands right of everything whose harm reaches it, however short another way is."""
    items: dict[str, Attributes] = {"dc": {}, "srv": {}, "db": {}, "shop": {"class": "application_service"}}
    relations = [("srv", "located_in", "dc"), ("db", "runs_on", "srv"), ("shop", "depends_on", "db")]
    relations += [("shop", "depends_on", "dc"), ("shop", "depends_on", "srv")]
    boxes = {box["label"]: box["column"] for box in drawn(items, relations, "dc")["boxes"]}
    assert boxes == {"dc": 0, "srv": 1, "db": 2, "shop": 3}


def ladder(steps: int) -> tuple[dict[str, Attributes], Relations]:
    """Servers, each hanging on the one before and each with a service of its own."""
    items: dict[str, Attributes] = {f"srv-{n}": {} for n in range(steps)}
    items |= {f"app-{n}": {"class": "application_service", "tier": 1} for n in range(steps)}
    relations = [(f"srv-{n}", "depends_on", f"srv-{n - 1}") for n in range(1, steps)]
    return items, relations + [(f"app-{n}", "depends_on", f"srv-{n}") for n in range(steps)]


def test_a_wide_answer_is_folded_from_its_far_end() -> None:
    """What hangs on one item alone goes into its box, no farther than needed; services stay."""
    boxes = drawn(*ladder(8), "srv-0")["boxes"]
    assert max(box["column"] for box in boxes) + 1 == COLUMNS_AT_MOST
    told = [(box["label"], box["second"]) for box in boxes if box["kind"] != "service"]
    assert told == [
        ("srv-0", "you set it to out"),
        ("srv-1", "server"),
        ("srv-2", "server"),
        ("srv-3", "server"),
        ("srv-4", "and 3 behind it"),
    ]
    assert sum(box["kind"] == "service" for box in boxes) == 8


def test_a_service_takes_the_item_below_it_where_room_is_short() -> None:
    """A chain in which each service has a workload of its own shows the services."""
    items: dict[str, Attributes] = {"start": {}}
    relations: Relations = []
    before = "start"
    for name in "abcde":
        items |= {f"on-{name}": {"class": "workload"}, name: {"class": "technical_service", "tier": 2}}
        relations += [(f"on-{name}", "depends_on", before), (name, "depends_on", f"on-{name}")]
        before = name
    boxes = drawn(items, relations, "start")["boxes"]
    assert [box["label"] for box in boxes] == ["start", *"abcde"]
    assert {box["second"] for box in boxes[1:]} == {"out, tier 2, +1 item"}


def test_neighbours_become_one_where_nothing_else_helps() -> None:
    """Minor services in a row are counted as long as they are too many for a screen's width."""
    items: dict[str, Attributes] = {"feed": {}}
    items |= {f"app-{n}": {"class": "application_service", "tier": 4} for n in range(9)}
    relations = [("app-0", "depends_on", "feed")]
    relations += [(f"app-{n}", "depends_on", f"app-{n - 1}") for n in range(1, 9)]
    boxes = drawn(items, relations, "feed")["boxes"]
    assert len(boxes) == COLUMNS_AT_MOST
    assert {"5 app services"} == {box["label"] for box in boxes if box["kind"] == "fold"}


def test_what_matters_is_never_folded_for_width() -> None:
    """A row of tier-1 services is drawn as it is, up to a dozen."""
    items: dict[str, Attributes] = {f"app-{n}": {"class": "application_service", "tier": 1} for n in range(9)}
    relations = [(f"app-{n}", "depends_on", f"app-{n - 1}") for n in range(1, 9)]
    assert len(drawn(items, relations, "app-0")["boxes"]) == 9


def test_hundreds_of_services_in_a_row_still_fit() -> None:
    """Causes and the worst stand alone, the others are counted."""
    items: dict[str, Attributes] = {
        f"app-{n:03}": {"class": "application_service", "tier": 1} for n in range(300)
    }
    relations = [(f"app-{n:03}", "depends_on", f"app-{n - 1:03}") for n in range(1, 300)]
    boxes = drawn(items, relations, "app-000")["boxes"]
    assert max(box["column"] for box in boxes) < COLUMNS_AT_MOST
    assert boxes[0]["label"] == "app-000"
    assert sum(len(box["keys"]) for box in boxes) == 300


def test_items_in_a_circle_are_drawn_from_the_cause_on() -> None:
    """An arrow that leads back moves nothing."""
    items: dict[str, Attributes] = {"a": {}, "b": {}, "c": {}, "shop": {"class": "application_service"}}
    relations = [("b", "depends_on", "a"), ("c", "depends_on", "b"), ("b", "depends_on", "c")]
    found = drawn(items, [*relations, ("shop", "depends_on", "c"), ("shop", "depends_on", "b")], "a")
    assert {box["label"]: box["column"] for box in found["boxes"]} == {"a": 0, "b": 1, "c": 2, "shop": 3}


def test_a_group_that_held_is_drawn_with_its_other_members() -> None:
    """The members that are still up are one box beside the one that was lost."""
    items: dict[str, Attributes] = {"pool": {"class": "redundancy_group"}, "a": {}, "b": {}, "c": {}}
    relations = [(member, "member_of", "pool") for member in "abc"]
    boxes = {box["label"]: box for box in drawn(items, relations, "a")["boxes"]}
    assert boxes["pool"]["second"] == "2 of 3 left, needs 1"
    assert (boxes["2 other members"]["second"], boxes["2 other members"]["keys"]) == ("still up", ["b", "c"])


def test_a_hub_with_two_hundred_behind_it_stays_readable() -> None:
    """Many alike are counted, the tier-1 service among them is not."""
    items: dict[str, Attributes] = {"dns": {}, "shop": {"class": "application_service", "tier": 1}}
    relations: Relations = [("shop", "depends_on", "dns")]
    for number in range(200):
        items[f"app-{number}"] = {"class": "application_service", "tier": 4}
        relations.append((f"app-{number}", "depends_on", "dns"))
    boxes = drawn(items, relations, "dns")["boxes"]
    assert len(boxes) <= BOXES_AT_MOST
    assert sorted(box["label"] for box in boxes) == ["200 app services", "dns", "shop"]


def test_arrows_say_what_they_pass() -> None:
    """An arrow carries the transfer and the state that arrives."""
    items: dict[str, Attributes] = {"db": {}, "shop": {"class": "application_service"}}
    assert drawn(items, [("shop", "uses", "db")], "db")["arrows"] == [
        {"source": "b000000", "target": "b000001", "transfer": "softened", "state": "degraded"}
    ]
