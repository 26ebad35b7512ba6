"""The description of the API: what its routes say of themselves, with examples and problems."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI

from api.http.documents.problem import Problem
from api.http.examples import Example, answers, examples
from api.http.parameters import FORMATS, NEEDED
from api.http.problems import EXAMPLES
from api.problems import problem

Node = dict[str, Any]

ABOUT = """
A graph CMDB that answers questions: what breaks if this fails, why, what an item needs.

Errors are problem documents (RFC 9457); the `type` of each is the address of a page that says what to do.
Examples are of the demo estate (`cmdb demo`).

Where the server has tokens, every request carries one. Elsewhere the header `Cmdb-Actor` says who acts. Each
answer has the header `X-Request-ID`: the one that the request came with, or a new one.

The `format` of a text says which grammar it follows:

""" + "\n".join(f"- `{name}`: {meaning}" for name, meaning in FORMATS.items())

_SIGNING_IN: Node = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token of the server's."},
    "password": {"type": "http", "scheme": "basic", "description": "Any name, and a token as the password."},
}


def describe(app: FastAPI) -> None:
    """Have an application describe itself whole."""
    plain = app.openapi

    @cache
    def whole() -> Node:
        return _completed(plain())

    app.openapi = whole  # type: ignore[method-assign]  # as the framework's documentation has it


def operations(described: Node) -> Iterator[tuple[str, str, Node]]:
    """Every operation of a description with its path and its method."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _completed(described: Node) -> Node:
    parts = described["components"]
    parts["schemas"] |= _problem_schemas()
    parts["examples"] = {
        kind.slug: {"summary": one.title, "value": problem(one)} for kind, one in EXAMPLES.items()
    }
    parts["securitySchemes"] = _SIGNING_IN
    described["security"] = [{}, *({name: []} for name in _SIGNING_IN)]
    asked, answered = examples(), answers()
    for _, _, operation in operations(described):
        for parameter in operation.get("parameters", ()):
            _put_right(parameter)
        _name_answer(operation, parts["schemas"])
        name = operation["operationId"]
        if name in asked:
            _exemplify(operation, asked[name], answered.get(name))
    return described


def _problem_schemas() -> Node:
    schema = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def _put_right(parameter: Node) -> None:
    """Say of a parameter what is so: its text is never null, and it may be needed all the same."""
    schema = parameter["schema"]
    (own,) = [one for one in schema.pop("anyOf", [{}]) if one != {"type": "null"}]
    needed = schema.pop(NEEDED, parameter["required"])
    rest = {name: value for name, value in schema.items() if name not in {"title", "description"}}
    parameter |= {"required": needed, "schema": {**own, **rest}}


def _name_answer(operation: Node, schemas: Node) -> None:
    """Say of an answer what its document is."""
    answer = operation["responses"]["200"]
    for content in answer["content"].values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        answer["description"] = schemas[name]["description"] if name else answer["description"]


def _exemplify(operation: Node, asked: Example, answered: Any) -> None:  # noqa: ANN401  any document
    for parameter in operation.get("parameters", ()):
        value = asked.given(parameter["in"]).get(parameter["name"])
        if value is not None:
            parameter["example"] = value
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = asked.file if asked.body is None else asked.body
    content = operation["responses"]["200"]["content"]
    content[next(iter(content))]["example"] = answered
