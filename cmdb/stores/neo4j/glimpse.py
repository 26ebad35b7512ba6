"""The first keys on a server, read without opening the store."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from cmdb.stores.neo4j.connection import Connection
from cmdb.stores.opening import Server

_KEYS = """
MATCH (n:Item) WHERE n.key STARTS WITH $beginning AND ($classes = [] OR n.class IN $classes)
RETURN n.key, n.name ORDER BY n.key LIMIT $most
"""


def first_keys(server: Server, beginning: str, most: int, classes: Sequence[str]) -> list[tuple[str, str]]:
    """The first keys of today that begin in some way, each with its item's name.

    Raises
    ------
    Unavailable
        If the server cannot be asked.
    """
    with closing(Connection(server)) as connection:
        return connection.ask(
            lambda cypher: [
                (key, name)
                for key, name in cypher.rows(_KEYS, beginning=beginning, classes=list(classes), most=most)
            ]
        )
