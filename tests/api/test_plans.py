"""Plans: what is imported or edited into one, and what every question answers once it has come true."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.service import Service
from api.service.editing import Edit
from api.service.imports import Import
from api.service.relating import Link
from cmdb.errors import Conflict, NotFound, Rejected, Stale, WrongUsage
from loaders.source import Source
from tests.api.conftest import NewClient
from tests.api.planning import ADA, PLAN, TODAY, VIEW, bring, edit, keys
from tests.api.responses import is_problem


def test_today_stays_as_it_is(planned: Service) -> None:
    """What is only planned is not there today, and nobody has seen it."""
    with pytest.raises(NotFound):
        planned.items.show("db-new")
    assert planned.items.show("shop")["attributes"]["tier"] == 1
    assert planned.items.search("db")["total"] == 1
    assert {one.source_id for one in planned.workspace.store.identities()} >= {"shop", "db"}
    assert "db-new" not in {one.source_id for one in planned.workspace.store.identities()}


def test_every_question_is_answered_once_the_plan_has_come_true(planned: Service) -> None:
    """Show, search, impact, explain, depends, path, spof and data all know the view."""
    assert planned.items.show("db-new", VIEW)["attributes"] == {}
    assert keys(planned.items.search("db", VIEW)["items"]) == ["db", "db-new"]
    impact = planned.impact.impact({"db-new": "out"}, VIEW)
    assert (impact["view"], keys(impact["affected"])) == (VIEW, ["shop"])
    assert planned.impact.explain({"db-new": "out"}, "shop", VIEW)["detail"].startswith("Shop")
    assert keys(planned.impact.depends("shop", VIEW)["needs"]) == ["db", "db-new"]
    assert planned.impact.path("shop", "db-new", VIEW)["paths"]
    assert len(planned.impact.spof(["shop"], VIEW)["items"][0]["points"]) == 2
    assert planned.data.judge(VIEW)["view"] == VIEW


def test_a_second_import_of_the_same_plan_changes_nothing(planned: Service) -> None:
    """A plan is brought as often as one likes, also once its names come from a source of their own."""
    assert bring(planned, PLAN)["revision"] is None
    done = bring(planned, PLAN.replace("tier: 2", "tier: 3"), source="blueprint")
    assert (done["into"], done["items"]["changed"], done["items"]["retired"]) == ("project:apollo", 1, 0)
    assert bring(planned, PLAN.replace("tier: 2", "tier: 3"), source="blueprint")["revision"] is None
    assert planned.items.show("shop", VIEW)["attributes"]["tier"] == 3


def test_a_plan_of_a_moment_is_that_of_then(planned: Service) -> None:
    """A past revision shows the plan as it was then, today shows it as it is."""
    edit(planned, "db-new", "project:apollo", owner="x")
    assert planned.items.show("db-new", "@2+project:apollo")["attributes"] == {}
    assert planned.items.show("db-new", VIEW)["attributes"] == {"owner": "x"}
    with pytest.raises(NotFound):
        planned.items.show("db-new", "@1+project:apollo")


def test_the_order_of_plans_is_nothing(planned: Service) -> None:
    """Several plans are laid over today at once, and named in one order."""
    edit(planned, "db", "change:CHG-7", owner="y")
    both = [
        planned.comparing.diff("live", f"live+{one}")
        for one in ("project:apollo+change:CHG-7", "change:CHG-7+project:apollo")
    ]
    assert both[0] == both[1]
    assert keys(both[0]["items"]) == ["db", "db-new", "shop"]


def test_a_plan_that_no_longer_fits_is_a_conflict(planned: Service) -> None:
    """Whoever asks is told what stands against it; today is answered as ever, and undoing mends it."""
    edit(planned, "shop", tier=4)
    with pytest.raises(Conflict, match="shop: tier: project:apollo plans from “1” to “2”, but it is “4”"):
        planned.impact.impact({"db": "out"}, VIEW)
    assert keys(planned.impact.impact({"db": "out"})["affected"]) == ["shop"]
    edit(planned, "shop", tier=1)
    assert planned.items.show("shop", VIEW)["attributes"]["tier"] == 2


@pytest.mark.parametrize(
    ("key", "values", "reason"),
    [
        ("shop", {"key": "a b"}, "cannot be a key"),
        ("shop", {"key": "db"}, "Nothing was planned: 1 conflict. db: two items would have this key"),
        ("shop", {"owner": "z"}, "owner: deliverable:pages plans “y”, project:apollo plans “z”"),
    ],
)
def test_a_plan_takes_nothing_that_could_not_be_shown(
    planned: Service, key: str, values: dict[str, object], reason: str
) -> None:
    """What would spoil the view is refused, says what to do, and leaves the plan as it was."""
    edit(planned, "shop", "deliverable:pages", owner="y")
    with pytest.raises((Conflict, Rejected), match=reason):
        edit(planned, key, "project:apollo", **values)
    assert planned.items.show("shop", VIEW)["attributes"] == {"owner": "y", "tier": 2}


@pytest.mark.parametrize("tier", [1, 2, 3, 4])
def test_a_conflict_is_settled_by_planning_the_value_again(planned: Service, tier: int) -> None:
    """Whatever value is wanted then, the one that is there today among them, shows once it is planned."""
    edit(planned, "shop", tier=4)
    edit(planned, "shop", "project:apollo", tier=tier)
    assert planned.items.show("shop", VIEW)["attributes"]["tier"] == tier
    assert ("shop" in keys(planned.comparing.diff("live", VIEW)["items"])) == (tier != 4)


@pytest.mark.parametrize("tier", [1, 2, 3])
def test_importing_the_plan_again_settles_it_too(planned: Service, tier: int) -> None:
    """What the file says counts, also where it says what is there today."""
    edit(planned, "shop", tier=3)
    bring(planned, PLAN.replace("tier: 2", f"tier: {tier}"))
    assert planned.items.show("shop", VIEW)["attributes"]["tier"] == tier


def test_what_came_true_is_where_later_wishes_start(planned: Service) -> None:
    """Planned 1 to 2, made 2 today, and planned back to 1: the view shows 1."""
    edit(planned, "shop", tier=2)
    assert edit(planned, "shop", "project:apollo", tier=1)["changes"][0]["before"] == 2
    assert planned.items.show("shop", VIEW)["attributes"]["tier"] == 1


def test_a_plan_brought_again_after_go_live_takes_nothing_back(planned: Service) -> None:
    """That it was to be built is no wish for what is live."""
    bring(planned, "items: [{key: db-new, class: database}]", into=None)
    assert bring(planned, PLAN)["items"]["changed"] in {0, 1}
    assert planned.items.show("db-new", VIEW)["attributes"] == {}
    assert keys(planned.impact.impact({"db-new": "out"}, VIEW)["affected"]) == ["shop"]


def test_what_is_withdrawn_is_planned_no_more(planned: Service) -> None:
    """Everything about an item goes, its relations included; the rest of the plan stays."""
    edit(planned, "shop", tier=4)
    planned.editing.withdraw("project:apollo", ["shop"], ADA)
    assert keys(planned.comparing.diff("live", VIEW)["items"]) == ["db-new"]
    assert planned.comparing.diff("live", VIEW)["relations"] == []
    with pytest.raises(NotFound, match="holds nothing about shop"):
        planned.editing.withdraw("project:apollo", ["shop"], ADA)
    planned.editing.withdraw("project:apollo", ["db-new"], ADA)
    assert planned.comparing.diff("live", VIEW)["items"] == []


def test_people_who_plan_at_once_do_not_get_into_each_others_way(planned: Service) -> None:
    """Each edits another item of the same plan; all are done."""
    names = [f"srv-{number}" for number in range(6)]
    rows = ", ".join(f"{{key: {name}, class: server}}" for name in names)
    bring(planned, f"items: [{rows}]", into=None)
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: edit(planned, name, "project:apollo", owner="me"), names))
    assert set(names) <= set(keys(planned.comparing.diff("live", VIEW)["items"]))


DOCUMENT = "items: [{key: db, class: document}]"
"""A plan by which the database becomes something that nothing can depend on."""


def test_a_class_that_a_relation_does_not_allow_is_refused(planned: Service) -> None:
    """Of the relations that are there when it is planned."""
    with pytest.raises(Rejected, match="db cannot become a document"):
        bring(planned, DOCUMENT)


def test_a_relation_that_a_planned_class_does_not_allow_is_a_conflict(planned: Service) -> None:
    """Brought today, after the class was planned: the view names both, and either can be taken back."""
    link = Link("shop", "depends_on", "db", ADA)
    planned.relating.unrelate(link)
    bring(planned, DOCUMENT)
    planned.relating.relate(link, {})
    reason = "shop → db, depends_on: with the plan of project:apollo: the vocabulary does not allow that an"
    with pytest.raises(Conflict, match=reason):
        planned.items.show("shop", VIEW)
    with pytest.raises(Conflict, match=reason):
        planned.comparing.diff("live", VIEW)
    planned.relating.unrelate(replace(link, into="project:apollo"))
    assert keys(planned.impact.depends("shop", VIEW)["needs"]) == ["db-new"]
    planned.editing.withdraw("project:apollo", ["db"], ADA)
    assert keys(planned.impact.depends("shop", VIEW)["needs"]) == ["db", "db-new"]


def test_no_plan_takes_a_relation_that_the_class_planned_elsewhere_does_not_allow(planned: Service) -> None:
    """The project sees what its deliverable plans; the other way round, the project's view is a conflict."""
    planned.relating.unrelate(Link("shop", "depends_on", "db", ADA))
    bring(planned, DOCUMENT, "deliverable:pages")
    link = Link("shop", "depends_on", "db", ADA, into="project:apollo")
    with pytest.raises(Rejected, match="shop → db, depends_on: the vocabulary does not allow that an"):
        planned.relating.relate(link, {})
    planned.editing.withdraw("deliverable:pages", ["db"], ADA)
    planned.relating.relate(link, {})
    bring(planned, DOCUMENT, "deliverable:pages")
    with pytest.raises(Conflict, match="with the plan of deliverable:pages: the vocabulary does not allow"):
        planned.items.show("shop", VIEW)


