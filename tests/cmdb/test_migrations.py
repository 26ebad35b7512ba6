"""Stores written by older versions of the program keep everything they hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cmdb.errors import Unavailable
from cmdb.model import Identity
from cmdb.stores.sqlite import SqliteStore
from cmdb.stores.sqlite.migrations import SCHEMA_VERSION
from cmdb.verify import verify
from tests.cmdb.estates import Clock, commit, create, needs

OLD = sorted((Path(__file__).parent / "old_stores").glob("schema-*.sql"))


@pytest.fixture(params=OLD, ids=[path.stem for path in OLD])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a file as an older version left it."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(request.param.read_text("utf-8"))
    return path


def schema(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Describe the tables and indexes of a file, whatever words made them."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        return {
            name: connection.execute(f"SELECT * FROM pragma_table_xinfo('{name}')").fetchall()
            + connection.execute(f"SELECT * FROM pragma_index_xinfo('{name}')").fetchall()
            for (name,) in names.fetchall()
        }


def test_every_older_version_is_tried() -> None:
    """Each schema that ever was is kept as the program wrote it."""
    assert [path.stem for path in OLD] == [f"schema-{version}" for version in range(1, SCHEMA_VERSION)]


def test_nothing_is_lost_or_altered(old: Path) -> None:
    """Items, relations, past moments, sightings, remembered requests and the proof of history stay."""
    with closing(SqliteStore(old, Clock())) as store:
        found = verify(store)
        assert (found.revisions, found.faults) == (5, ())
        assert found.hash == "2d50b66ad9f8ee8e4370be432a9603f347c247736acddd9f1e98bb89481024fa"
        now, first = store.read(), store.read(1)
        assert now.item("b").attributes == {"labels": ["x", "y"], "owner": "ops", "tier": 2}
        assert (first.item("a").name, first.item("c").uid) == ("Ärger 📈", now.item("c-renamed").uid)
        assert first.relations[needs("a", "b")].attributes == {"role": "db"}
        assert store.identities()[Identity("scan", "server", "1")] == "a"
        assert store.recall("asked", "abc") == {"revision": None}
        assert store.recall("one", store.log()[0].request_hash) == {"added": 3, "revision": 1}
        assert commit(store, create("new")).revision == 6


def test_a_migrated_file_has_the_schema_of_a_new_one(old: Path, tmp_path: Path) -> None:
    """Both ways lead to the same tables and indexes."""
    for path in (old, tmp_path / "new.db"):
        SqliteStore(path, Clock()).close()
    ours, fresh = schema(old), schema(tmp_path / "new.db")
    assert ours == fresh


class _CutError(Exception):
    pass


class _Cut(sqlite3.Connection):
    """A connection that dies before one of the statements that change the file."""

    left = 0

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401  sqlite3's own signature
        if sql.lstrip().startswith(("CREATE", "ALTER", "PRAGMA user_version =", "COMMIT")) and _Cut.left:
            _Cut.left -= 1
            if not _Cut.left:
                raise _CutError
        return super().execute(sql, parameters)


def test_an_interrupted_migration_is_done_again(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever statement it is stopped at, the file stays as it was, and the next to open it finishes."""
    before, cuts = schema(old), 0
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_Cut))
    while True:
        _Cut.left = cuts + 1
        try:
            SqliteStore(old, Clock()).close()
            break
        except _CutError:
            cuts += 1
            _Cut.left = 0
            assert schema(old) == before
    _Cut.left = 0
    assert cuts >= 6
    test_nothing_is_lost_or_altered(old)


def test_a_newer_file_is_left_alone(old: Path) -> None:
    """An old program says that it cannot read what a newer one wrote, and changes nothing."""
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    content = old.read_bytes()
    with pytest.raises(Unavailable, match="was written by a newer version of cmdb"):
        SqliteStore(old, Clock())
    assert old.read_bytes() == content
