"""The guard at the door: who may ask, and in whose name they act."""

from __future__ import annotations

from base64 import b64encode

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import HERE, NewClient
from tests.api.responses import DB_A, is_problem, revision

TOKENS = {"s3cret-of-ada": "ada", "s3cret-of-bob": "bob"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "LocalHost:8000", "[::1]:8000"])
def test_this_machine_by_any_of_its_names(host: str, client: TestClient) -> None:
    """Without tokens, requests addressed to this machine are served."""
    assert client.get("/api/v1/search", headers={"Host": host}).is_success


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "127.0.0.1.example.com",
        "localhost.example.com:8000",
        "testserver",
        "",
        "[bad",
        "example.com/health/",
        "127.0.0.1/health/",
        "me@127.0.0.1",
        "127.0.0.1:80:80",
    ],
)
def test_a_name_of_others_is_refused(host: str, client: TestClient) -> None:
    """A page of another site that points its own name at this machine gets nothing out of it."""
    response = client.get("/api/v1/items/checkout", headers={"Host": host})
    assert is_problem(response, 404)
    assert "Checkout" not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://example.com"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_a_page_of_another_site_cannot_write(headers: dict[str, str], new_client: NewClient) -> None:
    """A browser says where a request comes from; from elsewhere it may not change anything."""
    client = new_client()
    assert is_problem(client.post("/api/v1/imports", content=DB_A, headers=headers), 422)
    assert revision(client) == 0


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": HERE}], ids=str
)
def test_our_own_pages_can_write(headers: dict[str, str], new_client: NewClient) -> None:
    """The same headers on a request of our own pages do no harm."""
    assert new_client().post("/api/v1/imports", content=DB_A, headers=headers).is_success


@pytest.mark.parametrize("actor", ["ada", "Zoë Müller", "李"])
def test_a_declared_actor_is_written_down_as_declared(actor: str, new_client: NewClient) -> None:
    """Without tokens everybody's word is taken, and the history says so."""
    client = new_client()
    client.post("/api/v1/imports", content=DB_A, headers=[(b"Cmdb-Actor", actor.encode())])
    (event,) = client.get("/api/v1/items/db-a/history").json()["history"]
    assert (event["author"], event["identity"]) == (actor, "declared")


def basic(user: str, password: str) -> str:
    """Return the header by which a browser sends a name and a password."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.mark.parametrize(
    ("authorization", "name"),
    [
        ("Bearer s3cret-of-ada", "ada"),
        ("bearer s3cret-of-bob", "bob"),
        (basic("anybody", "s3cret-of-bob"), "bob"),
        (basic("", "s3cret-of-ada"), "ada"),
    ],
)
def test_a_token_names_who_acts(authorization: str, name: str, new_client: NewClient) -> None:
    """Whoever holds a token acts in its name, whatever they declare, and is written down as authenticated."""
    client = new_client(TOKENS, "http://cmdb.example.com")
    client.headers["Authorization"] = authorization
    client.post("/api/v1/imports", content=DB_A, headers={"Cmdb-Actor": "root"})
    (event,) = client.get("/api/v1/items/db-a/history").json()["history"]
    assert (event["author"], event["identity"]) == (name, "authenticated")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Bearer s3cret-of-ad",
        "Basic",
        "Basic !!!",
        "Basic /w==",
        basic("s3cret-of-ada", ""),
        basic("ada", "wrong"),
        "Digest s3cret-of-ada",
        "s3cret-of-ada",
    ],
)
def test_without_a_valid_token_nothing_is_told(authorization: str, new_client: NewClient) -> None:
    """401 asks for a token on every path but health, pages and description included."""
    client = new_client(TOKENS)
    for path in ("/", "/api/v1/items/checkout", "/api/openapi.json", "/problems/stale", "/nowhere"):
        response = client.get(path, headers={"Authorization": authorization})
        assert is_problem(response, 401)
        assert response.headers["WWW-Authenticate"].startswith("Basic")
    assert client.get("/health/live", headers={"Authorization": authorization}).is_success


@pytest.mark.parametrize("host", ["x/health/", "x/health/?", "[", "x#"])
def test_an_odd_host_opens_nothing(host: str, new_client: NewClient) -> None:
    """Whether a path is open is decided by the path alone."""
    assert is_problem(new_client(TOKENS).get("/api/v1/search", headers={"Host": host}), 401)
