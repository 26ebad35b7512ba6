"""What the tests of the core share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cmdb.stores.sqlite import SqliteStore
from tests.cmdb.estates import Clock


@pytest.fixture
def clock() -> Clock:
    """Return a clock that the test sets by hand."""
    return Clock()


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[SqliteStore]:
    """Return an empty store, once in a file and once in memory."""
    opened = SqliteStore(tmp_path / "test.db" if request.param == "file" else None, clock)
    yield opened
    opened.close()
