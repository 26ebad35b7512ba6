"""The embedded store itself: connections, transactions, and the questions a store answers.

Every state an item, relation or step of a plan ever had is a row that says from which revision on and up to
which one it held, so any moment is one plain query.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import orjson

from cmdb.errors import Unavailable
from cmdb.model import Commit, Graph, Identity, Sighting
from cmdb.operations import Plan, Target
from cmdb.progress import telling
from cmdb.stores.base import (
    Answered,
    Head,
    ItemVersion,
    Logged,
    Progress,
    RelationVersion,
    Scan,
    Sealed,
    SourceTotal,
    State,
    Transaction,
    check_planned,
    check_span,
    in_silence,
    known_revision,
)
from cmdb.stores.bodies import targets_of
from cmdb.stores.sqlite.migrations import SCHEMA_VERSION, migrate
from cmdb.stores.sqlite.rows import (
    COMMIT,
    COMMIT_COLUMNS,
    ITEM,
    Writer,
    answered,
    commit_of,
    committed,
    head_of,
    identity_rows,
    item_of,
    items_behind,
    next_commit,
    note_report,
    part_of,
    plan_of,
    present,
    record_sightings,
    relation_events,
    relation_of,
    relations_behind,
    remember,
    sighting_of,
    states_of,
    time_of,
)
from cmdb.stores.staging import needed, stage
from cmdb.values import moment, timestamp

T = TypeVar("T")

_APPLICATION_ID = 0x434D4442  # "CMDB"
_BUSY_SECONDS = 10

_SCHEMA = Path(__file__).with_name("schema.sql")


SIGHTINGS = 50_000
"""How many sightings are read at once."""


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

    def commit(self, transaction: Transaction, progress: Progress = in_silence) -> Commit:
        """Apply all operations or none; see `Store.commit`."""
        sealed = Sealed.of(transaction, progress)
        with self._writing() as connection:
            known = committed(connection, transaction.id, sealed.request_hash)
            if known is not None:
                return known
            answered(connection, transaction.id, sealed.request_hash)
            head = head_of(connection)
            check_planned(transaction, head)
            time = transaction.time or max(timestamp(self._clock()), head.time)
            before = present(connection, needed(transaction), progress)
            staged = stage(transaction, before, time, progress)
            commit = next_commit(connection, transaction, sealed, time)
            Writer(connection, commit.revision, progress).write(staged, before)
            seen = transaction.sightings
            record_sightings(connection, telling(progress, "sightings", seen, len(seen)))
            if seen:
                note_report(connection)
            return commit

    def recall(self, request_id: str, request_hash: str) -> Mapping[str, Any] | None:
        """The result remembered under this id; see `Store.recall`."""
        with self._reading() as connection:
            commit = committed(connection, request_id, request_hash)
            if commit is not None:
                return {**commit.result, "revision": commit.revision}
            return answered(connection, request_id, request_hash)

    def see(self, sightings: Iterable[Sighting], answered: Iterable[Answered] = ()) -> None:
        """Record that sources saw things, without a revision; see `Store.see`."""
        with self._writing() as connection:
            record_sightings(connection, sightings)
            note_report(connection)
            remember(connection, answered)

    def read(self, revision: int | None = None, only: Collection[Target] | None = None) -> Graph:
        """The graph at a revision; see `Store.read`."""
        if only is None:
            return self.scan(revision).graph()
        with self._reading() as connection:
            revision = known_revision(revision, head_of(connection).revision)
            return part_of(connection, revision, only)

    def scan(self, revision: int | None = None) -> Scan:
        """Everything at a revision, in batches; see `Store.scan`."""
        with self._reading() as connection:
            at = known_revision(revision, head_of(connection).revision)
            time = time_of(connection, at)
        return Scan(at, time, self._batches(items_behind, at), self._batches(relations_behind, at))

    def touched(self, after: int, upto: int) -> set[Target]:
        """What changed between two revisions; see `Store.touched`."""
        query = "SELECT CAST(operations AS BLOB) FROM bodies WHERE revision > ? AND revision <= ?"
        with self._reading() as connection:
            check_span(after, upto, head_of(connection).revision)
            return targets_of(row[0] for row in connection.execute(query, (after, upto)))

    def plan(self, owner: str, revision: int | None = None) -> Plan:
        """The steps of a plan as of a revision; see `Store.plan`."""
        with self._reading() as connection:
            return plan_of(connection, owner, known_revision(revision, head_of(connection).revision))

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
        return sorted(found, key=lambda one: (one.commit.revision, one.relation.id))

    def holders(self, key: str) -> list[tuple[int, str]]:
        """Who had this key, and from which revision on; see `Store.holders`."""
        with self._reading() as connection:
            rows = connection.execute("SELECT since, uid FROM items WHERE key = ? ORDER BY since", (key,))
            return [next(same) for _, same in groupby(rows, key=itemgetter(1))]

    def log(self, after: int = 0, most: int | None = None) -> list[Logged]:
        """The commits later than a revision, oldest first; see `Store.log`."""
        with self._reading() as connection:
            hashes = "request_hash, body_hash"
            query = f"SELECT {COMMIT}, {hashes} FROM commits WHERE revision > ? ORDER BY revision LIMIT ?"
            rows = connection.execute(query, (after, -1 if most is None else most))
            return [Logged(commit_of(row[:COMMIT_COLUMNS]), *row[COMMIT_COLUMNS:]) for row in rows]

    def body(self, revision: int) -> list[bytes]:
        """What a commit did, in parts."""
        with self._reading() as connection:
            query = "SELECT CAST(operations AS BLOB) FROM bodies WHERE revision = ? ORDER BY part"
            return [row[0] for row in connection.execute(query, (revision,))]

    def states(self) -> Iterator[State]:
        """Every state that anything ever had; see `Store.states`."""
        with self._reading() as connection:
            yield from states_of(connection)

    def identities(self, only: Collection[Identity] | None = None) -> dict[Identity, str]:
        """The uid behind the names sources have used; see `Store.identities`."""
        with self._reading() as connection:
            return {Identity(*row[:3]): row[3] for row in identity_rows(connection, only)}

    def sightings(self, uid: str | None = None) -> list[Sighting]:
        """Who last saw what and when; see `Store.sightings`."""
        query = (
            "SELECT source, class, source_id, uid, time FROM sightings"
            f"{'' if uid is None else ' WHERE uid = :uid'} ORDER BY source, class, source_id"
        )
        with self._reading() as connection:
            return list(map(sighting_of, connection.execute(query, {"uid": uid})))

    def sources(self) -> list[SourceTotal]:
        """Every source with what it saw, in order of their names."""
        items, relations = (f"count(*) FILTER (WHERE uid {how} '%>%')" for how in ("NOT LIKE", "LIKE"))
        query = (
            f"SELECT source, {items}, {relations}, max(time) FROM sightings GROUP BY source ORDER BY source"
        )
        with self._reading() as connection:
            return [SourceTotal(*row) for row in connection.execute(query)]

    def answered(self) -> list[Answered]:
        """The requests that were answered without a commit, in order of their ids."""
        with self._reading() as connection:
            rows = connection.execute("SELECT id, request_hash, result FROM answered ORDER BY id")
            return [Answered(row[0], row[1], orjson.loads(row[2])) for row in rows]

    def last_seen(self, since: str = "") -> Iterator[list[tuple[str, str]]]:
        """When sources last saw relations; see `Store.last_seen`."""
        query = "SELECT uid, time FROM sightings WHERE time >= ? AND uid LIKE '%>%'"
        with self._reading() as connection:
            rows = connection.execute(query, (since,))
            while batch := rows.fetchmany(SIGHTINGS):
                yield batch

    def close(self) -> None:
        """Close every connection. A store that is closed stays closed."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    def _batches(
        self, behind: Callable[[sqlite3.Connection, int, T | None], list[T]], revision: int
    ) -> Iterator[list[T]]:
        """All states of a revision. Each batch is a transaction of its own: such states are never altered."""
        last = None
        while True:
            with self._reading() as connection:
                found = behind(connection, revision, last)
            if not found:
                return
            yield found
            last = found[-1]

    def _prepare(self) -> None:
        with self._explained():
            if self._path:
                self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._reading() as connection:
            version = self._version(connection)
        self._let_readers_and_writers_overlap()
        while version != SCHEMA_VERSION:
            with self._writing() as connection:
                self._take_a_step(connection, self._version(connection))
                version = self._version(connection)

    def _take_a_step(self, connection: sqlite3.Connection, version: int) -> None:
        """Make the tables, or bring them one version further; nothing if another process just did."""
        if not version:
            for statement in _SCHEMA.read_text("utf-8").split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version != SCHEMA_VERSION:
            migrate(connection, version)

    def _let_readers_and_writers_overlap(self) -> None:
        """Switch the file to a write-ahead log, where it has none and nobody else is just doing so."""
        with self._explained(), self._borrowed() as connection:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise

    def _version(self, connection: sqlite3.Connection) -> int:
        """The schema's version, 0 where there is nothing yet; `Unavailable` where something else is."""
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        ours = connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION_ID
        if ours and version > SCHEMA_VERSION:
            raise Unavailable(f"{self._path} was written by a newer version of cmdb. Use that one.")
        if not ours and (version or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]):
            raise Unavailable(f"{self._path} is not a database of cmdb.")
        return version

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
