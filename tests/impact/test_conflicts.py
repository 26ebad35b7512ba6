"""What a change clashes with, in the words of those who have to decide on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cmdb.changes import Window
from cmdb.model import RelationId
from cmdb.operations import AddRelation, ChangeItem, Plan, Step
from cmdb.values import Attributes, Value
from cmdb.vocabulary_files import load_vocabulary
from impact.assessing.conflict import Conflict
from impact.assessing.conflicts import Conflicts, Surroundings, conflicts
from impact.picture import Picture
from tests.impact.planned_changes import KNOWN, all_seen, change, estate, seen

SATURDAY = datetime(2026, 10, 17, tzinfo=UTC)


def held_against(picture: Picture, key: str = "CHG-1") -> Conflicts:
    """What stands against a change."""
    return conflicts(picture, seen(picture, key), all_seen(picture), KNOWN)


def told(found: Conflicts) -> dict[str, str]:
    """By reason and counterpart, what is said."""
    return {f"{one.reason} {one.counterpart}": one.detail for one in found.found}


def only(found: Conflicts, reason: str) -> Conflict:
    """The one conflict for a reason."""
    (one,) = (one for one in found.found if one.reason == reason)
    return one


# Other changes


def test_a_pair_is_unsafe_together() -> None:
    """One database restarts while the switch of the other is worked on: together Checkout is out."""
    picture = estate(
        {
            "CHG-1": change({"db-a": "restart"}),
            "CHG-2": change({"switch-b": "restart"}, ("02:45", "02:55"), owner="team-net"),
        }
    )
    found = held_against(picture)
    worst = found.found[0]
    assert (worst.reason, worst.counterpart, worst.owner) == ("joint_harm", "CHG-2", "team-net")
    assert worst.detail == "restarts switch-b, Sat 02:45–02:55; together Checkout goes out"
    assert [picture.keys[one] for one in worst.services] == ["checkout"]
    assert only(found, "reach").detail.endswith("both reach Checkout")


def test_moving_one_of_the_pair_clears_it() -> None:
    """One that starts when the other is over is at another time."""
    pair = {
        "CHG-1": change({"db-a": "restart"}),
        "CHG-2": change({"switch-b": "restart"}, ("03:00", "04:00")),
    }
    picture = estate(pair)
    assert held_against(picture).found == []
    around = Surroundings(picture, seen(picture, "CHG-1"), all_seen(picture), KNOWN)
    later = Window(SATURDAY.replace(hour=3, minute=30), SATURDAY.replace(hour=4), "UTC")
    assert {one.reason for one in around.at(later).found} == {"joint_harm", "reach"}


def test_three_are_unsafe_that_are_safe_in_pairs() -> None:
    """The pool holds with any two of its three databases out, though with nothing left to lose."""
    picture = estate(
        {
            "db-c": {"class": "database"},
            **{f"CHG-{at}": change({f"db-{one}": "restart"}) for at, one in enumerate("abc", start=1)},
        },
        {("db-c", "member_of", "pool"): {}},
    )
    found = told(held_against(picture))
    assert found["joint_harm CHG-2"].endswith("together Checkout is at risk")
    assert (
        found["joint_harm CHG-2, CHG-3"]
        == "at the same time as this one; only all together Checkout goes out"
    )


def test_two_that_touch_the_same() -> None:
    """That is told once, not as two that reach the same besides."""
    picture = estate({f"CHG-{one}": change({"fw-118": "configure"}) for one in (1, 2)})
    found = held_against(picture)
    assert told(found) == {"same_item CHG-2": "configures fw-118, Sat 02:00–03:00; both touch fw-118"}


def test_one_that_touches_what_this_one_hangs_on() -> None:
    """Even where no service is in reach, each is in the other's."""
    more = {
        "fax-line": {},
        "CHG-1": change({"fax": "restart"}),
        "CHG-2": change({"fax-line": "patch"}),
    }
    picture = estate(more, {("fax", "depends_on", "fax-line"): {}})
    assert only(held_against(picture, "CHG-1"), "reach").detail == (
        "patches fax-line, Sat 02:00–03:00; fax-line could hurt what this one touches"
    )
    assert only(held_against(picture, "CHG-2"), "reach").detail == (
        "restarts fax, Sat 02:00–03:00; fax could be hurt by this one"
    )


