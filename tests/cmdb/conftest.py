"""What the tests of the core share: each kind of store, empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from cmdb.stores.base import Store
from cmdb.stores.opening import Location, open_store
from cmdb.stores.sqlite import SqliteStore
from tests.cmdb.estates import Clock

KINDS = ["file", "memory", pytest.param("neo4j", marks=pytest.mark.neo4j)]


@pytest.fixture
def clock() -> Clock:
    """Return a clock that the test sets by hand."""
    return Clock()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return each kind of store by its name."""
    name: str = request.param
    return name


@pytest.fixture
def open_again(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, clock: Clock
) -> Callable[[], Store]:
    """Return a function that opens one store of each kind, empty at first, and opens it again when asked."""
    if kind == "memory":
        only = SqliteStore(None, clock)
        return lambda: only
    place: Location = tmp_path / "new" / "folder" / "store.db"
    if kind == "neo4j":
        place = request.getfixturevalue("empty_neo4j")
    return lambda: open_store(place, clock)


@pytest.fixture
def store(open_again: Callable[[], Store]) -> Iterator[Store]:
    """Return an empty store of each kind."""
    with closing(open_again()) as opened:
        yield opened


@pytest.fixture
def new_store(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, clock: Clock
) -> Iterator[Callable[[], Store]]:
    """Return a function that opens an empty store of each kind, and another when asked again."""
    with ExitStack() as opened:

        def fresh() -> Store:
            place: Location = tmp_path / f"{len(list(tmp_path.iterdir()))}.db" if kind == "file" else None
            if kind == "neo4j":
                opened.close()
                place = request.getfixturevalue("empty_neo4j")
                request.getfixturevalue("empty_the_server")()
            return opened.enter_context(closing(open_store(place, clock)))

        yield fresh
