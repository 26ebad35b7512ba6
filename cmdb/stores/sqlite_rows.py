"""Rows of the embedded store: how items, relations and commits are written to and read from its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from cmdb.errors import Conflict, Rejected, Stale
from cmdb.model import EMPTY, Actor, Commit, Item, Provenance, Relation, RelationId, Sighting
from cmdb.operations import (
    AddRelation,
    ItemOperation,
    Operation,
    RelationOperation,
    apply_to_item,
    apply_to_relation,
)
from cmdb.stores.base import Answered, Head, Transaction, as_json, chained, digest

COMMIT = "revision, id, time, author, identity, message, hash, result"
COMMIT_COLUMNS = 8
ITEM = "uid, key, class, name, attributes, version, provenance"
RELATION = "source, type, target, attributes, version, provenance"
HELD_AT = "since <= :revision AND (until IS NULL OR until > :revision)"


class Writer:
    """Applies one transaction's operations as one revision."""

    def __init__(self, connection: sqlite3.Connection, commit: Commit) -> None:
        self._connection = connection
        self._commit = commit
        self._items: dict[str, Item] = {}
        self._relations: dict[RelationId, Relation | None] = {}

    def apply(self, transaction: Transaction) -> None:
        """Check the expected versions, then write."""
        self._check(transaction.expected)
        for operation in transaction.operations:
            self._stage(operation)
        self._write_items()
        self._write_relations()
        record_sightings(self._connection, transaction.sightings)

    def _check(self, expected: Mapping[str, int]) -> None:
        for uid, version in expected.items():
            relation = RelationId(*uid.split(">")) if ">" in uid else None
            found = self._relation(relation) if relation else self._item(uid)
            if found is None or found.version != version:
                who = self._said(relation) if relation else self._key(uid)
                now = f"is at version {found.version} now" if found else "is not there"
                raise Stale(f"{who}: version {version} was expected, but it {now}.")

    def _stage(self, operation: Operation) -> None:
        if isinstance(operation, ItemOperation):
            item = self._staged_item(operation.uid)
            self._items[operation.uid] = apply_to_item(item, operation, self._commit.time)
        else:
            self._stage_relation(operation)

    def _stage_relation(self, operation: RelationOperation) -> None:
        one = operation.id
        if isinstance(operation, AddRelation):
            self._check_ends(one)
        relation = self._relations[one] if one in self._relations else self._relation(one)
        try:
            self._relations[one] = apply_to_relation(relation, operation, self._commit.time)
        except Conflict as error:
            raise Conflict(f"{self._said(one)}, {error.detail}") from None

    def _check_ends(self, relation: RelationId) -> None:
        if any(self._staged_item(uid) is None for uid in (relation.source, relation.target)):
            raise Rejected(f"{self._said(relation)}, {relation.type}: an end of it does not exist.")

    def _staged_item(self, uid: str) -> Item | None:
        return self._items.get(uid) or self._item(uid)

    def _key(self, uid: str) -> str:
        item = self._staged_item(uid)
        return item.key if item else uid

    def _said(self, relation: RelationId) -> str:
        return f"{self._key(relation.source)} → {self._key(relation.target)}"

    def _write_items(self) -> None:
        for uid in self._items:
            self._close("items", "uid = ?", (uid,))
        for item in self._items.values():
            row = (item.uid, item.version + 1, self._commit.revision, item.key, item.class_name, item.name)
            try:
                self._connection.execute(
                    "INSERT INTO items (uid, version, since, key, class, name, attributes, provenance)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row, orjson.dumps(item.attributes), _origins(item.provenance)),
                )
            except sqlite3.IntegrityError:
                raise Conflict(f"The key “{item.key}” is taken.") from None

    def _write_relations(self) -> None:
        for one, relation in self._relations.items():
            self._close("relations", "source = ? AND type = ? AND target = ?", one)
            if relation is None:
                continue
            self._connection.execute(
                "INSERT INTO relations (source, type, target, version, since, attributes, provenance)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *one,
                    self._last_version(one) + 1,
                    self._commit.revision,
                    orjson.dumps(relation.attributes),
                    _origins(relation.provenance),
                ),
            )

    def _close(self, table: str, which: str, parameters: Sequence[str]) -> None:
        self._connection.execute(
            f"UPDATE {table} SET until = ? WHERE {which} AND until IS NULL",
            (self._commit.revision, *parameters),
        )

    def _item(self, uid: str) -> Item | None:
        row = self._connection.execute(
            f"SELECT {ITEM} FROM items WHERE uid = ? AND until IS NULL", (uid,)
        ).fetchone()
        return item_of(row) if row else None

    def _relation(self, relation: RelationId) -> Relation | None:
        row = self._connection.execute(
            f"SELECT {RELATION} FROM relations"
            " WHERE source = ? AND type = ? AND target = ? AND until IS NULL",
            relation,
        ).fetchone()
        return relation_of(row) if row else None

    def _last_version(self, relation: RelationId) -> int:
        row = self._connection.execute(
            "SELECT coalesce(max(version), 0) FROM relations WHERE source = ? AND type = ? AND target = ?",
            relation,
        ).fetchone()
        last: int = row[0]
        return last


