"""Assessing changes, in words a change advisory board would use, on both stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.client import Client
from api.server.app import create_app
from api.service import Service, open_service
from api.service.changes import EditChange, Move, NewChange
from api.service.editing import Edit
from api.service.imports import Import
from api.settings import Settings
from cmdb.errors import Conflict, NotFound
from cmdb.model import Actor
from cmdb.stores.opening import Location
from loaders.source import Source
from tests.api.conftest import HERE, noon

ADA = Actor("ada")
ESTATE = """
items:
  - {key: checkout, class: application_service, name: Checkout, tier: 1, owner: team-shop, users: 29300,
     users_unit: a day}
  - {key: loyalty, class: application_service, name: Loyalty, tier: 2}
  - {key: team-shop, class: team, name: Team Shop, on_call: ext. 4420}
  - {key: pool, class: redundancy_group, name: Checkout DB pool, needs: 1}
  - {key: db-a, class: database}
  - {key: db-b, class: database}
  - {key: cache, class: server}
  - {key: fax, class: server}
  - {key: apollo, class: project, name: Apollo}
  - {key: apollo-shop, class: deliverable, name: New shop database}
relations:
  - {source: checkout, type: depends_on, target: pool}
  - {source: db-a, type: member_of, target: pool}
  - {source: db-b, type: member_of, target: pool}
  - {source: loyalty, type: uses, target: cache}
  - {source: apollo, type: includes, target: apollo-shop}
  - {source: apollo-shop, type: delivers, target: db-b}
"""
WINDOW = {"start": "2026-12-05T02:00", "end": "2026-12-05T03:00", "zone": "Europe/Berlin"}

Assess = Callable[..., Any]


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Yield the use cases on a small estate, for each kind of store."""
    place: Location | None = None
    if request.param == "neo4j":
        place = request.getfixturevalue("empty_neo4j")
    with open_service(Settings(place), noon) as service:
        service.imports.apply(Import((Source("estate.yaml", ESTATE.encode()),), ADA))
        yield service


@pytest.fixture
def assess(service: Service) -> Assess:
    """Return a function that registers a change and assesses it."""

    def register_and_assess(*affects: dict[str, Any], **said: Any) -> Any:  # noqa: ANN401  a document
        wanted = {"title": "Work", "affects": list(affects), "window": WINDOW, **said}
        key = service.changes.new(NewChange(wanted, ADA))["key"]
        return service.changes.assess(key, Move(ADA))

    return register_and_assess


def states(document: Any, run: str) -> dict[str, str]:  # noqa: ANN401  a document
    """The services that a run hits."""
    return {one["key"]: one[run] for one in document["services"] if one[run] != "ok"}


def test_a_rolling_patch_is_safe(assess: Assess) -> None:
    """One member after the other leaves nothing to lose, and no service goes out unless all of it fails."""
    found = assess(
        {"key": "db-a", "action": "patch", "step": 1}, {"key": "db-b", "action": "patch", "step": 2}
    )
    assert states(found, "credible") == {"checkout": "at_risk"}
    assert states(found, "worst") == {"checkout": "out"}
    assert found["impact_band"] == "medium"
    assert found["detail"] == "Checkout is at risk if step 1 fails."


def test_a_shared_credential_is_not(assess: Assess) -> None:
    """Written as two steps, it is one act on both: redundancy does not absorb it."""
    found = assess(
        {"key": "db-a", "action": "rotate_credentials", "step": 1},
        {"key": "db-b", "action": "rotate_credentials", "step": 2},
    )
    assert states(found, "planned") == {}
    assert states(found, "credible") == {"checkout": "out"}
    assert (found["impact_band"], found["credible"]["step"]) == ("high", 1)


def test_both_at_once_comes_with_advice(assess: Assess) -> None:
    """Checkout goes out even as planned; one after the other, it does not."""
    found = assess({"key": "db-a", "action": "restart"}, {"key": "db-b", "action": "restart"})
    assert states(found, "planned") == {"checkout": "out"}
    first = found["advice"][0]
    assert (first["way"], first["impact_band"]) == ("one_at_a_time", "medium")
    assert first["detail"] == (
        "Do one item after the other. Checkout is at risk if a step fails then: impact medium."
    )