def release(service: Service) -> None:
    """Let the deliverable leave the project, once the project has planned with what the deliverable makes."""
    bring(service, "items: [{key: cache, class: database}]", "deliverable:pages")
    bring(service, "relations: [{source: shop, type: depends_on, target: cache}]")
    edit(service, "cache", "project:apollo", owner="x")
    service.relating.unrelate(Link("apollo", "delivers", "pages", ADA))


def test_what_a_deliverable_took_along_is_named(planned: Service) -> None:
    """By its key, with the plan that makes it: laid over too it shows, withdrawn it is settled."""
    release(planned)
    with pytest.raises(Conflict) as caught:
        planned.items.show("shop", VIEW)
    told = "which only the plan of deliverable:pages makes: lay that over it too"
    assert [(one.pointer, one.detail) for one in caught.value.faults] == [
        ("cache", f"project:apollo changes cache, {told}"),
        ("shop → cache, depends_on", f"project:apollo needs cache, {told}"),
    ]
    both = f"{VIEW}+deliverable:pages"
    assert planned.items.show("cache", both)["attributes"] == {"owner": "x"}
    with pytest.raises(NotFound, match="holds nothing about nothing"):
        planned.editing.withdraw("project:apollo", ["nothing"], ADA)
    planned.editing.withdraw("project:apollo", ["cache"], ADA)
    assert keys(planned.impact.depends("shop", VIEW)["needs"]) == ["db", "db-new"]


