"""The description of the API is whole, and true on the demo estate."""

from __future__ import annotations

import importlib
import json
import pkgutil
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

import api.http
from api.http.describing import ABOUT
from api.http.examples import answers, examples
from api.http.parameters import FORMATS
from api.server.watching import API
from tests.api.described import all_operations, check, description
from tests.api.test_cli import COMMANDS

NO_COMMAND = {"live", "ready", "metrics"}
"""What only a server can be asked."""

OPTION_OF = {"data-list": "data"}
"""What an option of another command asks."""

GENERATE = Path(__file__).parents[2] / "docs" / "generate.py"
OPERATIONS = pytest.mark.parametrize("name", all_operations())


def every_route() -> Iterator[APIRoute]:
    """Yield every route of the API, whether described or not."""
    for module in pkgutil.iter_modules(api.http.__path__):
        router = getattr(importlib.import_module(f"api.http.{module.name}"), "router", None)
        if isinstance(router, APIRouter):
            yield from (route for route in router.routes if isinstance(route, APIRoute))


def every_schema(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  any part of a description
    """Yield every object in a part of the description."""
    if isinstance(node, dict):
        yield node
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from every_schema(one)


def test_every_route_is_described() -> None:
    """None is left out, and each goes by the name of the command that asks the same."""
    described = {(one["method"], one["path"]) for one in all_operations().values()}
    routes = {(method, route.path) for route in every_route() for method in route.methods or ()}
    assert described == {
        (method, path if path.startswith(("/health", "/metrics")) else API + path) for method, path in routes
    }
    commands = {OPTION_OF.get(name, name) for name in all_operations()}
    assert commands - NO_COMMAND <= {"-".join(names) for names in COMMANDS}


@OPERATIONS
def test_an_operation_is_described(name: str) -> None:
    """It says what it does, what each parameter means, and what every answer is, with an example of each."""
    one = all_operations()[name]
    assert all(one[part] for part in ("summary", "description", "tags"))
    assert one["summary"] != one["description"]
    for parameter in one.get("parameters", ()):
        assert parameter["description"], parameter["name"]
        assert parameter["schema"], parameter["name"]
    for content in one.get("requestBody", {}).get("content", {}).values():
        assert content["schema"]
        assert "example" in content
    for status, response in one["responses"].items():
        assert response["description"] != "Successful Response", status
        for content in response["content"].values():
            assert content["schema"], status


@OPERATIONS
def test_an_operation_has_an_example(name: str) -> None:
    """Of its answer, and of all that it needs; figures for Prometheus speak for themselves."""
    if name == "metrics":
        return
    one = all_operations()[name]
    assert "example" in next(iter(one["responses"]["200"]["content"].values()))
    assert all("example" in parameter for parameter in one.get("parameters", ()) if parameter["required"])


def test_examples_are_of_operations() -> None:
    """Each is named as the operation that it is of."""
    assert examples().keys() == answers().keys() == all_operations().keys() - {"metrics"}


@pytest.mark.slow
def test_the_examples_are_true() -> None:
    """A fresh demo estate answers what stands there; `make docs` writes it."""
    assert runpy.run_path(str(GENERATE))["answered"]() == answers()


@pytest.mark.parametrize("name", examples())
def test_the_example_of_an_answer_is_as_described(name: str) -> None:
    """Its fields are those of the schema, and no others."""
    one = all_operations()[name]
    check(one, 200, next(iter(one["responses"]["200"]["content"])), answers()[name])


def test_nothing_may_be_added_to_a_document_unseen() -> None:
    """Every object has named fields only, or values that have a schema; every field has a type."""
    for name, schema in description()["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name
        assert all(set(field) - {"title"} for field in schema["properties"].values()), name


def test_headers_are_described() -> None:
    """Those that a client sends, and those that it needs to read."""
    operations = all_operations()
    sent = {
        (name, parameter["name"])
        for name, one in operations.items()
        for parameter in one.get("parameters", ())
        if parameter["in"] == "header"
    }
    assert sent >= {("edit", "If-Match"), ("unrelate", "If-Match"), ("relate", "If-Match")}
    assert sent >= {("import", "Idempotency-Key"), ("undo", "Idempotency-Key"), ("import", "Cmdb-Actor")}
    assert "ETag" in operations["show"]["responses"]["200"]["headers"]
    assert "Cmdb-Importable" in operations["export"]["responses"]["200"]["headers"]
    assert "Retry-After" in operations["show"]["responses"]["503"]["headers"]


def test_grammars_are_explained() -> None:
    """Each format that a schema names is told of, and each that is told of is named."""
    schemas = [*every_schema(description()["paths"]), *every_schema(description()["components"]["schemas"])]
    found = {node["format"] for node in schemas if isinstance(node.get("format"), str)}
    assert found - {"binary"} == FORMATS.keys()
    assert all(f"`{name}`" in ABOUT for name in FORMATS)


def test_the_description_is_served(client: TestClient) -> None:
    """Whoever asks gets it as JSON, each time the same, and none of the framework's own forms of errors."""
    once, again = (client.get("/api/openapi.json") for _ in range(2))
    assert once.json() == again.json() == json.loads(json.dumps(description()))
    assert "HTTPValidationError" not in once.text
