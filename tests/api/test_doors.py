"""One question through every door, on either store: the answer is the same one.

The demo estate is carried from the embedded store to a server with its whole history, and then asked.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from api.client import Client
from api.server.app import create_app
from api.service import Service, open_service
from api.settings import Settings
from cmdb.backup import checked
from cmdb.stores.opening import Location, Server
from tests.api.conftest import HERE, noon
from tests.api.test_contract import AT, DOORS
from tests.web.reading import words

Captured = pytest.CaptureFixture[str]
Command = Callable[..., int]
Answer = Any


class House(NamedTuple):
    """A store with the demo estate in it, and the doors to it."""

    service: Service
    http: TestClient
    client: Client


class Question(NamedTuple):
    """A question as it is asked at each door; the client of some gives the rows alone, page after page."""

    words: list[str]
    over_http: Callable[[TestClient], Answer]
    by_client: Callable[[Client], Answer]
    page: str | None


def question(name: str, by_client: Callable[[Client], Answer], page: str | None = None) -> Question:
    """Return a question that the contract knows already."""
    words, over_http, _ = DOORS[name]
    return Question(words, over_http, by_client, page)


QUESTIONS = {
    "impact": question(
        "impact", lambda client: client.impact(["power-f2"], at=AT), f"/impact?cause=power-f2&at={AT}"
    ),
    "explain": question(
        "explain",
        lambda client: client.explain(["power-f2"], "checkout", at=AT),
        f"/impact/why?cause=power-f2&at={AT}&why=checkout",
    ),
    "not-hit": Question(
        ["not-hit", "power-f2", "--at", AT],
        lambda http: http.get(f"/api/v1/not-hit?cause=power-f2&at={AT}").json(),
        lambda client: list(client.not_hit(["power-f2"], at=AT)),
        f"/impact?cause=power-f2&at={AT}&tab=not-hit",
    ),
    "depends": question("depends", lambda client: client.depends("payments", "@1")),
    "path": question("path", lambda client: client.path("power-f2", "checkout", "@1")),
    "spof": question("spof", lambda client: client.spof(["checkout", "payments"], view="@1")),
    "search": Question(
        ["search", "pool"],
        lambda http: http.get("/api/v1/search?q=pool").json(),
        lambda client: list(client.search("pool")),
        "/search?q=pool",
    ),
    "show": question("show", lambda client: client.show("checkout", "@1"), "/items/checkout?view=@1"),
    "history": question("history", lambda client: client.history("checkout"), "/items/checkout/history"),
    "diff": Question(
        ["diff", "@1", "@4"],
        lambda http: http.get("/api/v1/diff?from=@1&to=@4").json(),
        lambda client: client.diff("@1", "@4"),
        "/diff?from=@1&to=@4",
    ),
    "data": question("data", lambda client: client.data("@1"), "/data?view=@1"),
    "services": Question(
        ["services", "--owner", "team-shop", "--view", "@1"],
        lambda http: http.get("/api/v1/services?owner=team-shop&view=@1").json(),
        lambda client: list(client.services("team-shop", "@1")),
        "/services?owner=team-shop&view=@1",
    ),
}


@pytest.fixture(scope="module")
def kept(demo: Service, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a backup of the demo estate."""
    written = io.BytesIO()
    demo.backups.backup(written)
    path = tmp_path_factory.mktemp("kept") / "demo.jsonl"
    path.write_bytes(written.getvalue())
    return path


@pytest.fixture(scope="module", params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def place(request: pytest.FixtureRequest, demo_file: Path, kept: Path) -> Location:
    """Return where the demo estate is kept, for each kind of store."""
    if request.param == "sqlite":
        return demo_file
    server: Server = request.getfixturevalue("neo4j_server")
    request.getfixturevalue("empty_the_server")()
    with open_service(Settings(server), noon) as service:
        service.backups.restore(checked(kept))
    return server


@pytest.fixture(scope="module")
def house(place: Location) -> Iterator[House]:
    """Return the doors to the demo estate, at noon."""
    with open_service(Settings(place), noon) as service:
        http = TestClient(create_app(service, Settings(None)), base_url=HERE)
        yield House(service, http, Client(http=http))


@pytest.fixture
def cmdb_there(place: Location, monkeypatch: pytest.MonkeyPatch, cmdb: Command) -> Command:
    """Return the command, run in this process on the store."""
    if isinstance(place, Server):
        monkeypatch.setenv("CMDB_STORE", place.url)
        monkeypatch.setenv("CMDB_STORE_USER", place.user)
        monkeypatch.setenv("CMDB_STORE_PASSWORD", place.password or "")
    return cmdb


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_door_of_every_store_gives_the_same_answer(
    name: str, house: House, client: TestClient, cmdb_there: Command, capsys: Captured
) -> None:
    """Command line, HTTP and client, on this store as on the embedded one, to the byte."""
    asked = QUESTIONS[name]
    expected = asked.over_http(client)
    assert expected["format"] == 1

    assert cmdb_there(*asked.words, "--json") == 0
    on_paper = capsys.readouterr().out.rstrip("\n")
    assert on_paper == json.dumps(expected, separators=(",", ":"), ensure_ascii=False)

    assert asked.over_http(house.http) == expected

    found = asked.by_client(house.client)
    assert found == (expected["items"] if isinstance(found, list) else expected)


@pytest.mark.parametrize("name", [name for name, asked in QUESTIONS.items() if asked.page])
def test_the_page_says_what_the_document_says(name: str, house: House, client: TestClient) -> None:
    """Its sentence, and the names of the rows that fit on it."""
    asked = QUESTIONS[name]
    document = asked.over_http(client)
    text = words(house.http.get(str(asked.page)).text)
    for said in sayings(name, document):
        assert said in text


def test_the_explorers_twin_is_the_impact_document(house: House, client: TestClient) -> None:
    """The page's own data is what the API answers to the same question, with the drawing."""
    twin = house.http.get(f"/impact.json?cause=power-f2&at={AT}").json()
    told = client.post("/api/v1/impact", json={"causes": ["power-f2"], "at": AT, "graph": True}).json()
    assert twin == told


def sayings(name: str, document: Answer) -> list[str]:
    """Return what a reader has to find on the page of a document."""
    if name == "data":
        return [document["detail"], *(one["question"] for one in document["fixes"])]
    if name == "explain":
        return list(_steps(document["because"]))
    rows = {
        "impact": "services",
        "not-hit": "items",
        "search": "items",
        "show": "relations",
        "services": "items",
    }
    named = [one["other"] if name == "show" else one for one in document.get(rows.get(name, ""), ())]
    names = [one["name"] for one in named]
    if name in {"impact", "services"}:
        return [document["detail"], *names]
    if name == "history":
        return [document["name"], *(one["author"] for one in document["history"])]
    if name == "diff":
        return [one["name"] for one in document["items"]]
    return [document["name"], *names] if name == "show" else names


def _steps(chain: Answer) -> Iterator[str]:
    """Every step of a chain and of those that come together in it, as it is read: words, then name."""
    for one in chain["steps"]:
        yield f"{one['words']} {one['name']}"
    for member in chain["members"]:
        yield from _steps(member)
