"""Rows of the embedded store: how states and commits are written to and read from its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from sys import intern
from typing import Any

import orjson

from cmdb.canonical import as_json
from cmdb.model import EMPTY, Actor, Commit, Graph, Identity, Item, Provenance, Relation, RelationId, Sighting
from cmdb.operations import Plan, Target, step_as_data, step_from_data, target_from, text_of
from cmdb.progress import telling
from cmdb.stores.base import Answered, Head, Planned, Progress, Sealed, State, Transaction, check_same
from cmdb.stores.bodies import chained
from cmdb.stores.staging import Needed, Present, Staged, batches, between_known
from cmdb.values import Attributes

COMMIT = "revision, id, time, author, identity, message, hash, result"
COMMIT_COLUMNS = 8
ITEM = "uid, key, class, name, attributes, version, provenance"
ITEM_COLUMNS = 7
RELATION = "source, type, target, attributes, version, provenance"
RELATION_COLUMNS = 6
BATCH = 10_000
"""How many states are read at once."""
HELD_AT = "since <= :revision AND (until IS NULL OR until > :revision)"


_NOW: Mapping[str, int] = {}
_VALUES = "(SELECT value FROM json_each(:values))"


def present(connection: sqlite3.Connection, wanted: Needed, progress: Progress) -> Present:
    """Read what staging needs."""
    found = Present()
    for row in _each(
        connection,
        f"SELECT {ITEM} FROM {_VALUES} JOIN items ON uid = value WHERE until IS NULL",
        telling(progress, "items looked up", wanted.items, len(wanted.items)),
    ):
        found.items[row[0]] = item_of(row)
    for row in _each(
        connection,
        f"SELECT key, uid FROM {_VALUES} JOIN items ON key = value WHERE until IS NULL",
        telling(progress, "keys looked up", wanted.keys, len(wanted.keys)),
    ):
        found.holders[row[0]] = row[1]
    relations = list(between_known(wanted.relations, found))
    _add_relations(connection, telling(progress, "relations looked up", relations, len(relations)), found)
    for row in _each(
        connection,
        f"SELECT owner, target, step FROM {_VALUES} JOIN plans"
        " ON owner = value ->> 0 AND target = value ->> 1 WHERE until IS NULL",
        ((owner, text_of(target)) for owner, target in wanted.places),
    ):
        found.steps[row[0], target_from(row[1])] = step_from_data(orjson.loads(row[2]))
    return found


def _add_relations(connection: sqlite3.Connection, wanted: Iterable[RelationId], found: Present) -> None:
    for row in _each(
        connection,
        f"SELECT {RELATION}, until FROM {_VALUES} JOIN relations"
        " ON source = value ->> 0 AND type = value ->> 1 AND target = value ->> 2",
        map(list, wanted),
    ):
        relation = relation_of(row[:RELATION_COLUMNS])
        if row[RELATION_COLUMNS] is None:
            found.relations[relation.id] = relation
        last = found.removed.get(relation.id, 0)
        found.removed[relation.id] = max(last, relation.version)


def _each(
    connection: sqlite3.Connection, query: str, values: Iterable[object], at: Mapping[str, int] = _NOW
) -> Iterator[tuple[Any, ...]]:
    """The rows of a query for many values, bound as JSON lists."""
    for some in batches(values):
        yield from connection.execute(query, {"values": orjson.dumps(some).decode(), **at})


class Writer:
    """Writes one commit's states."""

    def __init__(self, connection: sqlite3.Connection, revision: int, progress: Progress) -> None:
        self._connection = connection
        self._revision = revision
        self._progress = progress

    def write(self, staged: Staged, before: Present) -> None:
        """Close the states that end and write the new ones."""
        self._close_items([uid for uid in staged.items if uid in before.items])
        self._many(
            "items",
            "INSERT INTO items (uid, version, since, key, class, name, attributes, provenance)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (self._item_row(item) for item in staged.items.values()),
            len(staged.items),
        )
        self._close_relations([one for one in staged.relations if one in before.relations])
        relations = [one for one in staged.relations.values() if one is not None]
        self._many(
            "relations",
            "INSERT INTO relations (source, type, target, version, since, attributes, provenance)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self._relation_row(relation) for relation in relations),
            len(relations),
        )
        self._write_steps(staged)

    def _item_row(self, item: Item) -> tuple[object, ...]:
        values = orjson.dumps(item.attributes), _origins(item.provenance)
        return (item.uid, item.version, self._revision, item.key, item.class_name, item.name, *values)

    def _relation_row(self, relation: Relation) -> tuple[object, ...]:
        values = orjson.dumps(relation.attributes), _origins(relation.provenance)
        return (*relation.id, relation.version, self._revision, *values)

    def _close_items(self, uids: Sequence[str]) -> None:
        self._connection.executemany(
            "UPDATE items SET until = ? WHERE uid = ? AND until IS NULL",
            ((self._revision, uid) for uid in uids),
        )

    def _close_relations(self, relations: Sequence[RelationId]) -> None:
        self._connection.executemany(
            "UPDATE relations SET until = ? WHERE source = ? AND type = ? AND target = ? AND until IS NULL",
            ((self._revision, *one) for one in relations),
        )

    def _write_steps(self, staged: Staged) -> None:
        for (owner, target), step in staged.steps.items():
            place = owner, text_of(target)
            self._connection.execute(
                "UPDATE plans SET until = ? WHERE owner = ? AND target = ? AND until IS NULL",
                (self._revision, *place),
            )
            if step is not None:
                self._connection.execute(
                    "INSERT INTO plans (owner, target, since, step) VALUES (?, ?, ?, ?)",
                    (*place, self._revision, as_json(step_as_data(step))),
                )

    def _many(self, what: str, statement: str, rows: Iterable[tuple[object, ...]], total: int) -> None:
        done = 0
        for some in batches(rows):
            self._connection.executemany(statement, some)
            done += len(some)
            self._progress(what, done, total)


