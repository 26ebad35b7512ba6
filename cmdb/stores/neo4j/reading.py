"""Reading the graph as of a revision, though Neo4j shows every statement whatever is there by then.

First it is settled which revision is meant: every trace of it can be read. Then what is there now is read.
What is newer than the revision is left out, and what was changed meanwhile may even be read half old, half
new; but whoever changes something sets what it was before aside, in the same transaction. So once all
transactions that may have been seen in part are through (`settled`, again), what lies aside is read, and it
overrides. Only while a half-done commit is undone, something that was needed may be thrown away in between;
the head counts that, and all is read again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from cmdb.errors import Unavailable
from cmdb.model import EMPTY, Graph, Item, Relation, RelationId
from cmdb.operations import Target
from cmdb.stores.base import known_revision
from cmdb.stores.neo4j.columns import ITEMS, RELATIONS, Held, Shape
from cmdb.stores.neo4j.connection import Connection, Cypher
from cmdb.stores.neo4j.head import HeadNode, present, settled
from cmdb.stores.neo4j.names import type_of
from cmdb.stores.neo4j.rows import uid_of
from cmdb.stores.staging import batches, is_word

T = TypeVar("T")

BLOCK = 5_000
"""How many nodes or relationships are read at once: collected, because a row for each takes far longer."""
TRIES = 5

_AS_OF = "n._since <= $revision"
_ASIDE = "n._until > $revision AND n._since <= $revision"


class Kind(NamedTuple):
    """Where the states of items, or of the relations of one type, are found, and how they are read.

    Attributes
    ----------
    live, aside
        Patterns of what is there now and of what lies aside, as `n`.
    one
        The pattern of the one whose uid is `value`.
    name
        The name of the relation type, empty for items.
    """

    live: str
    aside: str
    one: str
    shape: Shape[Any]
    name: str = ""


EVERY_ITEM = Kind("(n:Item)", "(n:_PastItem)", "(n:Item {uid: value})", ITEMS)


def relations(name: str) -> Kind:
    """The relations of a type."""
    of_type = type_of(name)
    one = f"()-[n:{of_type} {{uid: value}}]->()"
    return Kind(f"()-[n:{of_type}]->()", "(n:_PastRelation {_type: $type})", one, RELATIONS, name)


def undisturbed(connection: Connection, question: Callable[[Cypher, HeadNode], T]) -> T:
    """Ask what is answered from what is there now and from what lies aside, given the settled head.

    Raises
    ------
    Unavailable
        If things are thrown away again and again meanwhile.
    """

    def once(cypher: Cypher) -> tuple[T, bool]:
        head = settled(cypher)
        answer = question(cypher, head)
        return answer, present(cypher).restores == head.restores

    for _ in range(TRIES):
        answer, whole = connection.ask(once)
        if whole:
            return answer
    raise Unavailable("Half-done imports are being undone. Try again when that is over.")


def graph(connection: Connection, revision: int | None, only: Collection[Target] | None) -> Graph:
    """The graph at a revision, the newest by default; with `only`, no more than those of it."""

    def question(cypher: Cypher, head: HeadNode) -> Graph:
        at = known_revision(revision, head.revision)
        time = head.time if at == head.revision else _time_of(cypher, at)
        items: dict[str, Item] = {}
        found: dict[RelationId, Relation] = {}

        def take(*, live: bool) -> None:
            for kind, held in _states(cypher, head, at, only, live=live):
                if kind is EVERY_ITEM:
                    items.update((one.what.uid, one.what) for one in held)
                else:
                    found.update((one.what.id, one.what) for one in held)

        take(live=True)
        settled(cypher)
        take(live=False)
        return Graph(at, time, items, found)

    return undisturbed(connection, question)


def block(cypher: Cypher, kind: Kind, revision: int, after: str) -> tuple[str, list[Held[Any]]]:
    """What is there now behind a uid and was there at a revision, no more than one block of it.

    Returns
    -------
    last
        The last uid of the block; empty where no other block follows.
    held
        What is there of it.
    """
    columns = list(_start(cypher, kind, revision, after))
    return _last(kind, columns), list(kind.shape.read(columns))


def _blocks(cypher: Cypher, kind: Kind, revision: int) -> Iterator[Iterator[Held[Any]]]:
    """All that is there now and was there at a revision; the server is always one block ahead."""
    columns = list(_start(cypher, kind, revision, ""))
    while last := _last(kind, columns):
        coming = _start(cypher, kind, revision, last)
        yield kind.shape.read(columns)
        columns = list(coming)
    yield kind.shape.read(columns)


def _start(cypher: Cypher, kind: Kind, revision: int, after: str) -> Iterator[list[Any]]:
    statement = (
        f"MATCH {kind.live} WHERE n.uid > $after AND {_AS_OF}"
        f" WITH n ORDER BY n.uid LIMIT $size {kind.shape.grouped}"
    )
    return cypher.rows(statement, after=after, revision=revision, size=BLOCK)


def _last(kind: Kind, columns: list[list[Any]]) -> str:
    uids = list(kind.shape.uids(columns))
    return max(uids) if len(uids) == BLOCK else ""


def _states(
    cypher: Cypher, head: HeadNode, revision: int, only: Collection[Target] | None, *, live: bool
) -> Iterator[tuple[Kind, Iterable[Held[Any]]]]:
    """By kind, what is there now and was there at a revision; or else what was, and lies aside."""
    if only is not None:
        for kind, uids in _by_kind(only).items():
            yield kind, _some(cypher, kind, uids, revision, live=live)
    elif live:
        for kind in (EVERY_ITEM, *map(relations, sorted(head.types))):
            for held in _blocks(cypher, kind, revision):
                yield kind, held
    else:
        for kind, label in ((EVERY_ITEM, "_PastItem"), (_EVERY_RELATION, "_PastRelation")):
            found = f"MATCH (n:{label}) USING INDEX n:{label}(_until, uid) WHERE {_ASIDE} AND n.uid > ''"
            yield kind, kind.shape.read(cypher.rows(f"{found} {kind.shape.one_by_one}", revision=revision))


_EVERY_RELATION = Kind("()-[n]->()", "(n:_PastRelation)", "()-[n {uid: value}]->()", RELATIONS)


def _some(
    cypher: Cypher, kind: Kind, uids: Iterable[str], revision: int, *, live: bool
) -> Iterator[Held[Any]]:
    pattern = f"{kind.one} WHERE {_AS_OF}" if live else f"{kind.aside} WHERE n.uid = value AND {_ASIDE}"
    statement = f"UNWIND $values AS value MATCH {pattern} {kind.shape.grouped}"
    for some in batches(uids):
        values: Mapping[str, object] = {"values": some, "revision": revision, "type": kind.name}
        yield from kind.shape.read(cypher.rows(statement, **values))


def _by_kind(targets: Iterable[Target]) -> dict[Kind, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in targets:
        if isinstance(one, str):
            found[""].append(one)
        elif is_word(one.type):
            found[one.type].append(uid_of(one))
    return {relations(name) if name else EVERY_ITEM: sorted(uids) for name, uids in found.items()}


def _time_of(cypher: Cypher, revision: int) -> str:
    if not revision:
        return EMPTY.time
    (time,) = cypher.one("MATCH (c:_Commit {revision: $revision}) RETURN c.time", revision=revision)
    return str(time)
