"""The head: which revision is the newest, and who writes.

Whoever writes takes a turn first: a lock on the node `:_Lock`, held to the end of the transaction. The node
`:_Head` is the last that a transaction writes. So locking it for a moment waits for no more than the end of
a commit, and tells a revision of which every trace can be read: Neo4j shows a commit piece by piece while it
is entered, and lets go of its locks when all of it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from cmdb.model import EMPTY
from cmdb.stores.base import Head
from cmdb.stores.neo4j.connection import Cypher

_TURN = """
MATCH (l:_Lock {id: 1}) SET l.locked = true WITH l
MATCH (h:_Head {id: 1}) OPTIONAL MATCH (c:_Commit {id: $id}) OPTIONAL MATCH (a:_Answered {id: $id})
RETURN properties(h), timestamp(), properties(c), properties(a)
"""
_SETTLED = "MATCH (h:_Head {id: 1}) SET h.locked = true RETURN properties(h), timestamp()"
_PRESENT = "MATCH (h:_Head {id: 1}) RETURN properties(h), timestamp()"
_MARK = "MATCH (h:_Head {id: 1}) SET h.pending = $pending"
_HEAD = """
MATCH (h:_Head {id: 1}) OPTIONAL MATCH (c:_Commit {revision: h.revision}) RETURN h.revision, c.time, h.reports
"""
_REPORT = "MATCH (h:_Head {id: 1}) SET h.reports = h.reports + 1"


class Pending(NamedTuple):
    """A large commit that is being written in several transactions.

    Attributes
    ----------
    revision
        What it will be.
    writer
        Whose it is; see `cmdb.stores.neo4j.leases`.
    until
        The instant up to which its writer counts as alive unless it is heard of, by the server's clock.
    chunk
        The last transaction of it that is there.
    """

    revision: int
    writer: str
    until: int
    chunk: int


@dataclass(frozen=True)
class HeadNode:
    """What the head says.

    Attributes
    ----------
    hash
        Of the newest commit; empty where there is none.
    types
        The relation types that have a place on the server.
    restores
        How often what a half-done commit had set aside was thrown away.
    reports
        How often sightings were recorded.
    now
        The server's clock, in milliseconds.
    """

    revision: int
    time: str
    hash: str
    types: frozenset[str]
    restores: int
    reports: int
    pending: Pending | None
    now: int


class Turn(NamedTuple):
    """What a writer finds when it is its turn: the head, and what is known of the request's id."""

    head: HeadNode
    commit: dict[str, Any] | None
    answered: dict[str, Any] | None


def take_turn(cypher: Cypher, request_id: str = "") -> Turn:
    """Wait until nobody else writes, and keep it so to the end of the transaction."""
    head, now, commit, answered = cypher.one(_TURN, id=request_id)
    return Turn(_head_of(head, now), commit, answered)


def settled(cypher: Cypher) -> HeadNode:
    """The head, once everything that can be seen of any commit can be seen as a whole."""
    return _head_of(*cypher.one(_SETTLED))


def present(cypher: Cypher) -> HeadNode:
    """The head as it shows just now; while a commit is entered, some of it may be older than the rest."""
    return _head_of(*cypher.one(_PRESENT))


def newest(cypher: Cypher) -> Head:
    """The newest revision and its time, without waiting for anybody unless it is just being entered."""
    revision, time, reports = cypher.one(_HEAD)
    if revision and time is None:
        head = settled(cypher)
        return Head(head.revision, head.time, head.reports)
    return Head(revision, time if revision else EMPTY.time, reports)


def report(cypher: Cypher) -> None:
    """Note on the head that sources have seen something, and wait for the end of any commit."""
    cypher.do(_REPORT)


def mark(cypher: Cypher, pending: Pending) -> None:
    """Say on the head that a large commit is being written: in one property, which is never seen in part."""
    cypher.do(_MARK, pending=orjson.dumps([*pending]).decode())


def unmark(cypher: Cypher) -> None:
    """Say on the head that no large commit is being written."""
    cypher.do(_MARK, pending=None)


def _head_of(row: dict[str, Any], now: int) -> HeadNode:
    pending = Pending(*orjson.loads(row["pending"])) if "pending" in row else None
    types = frozenset(row["types"])
    counts = row["restores"], row["reports"]
    return HeadNode(row["revision"], row["time"], row["hash"], types, *counts, pending, now)
