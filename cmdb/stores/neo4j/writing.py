"""What a commit writes: statements with rows, each few enough for one statement.

What is superseded or removed is set aside first, copied by the server to a node `:_Past` with the revision
up to which it held. Everything is written in order of uids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from cmdb.model import Item, RelationId, Sighting
from cmdb.stores.base import Progress, Sealed
from cmdb.stores.neo4j.connection import Cypher
from cmdb.stores.neo4j.names import ITEM, label_of, relabelled, type_of
from cmdb.stores.neo4j.rows import (
    item_row,
    place_of,
    relation_row,
    relation_rows,
    sighting_rows,
    step_row,
    uid_of,
)
from cmdb.stores.staging import Present, Staged, batches

PARTS = 5
"""How many parts of a body one statement writes: a part may hold a thousand operations."""

_SET_ASIDE = "CREATE (p:_Past:_PastItem) SET p = properties(n), p._until = $revision"
_SET_RELATION_ASIDE = """
CREATE (p:_Past:_PastRelation) SET p = properties(n)
SET p._until = $revision, p._type = $type, p._source = s.uid, p._target = t.uid
"""
_END_STEPS = """
UNWIND $rows AS row MATCH (n:_Plan) WHERE n._place = row AND n._since < $revision AND n._until IS NULL
SET n._until = $revision
"""
_ADD_STEPS = "UNWIND $rows AS row CREATE (n:_Plan) SET n = row"
_BODY = "UNWIND $rows AS row CREATE (n:_Body) SET n = row"
_SEE = """
UNWIND $rows AS row UNWIND row.each AS one
MERGE (n:_Sighting {id: one[0]}) ON CREATE SET n += row.alike.who, n.source_id = one[1]
SET n._uid = CASE WHEN n._since = $revision THEN n._uid ELSE n.uid END,
 n._time = CASE WHEN n._since = $revision THEN n._time ELSE n.time END
SET n._since = $revision, n.uid = one[2],
 n.time = CASE WHEN n.time > row.alike.time THEN n.time ELSE row.alike.time END
"""
"""What a source knew before is kept beside it until the next time: a large commit is seen only later.

