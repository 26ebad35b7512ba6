"""A backup's file: for its owner alone, there whole or not at all, and only what can be restored."""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cmdb.backup import backup_file, checked, restore, write
from cmdb.errors import Conflict, NotFound, TooLarge
from cmdb.stores.base import Store
from cmdb.stores.sqlite import SqliteStore
from tests.cmdb.estates import Clock, commit, create
from tests.cmdb.histories import back_up, everything, interrupted_after, live


@pytest.fixture
def source(clock: Clock) -> Iterator[Store]:
    """Return a store with a past of every kind."""
    with closing(SqliteStore(None, clock)) as store:
        live(store)
        yield store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the backup of the test is."""
    return tmp_path / "cmdb.jsonl"


@pytest.mark.parametrize("name", ["cmdb.jsonl", "cmdb.jsonl.gz"])
def test_a_backup_is_for_its_owner_alone(source: Store, tmp_path: Path, name: str) -> None:
    """Nobody else can read the file, and there is nothing beside it."""
    back_up(source, tmp_path / name)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_packed_backup_is_the_same_bytes_under_any_name(source: Store, tmp_path: Path) -> None:
    """Neither the time nor the name of the file is in it, and it unpacks to the other one."""
    first, second = (back_up(source, tmp_path / name) for name in ("a.gz", "b.gz"))
    assert first == second
    assert gzip.decompress(first) == back_up(source, tmp_path / "plain")


def test_a_backup_that_fails_leaves_nothing_behind(source: Store, tmp_path: Path) -> None:
    """There is no half of a file, and the one of before stays."""
    path = tmp_path / "cmdb.jsonl"
    before = back_up(source, path)
    for replaced in (path, tmp_path / "new.jsonl.gz"):
        with pytest.raises(KeyboardInterrupt), backup_file(replaced, replace=True) as file:
            write(source, file, interrupted_after(3))
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


def test_no_file_is_replaced_unless_asked_to(tmp_path: Path) -> None:
    """Neither one that is there from the beginning nor one that comes meanwhile."""
    path = tmp_path / "cmdb.jsonl"
    path.write_text("precious")
    with pytest.raises(Conflict, match=r"There is a file .* already"), backup_file(path):
        pass
    late = tmp_path / "late.jsonl"
    with pytest.raises(Conflict, match=r"There is a file .* already"), backup_file(late):
        late.write_text("precious")
    assert (path.read_text(), late.read_text()) == ("precious", "precious")
    assert {one.name for one in tmp_path.iterdir()} == {"cmdb.jsonl", "late.jsonl"}


def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    """A folder or a device is not exchanged for a file, and a folder that is missing is not made."""
    for path in (tmp_path, Path(os.devnull)):
        with pytest.raises(Conflict, match="is no file"), backup_file(path, replace=True):
            pass
    with pytest.raises(NotFound, match="There is no folder"), backup_file(tmp_path / "no" / "folder"):
        pass


def test_a_link_is_followed(source: Store, tmp_path: Path) -> None:
    """The file it leads to is replaced, not the link."""
    (tmp_path / "link").symlink_to(tmp_path / "real")
    back_up(source, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert checked(tmp_path / "real").items == 34


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE commits SET message = 'other' WHERE revision = 2", "revision 2: what it did is not"),
        ("UPDATE commits SET id = 'other' WHERE revision = 2", "revision 2: its hash does not follow"),
        ("DELETE FROM bodies WHERE revision = 1", "revision 1: what it did is not"),
    ],
)
def test_a_store_that_was_altered_is_not_backed_up(
    tmp_path: Path, clock: Clock, statement: str, reason: str
) -> None:
    """What nobody could restore is no backup, and that is said when it is made."""
    with closing(SqliteStore(tmp_path / "altered.db", clock)) as store:
        live(store)
        edit(tmp_path / "altered.db", statement)
        with pytest.raises(Conflict, match=reason):
            write(store, io.BytesIO())


def edit(path: Path, statement: str) -> None:
    """Change a database behind the program's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        assert connection.execute(statement).rowcount == 1


def test_a_body_that_is_too_long_for_a_line_is_written_on_several(
    source: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its parts end makes no difference to what comes back."""
    monkeypatch.setattr("cmdb.backup.writing.LONGEST", 1_000)
    written = back_up(source, path)
    assert max(map(len, written.splitlines())) <= 1_000
    assert sum(line.startswith(b"[") for line in written.splitlines()) > 8
    with closing(SqliteStore(None, Clock())) as store:
        restore(store, checked(path))
        assert everything(store) == everything(source)


def test_an_operation_that_is_too_long_for_a_line_is_told(
    source: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that could not be read again is not made."""
    commit(source, create("long", description="x" * 700))
    monkeypatch.setattr("cmdb.backup.writing.LONGEST", 600)
    with pytest.raises(TooLarge, match="too long for a line of a backup"):
        write(source, io.BytesIO())
