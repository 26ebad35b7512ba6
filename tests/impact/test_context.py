"""Context: what is hurt anyway, and when it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cmdb.harm import State
from cmdb.model import Graph, Relation, RelationId
from cmdb.values import Attributes, instant
from cmdb.vocabulary_files import load_vocabulary
from impact.answer import ask
from impact.context import Moment, context
from impact.documents.impact import impact_document
from impact.following import take
from tests.impact.pictures import NOON, NOW, graph_of


def hour(offset: float) -> str:
    """The instant so many hours after noon."""
    return instant(NOON + timedelta(hours=offset))


def estate(incident: Attributes | None = None, told: Attributes | None = None, **server: str) -> Graph:
    """A shop that runs on a server, and one incident that hits the server."""
    items: dict[str, Attributes] = {
        "shop": {"class": "application_service"},
        "server": {**server},
        "INC-1": {"class": "incident", **(incident or {"stage": "cancelled"})},
    }
    graph = graph_of(items, [("shop", "runs_on", "server"), ("INC-1", "hits", "server")])
    hits = RelationId("INC-1", "hits", "server")
    return replace(graph, relations={**graph.relations, hits: Relation(hits, told or {})})


def hurt(graph: Graph, when: Moment = NOW) -> dict[str, str]:
    """What is hurt anyway, by key."""
    picture = take(graph, load_vocabulary())
    return {picture.keys[place]: state.word for place, state in context(picture, when).items()}


@pytest.mark.parametrize(
    ("incident", "counts"),
    [
        ({"priority": 1}, True),
        ({"priority": 2, "stage": "in_progress"}, True),
        ({"priority": 1, "stage": "resolved"}, False),
        ({"priority": 1, "stage": "closed"}, False),
        ({"priority": 1, "stage": "cancelled"}, False),
        ({"priority": 3}, False),
        ({"priority": 3, "confirmed_at": hour(-1)}, True),
        ({"priority": 3, "confirmed_at": hour(-24)}, True),
        ({"priority": 3, "confirmed_at": hour(-24.1)}, False),
        ({"confirmed_at": hour(-1)}, True),
        ({"priority": 1, "opened_at": hour(1)}, False),
        ({"priority": 1, "opened_at": hour(-1), "resolved_at": hour(1), "stage": "resolved"}, True),
        ({"priority": 1, "opened_at": hour(-2), "resolved_at": hour(-1), "stage": "resolved"}, False),
    ],
)
def test_when_an_incident_counts(incident: Attributes, counts: bool) -> None:  # noqa: FBT001
    """Urgent ones until they are resolved, others for a day after they were last confirmed."""
    assert hurt(estate(incident)) == ({"server": "out"} if counts else {})


def test_an_incident_tells_the_state() -> None:
    """The relation says how bad it is; without a state it is out."""
    assert hurt(estate({"priority": 1}, {"state": "degraded"})) == {"server": "degraded"}


def test_of_several_the_worst_counts() -> None:
    """A degraded report does not hide that the item is in maintenance."""
    graph = estate({"priority": 1}, {"state": "degraded"}, status="maintenance")
    assert hurt(graph) == {"server": "out"}


@pytest.mark.parametrize(("until", "counts"), [(None, False), (hour(5), True), (hour(2), False)])
def test_the_future_sees_only_what_has_a_stated_end(until: str | None, counts: bool) -> None:  # noqa: FBT001
    """Asked about in three hours, a maintenance counts only if it is stated to last longer."""
    later = Moment(at=NOON + timedelta(hours=3), known=NOON)
    server: dict[str, str] = {"status": "maintenance", **({"status_until": until} if until else {})}
    assert hurt(estate(None, None, **server), later) == ({"server": "out"} if counts else {})
    incident: Attributes = {"priority": 1, **({"expected_end": until} if until else {})}
    assert hurt(estate(incident), later) == ({"server": "out"} if counts else {})


def document(graph: Graph, causes: dict[str, str]) -> dict[str, Any]:
    """The impact document of some causes."""
    picture = take(graph, load_vocabulary())
    answer = ask(picture, {picture.find(key): State.parse(state) for key, state in causes.items()}, NOW)
    return impact_document(answer, "live")


def test_a_causes_own_context_is_left_out() -> None:
    """Asking about a server in maintenance shows what it does, not that it is hurt already."""
    found = document(estate(status="maintenance"), {"server": "out"})
    assert [one["key"] for one in found["affected"]] == ["shop"]
    assert found["already"] == []


def test_context_never_hides_harm() -> None:
    """What is hurt already is listed with the state that the causes alone would give it."""
    graph = graph_of(
        {"shop": {"class": "application_service"}, "a": {}, "b": {"status": "maintenance"}},
        [("shop", "runs_on", "a"), ("shop", "runs_on", "b")],
    )
    found = document(graph, {"a": "out"})
    assert found["affected"] == []
    assert [(one["key"], one["state"], one["alone"]) for one in found["already"]] == [
        ("b", "out", "ok"),
        ("shop", "out", "out"),
    ]


def test_an_item_may_be_hurt_already_and_made_worse() -> None:
    """Degraded anyway, out with the cause: it is in both lists."""
    graph = graph_of(
        {"shop": {"class": "application_service"}, "a": {}, "b": {"status": "maintenance"}},
        [("shop", "runs_on", "a"), ("shop", "uses", "b")],
    )
    found = document(graph, {"a": "out"})
    assert [(one["key"], one["before"], one["state"]) for one in found["affected"]] == [
        ("shop", "degraded", "out")
    ]
    assert ("shop", "degraded", "out") in [
        (one["key"], one["state"], one["alone"]) for one in found["already"]
    ]


def test_a_group_that_cannot_be_safe_is_at_risk_always() -> None:
    """A group that needs more members than it has is a data fault, never safe."""
    graph = graph_of(
        {
            "pool": {"class": "redundancy_group", "needs": 3},
            "a": {},
            "shop": {"class": "application_service"},
        },
        [("a", "member_of", "pool"), ("shop", "depends_on", "pool")],
    )
    found = document(graph, {"a": "degraded"})
    assert found["faults"] == [{"key": "pool", "reason": "needs 3 but has 1"}]
    assert [(one["key"], one["state"]) for one in found["already"]] == [
        ("pool", "at_risk"),
        ("shop", "at_risk"),
    ]


def test_noon_is_in_utc() -> None:
    """The instant used is echoed in UTC."""
    east = Moment(*[datetime(2026, 3, 1, 12, tzinfo=UTC)] * 2)
    picture = take(estate(), load_vocabulary())
    answer = ask(picture, {picture.find("server"): State.OUT}, east)
    assert impact_document(answer, "live")["at"] == "2026-03-01T12:00:00Z"