def head_of(connection: sqlite3.Connection) -> Head:
    """The newest revision; 0 and the epoch in an empty store."""
    row = connection.execute("SELECT revision, time FROM commits ORDER BY revision DESC LIMIT 1").fetchone()
    reports: int = connection.execute("SELECT number FROM reports").fetchone()[0]
    revision, time = row or (EMPTY.revision, EMPTY.time)
    return Head(revision, time, reports)


def time_of(connection: sqlite3.Connection, revision: int) -> str:
    """The instant of a revision."""
    row = connection.execute("SELECT time FROM commits WHERE revision = ?", (revision,)).fetchone()
    return row[0] if row else EMPTY.time


def next_commit(
    connection: sqlite3.Connection, transaction: Transaction, sealed: Sealed, time: str
) -> Commit:
    """Enter the next revision in the log, chained to the one before."""
    last = connection.execute("SELECT revision, hash FROM commits ORDER BY revision DESC LIMIT 1").fetchone()
    revision, previous = (last[0] + 1, last[1]) if last else (1, "")
    row: dict[str, Any] = {
        "revision": revision,
        "id": transaction.id,
        "time": time,
        "author": transaction.author.name,
        "identity": transaction.author.identity,
        "message": transaction.message,
        "request_hash": sealed.request_hash,
        "result": as_json(dict(transaction.result)),
        "body_hash": sealed.body_hash,
        "hash": chained(previous, revision, time, transaction.id, sealed.body_hash),
    }
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO commits ({names}) VALUES ({marks})", row)
    parts = ((revision, number, part) for number, part in enumerate(sealed.parts))
    connection.executemany("INSERT INTO bodies (revision, part, operations) VALUES (?, ?, ?)", parts)
    author, message, result = transaction.author, transaction.message, transaction.result
    return Commit(revision, transaction.id, time, author, message, row["hash"], result)


