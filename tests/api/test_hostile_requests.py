"""Requests that nobody sends by mistake: each gets one clear answer, and nothing is written."""

from __future__ import annotations

import pytest

from api.service import Service
from tests.api.conftest import ImportText, NewClient
from tests.api.described import Described
from tests.api.responses import DB_A, is_problem

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(service: Service, new_client: NewClient, import_text: ImportText) -> Described:
    """Return a client of a store that holds one database."""
    import_text(service, DB_A)
    client = new_client()
    assert isinstance(client, Described)
    return client


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"tier": 9223372036854775808}', 422),
        (b'{"tier": ' + b"9" * 4_000 + b"}", 422),
        (b'{"tier": ' + b"9" * 5_000 + b"}", 400),
        (b'{"tier": 1e999}', 422),
        (b'{"tier": NaN}', 422),
        (b'{"tier": -Infinity}', 422),
        (b'{"tier": true}', 422),
        (b'{"tier": "\\ud800"}', 422),
        (b'{"name": "\\ud800"}', 422),
        (b'{"\\ud800": 1}', 422),
        (b'{"key": "a\\u0000b"}', 422),
        (b'{"key": "' + b"x" * 201 + b'"}', 422),
        (b'{"a`) DETACH DELETE (n": 1}', 422),
        (b'{"__proto__": {}}', 422),
        (b'{"uid": "x", "version": 7}', 422),
        (b'{"owner": {"$ne": null}}', 422),
        (b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b"[]", 422),
        (b"null", 422),
    ],
    ids=lambda one: str(one)[:24],
)
def test_values_that_are_none(body: bytes, status: int, client: Described, service: Service) -> None:
    """No number too large, no half character, no depth and no field of ours gets in."""
    response = client.patch("/api/v1/items/db-a", content=body, headers={**JSON, "If-Match": '"1"'})
    assert is_problem(response, status)
    assert service.workspace.store.head().revision == 1


@pytest.mark.parametrize("tag", ["*", 'W/"1"', '"1", "2"', "1", '"', '"' + "1" * 10_000 + '"', "\t"])
def test_entity_tags_that_were_never_given(tag: str, client: Described, service: Service) -> None:
    """Weak ones, several and garbage are as good as another version's."""
    response = client.patch("/api/v1/items/db-a", json={"tier": 1}, headers={"If-Match": tag})
    assert is_problem(response, 412)
    assert service.workspace.store.head().revision == 1


@pytest.mark.parametrize("key", ["", "x" * 10_000])
def test_idempotency_keys_that_are_none(key: str, client: Described) -> None:
    """Empty or without end."""
    response = client.post("/api/v1/imports", content=DB_A, headers={"Idempotency-Key": key})
    assert is_problem(response, 422)


@pytest.mark.parametrize(
    "limit", ["-1", "0", "1e9", "501", "9" * 5_000, "0x10", "1.5", "", " ", "all", "NaN"]
)
def test_pages_that_are_none(limit: str, client: Described) -> None:
    """As long as a page may be, and no longer."""
    assert is_problem(client.get("/api/v1/search", params={"limit": limit}), 422)


@pytest.mark.parametrize("cursor", ["-1", "9" * 13, "9" * 10_000, "x", "", "1;2", "٣", "1\0"])
def test_cursors_that_were_never_given(cursor: str, client: Described) -> None:
    """What is no cursor is refused; one behind the end is the end."""
    assert is_problem(client.get("/api/v1/search", params={"cursor": cursor}), 422)
    assert client.get("/api/v1/search", params={"cursor": "9" * 12}).json()["items"] == []


def test_ten_thousand_keys(client: Described) -> None:
    """They are asked about together; of those that nothing has some are told, and how many more there are."""
    keys = [f"key-{number}" for number in range(10_000)]
    assert client.post("/api/v1/impact", json={"causes": ["db-a"] * 10_000}).is_success
    for response in (
        client.post("/api/v1/simulate", json={"items": keys}),
        client.post("/api/v1/impact", json={"causes": keys}),
    ):
        assert is_problem(response, 404)
        assert "Nothing has 9,990 more of the keys either." in response.json()["detail"]
    assert is_problem(client.post("/api/v1/impact", json={"causes": [*keys, "one-more"]}), 422)


@pytest.mark.parametrize("ranges", ["bytes=0-,0-", "bytes=" + ",".join(["0-"] * 10_000), "bytes=5-1", "x"])
def test_ranges(ranges: str, client: Described) -> None:
    """Documents come whole, and no range makes more of a file than there is."""
    whole = client.get("/api/v1/search")
    assert client.get("/api/v1/search", headers={"Range": ranges}).content == whole.content
    size = len(client.get("/static/pages.css").content)
    part = client.get("/static/pages.css", headers={"Range": ranges})
    assert part.status_code in {200, 206, 400, 416}
    assert len(part.content) <= size + 1_000


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "9" * 30, str(2**63)])
def test_lengths_that_are_none(length: str, client: Described, service: Service) -> None:
    """Whatever is announced, what counts is what comes; too much is refused before it does."""
    response = client.post("/api/v1/imports", content=DB_A, headers={"Content-Length": length})
    assert response.status_code == (413 if length.isdecimal() else 200)
    assert service.workspace.store.head().revision == 1
