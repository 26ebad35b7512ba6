"""What a store keeps beside the graph: the log, the answers to requests, and who saw what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import orjson

from cmdb.model import Identity, Sighting
from cmdb.operations import Target
from cmdb.stores.base import Answered, Logged, SourceTotal, check_same, check_span
from cmdb.stores.bodies import targets_of
from cmdb.stores.neo4j.connection import Cypher
from cmdb.stores.neo4j.head import settled
from cmdb.stores.neo4j.rows import logged_of, sighting_id
from cmdb.stores.staging import batches

BLOCK = 5_000
"""How many rows are read at once."""

_LOG = """
MATCH (n:_Commit) WHERE n.revision > $after AND n.revision <= $newest
RETURN properties(n) ORDER BY n.revision LIMIT $most
"""
_BODY = "MATCH (n:_Body) WHERE n.revision = $revision AND n.part >= 0 RETURN n.operations ORDER BY n.part"
_BODIES = """
MATCH (n:_Body) WHERE n.revision > $after AND n.revision <= $upto AND n.part >= 0 RETURN n.operations
"""
_REVISION_AT = """
MATCH (n:_Commit) WHERE n.revision <= $newest AND n.time <= $time
RETURN n.revision ORDER BY n.revision DESC LIMIT 1
"""
_KNOWN = """
OPTIONAL MATCH (c:_Commit {id: $id}) OPTIONAL MATCH (a:_Answered {id: $id})
RETURN properties(c), properties(a)
"""
_ANSWERED = "MATCH (n:_Answered) RETURN n.id, n.request_hash, n.result"

# What a large commit saw that is not there yet shows as it was before, or not at all.
_SEEN = """
WITH n, CASE WHEN n._since > $revision THEN n._uid ELSE n.uid END AS uid,
 CASE WHEN n._since > $revision THEN n._time ELSE n.time END AS time
"""
_ROW = "[n.id, n.source, n.class, n.source_id, uid, time]"
_ALL_SEEN = (
    f"MATCH (n:_Sighting) WHERE n.id > $after WITH n ORDER BY n.id LIMIT $size {_SEEN} RETURN collect({_ROW})"
)
_SEEN_OF = f"""
MATCH (n:_Sighting) USING INDEX n:_Sighting(uid) USING INDEX n:_Sighting(_uid)
WHERE n.uid = $uid OR n._uid = $uid {_SEEN} WHERE uid = $uid RETURN {_ROW}
"""
_SEEN_AS = f"UNWIND $ids AS id MATCH (n:_Sighting {{id: id}}) {_SEEN} WHERE uid IS NOT NULL RETURN {_ROW}"
_SOURCES = f"""
MATCH (n:_Sighting) {_SEEN} WHERE uid IS NOT NULL
WITH n.source AS source, uid CONTAINS '>' AS is_relation, time
RETURN source, count(CASE WHEN NOT is_relation THEN 1 END), count(CASE WHEN is_relation THEN 1 END), max(time)
"""


def log(cypher: Cypher, after: int, most: int | None) -> list[Logged]:
    """The commits later than a revision, oldest first; see `Store.log`."""
    newest = settled(cypher).revision
    limit = newest if most is None else most
    return [logged_of(row) for (row,) in cypher.rows(_LOG, after=after, newest=newest, most=limit)]


def body(cypher: Cypher, revision: int) -> list[bytes]:
    """What a commit did, in parts."""
    if revision > settled(cypher).revision:
        return []
    return [part.encode() for (part,) in cypher.rows(_BODY, revision=revision)]


def touched(cypher: Cypher, after: int, upto: int) -> set[Target]:
    """What changed between two revisions; see `Store.touched`."""
    check_span(after, upto, settled(cypher).revision)
    return targets_of(part.encode() for (part,) in cypher.rows(_BODIES, after=after, upto=upto))


def revision_at(cypher: Cypher, time: str) -> int:
    """The newest revision of a time or earlier; 0 if there is none."""
    rows = cypher.rows(_REVISION_AT, newest=settled(cypher).revision, time=time)
    return next((int(revision) for (revision,) in rows), 0)


def recall(cypher: Cypher, request_id: str, request_hash: str) -> Mapping[str, Any] | None:
    """The result remembered under this id; see `Store.recall`."""
    settled(cypher)
    commit, answer = cypher.one(_KNOWN, id=request_id)
    known = commit or answer
    if known is None:
        return None
    check_same(request_id, known["request_hash"], request_hash)
    result: dict[str, Any] = orjson.loads(known["result"])
    return result | ({"revision": commit["revision"]} if commit else {})


def answered(cypher: Cypher) -> list[Answered]:
    """The requests that were answered without a commit, in order of their ids."""
    settled(cypher)
    rows = (Answered(one, hashed, orjson.loads(result)) for one, hashed, result in cypher.rows(_ANSWERED))
    return sorted(rows, key=lambda one: one.id)


def identities(cypher: Cypher, only: Collection[Identity] | None) -> dict[Identity, str]:
    """The uid behind the names sources have used; see `Store.identities`."""
    if only is None:
        return {one.identity: one.uid for one in _all_seen(cypher)}
    revision, found = settled(cypher).revision, {}
    for ids in batches(sorted(map(sighting_id, only))):
        for row in cypher.rows(_SEEN_AS, ids=ids, revision=revision):
            one = _sighting_of(row[0])
            found[one.identity] = one.uid
    return found


def sightings(cypher: Cypher, uid: str | None) -> list[Sighting]:
    """Who last saw what and when; see `Store.sightings`."""
    if uid is None:
        return sorted(_all_seen(cypher))
    rows = cypher.rows(_SEEN_OF, uid=uid, revision=settled(cypher).revision)
    return sorted(_sighting_of(row) for (row,) in rows)


def sources(cypher: Cypher) -> list[SourceTotal]:
    """Every source with what it saw, in order of their names."""
    rows = cypher.rows(_SOURCES, revision=settled(cypher).revision)
    return sorted(SourceTotal(*row) for row in rows)


def last_seen(cypher: Cypher, since: str) -> list[tuple[str, str]]:
    """When sources last saw relations; see `Store.last_seen`."""
    return [(one.uid, one.time) for one in _all_seen(cypher) if one.time >= since and ">" in one.uid]


def _all_seen(cypher: Cypher) -> Iterator[Sighting]:
    revision, after = settled(cypher).revision, ""
    more = True
    while more:
        (rows,) = cypher.one(_ALL_SEEN, after=after, revision=revision, size=BLOCK)
        more = len(rows) == BLOCK
        after = max((row[0] for row in rows), default="")
        yield from (_sighting_of(row) for row in rows if row[4] is not None)


def _sighting_of(row: list[Any]) -> Sighting:
    _, source, class_name, source_id, uid, time = row
    return Sighting(Identity(source, class_name, source_id), uid, time)
