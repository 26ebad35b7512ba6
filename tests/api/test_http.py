"""The HTTP API: what it answers, and what it refuses."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import Service, open_service
from api.settings import Settings
from cmdb.stores.sqlite import SqliteStore
from tests.api.conftest import HERE, ImportText, NewClient
from tests.api.responses import DB_A, HEADERS, is_problem

MIB = 1024 * 1024


def in_pieces(megabytes: int) -> Iterator[bytes]:
    """Yield a body whose length nobody announces."""
    for _ in range(megabytes):
        yield b" " * MIB
    yield b" "


def test_an_item_carries_its_version_as_etag(client: TestClient) -> None:
    """The ETag is strong, and is the item's version."""
    response = client.get("/api/v1/items/checkout")
    assert response.status_code == 200
    assert response.headers["ETag"] == f'"{response.json()["version"]}"'


def test_an_answer_carries_what_browsers_need(client: TestClient) -> None:
    """Every answer says what a browser may do with it."""
    assert client.get("/api/v1/search?q=checkout").headers.keys() >= HEADERS
    assert client.get("/health/live").headers.keys() >= HEADERS


@pytest.mark.parametrize(
    "key", ["50%", "what?", "no#1", "größe-日本語", "a;b=c&d", "ns:cloud:web", '"x"', "a\\b"]
)
def test_any_key_works_in_an_address(
    key: str, service: Service, new_client: NewClient, import_text: ImportText
) -> None:
    """Percent-encoded, every key that a file may hold finds its item."""
    import_text(service, f"items:\n  - {{key: '{key}', class: database}}\n")
    client = new_client()
    encoded = quote(key, safe="").replace(".", "%2E")

    for path in (f"items/{encoded}", f"items/{encoded}/history", f"depends/{encoded}"):
        assert client.get(f"/api/v1/{path}").status_code == 200
    assert client.get(f"/api/v1/items/{encoded}").json()["key"] == key
    assert client.get("/api/v1/spof", params={"key": key}).json()["items"][0]["key"] == key
    asked = client.post("/api/v1/impact", json={"causes": [key]})
    assert asked.json()["causes"][0]["key"] == key


def test_following_the_cursor_visits_everything_once(client: TestClient) -> None:
    """The pages together are the whole answer, in its order."""
    whole = client.get("/api/v1/search", params={"limit": 500}).json()
    pages: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/api/v1/search", params={"limit": "7", **cursor}).json()
        pages += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert pages == whole["items"]
    assert len(pages) == whole["total"] > 14
    assert len({one["key"] for one in pages}) == len(pages)


