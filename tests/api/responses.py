"""What the tests of the HTTP API look for in a response."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

DB_A = "items:\n  - {key: db-a, class: database}\n"
HEADERS = {"content-security-policy", "x-content-type-options", "referrer-policy", "cache-control"}


def is_problem(response: Any, status: int) -> bool:  # noqa: ANN401
    """Whether a response is a problem document of that status, with every security header."""
    document = response.json()
    assert response.status_code == status, response.text
    assert document["status"] == status
    assert response.headers["Content-Type"] == "application/problem+json"
    return {*document, *response.headers} >= {"type", "title", "detail", *HEADERS}


def revision(client: TestClient) -> int:
    """Return the newest revision."""
    found: int = client.get("/health/ready").json()["revision"]
    return found
