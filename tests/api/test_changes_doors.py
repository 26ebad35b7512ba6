"""Changes on the command line, over HTTP and from programs: the same documents, refused in the same words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.client import Client
from api.service import Service
from cmdb.errors import Conflict, Rejected, Stale
from tests.api.conftest import NewClient
from tests.api.registering import ESTATE, GROWING, ROLLING, alter, fill, register, submit
from tests.api.responses import is_problem

Command = Callable[..., int]
Captured = pytest.CaptureFixture[str]

FILE = """
# what people write
title: 1.10
type: standard
affects:
  - {key: db-a, action: restart, minutes: 5}
  - {unregistered: 007, action: patch}
operations:
  - item: {key: db-a, version: 16.10}
window: {start: 2026-12-05T22:00, end: 2026-12-05T22:30, zone: Europe/Berlin}
plans:
  test: Log in.
  backout: {text: Restore the snapshot., tested: true, minutes: 90, point_of_no_return: 20, evidence: DR test}
requester: ann
"""


def nested(depth: int) -> list[Any]:
    """Return lists within lists."""
    return [nested(depth - 1)] if depth else []


@pytest.fixture
def pool(service: Service) -> Service:
    """Return the use cases on the pool of databases."""
    fill(service)
    return service


@pytest.fixture
def http(pool: Service, new_client: NewClient) -> TestClient:
    """Return a client of the application on it."""
    assert len(pool.workspace.scene().picture)
    return new_client()


@pytest.fixture
def client(http: TestClient) -> Client:
    """Return a client for programs of it."""
    return Client(http=http)


@pytest.fixture
def at_home(cmdb_at_home: Command, tmp_path: Path, capsys: Captured) -> Callable[..., str]:
    """Return the command on the pool of databases; it returns what is printed, or refused."""
    (tmp_path / "estate.yaml").write_text(ESTATE)
    assert cmdb_at_home("import", tmp_path / "estate.yaml") == 0
    capsys.readouterr()

    def run(*words: object, file: str | None = None, code: int = 0) -> str:
        if file is not None:
            (tmp_path / "change.yaml").write_text(file)
            words = (*words, tmp_path / "change.yaml")
        assert cmdb_at_home(*words) == code
        out, err = capsys.readouterr()
        return "\n".join(line.rstrip() for line in (out if code == 0 else err).splitlines())

    return run


def test_a_file_is_registered_and_shown(at_home: Callable[..., str]) -> None:
    """Texts keep what is written in the file, and all of it is told on one screen."""
    told = at_home("change", "new", file=FILE)
    assert told.splitlines()[0] == "CHG-1 registered, revision 2: 1.10"
    shown = at_home("change", "show", "CHG-1")
    assert (
        shown.split("\nso far")[0]
        == """CHG-1  1.10
standard change, new, wanted by ann
Planned: Sat 05 Dec 2026 22:00 to 22:30 (Europe/Berlin, 30 min)

step  touches  does     state
1     db-a     restart  out for 5 min
1     007      patch    out            not registered

plan     how                    takes
test     Log in.
backout  Restore the snapshot.  1 h 30 min  tested, no return after 20 min, evidence: DR test

It alters the graph: look at it with --view live+change:CHG-1.

Changed (1)
  db-a “Database A”, database: version 16.10
