"""A client that holds every answer of the API against what the API says of itself."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema_rs
from httpx2 import Request, Response
from starlette.testclient import TestClient

from api.http.describing import operations
from api.server.app import create_app
from api.service import open_service
from api.settings import Settings

Node = dict[str, Any]

PROBLEM = "application/problem+json"


@cache
def description() -> Node:
    """Return what the application says of itself, which is the same for every estate."""
    with open_service(Settings(None)) as service:
        described: Node = create_app(service, Settings(None)).openapi()
        return described


@cache
def all_operations() -> dict[str, Node]:
    """Return the operations by their ids, each with its `path` and `method`."""
    return {
        one["operationId"]: {**one, "path": path, "method": method.upper()}
        for path, method, one in operations(description())
    }


def slugs(operation: Node, status: str) -> set[str]:
    """Return the problems that an operation may answer with that status."""
    content = operation["responses"].get(status, {}).get("content", {})
    return set(content.get(PROBLEM, {}).get("examples", ()))


def operation_at(method: str, target: str) -> Node | None:
    """Return the operation that a request is for; `None` where it is for none of the API's."""
    path = unquote(urlsplit(target).path)  # as the server reads it
    for one in all_operations().values():
        if one["method"] == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one["path"]), path):
            return one
    return None


@cache
def _validator(schema: str) -> Any:  # noqa: ANN401  the library's own
    return jsonschema_rs.validator_for({"$ref": schema, "components": description()["components"]})


def check(operation: Node, status: int, media_type: str, document: Any) -> None:  # noqa: ANN401
    """Fail if an answer is not what the description of its operation says."""
    where = f"{operation['operationId']} answered {status}"
    described = operation["responses"].get(str(status))
    assert described is not None, f"{where}, which is not described"
    content = {name.partition(";")[0]: one for name, one in described["content"].items()}
    assert media_type in content, f"{where} as {media_type}"
    schema = content[media_type].get("schema", {})
    if "$ref" in schema:
        _validator(schema["$ref"]).validate(document)
    if media_type == PROBLEM:
        assert document["type"].rpartition("/")[2] in slugs(operation, str(status)), (where, document)


class Described(TestClient):
    """A client that fails where an answer is not as described: its status, headers, fields and problem."""

    def send(self, request: Request, **how: Any) -> Response:  # noqa: ANN401
        """Send a request, and look at the answer."""
        response = super().send(request, **how)
        operation = operation_at(request.method, request.url.raw_path.decode("ascii"))
        if operation is not None:
            media_type = response.headers.get("Content-Type", "").partition(";")[0]
            is_json = media_type.endswith("json")
            check(operation, response.status_code, media_type, response.json() if is_json else None)
            described = operation["responses"][str(response.status_code)].get("headers", {})
            needed = {name for name, one in described.items() if one.get("required")}
            assert {*map(str.lower, needed)} <= response.headers.keys(), (request.url, needed)
        return response