def head_of(connection: sqlite3.Connection) -> Head:
    """The newest revision; 0 and the epoch in an empty store."""
    row = connection.execute("SELECT revision, time FROM commits ORDER BY revision DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head(EMPTY.revision, EMPTY.time)


def time_of(connection: sqlite3.Connection, revision: int) -> str:
    """The instant of a revision."""
    row = connection.execute("SELECT time FROM commits WHERE revision = ?", (revision,)).fetchone()
    return row[0] if row else EMPTY.time


def next_commit(connection: sqlite3.Connection, transaction: Transaction, time: str) -> Commit:
    """Enter the next revision in the log, chained to the one before."""
    last = connection.execute("SELECT revision, hash FROM commits ORDER BY revision DESC LIMIT 1").fetchone()
    revision, previous = (last[0] + 1, last[1]) if last else (1, "")
    body = transaction.body()
    body_hash = digest(body)
    row: dict[str, Any] = {
        "revision": revision,
        "id": transaction.id,
        "time": time,
        "author": transaction.author.name,
        "identity": transaction.author.identity,
        "message": transaction.message,
        "request_hash": transaction.request_hash(),
        "result": as_json(dict(transaction.result)),
        "body": body,
        "body_hash": body_hash,
        "hash": chained(previous, revision, time, transaction.id, body_hash),
    }
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO commits ({names}) VALUES ({marks})", row)
    return Commit(
        revision,
        transaction.id,
        time,
        transaction.author,
        transaction.message,
        row["hash"],
        transaction.result,
    )


def committed(connection: sqlite3.Connection, commit_id: str, request_hash: str) -> Commit | None:
    """The commit made under this id for the same request, `None` if the id is new or made no commit."""
    query = f"SELECT {COMMIT}, request_hash FROM commits WHERE id = ?"
    row = connection.execute(query, (commit_id,)).fetchone()
    if row is None:
        return None
    _check_same(commit_id, row[COMMIT_COLUMNS], request_hash)
    return commit_of(row[:COMMIT_COLUMNS])


def answered(connection: sqlite3.Connection, request_id: str, request_hash: str) -> dict[str, Any] | None:
    """What was answered under this id for the same request without a commit."""
    query = "SELECT request_hash, result FROM answered WHERE id = ?"
    row = connection.execute(query, (request_id,)).fetchone()
    if row is None:
        return None
    _check_same(request_id, row[0], request_hash)
    result: dict[str, Any] = orjson.loads(row[1])
    return result


def remember(connection: sqlite3.Connection, request: Answered) -> None:
    """Keep the answer to a request that needed no commit."""
    connection.execute(
        "INSERT OR IGNORE INTO answered (id, request_hash, result) VALUES (?, ?, ?)",
        (request.id, request.request_hash, orjson.dumps(dict(request.result))),
    )


def _check_same(request_id: str, known: str, request_hash: str) -> None:
    if known != request_hash:
        raise Rejected(f"The id “{request_id}” was used before, for another request. Take a new one.")


def record_sightings(connection: sqlite3.Connection, sightings: Iterable[Sighting]) -> None:
    """Remember which source saw what, and when it last did."""
    connection.executemany(
        "INSERT INTO sightings (source, class, source_id, uid, time) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET uid = excluded.uid, time = max(time, excluded.time)",
        (
            (one.identity.source, one.identity.class_name, one.identity.source_id, one.uid, one.time)
            for one in sightings
        ),
    )


def relation_events(edge: str, *, removed: bool) -> str:
    """The query for additions and alterations, or removals, of an item's relations."""
    replaced = (
        " AND NOT EXISTS (SELECT 1 FROM relations AS next WHERE next.source = relations.source"
        " AND next.type = relations.type AND next.target = relations.target AND next.since = relations.until)"
    )
    return (
        f"SELECT {COMMIT}, {RELATION} FROM relations JOIN commits ON revision = {edge}"
        f" WHERE (source = :uid OR target = :uid){replaced if removed else ''}"
        " ORDER BY revision, source, type, target"
    )


def commit_of(row: tuple[Any, ...]) -> Commit:
    """A commit from its row."""
    revision, commit_id, time, author, identity, message, chain, result = row
    return Commit(revision, commit_id, time, Actor(author, identity), message, chain, orjson.loads(result))


def item_of(row: tuple[Any, ...]) -> Item:
    """An item from its row."""
    uid, key, class_name, name, attributes, version, provenance = row
    return Item(uid, key, class_name, name, orjson.loads(attributes), version, _provenance(provenance))


def relation_of(row: tuple[Any, ...]) -> Relation:
    """A relation from its row."""
    source, type_name, target, attributes, version, provenance = row
    found = orjson.loads(attributes)
    return Relation(RelationId(source, type_name, target), found, version, _provenance(provenance))


def _provenance(text: bytes) -> dict[str, Provenance]:
    return {field: Provenance(*origin) for field, origin in orjson.loads(text).items()}


def _origins(provenance: Mapping[str, Provenance]) -> bytes:
    return orjson.dumps({field: list(origin) for field, origin in provenance.items()})