def test_the_same_person_cannot_do_two_at_once() -> None:
    """Although they have nothing else to do with each other."""
    more = {
        "CHG-1": change({"fax": "restart"}, implementer="ann"),
        "CHG-2": change({"wiki-1": "patch"}, implementer="ann"),
        "CHG-3": change({"db-a": "patch"}, implementer="bob"),
        "CHG-4": change({"db-b": "patch"}, ("04:00", "05:00"), implementer="ann"),
    }
    found = told(held_against(estate(more)))
    assert found == {"implementer CHG-2": "patches wiki-1, Sat 02:00–03:00; ann does both"}


def test_two_plans_that_alter_the_same_attribute() -> None:
    """And those that alter another one of the same item do not clash by their plans."""
    picture = estate({f"CHG-{one}": change({}) for one in (1, 2, 3)})

    def plan(field: str, value: str) -> Plan:
        return {"db-a": Step(ChangeItem("db-a", {}, {field: value}, "manual"))}

    own = seen(picture, "CHG-1", plan("version", "15"))
    others = [
        seen(picture, "CHG-2", plan("version", "16")),
        seen(picture, "CHG-3", plan("model", "x")),
    ]
    found = conflicts(picture, own, others, KNOWN)
    assert told(found) == {
        "same_attribute CHG-2": "touches nothing, Sat 02:00–03:00; the plans of both alter version of db-a"
    }


def test_two_plans_that_add_the_same_relation() -> None:
    """What is added or taken away is the relation itself."""
    picture = estate({f"CHG-{one}": change({}) for one in (1, 2)})
    ends = RelationId("intranet", "depends_on", "db-a")
    plan: Plan = {ends: Step(AddRelation(ends, {}, "manual"))}
    found = conflicts(picture, seen(picture, "CHG-1", plan), [seen(picture, "CHG-2", plan)], KNOWN)
    assert only(found, "same_attribute").detail.endswith("alter whether Intranet depends on db-a")


def test_a_change_without_a_window_is_at_no_others_time() -> None:
    """Nor does it count for one that has a window."""
    more = {"CHG-1": change({"db-a": "restart"}, None), "CHG-2": change({"db-a": "restart"})}
    picture = estate(more)
    assert held_against(picture, "CHG-1").found == []
    assert held_against(picture, "CHG-2").found == []


def test_it_is_told_against_how_many_it_was_held() -> None:
    """So that nothing found is not mistaken for nothing looked at."""
    more: Mapping[str, Attributes] = {
        "CHG-1": change({"fax": "restart"}),
        "CHG-2": change({"wiki-1": "restart"}, ("05:00", "06:00")),
        "FRZ-1": {"class": "freeze_window", "starts_at": "2027-01-01T00:00:00Z"},
        "MW-1": {"class": "maintenance_window"},
        "MW-2": {"class": "maintenance_window", "stage": "closed"},
        "MW-3": {"class": "maintenance_window", "ends_at": "2026-10-01T00:00:00Z", "scope": "fax"},
    }
    found = held_against(estate(more))
    assert found.found == []
    assert found.checked._asdict() == {
        "changes": 1,
        "freezes": 1,
        "windows": 1,
        "incidents": 0,
        "milestones": 0,
    }


# Freezes

FREEZE: Attributes = {
    "class": "freeze_window",
    "name": "Quarter end",
    "starts_at": "2026-10-15T00:00:00Z",
    "ends_at": "2026-10-20T06:00:00Z",
    "owner": "finance",
    "scope": "payments",
}
SAYS = "Quarter end bars changes to {} until Tue 06:00"
EXEMPT = ("FRZ-1", "exempts", "CHG-1")


def frozen(
    touch: str = "fw-118",
    exemption: Attributes | None = None,
    more: Mapping[tuple[str, str, str], Attributes] | None = None,
    **fields: str,
) -> Conflicts:
    """What stands against a change to something, in a freeze."""
    relations = {**(more or {}), **({} if exemption is None else {EXEMPT: exemption})}
    people: Mapping[str, Attributes] = {
        "finance": {"class": "team"},
        "fay": {"class": "person"},
        "bob": {"class": "person"},
    }
    freeze: Attributes = {**FREEZE, **fields}
    items = {**people, "FRZ-1": freeze, "CHG-1": change({touch: "configure"})}
    return held_against(estate(items, {("fay", "member_of", "finance"): {}, **relations}))


