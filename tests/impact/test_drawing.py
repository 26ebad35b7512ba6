"""What is drawn of an answer: everything once, little enough to read."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from cmdb.harm import State
from cmdb.values import Attributes
from cmdb.vocabulary import load_vocabulary
from impact.answer import Answer, ask
from impact.drawing import drawing
from impact.drawing.sheet import BOXES_AT_MOST
from impact.picture import take
from tests.impact.cases import random_case
from tests.impact.pictures import NOW, graph_of, nonsense

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
        assert counts == Counter(picture.items[place].key for place in wanted), f"seed {seed}"
        ids = [box["id"] for box in found["boxes"]]
        assert len(set(ids)) == len(ids)
        assert {end for arrow in found["arrows"] for end in (arrow["source"], arrow["target"])} <= set(ids)
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
    assert sorted(box["label"] for box in boxes) == ["200 application services", "dns", "shop"]


def test_arrows_say_what_they_pass() -> None:
    """An arrow carries the transfer and the state that arrives."""
    items: dict[str, Attributes] = {"db": {}, "shop": {"class": "application_service"}}
    assert drawn(items, [("shop", "uses", "db")], "db")["arrows"] == [
        {"source": "b000000", "target": "b000001", "transfer": "softened", "state": "degraded"}
    ]
