"""What happens while the store cannot be reached."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import Service
from api.settings import Settings
from cmdb.errors import Unavailable
from tests.api.conftest import HERE, ImportText

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