def test_a_freeze_bars_what_reaches_the_frozen_service() -> None:
    """The firewall rule itself is not frozen, but Payments hangs on it."""
    one = only(frozen(), "freeze")
    assert (one.counterpart, one.owner, one.detail) == ("FRZ-1", "finance", SAYS.format("Payments"))


def test_a_freeze_bars_nothing_elsewhere_or_at_another_time() -> None:
    """Nor once it is closed."""
    assert frozen("wiki-1").found == []
    assert frozen(ends_at="2026-10-17T02:00:00Z").found == []
    assert frozen(starts_at="2026-10-17T03:00:00Z").found == []
    assert frozen(stage="cancelled").found == []


def test_a_freeze_covers_what_it_includes() -> None:
    """By relation as well as by selection."""
    relation = {("FRZ-1", "includes", "wiki-1"): Attributes()}
    assert only(frozen("wiki-1", more=relation), "freeze").detail == SAYS.format("wiki-1")
    assert only(frozen(more=relation), "freeze").detail == SAYS.format("Payments")


def test_a_freeze_that_names_nothing_bars_everything() -> None:
    """And one of which nobody can read what it is about, which is told."""
    picture = estate(
        {
            "FRZ-1": {"class": "freeze_window", "name": "Quiet days"},
            "CHG-1": change({"fax": "restart"}),
        }
    )
    one = only(held_against(picture), "freeze")
    assert (one.detail, one.owner) == (
        "Quiet days bars changes to everything, and no end is known",
        None,
    )
    found = frozen("fax", scope="class:nonsense")
    assert only(found, "freeze").detail == SAYS.format("everything")
    (limit,) = found.limits
    assert "nonsense" in limit.reason


def test_a_freeze_of_every_friday() -> None:
    """Its hours decide, on the clocks of its zone."""
    always: dict[str, Any] = {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"}
    assert frozen(**always, weekly="Fri 12:00-00:00").found == []
    late = frozen(**always, weekly="Fri 12:00-00:00", zone="America/New_York")
    assert only(late, "freeze").detail == "Quarter end bars changes to Payments, Fri 12:00–00:00"


def test_a_freeze_in_an_unknown_zone_is_told() -> None:
    """As what could not be taken into account."""
    found = frozen(zone="Nowhere/Land")
    assert found.found == []
    assert "Nowhere/Land" in found.limits[0].reason


def test_a_freeze_that_ends_before_it_starts_is_told() -> None:
    """It can bar nothing."""
    found = frozen(starts_at="2026-10-21T00:00:00Z")
    assert (found.found, found.limits[0].reason) == ([], "it ends before it starts, so it is left out")


def test_a_freeze_to_the_end_of_the_calendar() -> None:
    """Some write it so where no end is known."""
    found = frozen(ends_at="9999-12-31T23:59:59Z")
    assert only(found, "freeze").detail.endswith("until Fri 31 Dec 9999 23:59")


def test_what_bars_is_for_the_vocabulary_to_say() -> None:
    """A class of any name whose items bar changes, over a relation of any name that covers."""
    built = load_vocabulary()
    classes = {**built.classes, "hush": built.classes["freeze_window"]}
    relations = {**built.relations, "hushes": built.relations["includes"]}
    items: Mapping[str, Attributes] = {"H-1": {"class": "hush"}, "CHG-1": change({"fax": "configure"})}
    vocabulary = replace(built, classes=classes, relations=relations)
    for target, reasons in {"fax": ["freeze"], "wiki-1": []}.items():
        picture = estate(items, {("H-1", "hushes", target): {}}, vocabulary)
        assert [one.reason for one in held_against(picture).found] == reasons


GIVEN: Attributes = {"given_by": "finance", "given_at": "2026-10-14T09:00:00Z"}


@pytest.mark.parametrize("more", [{}, {"given_by": "fay"}, {"valid_until": "2026-10-17T03:00:00Z"}])
def test_the_owner_exempts_a_change(more: Attributes) -> None:
    """The team, or one of its members, until the work is done."""
    assert frozen(exemption={**GIVEN, **more}).found == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({**GIVEN, "given_by": "bob"}, "because bob does not own this"),
        ({**GIVEN, "given_by": "nobody"}, "because nobody does not own this"),
        ({"given_by": "fay"}, "does not say who gave it, and when"),
        (
            {**GIVEN, "valid_until": "2026-10-17T02:30:00Z"},
            "the exemption by finance ends Sat 02:30, before the work does",
        ),
    ],
)
def test_an_exemption_that_does_not_count(given: Attributes, why: str) -> None:
    """It is told why."""
    assert why in only(frozen(exemption=given), "freeze").detail


