"""Which store a location means. Neo4j's driver is imported only where a server is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cmdb.stores.base import Store
from cmdb.stores.sqlite import SqliteStore


@dataclass(frozen=True)
class Server:
    """A Neo4j server: its URL (`neo4j://`, `bolt://` and their encrypted forms), user and password."""

    url: str
    user: str = "neo4j"
    password: str | None = field(default=None, repr=False)


Location = Path | Server | None
"""Where a graph is kept: a SQLite file, a server, or this process's memory."""


def open_store(location: Location, clock: Callable[[], datetime]) -> Store:
    """Open the store at a location, made or brought up to the present schema where that is needed.

    Raises
    ------
    Unavailable
        If it cannot be opened.
    """
    if isinstance(location, Server):
        from cmdb.stores.neo4j import Neo4jStore  # noqa: PLC0415  only those who use it pay for the driver

        return Neo4jStore(location, clock)
    return SqliteStore(location, clock)
