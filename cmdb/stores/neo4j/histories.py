"""What was when: every state that anything ever had, of one thing or of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from cmdb.model import Commit
from cmdb.operations import Plan
from cmdb.stores.base import ItemVersion, Planned, RelationVersion, State, known_revision
from cmdb.stores.neo4j.columns import ITEMS, RELATIONS, Held, Shape
from cmdb.stores.neo4j.connection import Connection, Cypher
from cmdb.stores.neo4j.head import HeadNode, settled
from cmdb.stores.neo4j.reading import EVERY_ITEM, Kind, block, name_of, relations, undisturbed
from cmdb.stores.neo4j.rows import logged_of, step_of

_SO_FAR = "n._since <= $revision"


class _Search(NamedTuple):
    """How to find some states: patterns for what is there now and for what lies aside."""

    live: str
    aside: str
    shape: Shape[Any]


_OF_ITEM = _Search("(n:Item {uid: $value}) WHERE", "(n:_PastItem {uid: $value}) WHERE", ITEMS)
_OF_KEY = _Search("(n:Item {key: $value}) WHERE", "(n:_PastItem {key: $value}) WHERE", ITEMS)
_AT_ITEM = _Search(
    "(:Item {uid: $value})-[n]-() WHERE",
    "(n:_PastRelation) WHERE (n._source = $value OR n._target = $value) AND",
    RELATIONS,
)
_COMMITS = "UNWIND $revisions AS revision MATCH (n:_Commit {revision: revision}) RETURN properties(n)"
_PLAN = """
MATCH (n:_Plan {owner: $owner}) WHERE n._since <= $revision AND (n._until IS NULL OR n._until > $revision)
RETURN n.step ORDER BY n.target
"""
_PLANS = """
MATCH (n:_Plan) WHERE n._since <= $revision
RETURN n.owner, n.step, n._since, CASE WHEN n._until <= $revision THEN n._until END
"""


def item_history(connection: Connection, uid: str) -> list[ItemVersion]:
    """Every version of an item, oldest first."""

    def question(cypher: Cypher, head: HeadNode) -> list[ItemVersion]:
        found = _found(cypher, head, _OF_ITEM, uid)
        commits = _commits(cypher, (one.since for one in found))
        return [ItemVersion(commits[one.since], one.what) for one in found]

    return undisturbed(connection, question)


def relation_history(connection: Connection, uid: str) -> list[RelationVersion]:
    """Every version and removal of the relations at either end of an item, oldest first."""

    def question(cypher: Cypher, head: HeadNode) -> list[RelationVersion]:
        found = _found(cypher, head, _AT_ITEM, uid)
        began = {(one.what.id, one.since) for one in found}
        events = [(one.since, one.what, False) for one in found] + [
            (one.until, one.what, True)
            for one in found
            if one.until is not None and (one.what.id, one.until) not in began
        ]
        commits = _commits(cypher, (revision for revision, _, _ in events))
        return [RelationVersion(commits[revision], what, removed) for revision, what, removed in events]

    told = undisturbed(connection, question)
    return sorted(told, key=lambda one: (one.commit.revision, one.relation.id))


def holders(connection: Connection, key: str) -> list[tuple[int, str]]:
    """Who had this key, and from which revision on; see `Store.holders`."""
    found = undisturbed(connection, lambda cypher, head: _found(cypher, head, _OF_KEY, key))
    rows = [(one.since, one.what.uid) for one in found]
    return [next(same) for _, same in groupby(rows, key=itemgetter(1))]


def plan(connection: Connection, owner: str, revision: int | None) -> Plan:
    """The steps of one plan as of a revision."""

    def question(cypher: Cypher) -> list[str]:
        at = known_revision(revision, settled(cypher).revision)
        return [step for (step,) in cypher.rows(_PLAN, owner=owner, revision=at)]

    steps = map(step_of, connection.ask(question))
    return {step.target: step for step in steps}


def states(connection: Connection) -> Iterator[State]:
    """Every state that anything ever had."""
    head = connection.ask(settled)
    for kind in (EVERY_ITEM, *map(relations, sorted(head.types))):
        yield from _states(connection, kind, head.revision)
    plans = connection.ask(lambda cypher: list(cypher.rows(_PLANS, revision=head.revision)))
    for owner, step, since, until in plans:
        yield State(Planned(owner, step_of(step)), since, until)


def _states(connection: Connection, kind: Kind, revision: int) -> Iterator[State]:
    """All states of a kind, by as many of what is there now as one block holds."""
    after, more = "", True
    while more:

        def one(cypher: Cypher, _: HeadNode, after: str = after) -> tuple[str, list[Held[Any]]]:
            last, live = block(cypher, kind, revision, after)
            settled(cypher)
            return last, _merged(revision, live, _aside(cypher, kind, revision, after, last))

        after, found = undisturbed(connection, one)
        yield from (State(*held) for held in found)
        more = bool(after)


def _aside(cypher: Cypher, kind: Kind, revision: int, after: str, last: str) -> Iterator[Held[Any]]:
    until = " AND n.uid <= $last" if last else ""
    statement = f"MATCH {kind.aside} WHERE n.uid > $after{until} AND {_SO_FAR} {kind.shape.one_by_one}"
    return kind.shape.read(cypher.rows(statement, type=kind.name, after=after, last=last, revision=revision))


def _found(cypher: Cypher, head: HeadNode, search: _Search, value: str) -> list[Held[Any]]:
    """The states that a search finds, oldest first."""

    def of(pattern: str) -> Iterator[Held[Any]]:
        statement = f"MATCH {pattern} {_SO_FAR} {search.shape.one_by_one}"
        return search.shape.read(cypher.rows(statement, value=value, revision=head.revision))

    live = list(of(search.live))
    settled(cypher)
    return _merged(head.revision, live, of(search.aside))


def _merged(revision: int, live: Iterable[Held[Any]], aside: Iterable[Held[Any]]) -> list[Held[Any]]:
    """Each state of a revision and before once, as it lies aside where it does; oldest first."""
    found: dict[tuple[object, int], Held[Any]] = {}
    for held in (*live, *aside):
        holds = held.until is None or held.until > revision
        found[name_of(held.what), held.since] = held._replace(until=None) if holds else held
    return sorted((one for one in found.values() if one.since <= revision), key=attrgetter("since"))


def _commits(cypher: Cypher, revisions: Iterable[int]) -> dict[int, Commit]:
    rows = cypher.rows(_COMMITS, revisions=sorted(set(revisions)))
    logged = (logged_of(row).commit for (row,) in rows)
    return {commit.revision: commit for commit in logged}
