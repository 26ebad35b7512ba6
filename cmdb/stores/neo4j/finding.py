"""Reading what staging needs: what is there now of all that a transaction touches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from cmdb.model import RelationId
from cmdb.progress import telling
from cmdb.stores.base import Progress
from cmdb.stores.neo4j.columns import ITEMS, RELATIONS
from cmdb.stores.neo4j.connection import Cypher
from cmdb.stores.neo4j.names import type_of
from cmdb.stores.neo4j.rows import place_of, step_of, uid_of
from cmdb.stores.staging import Needed, Present, batches, between_known, is_word

_ITEMS = f"UNWIND $values AS value MATCH (n:Item {{uid: value}}) {ITEMS.grouped}"
_HOLDERS = "UNWIND $values AS value MATCH (n:Item {key: value}) RETURN n.key, n.uid"
_REMOVED = """
UNWIND $values AS value MATCH (n:_PastRelation) WHERE n._type = $type AND n.uid = value AND n._since >= 0
RETURN value, max(n._version)
"""
_STEPS = """
UNWIND $values AS value MATCH (n:_Plan) WHERE n._place = value AND n._since >= 0 AND n._until IS NULL
RETURN value, n.step
"""


def find(cypher: Cypher, wanted: Needed, progress: Progress) -> Present:
    """Read what staging needs."""
    found = Present()
    items = telling(progress, "items looked up", sorted(wanted.items), len(wanted.items))
    found.items.update((one.what.uid, one.what) for one in ITEMS.read(_each(cypher, _ITEMS, items)))
    keys = telling(progress, "keys looked up", sorted(wanted.keys), len(wanted.keys))
    found.holders.update((key, uid) for key, uid in _each(cypher, _HOLDERS, keys))
    by_type = _by_type(between_known(wanted.relations, found))
    every = chain.from_iterable(map(sorted, by_type.values()))
    uids = telling(progress, "relations looked up", every, sum(map(len, by_type.values())))
    for name, ids in by_type.items():
        _add_relations(cypher, name, ids, islice(uids, len(ids)), found)
    next(uids, None)  # tells that this was the last
    places = {place_of(place): place for place in wanted.places}
    found.steps.update((places[text], step_of(step)) for text, step in _each(cypher, _STEPS, sorted(places)))
    return found


def _add_relations(
    cypher: Cypher, name: str, ids: Mapping[str, RelationId], uids: Iterable[str], found: Present
) -> None:
    statement = f"UNWIND $values AS value MATCH ()-[n:{type_of(name)} {{uid: value}}]->() {RELATIONS.grouped}"
    held = RELATIONS.read(_each(cypher, statement, uids))
    found.relations.update((one.what.id, one.what) for one in held)
    found.removed.update((ids[uid], last) for uid, last in _each(cypher, _REMOVED, sorted(ids), type=name))


def _by_type(relations: Iterable[RelationId]) -> dict[str, dict[str, RelationId]]:
    """Relations by type and uid, without those of a type that no relation can have."""
    found: defaultdict[str, dict[str, RelationId]] = defaultdict(dict)
    for one in relations:
        if is_word(one.type):
            found[one.type][uid_of(one)] = one
    return found


def _each(cypher: Cypher, statement: str, values: Iterable[str], **more: object) -> Iterator[list[Any]]:
    for some in batches(values):
        yield from cypher.rows(statement, values=some, **more)
