"""A glimpse of a store: keys for whoever types, which never cost anything and never fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cmdb.stores.base import Store
from cmdb.stores.glimpse import Known, glimpse
from cmdb.stores.opening import Location, Server, open_store
from tests.cmdb.estates import Clock, change, commit, create


@pytest.fixture(params=["file", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """Return where a store of each kind is kept that others can reach."""
    if request.param == "neo4j":
        server: Server = request.getfixturevalue("empty_neo4j")
        return server
    return tmp_path / "a b#?.db"


@pytest.fixture
def filled(place: Location, opening: Callable[[Location], Store]) -> Store:
    """Return the store at the place, with a few items in it."""
    store = opening(place)
    items = [("1", "web-b"), ("2", "web-a"), ("3", "Web"), ("4", "web"), ("5", "wéb"), ("6", "we")]
    commit(store, *(create(uid, key=key) for uid, key in items))
    commit(store, change("2", {"key": "web-a"}, {"key": "web-c"}), change("4", {}, {"class": "team"}))
    return store


@pytest.fixture
def opening(clock: Clock) -> Iterator[Callable[[Location], Store]]:
    """Return a function that opens a store, which stays open to the end."""
    opened: list[Store] = []

    def start(location: Location) -> Store:
        opened.append(open_store(location, clock))
        return opened[-1]

    yield start
    for store in opened:
        store.close()


def test_the_first_keys_come_in_order(place: Location, filled: Store) -> None:
    """Those of today, of the classes that are asked for, and no more than that; while others have it open."""
    assert filled.head().revision == 2

    def keys(beginning: str, most: int = 9, classes: tuple[str, ...] = ()) -> list[str]:
        return [one.key for one in glimpse(place, beginning, most, classes)]

    assert keys("web") == ["web", "web-b", "web-c"]
    assert keys("web", 2) == ["web", "web-b"]
    assert keys("") == ["Web", "we", "web", "web-b", "web-c", "wéb"]
    assert keys("web", classes=("team",)) == ["web"]
    assert keys("web", classes=("team", "server")) == ["web", "web-b", "web-c"]
    assert keys("w%") == keys("web-a") == keys("' OR 1=1 --") == keys("\udcff") == []
    assert glimpse(place, "web-b", 1) == [Known("web-b", "1")]


def test_nothing_is_made(tmp_path: Path) -> None:
    """Where there is no store, none is there afterwards, nor its folder."""
    assert glimpse(tmp_path / "no" / "store.db", "", 9) == []
    assert glimpse(None, "", 9) == []
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    """A folder, a letter, another program's database, and a server that nobody listens for."""
    letter, other = tmp_path / "letter.txt", tmp_path / "other.db"
    letter.write_text("Dear reader, this is a letter and no database at all.\n" * 50)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE birds (name TEXT)")
    for place in (tmp_path, letter, other, Server("bolt://127.0.0.1:1")):
        assert glimpse(place, "", 9) == []
    assert letter.read_text().startswith("Dear reader")


def test_a_store_that_is_being_written_to_can_be_glimpsed(tmp_path: Path, clock: Clock) -> None:
    """Whoever types does not wait for whoever writes."""
    path = tmp_path / "own.db"
    with closing(open_store(path, clock)) as store:
        commit(store, create("a"))
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            assert [one.key for one in glimpse(path, "", 9)] == ["a"]
            writer.execute("ROLLBACK")