def test_anybody_exempts_from_a_freeze_that_nobody_owns() -> None:
    """Since nobody else could."""
    items = {
        "FRZ-1": {name: value for name, value in FREEZE.items() if name != "owner"},
        "CHG-1": change({"fw-118": "configure"}),
    }
    assert held_against(estate(items, {EXEMPT: {**GIVEN, "given_by": "bob"}})).found == []


# Maintenance windows


def night(
    *windows: Mapping[str, str], touch: str = "fw-118", hours: tuple[str, str] = ("02:00", "03:00")
) -> Conflicts:
    """What stands against a change to something with maintenance windows."""
    items: dict[str, Attributes] = {"CHG-1": change({touch: "configure"}, hours)}
    for at, one in enumerate(windows, start=1):
        items[f"MW-{at}"] = {"class": "maintenance_window", "scope": "fw-118", **one}
    return held_against(estate(items))


def test_work_outside_the_maintenance_window() -> None:
    """The window of the firewall rule is on other nights."""
    one = only(night({"weekly": "Tue, Sun 01:00-05:00"}), "outside_window")
    assert one.detail == "Outside the maintenance window of fw-118 (Tue, Sun 01:00–05:00)"
    assert (one.counterpart, one.owner) == ("MW-1", "team-net")


@pytest.mark.parametrize(
    "windows",
    [
        [{"weekly": "Sat 02:00-03:00"}],
        [{"weekly": "Fri 22:00-06:00"}],
        [{"weekly": "Sat 04:00-05:00", "zone": "Europe/Berlin"}],
        [{"weekly": "Tue 01:00-05:00"}, {"weekly": "Sat 01:00-05:00"}],
        [{"weekly": "Sat 01:00-02:30"}, {"weekly": "Sat 02:30-04:00"}],
        [{"starts_at": "2026-10-17T01:00:00Z", "ends_at": "2026-10-17T04:00:00Z"}],
        [{"starts_at": "2026-10-17T01:00:00Z"}],
        [{"weekly": "Tue 01:00-05:00", "scope": "wiki-1"}],
        [{"weekly": "Tue 01:00-05:00", "scope": "class:rack"}],
        [{"weekly": "Tue 01:00-05:00", "status": "retired"}],
    ],
)
def test_work_inside_or_without_a_maintenance_window(windows: list[dict[str, str]]) -> None:
    """One of several is enough, or two that follow each other; what none is about is not bound to any."""
    assert night(*windows).found == []


@pytest.mark.parametrize(
    "window",
    [
        {"weekly": "Sat 02:30-05:00"},
        {"weekly": "Sat 01:00-02:30"},
        {"weekly": "Sat 02:00-03:00", "zone": "Europe/Berlin"},
        {"weekly": "Sat 01:00-05:00", "ends_at": "2026-10-17T02:30:00Z"},
        {"weekly": "Sat 01:00-05:00", "starts_at": "2026-10-18T00:00:00Z"},
    ],
)
def test_work_that_is_only_partly_inside(window: dict[str, str]) -> None:
    """All of the work has to be."""
    assert [one.reason for one in night(window).found] == ["outside_window"]


def test_windows_that_are_open_all_the_time() -> None:
    """Work may take longer than one of their nights."""
    daily = {"weekly": "Mon-Sun 00:00-24:00"}
    assert night(daily, hours=("00:00", "23:59")).found == []


# Incidents


def incident(
    relation: Attributes,
    hit: str = "payments",
    hours: tuple[str, str] | None = ("02:00", "03:00"),
    **fields: Value,
) -> Conflicts:
    """What stands against a change to the firewall rule while there is an incident."""
    told_: Attributes = {
        "class": "incident",
        "name": "Cards are declined",
        "priority": 2,
        "opened_at": "2026-10-16T08:00:00Z",
        **fields,
    }
    items = {"INC-1": told_, "CHG-1": change({"fw-118": "configure"}, hours)}
    return held_against(estate(items, {("INC-1", "hits", hit): relation}))


@pytest.mark.parametrize("hours", [("02:00", "03:00"), None])
def test_an_open_incident_on_the_path(hours: tuple[str, str] | None) -> None:
    """Payments is degraded already, and the change could make it worse; its window does not matter."""
    one = only(incident({"state": "degraded"}, hours=hours), "open_incident")
    assert one.counterpart == "INC-1"
    assert one.detail == "Cards are declined, open since Fri 08:00: Payments is degraded"