def test_the_service_comes_with_users_and_whom_to_call(assess: Assess) -> None:
    """What a board asks first."""
    (row,) = assess({"key": "pool", "action": "restart"})["services"]
    assert (row["tier"], row["users"], row["users_unit"]) == (1, 29300, "a day")
    assert (row["owner"], row["on_call"]) == ("team-shop", "ext. 4420")


def test_what_leads_to_no_service_is_unknown_and_not_low(assess: Assess) -> None:
    """An unmapped CI, and one that is not registered at all."""
    found = assess({"key": "fax", "action": "restart"}, {"unregistered": "an old modem", "action": "retire"})
    assert found["impact_band"] == "unknown, at least low"
    assert [one["key"] for one in found["unknown"]["unmapped"]] == ["fax"]
    assert found["unknown"]["unregistered"] == ["an old modem"]
    assert "what that hits is unknown" in found["detail"]


def test_a_change_that_removes_the_last_redundancy(assess: Assess) -> None:
    """It harms nothing while it is done; afterwards one database takes checkout out alone."""
    found = assess({"key": "db-b", "action": "configure"}, operations=[{"retire": "db-b"}])
    assert [(one["key"], one["before"], one["after"]) for one in found["after"]["groups"]] == [("pool", 1, 0)]
    (points,) = found["after"]["points"]
    assert (points["key"], [one["key"] for one in points["points"]]) == ("checkout", ["db-a"])


def test_a_project_with_a_stake_is_named(assess: Assess) -> None:
    """By its deliverable, and by what of it is hit."""
    (row,) = assess({"key": "db-b", "action": "restart"})["exposed"]
    assert (row["project"], row["item"], row["kind"]) == ("apollo", "apollo-shop", "deliverable")
    assert (row["because"], row["state"]) == ("db-b", "out")


@pytest.mark.parametrize(
    ("type_name", "value", "band"),
    [("standard", 0.01, "low"), ("normal", 0.05, "medium"), ("emergency", 0.1, "high")],
)
def test_without_history_a_change_is_typical_for_its_type(
    assess: Assess, type_name: str, value: float, band: str
) -> None:
    """No decimals, and no factor that nothing speaks for."""
    found = assess({"key": "cache", "action": "patch"}, type=type_name)
    chance = found["p_fail"]
    assert (chance["value"], found["p_band"], chance["factors"]) == (value, band, [])
    assert chance["low"] < value < chance["high"]
    assert chance["basis"] == f"Typical for its type, about {value * 100:.0f} %."


def test_maintenance_in_the_window_counts(service: Service, assess: Assess) -> None:
    """The other member is in maintenance until after the window: restarting this one takes checkout out."""
    service.editing.edit(Edit("db-b", {"status": "maintenance", "status_until": "2026-12-06T00:00:00Z"}, ADA))
    found = assess({"key": "db-a", "action": "restart"})
    assert states(found, "planned") == {"checkout": "out"}
    assert found["at"] == "2026-12-05T01:00:00Z"


def test_replayed_it_is_the_same_to_the_byte(service: Service, assess: Assess) -> None:
    """Whatever happened since, it is worked out from what was there then."""
    found = assess({"key": "db-a", "action": "restart"})
    service.editing.edit(Edit("db-b", {"status": "retired"}, ADA))
    again = service.changes.replay(found["key"])
    assert again["same"]
    assert {name: again[name] for name in found if name != "outdated"} == {
        name: found[name] for name in found if name != "outdated"
    }


def test_what_changes_in_its_reach_makes_it_outdated(service: Service, assess: Assess) -> None:
    """The other member of the pool, but nothing elsewhere."""
    key = assess({"key": "db-a", "action": "restart"})["key"]
    assert not service.changes.replay(key)["outdated"]
    service.editing.edit(Edit("fax", {"name": "Fax"}, ADA))
    assert not service.changes.replay(key)["outdated"]
    service.editing.edit(Edit("db-b", {"status": "maintenance"}, ADA))
    assert service.changes.replay(key)["outdated"]


