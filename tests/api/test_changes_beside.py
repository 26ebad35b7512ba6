"""Which other changes a change is held against, as they are read from a store."""

from __future__ import annotations

import pytest

from api.service import Service
from api.service.changes.beside import others_of, own_of
from api.service.changes.ground import Ground
from impact.assessing.beside import Beside
from impact.assessing.conflicts import Conflicts, conflicts
from tests.api.planning import bring, edit


def during(start: int, end: int) -> str:
    """A window between two hours of a night, as a file has it."""
    return ", ".join(
        f"planned_{name}: 2026-11-21T{hour:02}:00:00Z" for name, hour in {"start": start, "end": end}.items()
    )


END = "2026-12-01T00:00:00Z"
ESTATE = f"""
items:
  - {{key: shop, class: application_service, name: Shop, tier: 1}}
  - {{key: pool, class: redundancy_group, needs: 1}}
  - {{key: db-a, class: database}}
  - {{key: db-b, class: database}}
  - {{key: FRZ-1, class: freeze_window, name: Quarter end, scope: "tier:1", owner: finance, ends_at: {END}}}
  - {{key: MW-1, class: maintenance_window, weekly: "tue, sun 01:00-05:00", zone: Europe/Berlin}}
  - {{key: CHG-1, class: change, name: Restart, {during(2, 3)}}}
  - {{key: CHG-2, class: change, name: Patch, {during(2, 4)}}}
  - {{key: CHG-3, class: change, name: Later, {during(3, 4)}}}
  - {{key: CHG-4, class: change, name: Over, stage: closed, {during(2, 3)}}}
  - {{key: CHG-5, class: change, name: Gone, status: retired, {during(2, 3)}}}
  - {{key: CHG-6, class: change, name: Some day}}
relations:
  - {{source: shop, type: depends_on, target: pool}}
  - {{source: db-a, type: member_of, target: pool}}
  - {{source: db-b, type: member_of, target: pool}}
  - {{source: MW-1, type: includes, target: db-a}}
  - {{source: CHG-1, type: affects, target: db-a, action: restart}}
  - {{source: CHG-2, type: affects, target: db-b, action: patch}}
  - {{source: CHG-3, type: affects, target: db-b, action: patch}}
  - {{source: CHG-4, type: affects, target: db-b, action: patch}}
  - {{source: CHG-5, type: affects, target: db-b, action: patch}}
  - {{source: FRZ-1, type: exempts, target: CHG-2, given_by: finance, given_at: 2026-11-19T09:00:00Z}}
"""


@pytest.fixture
def night(service: Service) -> Service:
    """Return the use cases on a store with changes in one night."""
    bring(service, ESTATE, None)
    return service


def others(service: Service, key: str = "CHG-1") -> dict[str, Beside]:
    """By key, the changes that one is held against."""
    ground = Ground.of(service.workspace)
    place = ground.place(key)
    found = others_of(ground, place, ground.change(place).window)
    return {ground.picture.keys[one.place]: one for one in found}


def held_against(service: Service, key: str) -> Conflicts:
    """What stands against a change."""
    ground = Ground.of(service.workspace)
    own = own_of(ground, ground.place(key))
    found = others_of(ground, own.place, own.window)
    return conflicts(ground.picture, own, found, service.workspace.now())


def test_those_that_are_over_are_left_out(night: Service) -> None:
    """And what those do that are done at another time is not read."""
    found = others(night)
    assert sorted(found) == ["CHG-2", "CHG-3", "CHG-6"]
    assert found["CHG-2"].doing == "patches db-b"
    assert [len(found[key].steps) for key in ("CHG-2", "CHG-3", "CHG-6")] == [1, 0, 0]


def test_a_change_without_a_window_is_held_against_none(night: Service) -> None:
    """They are counted all the same."""
    assert [one.steps for one in others(night, "CHG-6").values()] == [(), (), ()]


def test_what_plans_alter_is_read_too(night: Service) -> None:
    """Attribute by attribute."""
    for key in ("CHG-1", "CHG-2"):
        edit(night, "db-a", f"change:{key}", version="15")
    found = held_against(night, "CHG-1").found
    assert [one.counterpart for one in found if one.reason == "same_attribute"] == ["CHG-2"]


def test_conflicts_from_a_file_to_the_answer(night: Service) -> None:
    """What stands against a change is read from what was imported."""
    found = held_against(night, "CHG-1")
    assert [(one.reason, one.counterpart, one.owner, one.detail) for one in found.found] == [
        ("joint_harm", "CHG-2", None, "patches db-b, Sat 02:00–04:00; together Shop goes out"),
        (
            "freeze",
            "FRZ-1",
            "finance",
            "Quarter end bars changes to Shop until Tue 1 Dec 00:00",
        ),
        (
            "outside_window",
            "MW-1",
            None,
            "Outside the maintenance window of db-a (Tue, Sun 01:00–05:00)",
        ),
        ("reach", "CHG-2", None, "patches db-b, Sat 02:00–04:00; both reach Shop"),
    ]
    assert [one.reason for one in held_against(night, "CHG-2").found] == ["joint_harm", "same_item", "reach"]