def test_causes_may_carry_their_state(client: TestClient) -> None:
    """A bare key is out; the same key given twice with two states is refused."""
    both = [{"key": "power-f2", "state": "degraded"}, "fw-118", "fw-118"]
    answer = client.post("/api/v1/impact", json={"causes": both}).json()
    assert [(one["key"], one["state"]) for one in answer["causes"]] == [
        ("fw-118", "out"),
        ("power-f2", "degraded"),
    ]
    twice = client.post("/api/v1/impact", json={"causes": [*both, "power-f2"]})
    assert is_problem(twice, 422)
    assert "power-f2" in twice.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/api/v1/nowhere", 404),
        ("/problems/nowhere", 404),
        ("/api/v1/items/nobody", 404),
        ("/api/v1/items/nobody/history", 404),
        ("/api/v1/items/checkout?view=@99", 404),
        ("/api/v1/items/a%2Fb", 404),
        ("/api/v1/items/%FF", 404),
        ("/api/v1/items/%00", 404),
        ("/api/v1/depends/nobody", 404),
        ("/api/v1/paths?from=checkout&to=nobody", 404),
        ("/api/v1/spof?key=nobody", 404),
        ("/api/v1/explain?cause=nobody&key=checkout", 404),
        ("/api/v1/items/checkout?view=yesterday", 422),
        ("/api/v1/items/checkout?view=", 422),
        ("/api/v1/items/checkout?view=@2026-11-01T09:00:00", 422),
        ("/api/v1/spof?at=noon", 422),
        ("/api/v1/spof?select=class:baseline", 404),
        ("/api/v1/spof?select=class:databse", 422),
        ("/api/v1/search?select=checkout+or+nobody", 404),
        ("/api/v1/search?select=", 422),
        ("/api/v1/export?select=class:baseline", 404),
        ("/api/v1/export?select=tier:1,2,", 422),
        ("/api/v1/explain?select=class:baseline&key=checkout", 404),
        ("/api/v1/not-hit?select=nobody", 404),
        ("/api/v1/not-hit", 422),
        ("/api/v1/search?limit=0", 422),
        ("/api/v1/search?limit=-1", 422),
        ("/api/v1/search?limit=501", 422),
        ("/api/v1/search?limit=1e9", 422),
        ("/api/v1/search?cursor=x", 422),
        (f"/api/v1/search?cursor={'9' * 5000}", 422),
        ("/api/v1/explain?key=checkout", 422),
        ("/api/v1/explain?cause=power-f2", 422),
        ("/api/v1/explain?cause=power-f2&key=checkout&state=bad", 422),
        ("/api/v1/explain?cause=power-f2&key=checkout&at=noon", 422),
        ("/api/v1/paths?from=checkout", 422),
    ],
)
def test_refused_questions(path: str, status: int, client: TestClient) -> None:
    """What is not there is 404, what is malformed 422."""
    assert is_problem(client.get(path), status)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ({}, 200),
        ({"draws": 10.0, "seed": 1e3}, 200),
        ({"draws": True}, 422),
        ({"seed": "1"}, 422),
        ({"items": ["nobody"]}, 404),
        ({"out": [{"select": "class:baseline"}]}, 404),
        ({"items": [{"select": "class:databse"}]}, 422),
        ({"items": "checkout"}, 422),
        ({"draws": 0}, 422),
        ({"draws": 1_000_001}, 422),
        ({"draws": 10.5}, 422),
        ({"seed": -1}, 422),
        ({"seed": 2**63}, 422),
        ({"view": "yesterday"}, 422),
        ({"frob": 1}, 422),
    ],
    ids=str,
)
def test_questions_of_a_simulation(question: dict[str, Any], status: int, client: TestClient) -> None:
    """Everything has a default, and what is malformed is refused."""
    response = client.post("/api/v1/simulate", json=question)
    assert response.status_code == status
    assert status == 200 or is_problem(response, status)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"[1,", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"causes": []}', 422),
        (b'{"causes": "power-f2"}', 422),
        (b'{"causes": [1]}', 422),
        (b'{"causes": [null]}', 422),
        (b'{"causes": ["nobody"]}', 404),
        (b'{"causes": ["class:database"]}', 404),
        (b'{"causes": [{"select": "class:baseline"}]}', 404),
        (b'{"causes": [{"select": "class:databse"}]}', 422),
        (b'{"causes": [{"select": "\\ud800"}]}', 404),
        (b'{"causes": [{"select": "checkout", "key": "checkout"}]}', 422),
        (b'{"causes": ["srv-110", {"select": "class:server", "state": "degraded"}]}', 422),
        (b'{"causes": ["power-f2"], "depth": 3}', 422),
        (b'{"causes": ["power-f2"], "\\ud800": 3}', 422),
        (b'{"causes": ["\\ud800"]}', 404),
        (b'{"causes": ["power-f2"], "view": "\\ud800"}', 422),
        (b'{"causes": [{"key": "power-f2", "owner": "me"}]}', 422),
        (b'{"causes": [{"key": "power-f2", "state": "ok"}]}', 422),
        (b'{"causes": [{"key": "power-f2", "state": "OUT"}]}', 422),
        (b'{"causes": ["power-f2"], "view": "yesterday"}', 422),
        (b'{"causes": ["power-f2"], "view": null}', 422),
        (b'{"causes": ["power-f2"], "view": "@99"}', 404),
        (b'{"causes": ["power-f2"], "at": "noon"}', 422),
        (b'{"causes": ["power-f2"], "at": NaN}', 422),
        (b'{"causes": ["power-f2"], "at": 1e999}', 422),
    ],
)
def test_refused_bodies(body: bytes, status: int, client: TestClient) -> None:
    """What is no JSON is 400, an unknown name 404, any other wrong shape 422."""
    response = client.post("/api/v1/impact", content=body, headers={"Content-Type": "application/json"})
    assert is_problem(response, status)