def test_what_no_plan_makes_any_more_is_named_too(planned: Service) -> None:
    """Withdrawn where it was made, and at a past revision it is still as it was then."""
    release(planned)
    before = planned.workspace.store.head().revision
    planned.editing.withdraw("deliverable:pages", ["cache"], ADA)
    with pytest.raises(Conflict, match="cache: project:apollo changes cache, which no plan makes any more"):
        planned.items.show("shop", VIEW)
    with pytest.raises(Conflict, match="which only the plan of deliverable:pages makes"):
        planned.items.show("shop", f"@{before}+project:apollo")
    planned.editing.withdraw("project:apollo", ["cache"], ADA)
    assert planned.items.show("shop", VIEW)["attributes"]["tier"] == 2


def scan(service: Service, text: str) -> None:
    """Import a file under the name of another source, which retires nothing."""
    service.imports.apply(Import((Source("scan.yaml", text.encode()),), ADA, source="scan"))


def test_what_stands_for_a_planned_item_is_looked_for_each_time(planned: Service) -> None:
    """Renamed today, with no source that knows both by one name, it stands for it no more."""
    scan(planned, "items: [{key: db-new, class: database, owner: z}]")
    assert planned.items.show("db-new", VIEW)["attributes"] == {"owner": "z"}
    edit(planned, "db-new", key="db-2")
    assert planned.items.show("db-new", VIEW)["attributes"] == {}
    assert planned.items.show("db-2", VIEW)["attributes"] == {"owner": "z"}


