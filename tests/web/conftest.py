"""A running server over the demo estate, and a client for pages that need no browser."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread

import pytest
import uvicorn
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import Service, open_service
from api.service.demo import fill as fill_demo
from api.service.imports import Import
from api.settings import Settings
from cmdb.model import Actor
from loaders.source import Source
from tests.web.changes import register
from tests.web.estates import HOSTILE, LONG, RECORD

IN_MEMORY = Settings(store=None)


def fill(service: Service, data: bytes) -> None:
    """Import a native file."""
    service.imports.apply(Import(files=(Source("estate.yaml", data),), actor=Actor("test")))


@pytest.fixture(scope="session")
def estate() -> Iterator[Service]:
    """Yield use cases over the demo estate, with a change."""
    with open_service(IN_MEMORY) as service:
        fill_demo(service)
        register(service)
        yield service


@pytest.fixture(scope="session")
def client(estate: Service) -> TestClient:
    """A client of the demo estate's pages."""
    return TestClient(create_app(estate, IN_MEMORY), base_url="http://127.0.0.1")


@pytest.fixture
def empty() -> Iterator[TestClient]:
    """Yield a client of an empty store."""
    with open_service(IN_MEMORY) as service:
        yield TestClient(create_app(service, IN_MEMORY), base_url="http://127.0.0.1")


@pytest.fixture
def holding() -> Iterator[Callable[[bytes], TestClient]]:
    """Yield a maker of clients over a given native file."""
    with open_service(IN_MEMORY) as service:

        def make(data: bytes) -> TestClient:
            fill(service, data)
            return TestClient(create_app(service, IN_MEMORY), base_url="http://127.0.0.1")

        yield make


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """Serve some use cases for real, on a port of their own, and yield the address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(service, IN_MEMORY), log_level="warning"))
    thread = Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def site(estate: Service) -> Iterator[str]:
    """Yield the address of a server over the demo estate."""
    with serving(estate) as address:
        yield address


@pytest.fixture
def hostile_site() -> Iterator[str]:
    """Yield the address of a server over items with hostile names."""
    with open_service(IN_MEMORY) as service:
        fill(service, HOSTILE)
        with serving(service) as address:
            yield address


@pytest.fixture(scope="session")
def long_site() -> Iterator[str]:
    """Yield the address of a server over items with the longest names there can be."""
    with open_service(IN_MEMORY) as service:
        fill(service, LONG)
        with serving(service) as address:
            yield address


def noon() -> datetime:
    """Return the same moment whenever asked."""
    return datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def at_noon() -> Iterator[Service]:
    """Yield use cases over one service and what it needs, at noon on 20 November 2026."""
    with open_service(IN_MEMORY, noon) as service:
        fill(service, RECORD)
        yield service


@pytest.fixture
def record(at_noon: Service) -> TestClient:
    """A client of the pages about that service."""
    return TestClient(create_app(at_noon, IN_MEMORY), base_url="http://127.0.0.1")