def committed(connection: sqlite3.Connection, commit_id: str, request_hash: str) -> Commit | None:
    """The commit made under this id for the same request, `None` if the id is new or made no commit."""
    query = f"SELECT {COMMIT}, request_hash FROM commits WHERE id = ?"
    row = connection.execute(query, (commit_id,)).fetchone()
    if row is None:
        return None
    check_same(commit_id, row[COMMIT_COLUMNS], request_hash)
    return commit_of(row[:COMMIT_COLUMNS])


def answered(connection: sqlite3.Connection, request_id: str, request_hash: str) -> dict[str, Any] | None:
    """What was answered under this id for the same request without a commit."""
    query = "SELECT request_hash, result FROM answered WHERE id = ?"
    row = connection.execute(query, (request_id,)).fetchone()
    if row is None:
        return None
    check_same(request_id, row[0], request_hash)
    result: dict[str, Any] = orjson.loads(row[1])
    return result


def remember(connection: sqlite3.Connection, requests: Iterable[Answered]) -> None:
    """Keep the answers to requests that needed no commit."""
    connection.executemany(
        "INSERT OR IGNORE INTO answered (id, request_hash, result) VALUES (?, ?, ?)",
        ((one.id, one.request_hash, orjson.dumps(dict(one.result))) for one in requests),
    )


def record_sightings(connection: sqlite3.Connection, sightings: Iterable[Sighting]) -> None:
    """Remember which source saw what, and when it last did."""
    connection.executemany(
        "INSERT INTO sightings (source, class, source_id, uid, time) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET uid = excluded.uid, time = max(time, excluded.time)",
        ((*one.identity, one.uid, one.time) for one in sightings),
    )


def note_report(connection: sqlite3.Connection) -> None:
    """Let everybody know that sources may have seen something again."""
    connection.execute("UPDATE reports SET number = number + 1")


def items_behind(connection: sqlite3.Connection, revision: int, last: Item | None) -> list[Item]:
    """The next items of a revision, in order of their uids."""
    query = f"SELECT {ITEM} FROM items WHERE uid > :uid AND {HELD_AT} ORDER BY uid LIMIT {BATCH}"
    at = {"uid": last.uid if last else "", "revision": revision}
    return [item_of(row) for row in connection.execute(query, at)]


def relations_behind(connection: sqlite3.Connection, revision: int, last: Relation | None) -> list[Relation]:
    """The next relations of a revision, in order of their ids."""
    query = (
        f"SELECT {RELATION} FROM relations WHERE (source, type, target) > (:source, :type, :target)"
        f" AND {HELD_AT} ORDER BY source, type, target LIMIT {BATCH}"
    )
    behind = last.id if last else RelationId("", "", "")
    return [relation_of(row) for row in connection.execute(query, {**behind._asdict(), "revision": revision})]


def part_of(connection: sqlite3.Connection, revision: int, only: Collection[Target]) -> Graph:
    """Some of the graph at a revision."""
    at = {"revision": revision}
    items = _each(
        connection,
        f"SELECT {ITEM} FROM {_VALUES} JOIN items ON uid = value WHERE {HELD_AT}",
        (one for one in only if isinstance(one, str)),
        at,
    )
    relations = _each(
        connection,
        f"SELECT {RELATION} FROM {_VALUES} JOIN relations"
        f" ON source = value ->> 0 AND type = value ->> 1 AND target = value ->> 2 WHERE {HELD_AT}",
        (list(one) for one in only if not isinstance(one, str)),
        at,
    )
    return Graph(
        revision,
        time_of(connection, revision),
        {item.uid: item for item in map(item_of, items)},
        {relation.id: relation for relation in map(relation_of, relations)},
    )


