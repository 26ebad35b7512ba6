"""Importing over HTTP: applied once, or refused with every fault."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import Service
from api.service.imports import Import, Imports
from api.settings import Settings
from cmdb.model import Actor
from cmdb.stores.base import Store
from loaders.source import Source
from tests.api.conftest import HERE, ImportText, NewClient
from tests.api.responses import DB_A, is_problem, revision


def test_an_import_over_http(new_client: NewClient) -> None:
    """A dry run has no revision and writes nothing, the import has one, the same again none."""
    client = new_client()
    planned = client.post("/api/v1/imports?dry_run=true&name=db.yaml", content=DB_A).json()
    assert (planned["revision"], planned["items"]["added"], revision(client)) == (None, 1, 0)

    done = client.post("/api/v1/imports?name=db.yaml", content=DB_A).json()
    assert done == {name: planned[name] for name in done} | {"revision": 1}

    again = client.post("/api/v1/imports?name=db.yaml", content=DB_A).json()
    assert (again["revision"], again["items"]["unchanged"], revision(client)) == (None, 1, 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"  \n", 400),
        (b"items: [", 400),
        (b"hello", 400),
        (b"\x89PNG\r\n\x1a\n", 400),
        (b"<html>Please log in</html>", 400),
        (b'{"items": [{"key": "a"}]}', 422),
        (b'{"items": [{"key": "a", "class": "frob"}]}', 422),
        (b'{"items": [{"key": "-rf", "class": "server"}]}', 422),
        (b'{"items": [{"key": "a", "class": "server", "uid": "1"}]}', 422),
        (b'{"relations": [{"source": "a", "type": "depends_on", "target": "b"}]}', 422),
    ],
)
def test_refused_files(body: bytes, status: int, new_client: NewClient) -> None:
    """What cannot be read is 400, what breaks a rule 422; nothing is written either way."""
    client = new_client()
    assert is_problem(client.post("/api/v1/imports", content=body), status)
    assert revision(client) == 0


def test_a_refused_file_lists_its_faults(new_client: NewClient) -> None:
    """Every fault has its place in the file."""
    body = '{"items": [{"key": "a", "class": "frob"}, {"key": "b", "class": "frob"}]}'
    response = new_client().post("/api/v1/imports?name=two.json", content=body)
    assert len(response.json()["errors"]) == 2


@pytest.mark.parametrize("query", ["format=frob", "dry_run=perhaps", f"name={'x' * 300}"])
def test_a_refused_request_to_import(query: str, new_client: NewClient) -> None:
    """Unknown formats and malformed parameters are refused before anything is read."""
    assert is_problem(new_client().post(f"/api/v1/imports?{query}", content=DB_A), 422)


def test_a_repeated_import_is_applied_once(new_client: NewClient) -> None:
    """Under the same key the same request gets the same document; another request is refused."""
    client = new_client()
    once = {"Idempotency-Key": "monday"}
    first = client.post("/api/v1/imports", content=DB_A, headers=once)
    client.post("/api/v1/imports", content=DB_A.replace("database", "server").replace("db-a", "srv"))
    second = client.post("/api/v1/imports", content=DB_A, headers=once)
    assert second.content == first.content
    assert first.json()["revision"] == 1
    assert revision(client) == 2

    other = client.post("/api/v1/imports", content=DB_A.replace("db-a", "db-b"), headers=once)
    assert is_problem(other, 422)
    in_other_name = client.post("/api/v1/imports", content=DB_A, headers={**once, "Cmdb-Actor": "eve"})
    assert is_problem(in_other_name, 422)
    assert revision(client) == 2


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_malformed_idempotency_key(key: str, new_client: NewClient) -> None:
    """An empty key is a mistake of the sender, and so is one of endless length."""
    response = new_client().post("/api/v1/imports", content=DB_A, headers={"Idempotency-Key": key})
    assert is_problem(response, 422)


class Overtaken:
    """A store in which something happens right before one of its methods is called for the first time."""

    def __init__(self, store: Store, method: str, meanwhile: Callable[[], object]) -> None:
        self._store = store
        self._method = method
        self._meanwhile = [meanwhile]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name == self._method and self._meanwhile:
            self._meanwhile.pop()()
        return getattr(self._store, name)


def overtaken(service: Service, method: str, meanwhile: Callable[[], object]) -> Imports:
    """Return the use case of importing, on a store in which something happens meanwhile."""
    store = cast("Store", Overtaken(service.workspace.store, method, meanwhile))
    return Imports(replace(service.workspace, store=store))


@pytest.mark.parametrize("method", ["read", "commit"])
def test_twins_get_one_document(method: str, service: Service) -> None:
    """The same request sent twice at once is applied once, and both are told the same."""
    wanted = Import((Source("db.yaml", DB_A.encode()),), Actor("ada"), id="monday")
    told: list[Any] = []
    slower = overtaken(service, method, lambda: told.append(service.imports.apply(wanted)))
    told.append(slower.apply(wanted))
    assert told[0] == told[1]
    assert told[0]["revision"] == 1
    assert service.workspace.store.head().revision == 1


@pytest.mark.parametrize("before", ["", DB_A])
def test_an_import_that_was_overtaken_is_planned_again(
    before: str, service: Service, import_text: ImportText
) -> None:
    """The second plan sees what was done meanwhile: one item, both changes in its past."""
    if before:
        import_text(service, before)
    slower = overtaken(service, "commit", lambda: import_text(service, tier(1)))
    app = create_app(Service(slower.workspace, None, ExitStack()), Settings(None))
    response = TestClient(app, base_url=HERE).post("/api/v1/imports", content=tier(2))
    assert response.json()["items"] == {"added": 0, "changed": 1, "retired": 0, "unchanged": 0}
    assert service.items.show("db-a")["attributes"]["tier"] == 2
    changes = [one for event in service.items.history("db-a")["history"] for one in event["changes"]]
    assert changes[0] == {"field": "tier", "before": 1, "after": 2}


def tier(number: int) -> str:
    """Return a file that gives a database this tier."""
    return f"items:\n  - {{key: db-a, class: database, tier: {number}}}\n"


def test_a_key_is_used_up_even_if_nothing_changed(new_client: NewClient) -> None:
    """An answer without a revision is remembered as well: the same again, and nothing else under that key."""
    client = new_client()
    client.post("/api/v1/imports", content=DB_A)
    key = {"Idempotency-Key": "k9"}
    first = client.post("/api/v1/imports", content=DB_A, headers=key)
    assert (first.status_code, first.json()["revision"]) == (200, None)
    assert is_problem(client.post("/api/v1/imports", content=tier(3), headers=key), 422)
    assert client.post("/api/v1/imports", content=DB_A, headers=key).json() == first.json()
