"""What was when: every state that anything ever had, of one thing or of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from cmdb.model import Commit, Item, Relation
from cmdb.operations import Plan
from cmdb.stores.base import ItemVersion, Planned, RelationVersion, State, known_revision
from cmdb.stores.neo4j.connection import Connection, Cypher
from cmdb.stores.neo4j.head import HeadNode, settled
from cmdb.stores.neo4j.reading import ITEMS, Kind, blocks, relations, undisturbed
from cmdb.stores.neo4j.rows import COLUMNS, Columns, Held, items_of, logged_of, relations_of, step_of



class _Search(NamedTuple):
    """How to find some states: statements for what is there now and for what lies aside, but for their ends."""

    live: str
    aside: str
    shape: Shape[Any]


_OF_ITEM = _Search(
    f"MATCH (n:Item {{uid: $value}})",
    f"MATCH (n:_PastItem {{uid: $value}})",
    items_of,
)
_OF_KEY = _Search(
    f"MATCH (n:Item {{key: $value}})",
    f"MATCH (n:_PastItem {{key: $value}})",
    items_of,
)
_AT_ITEM = _Search(
    f"MATCH (:Item {{uid: $value}})-[n]-()",
    f"MATCH (n:_PastRelation) WHERE (n._source = $value OR n._target = $value)",
    relations_of,
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
    for kind in (ITEMS, *map(relations, sorted(head.types))):
        yield from _states(connection, kind, head.revision)
    plans = connection.ask(lambda cypher: list(cypher.rows(_PLANS, revision=head.revision)))
    for owner, step, since, until in plans:
        yield State(Planned(owner, step_of(step)), since, until)


def _states(connection: Connection, kind: Kind, revision: int) -> Iterator[State]:
    """All states of a kind, by as many of what is there now as one block holds."""
    after, more = "", True
    while more:

        def block(cypher: Cypher, _: HeadNode, after: str = after) -> tuple[str, list[Held[Any]]]:
            last, live = next(blocks(cypher, kind, revision, after))
            settled(cypher)
            return last, _merged(revision, live, _aside(cypher, kind, revision, after, last))

        after, found = undisturbed(connection, block)
        yield from (State(*held) for held in found)
        more = bool(after)


def _aside(cypher: Cypher, kind: Kind, revision: int, after: str, last: str) -> Iterator[Held[Any]]:
    until = " AND n.uid <= $last" if last else ""
    statement = f"MATCH {kind.aside} WHERE n.uid > $after{until}"
    columns = cypher.rows(statement, type=kind.name, after=after, last=last, revision=revision)
    return kind.read(columns)


def _found(cypher: Cypher, head: HeadNode, search: _Search, value: str) -> list[Held[Any]]:
    """The states that a search finds, oldest first."""
    live = list(search.read(cypher.rows(search.live, value=value, revision=head.revision)))
    settled(cypher)
    aside = search.read(cypher.rows(search.aside, value=value, revision=head.revision))
    return _merged(head.revision, live, aside)


def _merged(revision: int, live: Iterable[Held[Any]], aside: Iterable[Held[Any]]) -> list[Held[Any]]:
    """Each state once, as it lies aside where it does; oldest first."""
    found: dict[tuple[object, int], Held[Any]] = {}
    for held in (*live, *aside):
        holds = held.until is None or held.until > revision
        found[_name(held.what), held.since] = held._replace(until=None) if holds else held
    return sorted(found.values(), key=attrgetter("since"))


def _name(what: Item | Relation) -> object:
    return what.uid if isinstance(what, Item) else what.id


def _commits(cypher: Cypher, revisions: Iterable[int]) -> dict[int, Commit]:
    rows = cypher.rows(_COMMITS, revisions=sorted(set(revisions)))
    logged = (logged_of(row).commit for (row,) in rows)
    return {commit.revision: commit for commit in logged}