def test_an_incident_that_does_not_matter() -> None:
    """It hits something else, is over, or is expected to be over before the work starts."""
    assert incident({}, hit="wiki-1").found == []
    assert incident({}, stage="resolved", resolved_at="2026-10-16T10:00:00Z").found == []
    assert incident({}, expected_end="2026-10-17T02:00:00Z").found == []
    assert incident({}, expected_end="2026-10-17T02:01:00Z").found != []


# Milestones


def milestone(
    due: str, relations: Mapping[tuple[str, str, str], Attributes] | None = None, **fields: str
) -> Conflicts:
    """What stands against a change to the firewall rule with a rehearsal of a project."""
    items: Mapping[str, Attributes] = {
        "shop": {"class": "project", "name": "Web shop replacement", "manager": "pam"},
        "pages": {"class": "deliverable", "name": "Payment pages"},
        "rehearsal": {"class": "milestone", "due_at": due, **fields},
        "CHG-1": change({"fw-118": "configure"}),
    }
    ways = {
        ("shop", "includes", "rehearsal"): Attributes(),
        ("rehearsal", "requires", "payments"): Attributes(),
    }
    return held_against(estate(items, ways if relations is None else relations))


def test_a_milestone_that_needs_what_is_in_reach() -> None:
    """The rehearsal is three hours after the work."""
    one = only(milestone("2026-10-17T06:00:00Z"), "milestone")
    assert one.detail == "Web shop replacement: rehearsal Sat 06:00 needs Payments"
    assert (one.counterpart, one.owner) == ("rehearsal", "pam")


def test_a_go_live_rests_on_all_that_its_project_delivers() -> None:
    """Where it names nothing itself; over the deliverables of the project."""
    ways: dict[tuple[str, str, str], Attributes] = {
        ("shop", "includes", "rehearsal"): {},
        ("shop", "delivers", "pages"): {},
        ("pages", "modifies", "payments"): {},
    }
    assert only(milestone("2026-10-17T06:00:00Z", ways), "milestone").detail.endswith("needs Payments")


def test_a_milestone_that_is_not_threatened() -> None:
    """It is at another time, is over, rests on something else, or is what this is done for."""
    for due in ("2026-10-17T01:59:00Z", "2026-10-18T03:01:00Z"):
        assert milestone(due).found == []
    assert milestone("2026-10-18T03:00:00Z").found != []
    assert milestone("2026-10-17T06:00:00Z", stage="closed").found == []
    elsewhere = {("rehearsal", "requires", "wiki-1"): Attributes()}
    assert milestone("2026-10-17T06:00:00Z", elsewhere).found == []
    for_it = {("rehearsal", "requires", one): Attributes() for one in ("payments", "CHG-1")}
    assert milestone("2026-10-17T06:00:00Z", for_it).found == []


def test_what_matters_most_comes_first() -> None:
    """By reason, then by the tier of the services concerned."""
    more = {
        "CHG-1": change({"fw-118": "configure", "wiki-1": "configure"}),
        "CHG-2": change({"intranet": "patch"}),
        "CHG-3": change({"payments": "patch"}),
        "CHG-4": change({"wiki-1": "patch"}),
        "FRZ-1": FREEZE,
    }
    found = held_against(estate(more)).found
    assert [(one.reason, one.counterpart) for one in found] == [
        ("same_item", "CHG-4"),
        ("freeze", "FRZ-1"),
        ("reach", "CHG-3"),
        ("reach", "CHG-2"),
    ]


def test_a_search_that_was_not_whole_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is passed over in silence."""
    monkeypatch.setattr("impact.assessing.joining.SWEEPS_AT_MOST", 1)
    picture = estate({f"CHG-{at}": change({f"db-{one}": "restart"}) for at, one in enumerate("aba", start=1)})
    (limit,) = held_against(picture).limits
    assert "not every combination" in limit.reason


def test_own_change_among_the_others_is_left_out() -> None:
    """Whoever asks may tell all changes that there are."""
    picture = estate({"CHG-1": change({"db-a": "restart"})})
    own = seen(picture, "CHG-1")
    found = conflicts(picture, own, [own, replace(own)], KNOWN)
    assert found.found == []
    assert found.checked.changes == 0