"""
    )
    assert shown.endswith("Possible now: cmdb change submit CHG-1 and cmdb change cancel CHG-1.")


def test_a_change_goes_its_way_on_the_command_line(at_home: Callable[..., str]) -> None:
    """Each command says in a sentence what it did, and each refusal what can be done instead."""
    at_home("change", "new", file=FILE)
    assert at_home("change", "edit", "CHG-1", file="reason: Old") == "CHG-1: reason altered, revision 3."
    assert at_home("change", "edit", "CHG-1", file="reason: Old").startswith("Nothing changes")
    assert at_home("change", "submit", "CHG-1") == "CHG-1 is submitted, revision 4: 1.10"
    assert "and cmdb change cancel CHG-1." in at_home("change", "submit", "CHG-1", code=1)
    rows = at_home("change", "list", "--stage", "submitted", "--affects", "db-a").splitlines()
    assert len(rows) == 2
    assert rows[1].split()[:3] == ["CHG-1", "submitted", "standard"]
    assert at_home("change", "cancel", "CHG-1") == "CHG-1 is cancelled, revision 5: 1.10"
    assert at_home("change", "list", "--stage", "new") == "No change is like this."
    assert "Did you mean new?" in at_home("change", "list", "--stage", "neww", code=2)


def test_a_version_that_was_seen_guards_on_the_command_line(at_home: Callable[..., str]) -> None:
    """As the document tells it."""
    at_home("change", "new", file=FILE)
    edition = json.loads(at_home("change", "show", "CHG-1", "--json"))["edition"]
    at_home("change", "edit", "CHG-1", "--version", edition, file="title: y")
    assert "was expected" in at_home("change", "submit", "CHG-1", "--version", edition, code=1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[]", "is not one change: a mapping of title, type"),
        ("title: x\n---\ntitle: y", "is not one change"),
        ("", "is empty"),
        ("title: [", "this is not YAML"),
        ("<a/>", "is not one change"),
        ("titel: x", "titel: this is not known here. Did you mean title?"),
        ("title: x\naffects: [{key: old, action: patch}]", "affects[0].key: old is retired"),
    ],
)
def test_a_file_that_is_no_change_is_refused(text: str, why: str, at_home: Callable[..., str]) -> None:
    """In one clear sentence, with its place."""
    assert why in at_home("change", "new", file=text, code=1)


def test_every_door_gives_the_same_document(http: TestClient, client: Client, pool: Service) -> None:
    """Of one change, and of all."""
    register(pool, GROWING)
    register(pool)
    assert http.get("/api/v1/changes/CHG-1").json() == pool.changes.show("CHG-1")
    assert client.change_show("CHG-1") == pool.changes.show("CHG-1")
    assert http.get("/api/v1/changes").json() == pool.changes.list()
    assert list(client.change_list(affects="db-a")) == pool.changes.list()["items"][:1]


def test_a_program_registers_and_moves_a_change(client: Client) -> None:
    """Each request that writes can be sent again."""
    made = [client.change_new(ROLLING, idempotency_key="once") for _ in "12"]
    assert [one["key"] for one in made] == ["CHG-1", "CHG-1"]
    edition = client.change_show("CHG-1")["edition"]
    assert client.change_edit("CHG-1", {"reason": None}, edition)["changed"] == ["reason"]
    with pytest.raises(Stale):
        client.change_submit("CHG-1", edition=edition)
    gone = [client.change_submit("CHG-1", idempotency_key="go") for _ in "12"]
    assert [one["revision"] for one in gone] == [4, 4]
    with pytest.raises(Conflict, match="frozen"):
        client.change_edit("CHG-1", {"affects": None}, client.change_show("CHG-1")["edition"])
    assert client.change_cancel("CHG-1")["stage"] == "cancelled"


def test_an_edit_needs_the_tag_that_was_seen(http: TestClient, pool: Service) -> None:
    """Without it, or with any, nothing is written."""
    register(pool)
    tag = http.get("/api/v1/changes/CHG-1").headers["ETag"]
    body = {"title": "Mine"}
    assert is_problem(http.patch("/api/v1/changes/CHG-1", json=body), 428)
    assert is_problem(http.patch("/api/v1/changes/CHG-1", json=body, headers={"If-Match": "*"}), 412)
    assert http.patch("/api/v1/changes/CHG-1", json=body, headers={"If-Match": tag}).json()["revision"] == 3
    assert is_problem(http.patch("/api/v1/changes/CHG-1", json=body, headers={"If-Match": tag}), 412)


def test_faults_are_told_over_http_with_their_places(http: TestClient, client: Client) -> None:
    """As pointers into what was sent."""
    wrong = {"title": "x", "affects": [{"key": "db-z", "action": "patch"}], "window": {"zone": "Mars"}}
    refused = http.post("/api/v1/changes", json=wrong)
    assert is_problem(refused, 422)
    assert [one["pointer"] for one in refused.json()["errors"]] == ["window.zone", "affects[0].key"]
    assert "Close to it: db-a, db-b" in refused.json()["errors"][1]["detail"]
    with pytest.raises(Rejected) as caught:
        client.change_new(wrong)
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b'"x"', b"7", b"{", b'{"title": "x", "title": "y"}', b'{"title": 1e999}', b""],
    ids=str,
)
def test_a_body_that_is_no_change_is_refused(body: bytes, http: TestClient) -> None:
    """Whatever it is."""
    answer = http.post("/api/v1/changes", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "said",
    [
        {"title": "x" * 300_000},
        {"title": "x", "affects": [{"key": "k" * 10_000, "action": "patch"}]},
        {"title": "x", "affects": [{"key": "db-a", "action": "patch", "step": 2**63}]},
        {"title": "x", "affects": [{"unregistered": "x", "action": "patch", "minutes": 2**62}]},
        {"title": "x", "operations": [{"item": {"key": "db-a", "tier": [[1]]}}]},
        {"title": "x", "operations": [{"item": {"key": "db-a", "__proto__": 1}}]},
        {"title": "x", "operations": nested(200)},
        {"title": "x", "reason": nested(9)},
        {"title": "x'}) DETACH DELETE n //"},
        {"title": "\u202egnp", "requester": "a\nb"},
    ],
    ids=lambda said: str(said)[:60],
)
def test_hostile_input_is_stored_as_it_is_or_refused(said: dict[str, Any], http: TestClient) -> None:
    """And never a fault of ours."""
    answer = http.post("/api/v1/changes", json=said)
    assert answer.status_code in {200, 422}, answer.text
    if answer.status_code == 200:
        assert http.get("/api/v1/changes/CHG-1").json()["title"] == said["title"]


def test_changes_are_paged_over_http(http: TestClient, client: Client, pool: Service) -> None:
    """By a cursor, filtered on the way."""
    for _ in range(3):
        register(pool)
    submit(pool, "CHG-2")
    page = http.get("/api/v1/changes?limit=2").json()
    assert [one["key"] for one in page["items"]] == ["CHG-3", "CHG-2"]
    rest = http.get(f"/api/v1/changes?limit=2&cursor={page['next']}").json()
    assert ([one["key"] for one in rest["items"]], rest["next"]) == (["CHG-1"], None)
    assert [one["key"] for one in client.change_list(stage="submitted")] == ["CHG-2"]
    assert is_problem(http.get("/api/v1/changes?stage=odd"), 422)


def test_the_tag_is_another_one_for_another_plan(http: TestClient, pool: Service) -> None:
    """Also where the record itself has not altered."""
    register(pool, GROWING)
    before = http.get("/api/v1/changes/CHG-1").headers["ETag"]
    alter(pool, "CHG-1", operations=GROWING["operations"][:1])
    after = http.get("/api/v1/changes/CHG-1").headers["ETag"]
    assert before.split("-")[0] == after.split("-")[0]
    assert before != after
