"""A change as people write it down: what is read, and every fault at its place."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.changes import change_of
from cmdb.changes.form import merged, written
from cmdb.changes.reading import Draft, read_change
from cmdb.errors import NotFound, Rejected
from cmdb.model import Item, Relation, RelationId
from cmdb.vocabulary_files import load_vocabulary

VOCABULARY = load_vocabulary()
ITEMS = {
    "db-a": Item("a", "db-a", "database", "A"),
    "db-b": Item("b", "db-b", "database", "B"),
    "old": Item("o", "old", "server", "Old", {"status": "retired"}),
    "ann": Item("p", "ann", "person", "Ann"),
}
WHOLE = {
    "title": "Patch the pool",
    "type": "emergency",
    "reason": "A hole",
    "risk_of_not_doing": {"text": "It stays open", "deadline": "2026-12-31"},
    "affects": [
        {"key": "db-a", "action": "patch", "step": 1, "minutes": 15},
        {"key": "db-b", "action": "patch", "step": 2, "effect": "degraded"},
        {"unregistered": "Fax", "action": "restart", "step": 2},
    ],
    "window": {"start": "2026-12-05T22:00", "end": "2026-12-05T23:00", "zone": "Europe/Berlin"},
    "plans": {
        "implementation": {"text": "By the runbook", "evidence": "rehearsed", "minutes": 30},
        "test": {"text": "Log in", "minutes": 5},
        "backout": {"text": "Restore", "tested": True, "minutes": 20, "point_of_no_return": 40},
    },
    "requester": "ann",
    "implementer": "bob",
}


def find(key: str) -> Item:
    """Return an item, or say that there is none."""
    if key not in ITEMS:
        raise NotFound(f"Nothing has the key “{key}”.")
    return ITEMS[key]


def read(**said: Any) -> Draft:  # noqa: ANN401  whatever somebody writes
    """Return what is read of a change."""
    return read_change({"title": "x", **said}, VOCABULARY, find)


def faults(**said: Any) -> dict[str, str]:  # noqa: ANN401  whatever somebody writes
    """Return what is wrong with a change, by its place."""
    with pytest.raises(Rejected) as caught:
        read(**said)
    return {one.pointer: one.detail for one in caught.value.faults}


def test_what_is_written_is_read_and_written_again() -> None:
    """Nothing gets lost on the way into the graph and out of it."""
    draft = read(**WHOLE)
    fields = {name: value for name, value in draft.values.items() if value is not None}
    item = Item("c", "CHG-1", "change", str(fields.pop("name")), fields)
    affects = [
        (Relation(RelationId("c", "affects", uid), {n: v for n, v in values.items() if v is not None}), other)
        for uid, values in draft.affects.items()
        for other in ITEMS.values()
        if other.uid == uid
    ]
    again = written(change_of(item, affects))
    times = {
        "risk_of_not_doing": {"text": "It stays open", "deadline": "2026-12-31T22:59:00Z"},
        "window": {
            "start": "2026-12-05T21:00:00Z",
            "end": "2026-12-05T22:00:00Z",
            "zone": "Europe/Berlin",
        },
    }
    assert again == WHOLE | times
    assert read(**again) == draft


def test_a_text_stands_for_several_parts() -> None:
    """Who knows no minutes and no evidence writes the text alone."""
    values = read(risk_of_not_doing="It breaks", plans={"backout": "Restore", "test": None}).values
    assert (values["risk_of_not_doing"], values["backout_plan"]) == ("It breaks", "Restore")
    assert values.get("backout_tested") is None


def test_without_a_zone_the_offset_is_the_zone() -> None:
    """So the times are told as they were written."""
    window = {"start": "2026-12-05T22:00-05:00", "end": "2026-12-05T23:00-05:00"}
    assert read(window=window).values["zone"] == "-05:00"
    assert read(window={"start": "2026-12-05T22:00Z", "end": "2026-12-05T23:00Z"}).values["zone"] == "UTC"


def test_without_a_step_all_is_one_step() -> None:
    """The first."""
    draft = read(affects=[{"key": "db-a", "action": "patch"}, {"unregistered": " Fax ", "action": "patch"}])
    assert draft.affects == {"a": {"action": "patch", "step": 1}}
    assert draft.values["unregistered"] == ["1 patch - - Fax"]


@pytest.mark.parametrize(
    ("said", "place", "why"),
    [
        ({"titel": "x"}, "titel", "Did you mean title?"),
        ({"stage": "closed"}, "stage", "not known here"),
        ({"title": None}, "title", "this is missing"),
        ({"title": "  "}, "title", "nothing but blanks"),
        ({"title": ["x"]}, "title", "is not text"),
        ({"title": "\ud800"}, "title", "half a character"),
        ({"type": "urgent"}, "type", "is not one of: standard, normal, emergency"),
        ({"risk_of_not_doing": 4}, "risk_of_not_doing", "not a mapping of text and deadline"),
        ({"risk_of_not_doing": {"deadline": "soon"}}, "risk_of_not_doing.deadline", "is not a time"),
        ({"plans": {"backot": "x"}}, "plans.backot", "Did you mean backout?"),
        ({"plans": {"test": {"tested": True}}}, "plans.test.tested", "not known here"),
        ({"plans": {"backout": {"minutes": -1}}}, "plans.backout.minutes", "less than 0"),
        ({"plans": {"backout": {"tested": "yes"}}}, "plans.backout.tested", "neither true nor false"),
        ({"window": "tonight"}, "window", "not a mapping of start, end and zone"),
        ({"window": {"start": "2026-12-05T22:00Z"}}, "window.end", "this is missing"),
        ({"window": {"end": "2026-12-05T22:00Z"}}, "window.start", "this is missing"),
        (
            {"window": {"start": "2026-12-05T22:00Z", "end": "2026-12-05T21:59Z"}},
            "window.end",
            "ends at 2026-12-05T21:59:00Z, and only starts at 2026-12-05T22:00:00Z",
        ),
        (
            {"window": {"start": "2026-12-05T22:00Z", "end": "2026-12-05T22:00Z"}},
            "window.end",
            "only starts at",
        ),
        ({"window": {"zone": "Berlin"}}, "window.zone", "is not a time zone"),
        (
            {"window": {"start": "2026-03-29T02:30", "end": "2026-03-29T05:00", "zone": "Europe/Berlin"}},
            "window.start",
            "does not exist in Europe/Berlin",
        ),
        ({"affects": {"key": "db-a"}}, "affects", "not a list"),
        ({"affects": ["db-a"]}, "affects[0]", "not a mapping"),
        ({"affects": [{"action": "patch"}]}, "affects[0].key", "no key"),
        (
            {"affects": [{"key": "db-a", "unregistered": "x", "action": "patch"}]},
            "affects[0].key",
            "not both",
        ),
        ({"affects": [{"key": "nobody", "action": "patch"}]}, "affects[0].key", "Nothing has the key"),
        ({"affects": [{"key": "old", "action": "patch"}]}, "affects[0].key", "is retired"),
        ({"affects": [{"key": "ann", "action": "patch"}]}, "affects[0].key", "does not allow"),
        ({"affects": [{"key": 7, "action": "patch"}]}, "affects[0].key", "Nothing has the key “7”"),
        ({"affects": [{"unregistered": "db-a", "action": "patch"}]}, "affects[0].unregistered", "write key"),
        ({"affects": [{"unregistered": " ", "action": "patch"}]}, "affects[0].unregistered", "blanks"),
        ({"affects": [{"key": "db-a"}]}, "affects[0].action", "this is missing"),
        ({"affects": [{"key": "db-a", "action": "path"}]}, "affects[0].action", "is not one of: configure"),
        ({"affects": [{"key": "db-a", "action": "patch", "step": 0}]}, "affects[0].step", "less than 1"),
        (
            {"affects": [{"key": "db-a", "action": "patch", "step": 1.5}]},
            "affects[0].step",
            "not a whole number",
        ),
        (
            {"affects": [{"key": "db-a", "action": "patch", "effect": "gone"}]},
            "affects[0].effect",
            "not one of",
        ),
        ({"affects": [{"key": "db-a", "action": "patch", "stp": 2}]}, "affects[0].stp", "Did you mean step?"),
        (
            {"affects": [{"key": "db-a", "action": "patch"}, {"key": "db-a", "action": "restart"}]},
            "affects[1]",
            "“db-a” stands at affects[0] already",
        ),
        ({"operations": {"retire": "db-a"}}, "operations", "not a list"),
    ],
    ids=str,
)
def test_a_fault_is_told_with_its_place(said: dict[str, Any], place: str, why: str) -> None:
    """One sentence each, and nothing else is at fault."""
    found = faults(**said)
    assert [*found] == [place]
    assert why in found[place]


def test_all_faults_are_told_at_once() -> None:
    """Nobody mends one to be told of the next."""
    found = faults(type="x", window={"zone": "x"}, affects=[{"key": "old"}, {"step": 0}], nonsense=1)
    assert {*found} == {
        *("nonsense", "type", "window.zone", "affects[0].key", "affects[0].action"),
        *("affects[1].step", "affects[1].action", "affects[1].key"),
    }


def test_a_patch_says_only_what_is_other() -> None:
    """Mappings part by part, lists as a whole; nothing takes a part away."""
    assert merged(WHOLE, {"window": {"zone": None}})["window"].keys() == {"start", "end"}
    assert merged(WHOLE, {"affects": [1]})["affects"] == [1]
    assert "reason" not in merged(WHOLE, {"reason": None})
    assert merged({"risk": "x"}, {"risk": {"deadline": "d"}}) == {"risk": {"text": "x", "deadline": "d"}}