def identity_rows(
    connection: sqlite3.Connection, only: Collection[Identity] | None
) -> Iterator[tuple[Any, ...]]:
    """The rows of who is known by which name; with `only`, no more than those names."""
    columns = "source, class, source_id, uid"
    rows: Iterable[tuple[Any, ...]]
    if only is None:
        rows = connection.execute(f"SELECT {columns} FROM sightings")
    else:
        rows = _each(
            connection,
            f"SELECT {columns} FROM {_VALUES} JOIN sightings"
            " ON source = value ->> 0 AND class = value ->> 1 AND source_id = value ->> 2",
            map(list, only),
        )
    for source, class_name, source_id, uid in rows:
        yield intern(source), intern(class_name), source_id, uid


def states_of(connection: sqlite3.Connection) -> Iterator[State]:
    """Every state that anything ever had."""
    for row in connection.execute(f"SELECT {ITEM}, since, until FROM items"):
        yield State(item_of(row[:ITEM_COLUMNS]), *row[ITEM_COLUMNS:])
    for row in connection.execute(f"SELECT {RELATION}, since, until FROM relations"):
        yield State(relation_of(row[:RELATION_COLUMNS]), *row[RELATION_COLUMNS:])
    for owner, step, since, until in connection.execute("SELECT owner, step, since, until FROM plans"):
        yield State(Planned(owner, step_from_data(orjson.loads(step))), since, until)


def plan_of(connection: sqlite3.Connection, owner: str, revision: int) -> Plan:
    """The steps of one plan as of a revision."""
    query = f"SELECT step FROM plans WHERE owner = :owner AND {HELD_AT}"
    rows = connection.execute(query, {"owner": owner, "revision": revision})
    steps = [step_from_data(orjson.loads(row[0])) for row in rows]
    return {step.target: step for step in steps}


def relation_events(edge: str, *, removed: bool) -> str:
    """The query for additions and alterations, or removals, of an item's relations."""
    replaced = (
        " AND NOT EXISTS (SELECT 1 FROM relations AS next WHERE next.source = relations.source"
        " AND next.type = relations.type AND next.target = relations.target AND next.since = relations.until)"
    )
    return (
        f"SELECT {COMMIT}, {RELATION} FROM relations JOIN commits ON revision = {edge}"
        f" WHERE (source = :uid OR target = :uid){replaced if removed else ''}"
    )


def commit_of(row: tuple[Any, ...]) -> Commit:
    """A commit from its row."""
    revision, commit_id, time, author, identity, message, chain, result = row
    return Commit(revision, commit_id, time, Actor(author, identity), message, chain, orjson.loads(result))


def item_of(row: tuple[Any, ...]) -> Item:
    """An item from its row."""
    uid, key, class_name, name, attributes, version, provenance = row
    values = orjson.loads(attributes)
    return Item(intern(uid), key, intern(class_name), name, values, version, _provenance(provenance))


def relation_of(row: tuple[Any, ...]) -> Relation:
    """A relation from its row."""
    # A large graph says the same words millions of times, first of all the uids: each is kept once.
    source, type_name, target, attributes, version, provenance = row
    one = RelationId(intern(source), intern(type_name), intern(target))
    return Relation(one, _few_values(attributes), version, _provenance(provenance))


def sighting_of(row: tuple[Any, ...]) -> Sighting:
    """A sighting from its row."""
    return Sighting(Identity(*row[:3]), *row[3:])


@lru_cache(maxsize=10_000)
def _few_values(text: bytes) -> Attributes:
    """A relation's attributes, mostly none: equal ones are shared, as nobody may change them."""
    found: Attributes = orjson.loads(text)
    return found


@lru_cache(maxsize=10_000)
def _provenance(text: bytes) -> Mapping[str, Provenance]:
    """Where values come from, as it is kept: what came with one import shares a few of these."""
    return {field: Provenance(*origin) for field, origin in orjson.loads(text).items()}


def _origins(provenance: Mapping[str, Provenance]) -> bytes:
    return orjson.dumps({field: list(origin) for field, origin in provenance.items()})
