"""No value of anybody's leaves by a log line, a figure or the text of an error that others may see."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.http.examples import Example
from api.server.app import create_app
from api.server.logs import configure
from api.service import Service, open_service
from api.service.workspace import Workspace
from api.settings import Settings
from tests.api.conftest import HERE, noon
from tests.api.described import all_operations
from tests.api.planning import TODAY, bring

SECRET = "hunter2-of-the-vault"  # noqa: S105  made up
TOKENS = {SECRET: "ann"}

PLANTED: dict[str, Example] = {
    name: Example(
        path={
            part: 7 if part == "revision" else f"project:{SECRET}" if part == "plan" else SECRET
            for part in ("key", "type", "target", "plan", "revision", "list")
        },
        query={one["name"]: SECRET for one in operation.get("parameters", ()) if one["in"] == "query"},
        header={"If-Match": f'"{SECRET}"', "Idempotency-Key": SECRET, "Cmdb-Actor": SECRET},
        file='{"causes": "' + SECRET + '", "' + SECRET + '": 1' + ("}" if name != "edit" else ""),
    )
    for name, operation in all_operations().items()
}
"""A request of each operation with a secret wherever one can be."""


@pytest.fixture
def service() -> Iterator[Service]:
    """Return the use cases on a small estate with a secret in a name."""
    with open_service(Settings(None), noon) as service:
        bring(service, TODAY.replace("name: Shop", f"name: {SECRET}"), into=None)
        yield service


def sent(client: TestClient, name: str) -> Any:  # noqa: ANN401  a response
    """Send the request of an operation that holds secrets."""
    one, asked = all_operations()[name], PLANTED[name]
    return client.request(
        one["method"],
        asked.address(one["path"]),
        params=asked.query,
        headers={**asked.header, "Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"},
        content=asked.file,
    )


@contextmanager
def logging_as_a_server() -> Iterator[None]:
    """Log everything as JSON to stderr for a while."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure("info")
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("tokens", [None, TOKENS], ids=["declared", "authenticated"])
def test_no_log_line_and_no_figure_holds_a_value(
    tokens: dict[str, str] | None, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is asked and whatever is refused: log and figures tell of routes and statuses alone."""
    client = TestClient(create_app(service, Settings(None, tokens=tokens)), base_url=HERE)
    with logging_as_a_server():
        for name in all_operations():
            assert sent(client, name).status_code < 500
        assert client.get(f"/items/{SECRET}", params={"view": SECRET}).status_code >= 400
    lines = map(json.loads, capsys.readouterr().err.splitlines())
    ours = [line for line in lines if not line["logger"].startswith("httpx")]  # the test's own client
    assert len(ours) > len(all_operations())
    assert SECRET not in repr(ours)
    figures = client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"})
    assert figures.is_success
    assert SECRET not in figures.text


@pytest.mark.parametrize("name", all_operations())
def test_who_has_no_token_is_told_nothing(name: str, service: Service) -> None:
    """Neither what is there nor what was sent comes back."""
    client = TestClient(create_app(service, Settings(None, tokens={"another": "ann"})), base_url=HERE)
    response = sent(client, name)
    assert response.status_code == (200 if name in {"live", "ready"} else 401)
    assert SECRET not in response.text
    assert SECRET not in str(response.headers)


@pytest.mark.parametrize("name", ["show", "impact", "export", "edit", "import", "verify"])
def test_a_fault_of_the_program_tells_nothing(
    name: str, service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not to the reader: no text, no path, no name of anything in the program."""

    def fail(*_: object) -> None:
        raise RuntimeError(f"MATCH (n) {SECRET}")

    for method in ("scene", "now"):
        monkeypatch.setattr(Workspace, method, fail)
    monkeypatch.setattr(type(service.workspace.store), "log", fail)
    monkeypatch.setattr(type(service.workspace.store), "read", fail)
    app = create_app(service, Settings(None))
    client = TestClient(app, base_url=HERE, raise_server_exceptions=False)
    one = all_operations()[name]
    body = {"content": "items: []"} if name == "import" else {"json": {"causes": ["a"]}}
    response = client.request(
        one["method"],
        Example(path={"key": "shop"}).address(one["path"]),
        headers={"If-Match": '"1"'},
        **(body if one["method"] != "GET" else {}),
    )
    assert response.status_code == 500
    for told in (SECRET, "MATCH", "Traceback", "RuntimeError", ".py"):
        assert told not in response.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("api.")]
    assert SECRET not in "".join(ours)
