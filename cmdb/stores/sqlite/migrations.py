"""Older schemas, brought up to the present one step at a time.

Each step takes a file from one version to the next in the transaction that its caller holds, with the new
version's number: interrupted, it leaves the file as it was and is done again by whoever opens it next.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

import orjson

from cmdb.operations import from_data
from cmdb.stores.bodies import parts_of

SCHEMA_VERSION = 2

_TO_2 = """
CREATE TABLE bodies (
    revision INTEGER NOT NULL REFERENCES commits (revision),
    part INTEGER NOT NULL,
    operations BLOB NOT NULL,
    PRIMARY KEY (revision, part)
);
CREATE INDEX items_keys ON items (key, since);
CREATE TABLE plans (
    owner TEXT NOT NULL,
    target TEXT NOT NULL,
    since INTEGER NOT NULL REFERENCES commits (revision),
    until INTEGER REFERENCES commits (revision),
    step BLOB NOT NULL,
    PRIMARY KEY (owner, target, since)
) WITHOUT ROWID;
CREATE INDEX sightings_uid ON sightings (uid);
CREATE TABLE reports (number INTEGER NOT NULL);
INSERT INTO reports VALUES (0)
"""


def _bodies_in_parts(connection: sqlite3.Connection) -> None:
    """Move what each commit did into a table of its own, in parts; make room for plans."""
    for statement in _TO_2.split(";"):
        connection.execute(statement)
    for (revision,) in connection.execute("SELECT revision FROM commits").fetchall():
        query = "SELECT body FROM commits WHERE revision = ?"
        body = orjson.loads(connection.execute(query, (revision,)).fetchone()[0])
        parts = enumerate(parts_of(from_data(body["operations"])))
        rows = ((revision, number, part) for number, part in parts)
        connection.executemany("INSERT INTO bodies (revision, part, operations) VALUES (?, ?, ?)", rows)
    connection.execute("ALTER TABLE commits DROP COLUMN body")


MIGRATIONS: Mapping[int, Callable[[sqlite3.Connection], None]] = {1: _bodies_in_parts}
"""By the version a file has: the step to the next one."""


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Take the next step from a version."""
    MIGRATIONS[version](connection)
    connection.execute(f"PRAGMA user_version = {version + 1}")
