"""Proof that history is intact: any edit of the store is noticed."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cmdb.stores.sqlite import SqliteStore
from cmdb.verify import verify
from tests.cmdb.estates import change, commit, create, relate, unrelate

EDITS = 1_000 if os.environ.get("CMDB_SOAK") else 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a database with a past: items changed and renamed, relations that went and came back."""
    path = tmp_path / "cmdb.db"
    ticks = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number) for number in range(100))
    with closing(SqliteStore(path, lambda: next(ticks))) as store:
        commit(store, create("a"), create("b", tier=1), create("c"), relate("a", "b"), relate("b", "c"))
        commit(store, change("b", {"tier": 1}, {"tier": 2, "owner": "ops"}))
        commit(store, unrelate("a", "b"), change("c", {}, {"key": "c-renamed"}))
        commit(store, relate("a", "b"), create("d"), change("d", {}, {"status": "retired"}))
        commit(store, unrelate("b", "c"), relate("b", "c"))
    return path


def faults(path: Path, noted: str | None = None) -> list[str]:
    """Verify the database and return what is wrong with it."""
    with closing(SqliteStore(path, lambda: datetime(2026, 2, 1, tzinfo=UTC))) as store:
        return [f"{fault.pointer}: {fault.detail}" for fault in verify(store, noted).faults]


def edit(path: Path, statement: str, *parameters: object) -> int:
    """Change the database behind the program's back; return how many rows that touched."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement, parameters).rowcount


def test_an_untouched_history_is_intact(path: Path) -> None:
    """Nothing is wrong, and the hash of any commit, noted elsewhere, is found again."""
    with closing(SqliteStore(path, lambda: datetime(2026, 2, 1, tzinfo=UTC))) as store:
        found = verify(store)
        assert (found.revisions, found.faults) == (5, ())
        assert verify(store, noted=found.hash).faults == ()


def test_an_empty_store_is_intact(tmp_path: Path) -> None:
    """There is nothing to doubt yet."""
    with closing(SqliteStore(tmp_path / "new.db", lambda: datetime(2026, 2, 1, tzinfo=UTC))) as store:
        assert (verify(store).revisions, verify(store).hash, verify(store).faults) == (0, "", ())


def test_a_cut_off_tail_is_noticed_by_the_hash_noted_elsewhere(path: Path) -> None:
    """The chain that is left holds; only who knows the old head can tell."""
    with closing(SqliteStore(path, lambda: datetime(2026, 2, 1, tzinfo=UTC))) as store:
        head = verify(store).hash
    for table in ("items", "relations"):
        edit(path, f"DELETE FROM {table} WHERE since = 5")
        edit(path, f"UPDATE {table} SET until = NULL WHERE until = 5")
    edit(path, "DELETE FROM bodies WHERE revision = 5")
    edit(path, "DELETE FROM commits WHERE revision = 5")
    assert faults(path) == []
    assert faults(path, noted=head) == [
        f"the log: no commit has the hash {head}: it was cut off or written anew"
    ]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "UPDATE commits SET message = 'nothing' WHERE revision = 2",
            "who did it or why is not what was",
        ),
        ("UPDATE commits SET author = 'nobody' WHERE revision = 2", "who did it or why is not what was"),
        (
            "UPDATE commits SET time = '2025-01-01T00:00:00.000000Z' WHERE revision = 3",
            "its hash does not follow",
        ),
        (
            "UPDATE bodies SET operations = replace(operations, 'ops', 'eve') WHERE revision = 2",
            "who did it or why is not what was",
        ),
        (
            "UPDATE items SET attributes = '{\"tier\":4}' WHERE uid = 'b' AND version = 1",
            "is not what the log says",
        ),
        ("UPDATE items SET key = 'z' WHERE uid = 'a'", "is not what the log says"),
        ("DELETE FROM items WHERE uid = 'b' AND version = 1", "is not what the log says"),
        ("DELETE FROM relations WHERE source = 'a'", "is not what the log says"),
        ("UPDATE relations SET until = NULL WHERE source = 'a' AND version = 1", "is not what the log says"),
    ],
)
def test_what_was_altered_is_named(path: Path, statement: str, fault: str) -> None:
    """Each kind of edit leads to a fault that says what is wrong."""
    assert edit(path, statement) == 1 + (statement == "DELETE FROM relations WHERE source = 'a'")
    assert any(fault in found for found in faults(path))


def test_any_edit_is_noticed(path: Path) -> None:
    """Whichever value is flipped, dropped or swapped in log or states, something does not fit any more."""
    original = path.read_bytes()
    for seed in range(EDITS):
        path.write_bytes(original)
        statement = random_edit(random.Random(seed))
        assert edit(path, statement) > 0
        assert faults(path), statement


def random_edit(rng: random.Random) -> str:
    """Return an edit that alters what history says."""
    revision = rng.randint(1, 5)
    version = f"WHERE uid = 'b' AND version = {rng.randint(1, 2)}"
    body = f"WHERE revision = {revision}"
    relation = "WHERE source = 'b' AND version = 1"
    field = rng.choice(["id", "message", "author", "identity", "hash", "body_hash"])
    word = rng.choice(["x", "y", "0"])
    return rng.choice(
        [
            f"DELETE FROM commits WHERE revision = {rng.randint(1, 4)}",
            f"UPDATE commits SET {field} = '{word}' WHERE revision = {revision}",
            f"UPDATE commits SET time = '2027-01-01T00:00:00.0Z' WHERE revision = {revision}",
            f"UPDATE bodies SET operations = substr(operations, 1, {rng.randint(0, 60)}) {body}",
            f"UPDATE items SET {rng.choice(['name', 'class', 'key'])} = '{word}' {version}",
            f"UPDATE items SET attributes = '{{\"tier\":{rng.randint(3, 4)}}}' {version}",
            f"UPDATE items SET provenance = '{{}}' {version}",
            f"DELETE FROM items {version}",
            f'UPDATE relations SET attributes = \'{{"role":"{word}"}}\' {relation}',
            f"DELETE FROM relations {relation}",
        ]
    )
