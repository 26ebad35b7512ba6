"""What has to be on the server before the store can work: constraints, indexes, and the head.

Each step of the schema can be interrupted and done again; its number is written last. Community has
uniqueness constraints only, so the shape of everything is guarded by the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from time import sleep

from cmdb.errors import Unavailable
from cmdb.model import EMPTY
from cmdb.stores.neo4j.connection import Connection, Cypher
from cmdb.stores.neo4j.head import take_turn
from cmdb.stores.neo4j.names import type_of

SETTING_UP_SECONDS = 600

UNIQUE = {
    "Item": (["uid"], ["key"]),
    "_PastItem": (["uid", "_since"],),
    "_PastRelation": (["_type", "uid", "_since"],),
    "_Plan": (["_place", "_since"],),
    "_Commit": (["id"], ["revision"]),
    "_Body": (["revision", "part"],),
    "_Answered": (["id"],),
    "_Sighting": (["id"],),
    "_Lock": (["id"],),
    "_Head": (["id"],),
}
"""By label, which properties together are in no two nodes."""
INDEXED = {
    "_PastItem": (["key"], ["_until", "uid"]),
    "_PastRelation": (["_source"], ["_target"], ["_until", "uid"]),
    "_Plan": (["owner"],),
    "_Sighting": (["uid"], ["_uid"]),
}
"""By label, by which properties together nodes are looked up besides."""
_FIRST = """
MERGE (l:_Lock {id: 1}) ON CREATE SET l.locked = true
MERGE (h:_Head {id: 1})
ON CREATE SET h.locked = true, h.schema = 0, h.revision = 0, h.time = $time, h.hash = '', h.types = [],
 h.restores = 0, h.reports = 0
"""


def prepare(connection: Connection) -> None:
    """Bring the server to the present schema.

    Raises
    ------
    Unavailable
        If it holds something else, or was written by a newer version.
    """
    version = _version(connection)
    if version > len(STEPS):
        raise Unavailable(f"{connection.said} was written by a newer version of cmdb. Use that one.")
    for number, step in enumerate(STEPS[version:], start=version + 1):
        step(connection)
        _set(connection, "h.schema = CASE WHEN h.schema < $value THEN $value ELSE h.schema END", number)


def give_place(connection: Connection, relation_types: Iterable[str]) -> None:
    """Make room for relations of these types: once for each, apart from what is written of them."""
    names = sorted(relation_types)
    if not names:
        return
    for name in names:
        _ensure(connection, f"CONSTRAINT cmdb_relation_{name}", f"()-[n:{type_of(name)}]-()", ["uid"])
    _set(connection, "h.types = [one IN h.types WHERE NOT one IN $value] + $value", names)


def _set_up(connection: Connection) -> None:
    for label, all_of in UNIQUE.items():
        for names in all_of:
            _ensure(connection, f"CONSTRAINT {_named(label, names)}", f"(n:{label})", names)
    for label, all_of in INDEXED.items():
        for names in all_of:
            _ensure(connection, f"INDEX {_named(label, names)}", f"(n:{label})", names)
    ready = "CALL db.awaitIndexes($most)"
    connection.change(lambda cypher: cypher.do(ready, most=SETTING_UP_SECONDS), SETTING_UP_SECONDS)
    connection.change(lambda cypher: cypher.do(_FIRST, time=EMPTY.time))


STEPS: Sequence[Callable[[Connection], None]] = (_set_up,)
"""By the version a server has, 0 where there is nothing yet: the step to the next one."""


def _version(connection: Connection) -> int:
    for _ in range(5):
        version, nodes = connection.ask(_look)
        if version is not None:
            return version
        if not nodes:
            return 0
        sleep(0.1)  # another process may just be entering the first nodes
    raise Unavailable(f"{connection.said} holds something else. Give cmdb a database of its own.")


def _look(cypher: Cypher) -> tuple[int | None, int]:
    (version,) = cypher.one("OPTIONAL MATCH (h:_Head {id: 1}) RETURN h.schema")
    (nodes,) = cypher.one("MATCH (n) RETURN count(n)")
    return version, nodes


def _ensure(connection: Connection, what: str, pattern: str, names: Sequence[str]) -> None:
    fields = ", ".join(f"n.{name}" for name in names)
    rule = f"REQUIRE ({fields}) IS UNIQUE" if what.startswith("CONSTRAINT") else f"ON ({fields})"
    statement = f"CREATE {what} IF NOT EXISTS FOR {pattern} {rule}"
    connection.change(lambda cypher: cypher.do(statement), SETTING_UP_SECONDS)


def _named(label: str, names: Sequence[str]) -> str:
    """A name of its own: where one is in use, `IF NOT EXISTS` makes nothing."""
    return "_".join(["cmdb", label.strip("_").lower(), *names])


def _set(connection: Connection, change: str, value: object) -> None:
    def work(cypher: Cypher) -> None:
        take_turn(cypher)
        cypher.do(f"MATCH (h:_Head {{id: 1}}) SET {change}", value=value)

    connection.change(work)