def test_moving_on_does_not_make_it_outdated(service: Service, assess: Assess) -> None:
    """Submitted, the change is what it was."""
    key = assess({"key": "db-a", "action": "restart"})["key"]
    service.changes.submit(key, Move(ADA))
    assert not service.changes.replay(key)["outdated"]


def test_an_edited_change_is_outdated_too(service: Service, assess: Assess) -> None:
    """Until it is assessed again."""
    key = assess({"key": "db-a", "action": "restart"})["key"]
    service.editing.edit(Edit(key, {"reason": "It is slow."}, ADA))
    assert service.changes.replay(key)["outdated"]
    service.changes.assess(key, Move(ADA))
    assert not service.changes.replay(key)["outdated"]


def test_a_submitted_change_is_assessed_from_then_on(service: Service) -> None:
    """One that is not submitted stays what it is."""
    key = service.changes.new(
        NewChange({"title": "Work", "affects": [{"key": "db-a", "action": "patch"}]}, ADA)
    )["key"]
    service.changes.assess(key, Move(ADA))
    assert service.changes.show(key)["stage"] == "new"
    service.changes.submit(key, Move(ADA))
    service.changes.assess(key, Move(ADA))
    assert service.changes.show(key)["stage"] == "assessed"
    service.changes.assess(key, Move(ADA))
    assert service.changes.show(key)["stage"] == "assessed"


def test_what_is_over_is_not_assessed(service: Service) -> None:
    """Nor is there anything to work out again of what never was."""
    key = service.changes.new(NewChange({"title": "Work"}, ADA))["key"]
    with pytest.raises(NotFound, match="was not assessed yet"):
        service.changes.replay(key)
    service.changes.cancel(key, Move(ADA))
    with pytest.raises(Conflict, match=f"{key} is cancelled: there is nothing to assess"):
        service.changes.assess(key, Move(ADA))


def test_every_door_tells_the_same(service: Service, assess: Assess) -> None:
    """What is answered over HTTP is what a program gets, and what is worked out again."""
    key = assess({"key": "db-a", "action": "restart"})["key"]
    http = TestClient(create_app(service, Settings(None)), base_url=HERE)
    client = Client(http=http)
    told = http.post(f"/api/v1/changes/{key}/assess").json()
    again = client.change_replay(key)
    assert again == service.changes.replay(key)
    assert again["same"]
    assert {name: again[name] for name in told} == told
    assert client.change_assess(key)["services"] == told["services"]


def test_two_that_are_safe_alone_are_unsafe_in_one_night(service: Service, assess: Assess) -> None:
    """Each takes one member of the pool; together checkout is out. Moving one of them clears it."""
    other = {"title": "Other work", "affects": [{"key": "db-b", "action": "restart"}], "window": WINDOW}
    key = service.changes.new(NewChange(other, ADA))["key"]
    found = assess({"key": "db-a", "action": "restart"})
    assert states(found, "planned") == {"checkout": "at_risk"}
    first = found["conflicts"][0]
    assert (first["reason"], first["with"], first["services"]) == ("joint_harm", key, ["checkout"])

    later = {"start": "2026-12-06T02:00", "end": "2026-12-06T03:00", "zone": "Europe/Berlin"}
    service.changes.edit(EditChange(key, {"window": later}, ADA))
    again = service.changes.assess(found["key"], Move(ADA))
    assert "joint_harm" not in {one["reason"] for one in again["conflicts"]}


def test_holds_name_their_rule(assess: Assess) -> None:
    """Without a tested backout, and on what takes a tier-1 service out alone; a tested backout lifts one."""
    risky = [{"key": "pool", "action": "restart"}]
    assert [one["rule"] for one in assess(*risky)["holds"]] == ["untested_backout", "single_point_of_failure"]
    backout = {"text": "Fail back.", "tested": True, "minutes": 10}
    found = assess(*risky, plans={"backout": backout})
    assert [one["rule"] for one in found["holds"]] == ["single_point_of_failure"]
