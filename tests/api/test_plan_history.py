"""What was only planned for an item is told in its history, and told apart from what happened."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.service import Service
from api.service.relating import Link
from cmdb.errors import NotFound
from tests.api.conftest import NewClient
from tests.api.planning import ADA, PLAN, TODAY, VIEW, bring, edit

APOLLO = "project:apollo"


def history(service: Service, key: str, view: str = "live") -> list[tuple[int, str | None, str]]:
    """Return the revision, the plan and the words of each event."""
    return [(one["revision"], one["plan"], one["what"]) for one in events(service, key, view)]


def events(service: Service, key: str, view: str = "live") -> list[dict[str, Any]]:
    """Return the events of an item's history."""
    found: list[dict[str, Any]] = service.items.history(key, view)["history"]
    return found


def test_planned_changed_and_withdrawn(planned: Service) -> None:
    """Each revision in which somebody planned something for it names the plan; real changes name none."""
    edit(planned, "shop", APOLLO, tier=3)
    edit(planned, "shop", owner="x")
    edit(planned, "shop", "change:CHG-7", owner="y")
    planned.editing.withdraw(APOLLO, ["shop"], ADA)
    assert history(planned, "shop") == [
        (6, APOLLO, "change no longer planned"),
        (6, APOLLO, "relation no longer planned"),
        (5, "change:CHG-7", "change planned"),
        (4, None, "changed"),
        (3, APOLLO, "change planned otherwise"),
        (2, APOLLO, "change planned"),
        (2, APOLLO, "relation planned"),
        (1, None, "created"),
        (1, None, "relation added"),
    ]
    assert planned.items.history("shop")["version"] == 2
    by_revision = {one["revision"]: one for one in events(planned, "shop") if not one["relation"]}
    tier = {"field": "tier", "before": 1}
    assert by_revision[2]["changes"] == [{**tier, "after": 2}]
    assert by_revision[3]["changes"] == by_revision[6]["changes"] == [{**tier, "after": 3}]
    (related,) = (one["relation"] for one in events(planned, "shop") if one["what"] == "relation planned")
    assert related == "Shop depends on db-new"


def test_of_what_is_only_planned_the_plan_is_all_there_is(planned: Service) -> None:
    """It has a history where it can be seen, and none today."""
    assert history(planned, "db-new", VIEW) == [
        (2, APOLLO, "creation planned"),
        (2, APOLLO, "relation planned"),
    ]
    with pytest.raises(NotFound):
        planned.items.history("db-new")


@pytest.mark.parametrize("source", [None, "scan"])
def test_what_stands_for_a_planned_item_has_its_plans_too(planned: Service, source: str | None) -> None:
    """By its key, or by the name that a source knows both by."""
    bring(planned, "items: [{key: db-new, class: database, owner: z}]", into=None, source=source)
    if source is None:
        edit(planned, "db-new", key="db-2")
    assert (2, APOLLO, "creation planned") in history(planned, "db-2" if source is None else "db-new")
    assert (2, APOLLO, "relation planned") in history(planned, "db-2" if source is None else "db-new")
    assert (3, None, "created") in history(planned, "db-2" if source is None else "db-new")


def test_the_end_of_a_relation_that_was_planned_is_told(planned: Service) -> None:
    """At both of its ends."""
    planned.relating.relate(Link("shop", "depends_on", "db", ADA), {"known": "declared"})
    planned.relating.unrelate(Link("shop", "depends_on", "db", ADA, into=APOLLO))
    planned.relating.relate(Link("shop", "depends_on", "db", ADA, into=APOLLO), {"known": "observed"})
    for key in ("shop", "db"):
        assert history(planned, key)[:3] == [
            (5, APOLLO, "change of the relation planned otherwise"),
            (4, APOLLO, "removal of the relation planned"),
            (3, None, "relation changed"),
        ]
    assert events(planned, "db")[0]["changes"] == [
        {"field": "known", "before": "declared", "after": "observed"}
    ]


def test_a_plan_keeps_its_name_when_its_owner_is_renamed(planned: Service) -> None:
    """It is told by the key that the owner has at that moment."""
    edit(planned, "apollo", key="artemis")
    assert (2, "project:artemis", "change planned") in history(planned, "shop")
    assert (2, APOLLO, "change planned") in history(planned, "shop", "@2")


def test_a_past_view_leaves_out_what_came_later(planned: Service) -> None:
    """Planned or done."""
    edit(planned, "shop", owner="x")
    assert {revision for revision, *_ in history(planned, "shop", "@1")} == {1}
    assert {revision for revision, *_ in history(planned, "shop", "@2")} == {1, 2}


def test_the_history_of_something_else_holds_nothing_of_it(planned: Service) -> None:
    """Steps about neighbours stay out, also those that were planned in one go."""
    assert history(planned, "CHG-7") == [(1, None, "created")]
    assert history(planned, "db") == [(1, None, "created"), (1, None, "relation added")]


def test_history_by_typing_and_over_http(
    tmp_path: Path,
    cmdb_at_home: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    planned: Service,
    new_client: NewClient,
) -> None:
    """A line says in whose plan it is; the document is the same through each door."""
    for name, text, into in (("today.yaml", TODAY, ()), ("plan.yaml", PLAN, ("--into", APOLLO))):
        (tmp_path / name).write_text(text)
        assert cmdb_at_home("import", tmp_path / name, *into) == 0
    capsys.readouterr()
    assert cmdb_at_home("history", "shop") == 0
    printed = capsys.readouterr().out
    assert "    change planned, in the plan of project:apollo\n    tier: 1 → 2\n" in printed
    assert "    relation planned, in the plan of project:apollo: Shop depends on db-new\n" in printed
    assert "    created\n" in printed
    assert cmdb_at_home("history", "db-new", "--view", VIEW, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    answer = new_client().get("/api/v1/items/db-new/history", params={"view": VIEW}).json()
    assert answer == planned.items.history("db-new", VIEW)
    assert [one["what"] for one in found["history"]] == [one["what"] for one in answer["history"]]
