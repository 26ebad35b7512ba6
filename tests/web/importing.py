"""Bringing files over the pages, without a browser."""

from __future__ import annotations

import re
from typing import Any

from starlette.testclient import TestClient

from api.service import Service

LONG = 60

FIRST = b"""
items:
  - {key: web-1, class: server, name: Web, tier: 1}
  - {key: web-2, class: server}
  - {key: db-1, class: database}
  - {key: ops, class: team}
relations:
  - {source: web-1, type: uses, target: db-1}
"""
SECOND = b"""
items:
  - {key: web-1, class: server, name: Website, tier: 2}
  - {key: web-3, class: server, cpus: 4}
  - {key: db-1, class: database}
  - {key: ops, class: team}
relations:
  - {source: web-3, type: uses, target: db-1}
"""


def settle(service: Service, address: str) -> None:
    """Wait until nothing is being done with an import."""
    job = service.held.jobs.find(address.rpartition("/")[2])
    if job:
        assert job.ended.wait(LONG)


def bring(client: TestClient, service: Service, *contents: bytes, name: str = "f.yaml", **fields: str) -> str:
    """Send files as the form does, wait until they are planned, and return the address of the page."""
    files: list[Any] = [("file", (name, data)) for data in contents]
    sent = client.post("/import", files=files, data=fields, follow_redirects=False)
    assert sent.status_code == 303, sent.text
    address: str = sent.headers["Location"]
    settle(service, address)
    return address


def seen(page: str) -> str:
    """Return what the button that applies a plan sends along."""
    (found,) = re.findall(r'name="seen" value="(\w+)"', page)
    return str(found)


def press_apply(client: TestClient, service: Service, address: str) -> str:
    """Apply the plan that a page shows, and return the page that says what came of it."""
    digest = seen(client.get(address).text)
    answer = client.post(f"{address}/apply", data={"seen": digest}, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    settle(service, address)
    return client.get(address).text
