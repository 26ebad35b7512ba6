"""What bars a change from being approved without the board, in the words of those who may lift it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cmdb.errors import Rejected
from cmdb.tables import read_table
from cmdb.values import Attributes, Value
from impact.assessing.bands import impact_of
from impact.assessing.conflicts import Surroundings
from impact.assessing.holds import HOLDS, Case, Rules, holds, rules
from impact.assessing.runs import Questions, run_all
from impact.context import Moment
from impact.picture import Picture
from tests.impact.planned_changes import KNOWN, NIGHT, Night, Touch, all_seen, change, estate, record, seen

NOW = Moment(KNOWN, KNOWN)
TESTED: Mapping[str, Any] = {"backout_plan": "Restore.", "backout_tested": True}


def case(picture: Picture) -> Case:
    """The change CHG-1, worked out."""
    told, own = record(picture, "CHG-1"), seen(picture, "CHG-1")
    around = Surroundings(picture, own, all_seen(picture), KNOWN)
    runs = run_all(Questions(picture, NOW), own.steps)
    unregistered = [one.name for one in told.unregistered]
    impact = impact_of(picture, runs.credible.loss, around.footing.touched.tolist(), unregistered)
    return Case(picture, told, around.footing, runs, impact, around.at(own.window).found)


def held(
    touch: Touch,
    more: Mapping[str, Attributes] | None = None,
    relations: Mapping[tuple[str, str, str], Attributes] | None = None,
    hours: Night | None = NIGHT,
    **fields: Value,
) -> list[str]:
    """What is said of the holds of a change to something."""
    items: dict[str, Attributes] = {"CHG-1": change(touch, hours, **fields), **(more or {})}
    return [one.detail for one in holds(case(estate(items, relations)))]


def test_a_backout_that_nobody_has_tested() -> None:
    """A tier-1 service can go out, so it has to be."""
    assert held({"db-a": "restart", "db-b": "restart"}, backout_plan="Restore.") == [
        "Backout not tested. Tier 1 can go out, so a tested backout is required."
    ]
    assert held({"wiki-1": "configure"}) == [
        "Backout not tested. There is no plan for one. Tier 3 can go out, so a tested backout is required."
    ]


def test_a_tested_backout_holds_nothing() -> None:
    """A tested forward fix or restore counts, too."""
    assert held({"db-a": "restart", "db-b": "restart"}, **TESTED) == []


def test_where_nothing_can_be_hurt_no_backout_need_be_tested() -> None:
    """The pool holds without one of its databases."""
    assert held({"db-a": "restart"}) == []


@pytest.mark.parametrize(
    ("touch", "fields"),
    [({"fax": "configure"}, {}), ({"db-a": "restart"}, {"unregistered": ["1 - - - Modem"]})],
)
def test_what_is_unknown_is_not_taken_to_be_harmless(touch: Touch, fields: dict[str, Any]) -> None:
    """Neither what leads to no service, nor what is in no map."""
    assert held(touch, backout_plan="Restore.", **fields) == [
        "Backout not tested. It is not known what it hits, so a tested backout is required."
    ]


FREEZE: Mapping[str, Attributes] = {
    "FRZ-1": {
        "class": "freeze_window",
        "name": "Quarter end",
        "ends_at": "2026-10-20T06:00:00Z",
        "scope": "intranet",
        "owner": "finance",
    },
    "finance": {"class": "team"},
}


def test_a_frozen_change_names_who_may_exempt_it() -> None:
    """The owner of the freeze."""
    assert held({"wiki-1": "configure"}, FREEZE, **TESTED) == [
        "Frozen. Quarter end bars changes to Intranet until Tue 06:00. finance may exempt it."
    ]
    nobodys = {"FRZ-1": {name: value for name, value in FREEZE["FRZ-1"].items() if name != "owner"}}
    (said,) = held({"wiki-1": "configure"}, nobodys, **TESTED)
    assert said.endswith("It has no owner; who exempts it has to be named.")


def test_an_exempted_change_is_not_held() -> None:
    """Once the owner has said so, with a date."""
    given: Attributes = {"given_by": "finance", "given_at": "2026-10-14T09:00:00Z"}
    assert held({"wiki-1": "configure"}, FREEZE, {("FRZ-1", "exempts", "CHG-1"): given}, **TESTED) == []


def test_a_single_point_of_failure_under_tier_1() -> None:
    """Payments has no other firewall rule; of tier 3 it does not matter."""
    assert held({"fw-118": "configure", "wiki-1": "configure"}, **TESTED) == [
        "Single point of failure under tier 1. Payments has no second path beside fw-118."
    ]


def test_a_tier_1_service_that_is_touched_itself() -> None:
    """Nothing stands in for it."""
    assert held({"payments": "patch"}, **TESTED) == [
        "Single point of failure under tier 1. Payments is touched directly."
    ]


def test_what_two_services_share() -> None:
    """They are told together."""
    relations = {("checkout", "depends_on", "fw-118"): Attributes()}
    assert held({"fw-118": "configure"}, None, relations, **TESTED) == [
        "Single point of failure under tier 1. Checkout and Payments have no second path beside fw-118."
    ]


def minutes(
    implementation: int | None,
    test: int | None,
    backout: int | None,
    hours: Night | None = NIGHT,
    **fields: Any,  # noqa: ANN401  whatever a change may have
) -> list[str]:
    """What is said of a change that takes so long, in a window of an hour."""
    told = {"implementation": implementation, "test": test, "backout": backout}
    given: dict[str, Any] = {f"{name}_minutes": number for name, number in told.items() if number is not None}
    return held({"db-a": "restart"}, hours=hours, **TESTED, **given, **fields)


def test_a_window_too_short_to_back_out() -> None:
    """The minutes are told, those that are known."""
    assert minutes(20, 15, 30) == [
        "Window too short. Implementation 20, test 15 and backout 30 make 65 minutes; the window has 60."
    ]
    assert minutes(None, None, 90) == [
        "Window too short. Backout 90 minutes are too many; the window has 60."
    ]


def test_a_window_that_is_just_long_enough() -> None:
    """Nor is a change held whose window or minutes nobody knows yet."""
    assert minutes(20, 10, 30) == []
    assert minutes(None, None, None) == []
    assert minutes(90, 90, 90, hours=None) == []


def test_a_test_that_ends_after_the_point_of_no_return() -> None:
    """By then it cannot be backed out any more."""
    assert minutes(20, 15, 10, point_of_no_return=30) == [
        "Window too short. Implementation and test take 35 minutes; after 30 it can no longer be backed out."
    ]
    assert minutes(20, 10, 10, point_of_no_return=30) == []


def everything() -> Case:
    """A change that all rules hold."""
    fields: dict[str, Any] = {"implementation_minutes": 50, "test_minutes": 20}
    items = {
        "CHG-1": change({"fw-118": "configure"}, **fields),
        "FRZ-1": {**FREEZE["FRZ-1"], "scope": "payments"},
    }
    return case(estate(items))


def test_every_rule_can_be_switched_off() -> None:
    """They are data."""
    told, found = everything(), holds(everything())
    assert [one.rule for one in found] == [
        "untested_backout",
        "freeze",
        "single_point_of_failure",
        "window_too_short",
    ]
    for one in found:
        off = getattr(rules(), one.rule).model_copy(update={"on": False})
        fewer = holds(told, rules().model_copy(update={one.rule: off}))
        assert [*fewer] == [other for other in found if other != one]


def test_rules_that_cannot_be_are_refused(tmp_path: Path) -> None:
    """With the place."""
    path = tmp_path / "holds.toml"
    path.write_text(HOLDS.read_text("utf-8").replace("tier = 4", "tier = 9"), "utf-8")
    with pytest.raises(Rejected, match=r"untested_backout\.tier"):
        read_table(Rules, path)