Under one name the same commit may see something several times, which is what it comes to.
"""


class Batch(NamedTuple):
    """Some rows for a statement.

    Attributes
    ----------
    told, number
        What they are for whoever follows the progress, empty where that is nothing; and how many.
    """

    statement: str
    rows: Sequence[Any]
    values: Mapping[str, object]
    told: str = ""
    number: int = 0

    def run(self, cypher: Cypher) -> None:
        """Write them."""
        cypher.do(self.statement, rows=self.rows, **self.values)


class Writing:
    """Everything that one commit writes beside its entry in the log."""

    def __init__(self, revision: int, staged: Staged, before: Present, size: int) -> None:
        self._revision = revision
        self._staged = staged
        self._before = before
        self._size = size
        self._values = {"revision": revision}

    def states(self) -> Iterator[Batch]:
        """What becomes of items, relations and plans, in an order in which it can be written."""
        yield from self._changed_items()
        yield from self._new_items()
        yield from self._relations()
        yield from self._steps()

    def body(self, sealed: Sealed, size: int) -> Iterator[Batch]:
        """What the commit did, so many parts at once."""
        rows = (
            {"revision": self._revision, "part": number, "operations": part.decode()}
            for number, part in enumerate(sealed.parts)
        )
        for some in batches(rows, size):
            yield Batch(_BODY, some, {})

    def sightings(self, sightings: Iterable[Sighting]) -> Iterator[Batch]:
        """Who saw what."""
        for some in batches(sightings, self._size):
            yield Batch(_SEE, sighting_rows(some), self._values, "sightings", len(some))

    def _changed_items(self) -> Iterator[Batch]:
        """Set former states aside. Keys that go are given up first, so that others may take them."""
        groups: defaultdict[tuple[str, str, bool], list[Item]] = defaultdict(list)
        for uid in sorted(self._staged.items.keys() & self._before.items.keys()):
            was, now = self._before.items[uid], self._staged.items[uid]
            groups[was.class_name, now.class_name, was.key != now.key].append(now)
        find = "UNWIND $rows AS row MATCH (n:Item {uid: row.uid})"
        renamed = chain.from_iterable(items for (*_, moves), items in groups.items() if moves)
        yield from self._batches(f"{find} {_SET_ASIDE} REMOVE n.key", ({"uid": one.uid} for one in renamed))
        for (was_class, class_name, moves), items in groups.items():
            aside = "" if moves else _SET_ASIDE
            statement = f"{find} {aside} SET n = row{relabelled(was_class, class_name)}"
            yield from self._batches(statement, self._item_rows(items), "items")

    def _new_items(self) -> Iterator[Batch]:
        groups: defaultdict[str, list[Item]] = defaultdict(list)
        for uid in sorted(self._staged.items.keys() - self._before.items.keys()):
            groups[self._staged.items[uid].class_name].append(self._staged.items[uid])
        for class_name, items in groups.items():
            labels = ":".join(dict.fromkeys((ITEM, label_of(class_name))))
            statement = f"UNWIND $rows AS row CREATE (n:{labels}) SET n = row"
            yield from self._batches(statement, self._item_rows(items), "items")

    def _relations(self) -> Iterator[Batch]:
        groups: defaultdict[str, list[RelationId]] = defaultdict(list)
        for one in sorted(self._staged.relations):
            groups[one.type].append(one)
        for name, ids in groups.items():
            yield from self._changed_relations(name, [one for one in ids if one in self._before.relations])
            yield from self._new_relations(name, [one for one in ids if one not in self._before.relations])

    def _changed_relations(self, name: str, ids: Sequence[RelationId]) -> Iterator[Batch]:
        find = (
            f"UNWIND $rows AS row MATCH (s)-[n:{type_of(name)} {{uid: row.uid}}]->(t) {_SET_RELATION_ASIDE}"
        )
        staged = self._staged.relations
        gone = ({"uid": uid_of(one)} for one in ids if staged[one] is None)
        yield from self._batches(f"{find} DELETE n", gone, type=name)
        kept = (relation for relation in map(staged.__getitem__, ids) if relation is not None)
        rows = (relation_row(relation, self._revision) for relation in kept)
        yield from self._batches(f"{find} SET n = row", rows, "relations", type=name)

    def _new_relations(self, name: str, ids: Sequence[RelationId]) -> Iterator[Batch]:
        statement = (
            "UNWIND $rows AS row UNWIND row.each AS one MATCH (s:Item {uid: one[1]}), (t:Item {uid: one[2]})"
            f" CREATE (s)-[n:{type_of(name)} {{uid: one[0]}}]->(t) SET n += row.alike"
        )
        found = (
            relation for relation in map(self._staged.relations.__getitem__, ids) if relation is not None
        )
        for some in batches(found, self._size):
            rows = relation_rows(some, self._revision)
            yield Batch(statement, rows, self._values, "relations", len(some))

    def _steps(self) -> Iterator[Batch]:
        steps = self._staged.steps
        yield from self._batches(_END_STEPS, sorted(map(place_of, steps)))
        new = [step_row(place, step, self._revision) for place, step in steps.items() if step is not None]
        yield from self._batches(_ADD_STEPS, sorted(new, key=lambda row: str(row["_place"])))

    def _item_rows(self, items: Iterable[Item]) -> Iterator[Mapping[str, object]]:
        return (item_row(item, self._revision) for item in items)

    def _batches(
        self, statement: str, rows: Iterable[Any], told: str = "", **values: object
    ) -> Iterator[Batch]:
        for some in batches(rows, self._size):
            yield Batch(statement, some, {**self._values, **values}, told, len(some))


class Told:
    """Counts what is written, for whoever follows the progress."""

    def __init__(self, staged: Staged, sightings: int, progress: Progress) -> None:
        relations = sum(relation is not None for relation in staged.relations.values())
        self._totals = {"items": len(staged.items), "relations": relations, "sightings": sightings}
        self._done = dict.fromkeys(self._totals, 0)
        self._progress = progress

    def tell(self, batch: Batch) -> None:
        """Count a batch that is written."""
        if batch.told:
            self._done[batch.told] += batch.number
            self._progress(batch.told, self._done[batch.told], self._totals[batch.told])


def see(sightings: Iterable[Sighting], cypher: Cypher, revision: int) -> None:
    """Record which source saw what, as of a revision."""
    cypher.do(_SEE, rows=sighting_rows(sightings), revision=revision)
