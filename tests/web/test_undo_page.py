"""The page on which a revision is taken back, without a browser."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from api.service import Service
from api.service.editing import Edit
from cmdb.model import Actor
from tests.web.conftest import fill
from tests.web.reading import addresses, heading, inline, part, words


@pytest.fixture
def two(at_noon: Service, record: TestClient) -> TestClient:
    """Return a client of an estate to which an import, revision 2, added something."""
    fill(at_noon, b"items: [{key: new, class: server, name: New one}, {key: lone, class: server, tier: 1}]")
    return record


def press(client: TestClient, address: str) -> str:
    """Undo what a page offers to, and return the page that says what came of it."""
    (once,) = re.findall(r'name="id" value="(\w+)"', client.get(address).text)
    for _ in range(2):  # however often it is pressed
        answer = client.post(address, data={"id": once})
        assert answer.status_code == 200
    return answer.text


def test_what_undoing_would_do_is_shown_and_nothing_written(two: TestClient) -> None:
    """The same numbers as over HTTP, the same rows as a plan."""
    page = two.get("/revisions/2/undo").text
    twin = two.post("/api/v1/revisions/2/undo?dry_run=true").json()
    assert heading(page) == "Undo revision 2?"
    assert "Import of estate.yaml" in words(page)
    assert twin["items"] == {"added": 0, "changed": 1, "retired": 1}
    assert "changes one item; retires one item" in words(page)
    assert "Change 1 Retire 1" in words(page)
    assert "New one" in words(two.get("/revisions/2/undo?part=retired").text)
    assert two.get("/health/ready").json()["revision"] == 2
    assert inline(page) == []


def test_undoing_is_done_once_and_undone_too(two: TestClient) -> None:
    """From the item's history, there and back."""
    assert "/revisions/2/undo" in addresses(two.get("/items/new/history").text)
    page = press(two, "/revisions/2/undo")
    assert heading(page) == "Revision 2 is undone, as revision 3"
    assert "Changed one item; retired one item." in words(page)
    assert "/revisions/3/undo" in addresses(page)
    for link in addresses(page):
        assert two.get(link).status_code == 200, link
    assert heading(press(two, "/revisions/3/undo")) == "Revision 3 is undone, as revision 4"
    assert two.get("/api/v1/items/new").json()["attributes"].get("status") != "retired"


def test_nothing_is_left_to_undo(two: TestClient) -> None:
    """It is said, and offered no button."""
    press(two, "/revisions/2/undo")
    page = two.get("/revisions/2/undo").text
    assert heading(page) == "Nothing of revision 2 is left to undo"
    assert "<button" not in page.partition("<main")[2].partition("</main")[0]
    answer = two.post("/revisions/2/undo", data={"id": "again"})
    assert heading(answer.text) == "Nothing of revision 2 is left to undo"


def test_a_refused_undo_shows_what_stands_in_its_way(two: TestClient, at_noon: Service) -> None:
    """Each field with its value; also where that came between reading and pressing."""
    at_noon.editing.edit(Edit("lone", {"tier": 3}, Actor("bob"), None, None))
    for answer in (two.get("/revisions/2/undo"), two.post("/revisions/2/undo", data={"id": "x"})):
        assert answer.status_code == 409
        assert heading(answer.text) == "Revision 2 is not undone"
        told = part(answer.text, "summary")
        assert "lone" in told
        assert "Undo those changes first" in told


@pytest.mark.parametrize(
    "address",
    [
        "/revisions/99/undo",
        "/revisions/0/undo",
        "/revisions/2/undo?as=1",
        "/revisions/1/undo?as=99",
    ],
)
def test_there_is_no_such_revision(address: str, two: TestClient) -> None:
    """Nor one that undid it."""
    assert two.get(address).status_code == 404


def test_a_step_of_a_plan_is_taken_back(record: TestClient) -> None:
    """It is said in whose plan."""
    record.post("/api/v1/imports", content=b"items: [{key: apollo, class: project}]")
    done = record.post(
        "/api/v1/imports?into=project:apollo", content=b"items: [{key: later, class: server}]"
    ).json()
    page = record.get(f"/revisions/{done['revision']}/undo").text
    assert "step in the plan of project:apollo is taken back" in words(page)
    assert "in the plan of project:apollo taken back" in words(
        press(record, f"/revisions/{done['revision']}/undo")
    )