def test_a_refusal_points_at_the_fault_and_repeats_no_value(client: TestClient) -> None:
    """Each fault is named by its place; what was sent there is not sent back."""
    causes = [{"key": "power-f2", "state": "hunter2"}]
    response = client.post("/api/v1/impact", json={"causes": causes, "extra": "hunter2"})
    assert {one["pointer"] for one in response.json()["errors"]} >= {"body/extra"}
    assert "hunter2" not in response.text


def test_a_wrong_method_says_which_is_right(client: TestClient) -> None:
    """405 is a problem document and keeps the header that names the allowed methods."""
    response = client.get("/api/v1/impact")
    assert is_problem(response, 405)
    assert response.headers["Allow"] == "POST"
    assert is_problem(client.delete("/api/v1/items/checkout"), 405)


@pytest.mark.parametrize(
    ("path", "limit"), [("/api/v1/impact", MIB), ("/api/v1/search", MIB), ("/api/v1/imports", 64 * MIB)]
)
def test_an_announced_length_above_the_limit(path: str, limit: int, client: TestClient) -> None:
    """A body is refused by its length before it is read."""
    for length in (str(limit + 1), "9" * 5000):
        response = client.post(path, content=b" ", headers={"Content-Length": length})
        assert is_problem(response, 413)
        assert f"{limit // MIB} MiB" in response.json()["detail"]


@pytest.mark.parametrize(("path", "limit"), [("/api/v1/impact", 1), ("/api/v1/imports", 64)])
def test_a_body_that_grows_above_the_limit(path: str, limit: int, client: TestClient) -> None:
    """A body of unknown length is refused as soon as it is too long."""
    response = client.post(path, content=in_pieces(limit), headers={"Content-Type": "application/json"})
    assert is_problem(response, 413)


def test_a_body_below_the_limit_is_read(client: TestClient) -> None:
    """Blanks up to the limit do no harm."""
    body = b'{"causes": ["power-f2"]}'.ljust(MIB)
    assert client.post(
        "/api/v1/impact", content=body, headers={"Content-Type": "application/json"}
    ).is_success


def clock_that_fails() -> datetime:
    """Raise an error that holds a secret."""
    raise RuntimeError("hunter2")


def test_a_crash_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A fault of the program is a problem document without its text; the log says which request failed."""
    with open_service(Settings(None), clock_that_fails) as service, caplog.at_level(logging.ERROR):
        app = create_app(service, Settings(None))
        client = TestClient(app, base_url=HERE, raise_server_exceptions=False)
        response = client.get("/api/v1/items/a%0Afake")
    assert is_problem(response, 500)
    assert "hunter2" not in response.text
    assert "Traceback" not in response.text
    assert [line for line in caplog.text.splitlines() if line.startswith("fake")] == []
    assert "GET /api/v1/items/{key} failed" in caplog.text


def test_when_the_store_is_away(service: Service, new_client: NewClient, import_text: ImportText) -> None:
    """What needs the store is 503 and says when to try again; questions are answered and marked stale."""
    import_text(service, DB_A)
    client = new_client()
    asked = {"causes": ["db-a"]}
    assert client.post("/api/v1/impact", json=asked).json()["stale"] is False
    assert isinstance(service.workspace.store, SqliteStore)
    service.workspace.store.close()

    assert client.post("/api/v1/impact", json=asked).json()["stale"] is True
    assert client.get("/health/ready").json()["stale"] is True
    for response in (
        client.post("/api/v1/imports", content=DB_A),
        client.get("/api/v1/items/db-a/history"),
        client.get("/api/v1/items/db-a?view=@1"),
    ):
        assert is_problem(response, 503)
        assert int(response.headers["Retry-After"]) <= 10


def test_health_without_anything_to_answer_from(service: Service, new_client: NewClient) -> None:
    """The process is alive, but not ready."""
    assert isinstance(service.workspace.store, SqliteStore)
    service.workspace.store.close()
    client = new_client()
    assert client.get("/health/live").json() == {"status": "live"}
    assert is_problem(client.get("/health/ready"), 503)
