"""The embedded store: one SQLite file, shared by as many threads and processes as like.

Every state an item or relation ever had is a row that says from which revision on and up to which one it
held, so any moment is one plain query.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from cmdb.errors import NotFound, Stale, Unavailable
from cmdb.model import Commit, Graph, Identity, Sighting
from cmdb.stores.base import Answered, Head, ItemVersion, Logged, RelationVersion, Transaction
from cmdb.stores.sqlite_rows import (
    COMMIT,
    COMMIT_COLUMNS,
    HELD_AT,
    ITEM,
    RELATION,
    Writer,
    answered,
    commit_of,
    committed,
    head_of,
    item_of,
    next_commit,
    record_sightings,
    relation_events,
    relation_of,
    remember,
    time_of,
)
from cmdb.values import moment, timestamp

SCHEMA_VERSION = 1
_APPLICATION_ID = 0x434D4442  # "CMDB"
_BUSY_SECONDS = 10

_SCHEMA = Path(__file__).with_name("sqlite.sql")


class SqliteStore:
    """A store in one SQLite file, or in memory when `path` is `None`.

    Parameters
    ----------
    path
        The file; created where it does not exist, with its folder.
    clock
        Where commit times come from. They never run backwards, whatever it says.

    Raises
    ------
    Unavailable
        If the file cannot be opened or is not one of ours.
    """

    def __init__(self, path: Path | None, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.RLock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def head(self) -> Head:
        """The newest revision."""
        with self._reading() as connection:
            return head_of(connection)

    def commit(self, transaction: Transaction) -> Commit:
        """Apply all operations or none; see `Store.commit`."""
        with self._writing() as connection:
            known = committed(connection, transaction.id, transaction.request_hash())
            if known is not None:
                return known
            answered(connection, transaction.id, transaction.request_hash())
            head = head_of(connection)
            if transaction.planned_at not in {None, head.revision}:
                planned = transaction.planned_at
                raise Stale(f"This was planned at revision {planned}; now it is {head.revision}.")
            time = max(timestamp(self._clock()), head.time)
            commit = next_commit(connection, transaction, time)
            Writer(connection, commit).apply(transaction)
            return commit

    def recall(self, request_id: str, request_hash: str) -> Mapping[str, Any] | None:
        """The result remembered under this id; see `Store.recall`."""
        with self._reading() as connection:
            commit = committed(connection, request_id, request_hash)
            if commit is not None:
                return {**commit.result, "revision": commit.revision}
            return answered(connection, request_id, request_hash)

    def see(self, sightings: Iterable[Sighting], answered: Answered | None = None) -> None:
        """Record that sources saw things, without a revision; see `Store.see`."""
        with self._writing() as connection:
            record_sightings(connection, sightings)
            if answered is not None:
                remember(connection, answered)

    def read(self, revision: int | None = None) -> Graph:
        """The whole graph at a revision, the newest by default."""
        with self._reading() as connection:
            newest, time = head_of(connection)
            revision = newest if revision is None else revision
            if not 0 <= revision <= newest:
                raise NotFound(f"There is no revision {revision}; the newest is {newest}.")
            at = {"revision": revision}
            if revision != newest:
                time = time_of(connection, revision)
            items = map(item_of, connection.execute(f"SELECT {ITEM} FROM items WHERE {HELD_AT}", at))
            relations = map(
                relation_of, connection.execute(f"SELECT {RELATION} FROM relations WHERE {HELD_AT}", at)
            )
            return Graph(
                revision,
                time,
                {item.uid: item for item in items},
                {relation.id: relation for relation in relations},
            )

    def revision_at(self, instant: str) -> int:
        """The newest revision committed at or before the instant; 0 if there is none."""
        with self._reading() as connection:
            query = "SELECT coalesce(max(revision), 0) FROM commits WHERE time <= ?"
            found: int = connection.execute(query, (timestamp(moment(instant)),)).fetchone()[0]
            return found

    def item_history(self, uid: str) -> list[ItemVersion]:
        """Every version of an item, oldest first."""
        query = (
            f"SELECT {COMMIT}, {ITEM} FROM items JOIN commits ON revision = since"
            " WHERE uid = ? ORDER BY since"
        )
        with self._reading() as connection:
            rows = connection.execute(query, (uid,))
            return [
                ItemVersion(commit_of(row[:COMMIT_COLUMNS]), item_of(row[COMMIT_COLUMNS:])) for row in rows
            ]

    def relation_history(self, uid: str) -> list[RelationVersion]:
        """Every version and removal of the relations at either end of an item, oldest first."""
        with self._reading() as connection:
            found = [
                RelationVersion(commit_of(row[:COMMIT_COLUMNS]), relation_of(row[COMMIT_COLUMNS:]), removed)
                for removed, edge in ((False, "since"), (True, "until"))
                for row in connection.execute(relation_events(edge, removed=removed), {"uid": uid})
            ]
        return sorted(found, key=lambda one: one.commit.revision)

    def log(self) -> list[Logged]:
        """Every commit with what it did, oldest first."""
        with self._reading() as connection:
            content = "CAST(body AS BLOB), body_hash"
            rows = connection.execute(f"SELECT {COMMIT}, {content} FROM commits ORDER BY revision")
            return [Logged(commit_of(row[:COMMIT_COLUMNS]), *row[COMMIT_COLUMNS:]) for row in rows]

    def identities(self) -> dict[Identity, str]:
        """The uid behind every name a source has used."""
        with self._reading() as connection:
            rows = connection.execute("SELECT source, class, source_id, uid FROM sightings")
            return {Identity(*row[:3]): row[3] for row in rows}

    def last_seen(self) -> dict[str, str]:
        """By uid of item or relation, the instant it was last seen by any source."""
        with self._reading() as connection:
            return dict(connection.execute("SELECT uid, max(time) FROM sightings GROUP BY uid").fetchall())

    def close(self) -> None:
        """Close every connection. A store that is closed stays closed."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    def _prepare(self) -> None:
        with self._explained():
            if self._path:
                self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._reading() as connection:
            ready = self._is_ready(connection)
        self._let_readers_and_writers_overlap()
        if ready:
            return
        with self._writing() as connection:
            if self._is_ready(connection):
                return
            for statement in _SCHEMA.read_text("utf-8").split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _let_readers_and_writers_overlap(self) -> None:
        """Switch the file to a write-ahead log, where it has none and nobody else is just doing so."""
        with self._explained(), self._borrowed() as connection:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise

    def _is_ready(self, connection: sqlite3.Connection) -> bool:
        """Whether the tables are there; `Unavailable` where something else is."""
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        ours = connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION_ID
        if version == SCHEMA_VERSION and ours:
            return True
        if version or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise Unavailable(f"{self._path} is not a database of this version of cmdb.")
        return False

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            str(self._path) if self._path else ":memory:",
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._alone_in_memory(), self._explained(), self._borrowed() as connection:
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # after a full disk, SQLite has rolled back itself
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        """One connection for one transaction, so that there are never more than work at once."""
        with self._lock:
            if self._closed:
                raise Unavailable(f"The store {self._said} is closed.")
            connection = self._idle.pop() if self._idle else self._open()
        try:
            yield connection
        finally:
            with self._lock:
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    def _alone_in_memory(self) -> AbstractContextManager[object]:
        return nullcontext() if self._path else self._lock

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Unavailable(f"The store {self._said} cannot be used: {reason}.") from error
        except orjson.JSONDecodeError as error:
            raise Unavailable(f"The store {self._said} is damaged: a value in it is cut off.") from error

    @property
    def _said(self) -> str:
        return str(self._path or "in memory")
