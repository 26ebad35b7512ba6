"""Undoing a large commit that was left half done.

What it superseded lies aside, with the revision that it would have been. First all of that is put back and
still lies aside; only then it is thrown away. So whoever reads meanwhile finds everything in one place or the
other, unless throwing away begins while they read: the head counts that. Whatever is interrupted can be done
again by whoever comes next.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from cmdb.stores.neo4j.connection import Connection, Cypher
from cmdb.stores.neo4j.head import HeadNode, take_turn, unmark
from cmdb.stores.neo4j.leases import Lease, occupied_by
from cmdb.stores.neo4j.names import relabelled, type_of

BODIES = 50
"""How many parts of a body are deleted at once."""

_ROWS = "UNWIND $rows AS row "
_ITEM = _ROWS + "MATCH (n:Item {uid: row}) "
_ITEM_ASIDE = "MATCH (p:_PastItem) WHERE p.uid = row AND p._since < $revision AND p._until = $revision "
_RELATION_ASIDE = "MATCH (p:_PastRelation) WHERE p._type = $type AND " + _ITEM_ASIDE.partition("WHERE ")[2]
_AS_BEFORE = "SET n = properties(p) REMOVE n._until, n._type, n._source, n._target"

_NEW_ITEMS = f"{_ITEM} WHERE n._since = $revision AND NOT EXISTS {{ {_ITEM_ASIDE} }} DETACH DELETE n"
_OTHER_KEYS = f"{_ROWS} {_ITEM_ASIDE} MATCH (n:Item {{uid: row}}) WHERE n.key <> p.key REMOVE n.key"
_CLASSES = f"{_ROWS} {_ITEM_ASIDE} MATCH (n:Item {{uid: row}}) RETURN n.class, p.class, collect(row)"
_ITEMS_AS_BEFORE = f"{_ROWS} {_ITEM_ASIDE} MATCH (n:Item {{uid: row}}) {_AS_BEFORE}"
_NEW_SIGHTINGS = f"{_ROWS} MATCH (n:_Sighting {{id: row}}) WHERE n._uid IS NULL DELETE n"
_SIGHTINGS_AS_BEFORE = (
    f"{_ROWS} MATCH (n:_Sighting {{id: row}}) SET n.uid = n._uid, n.time = n._time"
    " REMOVE n._since, n._uid, n._time"
)
_REST = (
    "MATCH (n:_Plan) WHERE n._since = $revision WITH n LIMIT $size DELETE n",
    "MATCH (n:_Plan) WHERE n._until = $revision WITH n LIMIT $size REMOVE n._until",
    f"MATCH (n:_Body) WHERE n.revision = $revision AND n.part >= 0 WITH n LIMIT {BODIES} DELETE n",
)
_COUNT = "MATCH (h:_Head {id: 1}) SET h.restores = h.restores + 1"
_THROW_AWAY = tuple(
    f"MATCH (n:{label}) WHERE n._until = $revision AND n.uid > '' WITH n LIMIT $size DELETE n"
    for label in ("_PastItem", "_PastRelation")
)


def undo(connection: Connection, lease: Lease, size: int) -> None:
    """Undo what the owner of the lease began, or somebody who is not heard of any more; else do nothing."""

    def take_over(cypher: Cypher) -> HeadNode | None:
        head = take_turn(cypher).head
        occupied = occupied_by(head)
        if occupied is None or not (occupied.pending.writer == lease.writer or occupied.abandoned):
            return None
        lease.begin(cypher, head, occupied.pending.revision)
        return head

    head = connection.change(take_over)
    if head is not None and head.pending is not None:
        _Undoing(connection, lease, head.pending.revision, size).run(sorted(head.types))


class _Undoing:
    def __init__(self, connection: Connection, lease: Lease, revision: int, size: int) -> None:
        self._connection = connection
        self._lease = lease
        self._values: dict[str, Any] = {"revision": revision, "size": size}

    def run(self, types: list[str]) -> None:
        for name in types:
            self._put_relations_back(name)
        self._put_items_back()
        for rows in self._blocks("(n:_Sighting)", "n._since", "n.id"):
            self._write(rows, _NEW_SIGHTINGS, _SIGHTINGS_AS_BEFORE)
        self._repeat(*_REST)
        self._lease.write(lambda cypher: cypher.do(_COUNT))
        self._repeat(*_THROW_AWAY)
        self._connection.change(self._finish)

    def _put_relations_back(self, name: str) -> None:
        self._values["type"] = name
        live = f"()-[n:{type_of(name)}]->()"
        this = f"()-[n:{type_of(name)} {{uid: row}}]->()"
        changed = f"{_ROWS} {_RELATION_ASIDE} MATCH {this} {_AS_BEFORE}"
        new = f"{_ROWS} MATCH {this} WHERE n._since = $revision DELETE n"
        for rows in self._blocks(live, "n._since"):
            self._write(rows, changed, new)
        removed = (
            f"{_ROWS} {_RELATION_ASIDE} AND NOT EXISTS {{ MATCH {this} }}"
            " MATCH (s:Item {uid: p._source}), (t:Item {uid: p._target})"
            f" CREATE (s)-[n:{type_of(name)}]->(t) {_AS_BEFORE}"
        )
        for rows in self._blocks("(n:_PastRelation {_type: $type})", "n._until"):
            self._write(rows, removed)

    def _put_items_back(self) -> None:
        """Delete new items, take all other new keys away, and then give the former ones back."""
        for rows in self._blocks("(n:Item)", "n._since"):
            self._write(rows, _NEW_ITEMS)
        for rows in self._blocks("(n:_PastItem)", "n._until"):
            self._write(rows, _OTHER_KEYS)
        for rows in self._blocks("(n:_PastItem)", "n._until"):
            self._lease.write(partial(self._relabel, rows))

    def _relabel(self, rows: list[str], cypher: Cypher) -> None:
        for now, was, some in list(cypher.rows(_CLASSES, rows=rows, **self._values)):
            cypher.do(_ITEMS_AS_BEFORE + relabelled(now, was), rows=some, **self._values)

    def _blocks(self, pattern: str, edge: str, name: str = "n.uid") -> Iterator[list[str]]:
        """The uids of what the commit touched, block by block."""
        statement = (
            f"MATCH {pattern} WHERE {edge} = $revision AND {name} > $after"
            f" WITH n ORDER BY {name} LIMIT $size RETURN {name}"
        )
        after = ""
        while rows := [row[0] for row in self._ask(statement, after)]:
            yield rows
            after = rows[-1]

    def _ask(self, statement: str, after: str) -> list[list[Any]]:
        return self._connection.ask(lambda cypher: list(cypher.rows(statement, after=after, **self._values)))

    def _write(self, rows: list[str], *statements: str) -> None:
        def work(cypher: Cypher) -> None:
            for statement in statements:
                cypher.do(statement, rows=rows, **self._values)

        self._lease.write(work)

    def _repeat(self, *statements: str) -> None:
        """Run each statement until it finds nothing more."""
        for statement in statements:
            while self._lease.write(partial(self._count, f"{statement} RETURN count(*)")):
                pass

    def _count(self, statement: str, cypher: Cypher) -> int:
        (count,) = cypher.one(statement, **self._values)
        return int(count)

    def _finish(self, cypher: Cypher) -> None:
        head = take_turn(cypher).head
        if head.pending is not None and head.pending.writer == self._lease.writer:
            unmark(cypher)
