"""What the tests of the front doors share: the demo estate, in a file and behind each door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.cli.main import run
from api.server.app import create_app
from api.service import Service, open_service
from api.service.demo import fill
from api.service.imports import Import
from api.settings import Settings
from cmdb.model import Actor
from loaders.source import Source
from tests.api.described import Described
from tests.api.planning import PLAN, TODAY, bring

HERE = "http://127.0.0.1"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

NewClient = Callable[..., TestClient]
ImportText = Callable[[Service, str], None]


def noon() -> datetime:
    """Return the same moment whenever asked."""
    return NOON


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database that holds the demo estate; nobody may write to it."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    with open_service(Settings(path), noon) as service:
        fill(service)
    return path


@pytest.fixture(scope="session")
def demo(demo_file: Path) -> Iterator[Service]:
    """Return the use cases on the demo estate, at noon; nobody may write to it."""
    with open_service(Settings(demo_file), noon) as service:
        yield service


@pytest.fixture(scope="session")
def client(demo: Service) -> TestClient:
    """Return a client of the application on the demo estate."""
    return Described(create_app(demo, Settings(None)), base_url=HERE)


@pytest.fixture
def service() -> Iterator[Service]:
    """Return the use cases on an empty store in memory, at noon."""
    with open_service(Settings(None), noon) as service:
        yield service


@pytest.fixture
def new_client(service: Service) -> NewClient:
    """Return a function that makes a client of the empty store, with settings as given."""

    def make(tokens: dict[str, str] | None = None, base_url: str = HERE) -> TestClient:
        app = create_app(service, Settings(None, tokens=tokens))
        return Described(app, base_url=base_url, raise_server_exceptions=False)

    return make


@pytest.fixture(scope="session")
def import_text() -> ImportText:
    """Return a function that imports the text of a native file."""

    def apply(service: Service, text: str) -> None:
        service.imports.apply(Import((Source("estate.yaml", text.encode()),), Actor("somebody")))

    return apply


@pytest.fixture
def cmdb(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return the command, run in this process on the demo estate; it returns the exit code."""
    monkeypatch.setenv("CMDB_STORE", f"sqlite:///{demo_file}")
    return lambda *arguments: run([str(one) for one in arguments])


@pytest.fixture
def cmdb_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return the command, run in this process on a store of its own; it returns the exit code."""
    monkeypatch.setenv("CMDB_STORE", f"sqlite:///{tmp_path / 'own.db'}")
    return lambda *arguments: run([str(one) for one in arguments])


@pytest.fixture
def planned(service: Service) -> Service:
    """Return the use cases on a small estate, with a project that plans a new database."""
    bring(service, TODAY, into=None)
    bring(service, PLAN)
    return service
