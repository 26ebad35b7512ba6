"""Neo4j: what is within reach, asked in Cypher.

The graph is loaded as Cypher likes it best: one node for each item, and one relationship for each row of
harm between active items, of the type of its relation and already turned the way harm flows.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

import click
from neo4j import Driver, GraphDatabase

from benchmarks.peers.edges import edges_by_type
from cmdb.stores.opening import Server
from impact.picture import Picture
from tests.neo4j_server.embedded import embedded_server, java_and_maven

AT_ONCE = 20_000
HEAP = "2g"
PAGE_CACHE = "4g"
OWN, NONE = "own", "none"
"""Where no server is given: one of the tests' own if this machine has what it takes; or none at all."""


class Graph(NamedTuple):
    """A loaded graph.

    Attributes
    ----------
    types
        The relationship types that carry harm.
    """

    driver: Driver
    types: Sequence[str]

    def count(self, key: str) -> int:
        """How many items are within reach of one, itself included."""
        return int(self._ask(key, "count(DISTINCT n)")[0])

    def keys(self, key: str) -> list[str]:
        """Their keys."""
        return self._ask(key, "DISTINCT n.key")

    def _ask(self, key: str, what: str) -> list[Any]:
        types = "|".join(map(_quoted, self.types))
        statement = f"MATCH (:Ci {{key: $key}})-[:{types}*0..]->(n) RETURN {what}"
        with self.driver.session() as session:
            return session.run(statement, key=key).value()


@contextmanager
def running(url: str) -> Iterator[Server | None]:
    """The server at an address, or as `OWN` and `NONE` say: empty, and emptied or thrown away afterwards.

    Raises
    ------
    click.UsageError
        If the server holds anything: it is filled and emptied here.
    """
    if url == NONE or (url == OWN and not java_and_maven()):
        yield None
    elif url == OWN:
        with embedded_server(HEAP, PAGE_CACHE) as own:
            yield Server(own.url)
    else:
        given = Server(url, os.environ.get("NEO4J_USER", "neo4j"), os.environ.get("NEO4J_PASSWORD"))
        with connected(given) as driver, driver.session() as session:
            if session.run("MATCH (n) RETURN 1 LIMIT 1").peek():
                raise click.UsageError(f"The server at {url} holds data. Name one that may be emptied.")
        try:
            yield given
        finally:
            empty(given)


@contextmanager
def connected(server: Server) -> Iterator[Driver]:
    """A driver for a server."""
    auth = (server.user, server.password) if server.password else None
    with GraphDatabase.driver(server.url, auth=auth, notifications_min_severity="OFF") as driver:
        yield driver


def empty(server: Server) -> None:
    """Take everything out of a server, its constraints and indexes as well."""
    with connected(server) as driver, driver.session() as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()
        for kind, kinds in (("CONSTRAINT", "CONSTRAINTS"), ("INDEX", "INDEXES")):
            names = session.run(f"SHOW {kinds} YIELD name, type").values()
            for name, type_name in names:
                if type_name != "LOOKUP":
                    session.run(f"DROP {kind} {_quoted(name)} IF EXISTS").consume()


@contextmanager
def loaded(server: Server, picture: Picture) -> Iterator[Graph]:
    """Put a picture's rows of harm into an empty server."""
    with connected(server) as driver:
        yield Graph(driver, _load(driver, picture))


def _load(driver: Driver, picture: Picture) -> list[str]:
    with driver.session() as session:
        for name in ("number", "key"):
            told = f"CREATE CONSTRAINT ci_{name} FOR (n:Ci) REQUIRE n.{name} IS UNIQUE"
            session.run(told).consume()
        for rows in _batches(enumerate(picture.keys.all())):
            told = "UNWIND $rows AS row CREATE (:Ci {number: row[0], key: row[1]})"
            session.run(told, rows=rows).consume()
        found = edges_by_type(picture)
        for name, pairs in found.items():
            told = (
                "UNWIND $rows AS row MATCH (a:Ci {number: row[0]}), (b:Ci {number: row[1]})"
                f" CREATE (a)-[:{_quoted(name)}]->(b)"
            )
            for rows in _batches(pairs):
                session.run(told, rows=rows).consume()
        return sorted(found)


def _batches(rows: Iterable[tuple[object, object]]) -> Iterator[list[list[object]]]:
    rest = iter(rows)
    while some := [list(row) for row in islice(rest, AT_ONCE)]:
        yield some


def _quoted(name: str) -> str:
    return f"`{name}`"
