"""The vocabulary's transfers, by what they must do and what they must not."""

from __future__ import annotations

import pytest

from cmdb.harm import State
from cmdb.values import Attributes
from cmdb.vocabulary_files import load_vocabulary
from impact.answer import ask
from impact.following import take
from tests.impact.pictures import NOW, graph_of

Relations = list[tuple[str, str, str]]


def states(items: dict[str, Attributes], relations: Relations, causes: dict[str, str]) -> dict[str, str]:
    """Ask what the causes do, in the real vocabulary, and return the states that are not ok."""
    picture = take(graph_of(items, relations), load_vocabulary())
    answer = ask(picture, {picture.find(key): State.parse(state) for key, state in causes.items()}, NOW)
    found = {key: State(answer.harm.state[place]).word for place, key in enumerate(picture.keys.all())}
    return {key: state for key, state in found.items() if state != "ok"}


@pytest.mark.parametrize("needing", ["depends_on", "runs_on", "connects_via", "authenticates_with"])
def test_what_is_needed_takes_what_needs_it(needing: str) -> None:
    """Harm to the target is the same harm to the source, and none the other way."""
    items: dict[str, Attributes] = {"shop": {"class": "application_service"}, "db": {"class": "database"}}
    relations = [("shop", needing, "db")]
    assert states(items, relations, {"db": "degraded"}) == {"db": "degraded", "shop": "degraded"}
    assert states(items, relations, {"shop": "out"}) == {"shop": "out"}


def test_what_is_used_is_missed_but_not_fatal() -> None:
    """A service that only uses another is worse without it, and fine when the other is only at risk."""
    items: dict[str, Attributes] = {
        "till": {"class": "application_service"},
        "loyalty": {"class": "application_service"},
    }
    relations = [("till", "uses", "loyalty")]
    assert states(items, relations, {"loyalty": "out"})["till"] == "degraded"
    assert "till" not in states(items, relations, {"loyalty": "at_risk"})


def test_one_rule_out_does_not_take_the_other_rules() -> None:
    """A firewall is worse without one rule; its other rules let through what they did."""
    items: dict[str, Attributes] = {
        "fw": {"class": "firewall"},
        "rule-1": {"class": "firewall_rule"},
        "rule-2": {"class": "firewall_rule"},
    }
    relations = [("rule-1", "part_of", "fw"), ("rule-2", "part_of", "fw")]
    assert states(items, relations, {"rule-1": "out"}) == {"rule-1": "out", "fw": "degraded"}
    assert states(items, relations, {"fw": "out"}) == {"fw": "out", "rule-1": "out", "rule-2": "out"}
    assert states(items, relations, {"fw": "degraded"}) == {"fw": "degraded"}


def test_one_rack_out_does_not_hurt_its_site_or_the_other_racks() -> None:
    """A place takes with it what stands inside, never the other way round."""
    items: dict[str, Attributes] = {
        "dc": {"class": "site"},
        "rack-1": {"class": "rack"},
        "rack-2": {"class": "rack"},
    }
    relations = [("rack-1", "located_in", "dc"), ("rack-2", "located_in", "dc")]
    assert states(items, relations, {"rack-1": "out"}) == {"rack-1": "out"}
    assert states(items, relations, {"dc": "out"}) == {"dc": "out", "rack-1": "out", "rack-2": "out"}
    assert states(items, relations, {"dc": "degraded"}) == {"dc": "degraded"}


def test_one_part_out_does_not_hurt_its_siblings() -> None:
    """Parts of one application do not need each other."""
    items: dict[str, Attributes] = {
        name: {"class": "software_component"} for name in ("app", "part-1", "part-2")
    }
    relations = [("part-1", "part_of", "app"), ("part-2", "part_of", "app")]
    assert states(items, relations, {"part-1": "out"}) == {"part-1": "out", "app": "degraded"}


def test_a_receiver_works_on_with_old_data() -> None:
    """Harm goes with the data, one step softer, and not against it."""
    items: dict[str, Attributes] = {"orders": {}, "reports": {}}
    relations = [("orders", "sends_data_to", "reports")]
    assert states(items, relations, {"orders": "out"}) == {"orders": "out", "reports": "degraded"}
    assert states(items, relations, {"reports": "out"}) == {"reports": "out"}


def test_what_only_accompanies_carries_nothing() -> None:
    """Monitoring, backup, replicas, documents and owners pass no harm either way."""
    items: dict[str, Attributes] = {"db": {}, "other": {}}
    for kind in ("replicates_to", "backed_up_by", "monitored_by", "documented_by"):
        assert states(items, [("db", kind, "other")], {"db": "out", "other": "out"}) == {
            "db": "out",
            "other": "out",
        }
        assert states(items, [("db", kind, "other")], {"other": "out"}) == {"other": "out"}
        assert states(items, [("db", kind, "other")], {"db": "out"}) == {"db": "out"}
