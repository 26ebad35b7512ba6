"""Made-up requests, right and wrong ones, against what the API says of itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import Service, open_service
from api.service.demo import fill
from api.settings import Settings
from tests.api.conftest import HERE, noon
from tests.api.texts import register

pytestmark = pytest.mark.slow

EXAMPLES = 1_000 if "CMDB_SOAK" in os.environ else 25
"""For each operation; besides, each gets its examples, its bounds and what lies beyond them."""

SAYS_NO = [412, 428]
"""How a change is refused that was made from another version, or from none."""

CONFIG = {
    "seed": 1,
    "generation": {"deterministic": True, "mode": "all", "database": "none"},
    "checks": {
        # What is well-formed may still not fit the estate: `accepted` tells such answers from faults.
        "positive_data_acceptance": {"expected-statuses": ["2xx", 400, 401, 404, 409, *SAYS_NO, 413, 422]},
        "negative_data_rejection": {"expected-statuses": [400, 404, 405, 409, 413, 422, *SAYS_NO]},
        "missing_required_header": {"expected-statuses": [404, 422, *SAYS_NO]},
    },
}

register()


def described() -> dict[str, Any]:
    """Return what the application says of itself."""
    with open_service(Settings(None)) as service:
        return create_app(service, Settings(None)).openapi()


schema = schemathesis.openapi.from_dict(described(), config=SchemathesisConfig.from_dict(CONFIG))


@pytest.fixture(scope="module")
def estate() -> Iterator[Service]:
    """Return the use cases on a demo estate of its own, which is written to."""
    with open_service(Settings(None), noon) as service:
        fill(service)
        yield service


@pytest.fixture(scope="module")
def app(estate: Service) -> FastAPI:
    """Return the application on that estate."""
    return create_app(estate, Settings(None))


@schemathesis.check
def accepted(_: object, response: schemathesis.Response, case: schemathesis.Case[Any]) -> None:
    """Refuse that a request of the right shape is refused for its shape."""
    if response.status_code == 422 and case.meta and case.meta.generation.mode.is_positive:
        assert "does not have the expected shape" not in response.text


@schema.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
def test_every_operation_is_as_described(case: schemathesis.Case[Any], app: FastAPI) -> None:
    """No fault of ours, no status, header or field that is not described, and nothing wrong gets in."""
    case.call_and_validate(app=app, headers={"Host": "127.0.0.1"})


def test_the_estate_is_whole_afterwards(app: FastAPI) -> None:
    """Whatever was asked and written, history is as it was written and questions are answered."""
    client = TestClient(app, base_url=HERE)
    assert client.get("/api/v1/verify").json()["intact"] is True
    assert client.post("/api/v1/impact", json={"causes": ["power-f2"]}).is_success
