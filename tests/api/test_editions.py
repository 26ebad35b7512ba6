"""Nobody undoes what they have not seen, in today's graph or in a plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.service import Service
from api.service.editing import Edit
from cmdb.errors import Stale
from tests.api.conftest import NewClient
from tests.api.planning import ADA, PLAN, TODAY, VIEW, bring, edit
from tests.api.responses import is_problem

INTO = "/api/v1/items/{}?into=project:apollo"


def tag(client: TestClient, key: str, view: str = VIEW) -> dict[str, str]:
    """Return the header that says which state of an item was seen."""
    return {"If-Match": client.get(f"/api/v1/items/{key}", params={"view": view}).headers["ETag"]}


@pytest.mark.parametrize("key", ["shop", "db-new"])
def test_of_two_people_who_plan_at_once_the_second_is_told(
    planned: Service, new_client: NewClient, key: str
) -> None:
    """Both saw the item before the first one planned; the second must look again, and then it is done."""
    client = new_client()
    seen = tag(client, key)
    assert is_problem(client.patch(INTO.format(key), json={"owner": "x"}), 428)
    assert client.patch(INTO.format(key), json={"owner": "x"}, headers=seen).status_code == 200
    refused = client.patch(INTO.format(key), json={"owner": "y"}, headers=seen)
    assert is_problem(refused, 412)
    assert "was expected, but it is at version" in refused.json()["detail"]
    assert planned.items.show(key, VIEW)["attributes"]["owner"] == "x"
    again = tag(client, key)
    assert client.patch(INTO.format(key), json={"owner": "y"}, headers=again).status_code == 200


@pytest.mark.parametrize("into", [None, "deliverable:pages"])
def test_what_shows_with_the_plan_counts_too(
    planned: Service, new_client: NewClient, into: str | None
) -> None:
    """Another value today, or in the plan of a deliverable, is something that was not seen."""
    client = new_client()
    seen = tag(client, "shop")
    edit(planned, "shop", into, owner="x")
    assert is_problem(client.patch(INTO.format("shop"), json={"owner": "y"}, headers=seen), 412)


def test_what_others_plan_for_other_things_does_not_matter(planned: Service, new_client: NewClient) -> None:
    """The tag is that of the item: neighbours, relations and plans that do not show here leave it."""
    client = new_client()
    seen = tag(client, "shop")
    edit(planned, "db-new", "project:apollo", owner="x")
    edit(planned, "shop", "change:CHG-7", owner="x")
    bring(planned, "relations: [{source: shop, type: uses, target: db-new}]")
    assert client.patch(INTO.format("shop"), json={"tier": 3}, headers=seen).status_code == 200


@pytest.mark.usefixtures("planned")
def test_of_what_a_plan_says_nothing_about_todays_tag_will_do(new_client: NewClient) -> None:
    """There is nothing else to be seen; once something is planned, it no longer will."""
    client = new_client()
    today = tag(client, "db", "live")
    assert tag(client, "db") == today
    assert client.patch(INTO.format("db"), json={"owner": "x"}, headers=today).status_code == 200
    assert is_problem(client.patch(INTO.format("db"), json={"owner": "y"}, headers=today), 412)
    assert client.patch("/api/v1/items/db", json={"owner": "z"}, headers=today).status_code == 200


def test_what_takes_the_place_of_a_planned_item_is_something_else(
    planned: Service, new_client: NewClient
) -> None:
    """Both are at their first version, and still the tag of the one is not that of the other."""
    client = new_client()
    seen = tag(client, "db-new")
    bring(planned, "items: [{key: db-new, class: database, owner: z}]", into=None)
    assert is_problem(client.patch(INTO.format("db-new"), json={"owner": "y"}, headers=seen), 412)


def test_a_plan_that_cannot_be_looked_at_can_still_be_mended(planned: Service, new_client: NewClient) -> None:
    """Where the view is refused nobody can have its tag: any will do there, and only there."""
    client = new_client()
    edit(planned, "shop", tier=4)
    assert is_problem(client.get("/api/v1/items/shop", params={"view": VIEW}), 409)
    assert is_problem(client.patch("/api/v1/items/shop", json={"tier": 2}, headers={"If-Match": "*"}), 412)
    done = client.patch(INTO.format("shop"), json={"tier": 2}, headers={"If-Match": "*"})
    assert done.status_code == 200
    assert planned.items.show("shop", VIEW)["attributes"]["tier"] == 2


def test_a_past_view_has_no_tag(planned: Service, new_client: NewClient) -> None:
    """Nothing can be changed there."""
    assert "ETag" not in new_client().get("/api/v1/items/shop?view=@1").headers
    assert planned.items.show("shop", "@1")["edition"] == "1"


def test_another_version_is_refused_at_once(planned: Service) -> None:
    """Trying again would not help, so nobody waits for it; what is refused is not written."""
    before = planned.workspace.store.head()
    with pytest.raises(Stale, match="shop: version 7 was expected, but it is at version 1 now"):
        planned.editing.edit(Edit("shop", {"tier": 1}, ADA, "7"))
    with pytest.raises(Stale, match="shop: version 1 was expected, but it is at version 1-"):
        planned.editing.edit(Edit("shop", {"tier": 1}, ADA, "1", "project:apollo"))
    assert planned.workspace.store.head() == before


def test_the_command_line_has_it_too(
    tmp_path: Path, cmdb_at_home: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """What `cmdb show --json` calls the edition is what --version takes."""
    for name, text, into in (("today.yaml", TODAY, ()), ("plan.yaml", PLAN, ("--into", "project:apollo"))):
        (tmp_path / name).write_text(text)
        assert cmdb_at_home("import", tmp_path / name, *into) == 0
    capsys.readouterr()
    assert cmdb_at_home("show", "shop", "--view", VIEW, "--json") == 0
    seen = json.loads(capsys.readouterr().out)["edition"]
    arguments = ("edit", "shop", "tier=3", "--into", "project:apollo", "--version", seen)
    assert cmdb_at_home(*arguments) == 0
    assert cmdb_at_home(*arguments) == 1
    assert f"version {seen} was expected" in capsys.readouterr().err


@pytest.mark.parametrize("into", [None, "project:apollo"])
def test_of_many_who_saw_the_same_one_is_heard(planned: Service, into: str | None) -> None:
    """However close together they come."""
    seen = planned.items.show("shop", VIEW if into else "live")["edition"]

    def attempt(name: str) -> bool:
        try:
            planned.editing.edit(Edit("shop", {"owner": name}, ADA, seen, into))
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(attempt, "abcdef"))
    assert sum(done) == 1
    owner = planned.items.show("shop", VIEW if into else "live")["attributes"]["owner"]
    assert owner == "abcdef"[done.index(True)]