def test_a_plan_does_not_rename_what_stands_for_an_item_of_its_own(planned: Service) -> None:
    """They would be two without anybody having asked for it; the message says what to do."""
    scan(planned, "items: [{key: db-new, class: database}]")
    with pytest.raises(Conflict, match="db-new: today's stands for one of this key that a plan makes"):
        edit(planned, "db-new", "project:apollo", key="db-2")
    planned.editing.withdraw("project:apollo", ["db-new"], ADA)
    edit(planned, "db-new", "project:apollo", key="db-2")
    assert planned.items.show("db-2", VIEW)["name"] == "db-new"


def test_what_is_an_item_of_its_own_only_with_two_plans_can_be_planned_with_both(planned: Service) -> None:
    """The project gives today's another key; what the deliverable makes under the old one is by itself."""
    delivers = Link("apollo", "delivers", "pages", ADA)
    planned.relating.unrelate(delivers)
    bring(planned, "items: [{key: cache, class: database, tier: 3}]", "deliverable:pages")
    scan(planned, "items: [{key: cache, class: database}]")
    edit(planned, "cache", "project:apollo", key="cache-old")
    planned.relating.relate(delivers, {})
    for tier in (2, 1):
        edit(planned, "cache", "project:apollo", tier=tier)
        assert planned.items.show("cache", VIEW)["attributes"] == {"tier": tier}
    assert planned.items.show("cache-old", VIEW)["attributes"] == {}


def test_a_conflict_after_the_rename_of_what_stood_for_it_says_so(planned: Service) -> None:
    """The plan changes a relation of today's that the new item never had."""
    scan(planned, "items: [{key: db-new, class: database}]")
    link = Link("shop", "depends_on", "db-new", ADA)
    planned.relating.relate(link, {"known": "declared"})
    planned.relating.relate(replace(link, into="project:apollo"), {"known": "observed"})
    edit(planned, "db-new", key="db-2")
    with pytest.raises(Conflict, match="not there: db-new is a new item again, as what stood for it"):
        planned.items.show("shop", VIEW)


@pytest.mark.parametrize("status", ["maintenance", "retired", "live"])
def test_how_far_a_planned_item_was_to_be_is_nothing_once_it_is_there(planned: Service, status: str) -> None:
    """Whatever its status is today, that the plan said it is being built is no conflict."""
    bring(planned, f"items: [{{key: db-new, class: database, status: {status}}}]", into=None)
    assert planned.items.show("db-new", VIEW)["attributes"] == {"status": status}


@pytest.mark.parametrize("source", ["", "  "])
def test_a_source_without_a_name_is_refused(planned: Service, source: str) -> None:
    """An unset variable must not retire what others brought."""
    with pytest.raises(WrongUsage, match="A source has a name"):
        bring(planned, "items: [{key: db, class: database}]", into=None, source=source)


def test_what_has_come_true_by_other_hands_is_no_longer_a_difference(planned: Service) -> None:
    """The item that is there today stands for the planned one."""
    bring(planned, "items: [{key: db-new, class: database, owner: z}]", into=None)
    found = planned.comparing.diff("live", VIEW)
    assert keys(found["items"]) == ["shop"]
    assert planned.items.show("db-new", VIEW)["attributes"] == {"owner": "z"}
    edit(planned, "db-new", "project:apollo", owner="w")
    assert planned.items.show("db-new", VIEW)["attributes"] == {"owner": "w"}
    assert planned.items.show("db-new")["attributes"] == {"owner": "z"}


