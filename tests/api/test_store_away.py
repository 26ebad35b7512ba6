"""What happens while the store cannot be reached."""

from __future__ import annotations

import os
from time import monotonic

import pytest
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import Service, open_service
from api.settings import Settings
from cmdb.errors import Unavailable
from cmdb.stores.opening import Server
from tests.api.conftest import HERE, ImportText
from tests.fixtures.wire import Wire

AWAY_SECONDS = 60 if os.environ.get("CMDB_SOAK") else 3
BACK_SECONDS = 15

TWO = """
items: [{key: shop, class: application_service, tier: 1}, {key: db, class: database}]
relations: [{source: shop, type: depends_on, target: db}]
"""


def test_questions_are_answered_from_the_last_picture(service: Service, import_text: ImportText) -> None:
    """The answer is that of the newest map there is, and says that it may be old."""
    import_text(service, TWO)
    before = service.impact.impact({"db": "out"})
    service.workspace.store.close()
    after = service.impact.impact({"db": "out"})
    assert (before["stale"], after["stale"]) == (False, True)
    assert after["affected"] == before["affected"]
    assert service.items.show("db")["stale"]


def test_nothing_is_made_up_where_nothing_is_known(service: Service) -> None:
    """Without any picture there is no answer."""
    service.workspace.store.close()
    with pytest.raises(Unavailable):
        service.impact.impact({"db": "out"})


def test_writes_are_refused_and_health_says_that_questions_work(
    service: Service, import_text: ImportText
) -> None:
    """A write answers 503 with the time to wait; readiness means that questions can be answered."""
    import_text(service, TWO)
    client = TestClient(create_app(service, Settings(None)), base_url=HERE)
    client.get("/health/ready")
    service.workspace.store.close()
    refused = client.post("/api/v1/imports", content=TWO)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    assert refused.json()["type"] == "/problems/unavailable"
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["stale"]) == (200, True)


def asked(client: TestClient) -> tuple[int, bool]:
    """Ask what follows; return the status and whether the answer may be old."""
    answer = client.post("/api/v1/impact", json={"causes": ["db"]})
    return answer.status_code, answer.json().get("stale", False)


@pytest.mark.neo4j
def test_a_server_that_goes_away_and_comes_back(empty_neo4j: Server) -> None:
    """Meanwhile questions are answered and marked, writes refused and not done; soon after all is well."""
    wire = Wire(int(empty_neo4j.url.rpartition(":")[2]))
    through = Server(f"bolt://127.0.0.1:{wire.port}", empty_neo4j.user, empty_neo4j.password)
    with open_service(Settings(through)) as service:
        client = TestClient(create_app(service, Settings(through)), base_url=HERE)
        assert client.post("/api/v1/imports", content=TWO).json()["revision"] == 1
        assert asked(client) == (200, False)
        wire.cut()
        until = monotonic() + AWAY_SECONDS
        while monotonic() < until:
            assert asked(client) == (200, True)
            refused = client.post("/api/v1/imports", content=TWO.replace("tier: 1", "tier: 2"))
            assert (refused.status_code, int(refused.headers["Retry-After"]) <= 10) == (503, True)
            assert client.get("/health/ready").status_code == 200
            assert client.get("/health/live").status_code == 200
        wire.mend()
        until = monotonic() + BACK_SECONDS
        while asked(client) != (200, False):
            assert monotonic() < until
        done = client.post("/api/v1/imports", content=TWO.replace("tier: 1", "tier: 2"))
        assert (done.status_code, done.json()["revision"]) == (200, 2)
        assert service.proof.verify()["intact"]
    wire.close()