@pytest.mark.parametrize(
    ("view", "kind", "reason"),
    [
        ("live+project:nobody", NotFound, "Nothing has the key “nobody”"),
        ("live+project:db", WrongUsage, "“db” is a database, not project"),
        (
            "live+server:db",
            WrongUsage,
            "“server:db” has no plan. Plans are named by project:KEY",
        ),
        ("live+apollo", WrongUsage, "is not a view"),
        ("@0+project:apollo", NotFound, "Nothing has the key “apollo”"),
    ],
)
def test_a_view_that_names_no_plan(planned: Service, view: str, kind: type[Exception], reason: str) -> None:
    """The answer says what a plan is named by."""
    with pytest.raises(kind, match=reason):
        planned.items.search("x", view)


def test_a_rename_keeps_the_item_and_frees_its_key(planned: Service) -> None:
    """Its past and its relations stay; whoever asks for the old key is told the new one."""
    edit(planned, "db", key="db-main")
    assert keys(planned.impact.depends("shop")["needs"]) == ["db-main"]
    assert planned.items.show("db", "@1")["key"] == "db"
    with pytest.raises(NotFound, match="it was that of “db-main”, before it was renamed"):
        planned.items.show("db")
    bring(planned, "items: [{key: db, class: database, name: Another}]", into=None)
    assert planned.items.show("db")["name"] == "Another"
    assert planned.items.history("db-main")["version"] == 2


def test_retired_and_revived(planned: Service) -> None:
    """What is retired carries no harm until it comes back, and a diff says both."""
    edit(planned, "db", status="retired")
    assert planned.impact.impact({"db": "out"})["affected"] == []
    bring(planned, "items: [{key: db, class: database}]", into=None)
    assert keys(planned.impact.impact({"db": "out"})["affected"]) == ["shop"]
    hows = [planned.comparing.diff(f"@{one}", f"@{one + 1}")["items"][0]["how"] for one in (2, 3)]
    assert hows == ["retired", "revived"]


def test_what_saw_an_item_is_told_with_it(planned: Service) -> None:
    """Each source, its name for the item, and when it last saw it."""
    assert planned.items.show("db")["seen"] == [
        {"source": "native", "class": "database", "id": "db", "last_seen": "2026-11-20T12:00:00Z"}
    ]


def test_each_source_is_told_with_what_it_saw_and_when(planned: Service) -> None:
    """Items and relations are counted apart; what is only planned was not seen."""
    told = planned.data.judge()["sources"]
    assert told == [{"source": "native", "items": 5, "relations": 2, "last_seen": "2026-11-20T12:00:00Z"}]


def tag(client: TestClient, key: str) -> str:
    """Return the entity tag of an item."""
    return client.get(f"/api/v1/items/{key}").headers["ETag"]


def test_an_edit_over_http_names_what_was_seen(planned: Service, new_client: NewClient) -> None:
    """Without If-Match it is 428, with an old one 412, with the present one it is done."""
    client = new_client()
    seen = tag(client, "shop")
    assert is_problem(client.patch("/api/v1/items/shop", json={"tier": 3}), 428)
    done = client.patch("/api/v1/items/shop", json={"tier": 3}, headers={"If-Match": seen})
    assert (done.status_code, done.json()["changes"]) == (200, [{"field": "tier", "before": 1, "after": 3}])
    for old in (seen, "*", 'W/"2"', '"1", "2"', "garbage"):
        assert is_problem(
            client.patch("/api/v1/items/shop", json={"tier": 4}, headers={"If-Match": old}), 412
        )
    assert tag(client, "shop") != seen
    for view in ("live", "@1", "live+project:apollo"):
        wrong = client.patch(f"/api/v1/items/shop?view={view}", json={"tier": 4}, headers={"If-Match": seen})
        assert is_problem(wrong, 422)
    into = client.patch(
        "/api/v1/items/shop?into=change:CHG-7", json={"tier": 4}, headers={"If-Match": tag(client, "shop")}
    )
    assert (into.json()["into"], planned.items.show("shop")["attributes"]["tier"]) == ("change:CHG-7", 3)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"teir": 1}, "has no such field. Did you mean tier?"),
        ({"tier": 9}, "“9” is not one of: 1, 2, 3, 4"),
        ({"tier": "one"}, "is not a whole number"),
        ({"class": "server"}, "is changed by importing it with another one"),
        ({"key": "a b"}, "cannot be a key"),
        ({"key": None}, "key: it cannot be taken away"),
        ({"name": ""}, "needs a class and a name"),
        ({"uid": "x"}, "has no such field"),
        ({"description": "\ud800"}, "half a character"),
    ],
)
def test_a_wrong_edit_is_refused(planned: Service, values: dict[str, object], reason: str) -> None:
    """What is wrong is said, and nothing is written."""
    before = planned.workspace.store.head()
    with pytest.raises(Exception, match=reason):
        edit(planned, "shop", **values)
    assert planned.workspace.store.head() == before


def test_a_taken_key_is_a_conflict(planned: Service) -> None:
    """Nobody's key can be taken over."""
    with pytest.raises(Conflict, match="The key “db” is taken"):
        edit(planned, "shop", key="db")


def test_an_edit_that_says_what_is_there_changes_nothing(planned: Service) -> None:
    """It makes no revision, and still notices that another version was seen."""
    assert edit(planned, "shop", tier=1)["revision"] is None
    with pytest.raises(Stale):
        planned.editing.edit(Edit("shop", {"tier": 1}, ADA, edition="7"))


def test_the_command_line_plans_edits_and_compares(
    tmp_path: Path,
    cmdb_at_home: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same by typing; with --exit-code a difference is a no."""
    for name, text in (("today.yaml", TODAY), ("plan.yaml", PLAN)):
        (tmp_path / name).write_text(text)
    assert cmdb_at_home("import", tmp_path / "today.yaml") == 0
    assert cmdb_at_home("import", tmp_path / "plan.yaml", "--into", "project:apollo") == 0
    assert "Imported into the plan of project:apollo as revision 2." in capsys.readouterr().out
    assert cmdb_at_home("edit", "shop", "tier=2", "labels=old, big", "description=") == 0
    assert "  labels: nothing → ['old', 'big']\n  tier: 1 → 2\n" in capsys.readouterr().out
    assert cmdb_at_home("diff", "@1", "--exit-code") == 4
    assert "shop  changed" in capsys.readouterr().out
    assert cmdb_at_home("diff", "live", "live", "--exit-code") == 0
    assert cmdb_at_home("diff", "live", VIEW, "--json") == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [row["how"] for row in found["items"]] == ["added"]
    assert cmdb_at_home("edit", "shop", "tier") == 2
    assert cmdb_at_home("edit", "shop", "tier=9") == 1


def test_plans_over_http(new_client: NewClient) -> None:
    """A plus sign in an address arrives as a blank and means the same."""
    client = new_client()
    client.post("/api/v1/imports", content=TODAY)
    assert client.post("/api/v1/imports?into=project:apollo", content=PLAN).json()["into"] == "project:apollo"
    page = client.get("/impact?cause=db-new&view=live%2Bproject:apollo", headers={"Accept": "text/html"})
    assert "after go-live of Apollo, not at today" in page.text
    for view in ("live%2Bproject:apollo", "live+project:apollo"):
        assert client.get(f"/api/v1/items/db-new?view={view}").status_code == 200
    found = client.get("/api/v1/diff?from=live&to=live+project:apollo").json()
    assert found["counts"]["items"] == {"added": 1, "changed": 1, "retired": 0, "revived": 0, "removed": 0}
    version = tag(client, "shop")
    client.patch("/api/v1/items/shop", json={"tier": 4}, headers={"If-Match": version})
    refused = client.get("/api/v1/items/db-new?view=live+project:apollo")
    assert is_problem(refused, 409)
    assert refused.json()["errors"][0]["pointer"] == "shop"
    assert client.delete("/api/v1/plans/project:apollo/items/shop").json()["steps"] == 2
    assert client.get("/api/v1/items/db-new?view=live+project:apollo").status_code == 200
