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
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from cmdb.errors import Unavailable
from cmdb.model import EMPTY, Graph, Item, Relation, RelationId
from cmdb.operations import Target
from cmdb.stores.base import Scan, known_revision
from cmdb.stores.neo4j.columns import ITEMS, RELATIONS, Held, Shape
from cmdb.stores.neo4j.connection import Connection, Cypher
from cmdb.stores.neo4j.head import HeadNode, present, settled
from cmdb.stores.neo4j.names import type_of
from cmdb.stores.neo4j.rows import uid_of
from cmdb.stores.staging import batches, is_word

T = TypeVar("T")

BLOCK = 5_000
"""How many nodes or relationships are read at once: collected, because a row for each takes far longer."""
WINDOW = 10_000
"""How much of a revision is read before it is made sure that nothing of it was seen half changed."""
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


def name_of(what: Item | Relation) -> Target:
    """What tells an item or a relation from all others."""
    return what.uid if isinstance(what, Item) else what.id


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


def scan(connection: Connection, revision: int | None) -> Scan:
    """Everything at a revision, the newest by default, in batches; see `Store.scan`."""

    def question(cypher: Cypher) -> tuple[int, str, list[str]]:
        head = settled(cypher)
        at = known_revision(revision, head.revision)
        return at, _time_at(cypher, head, at), sorted(head.types)

    at, time, types = connection.ask(question)
    items = _batches(connection, [EVERY_ITEM], at)
    return Scan(at, time, items, _batches(connection, list(map(relations, types)), at))


def part(connection: Connection, revision: int | None, only: Collection[Target]) -> Graph:
    """Some of the graph at a revision, the newest by default."""

    def question(cypher: Cypher, head: HeadNode) -> Graph:
        at = known_revision(revision, head.revision)
        time = _time_at(cypher, head, at)
        items: dict[str, Item] = {}
        found: dict[RelationId, Relation] = {}

        def take(*, live: bool) -> None:
            for kind, uids in _by_kind(only).items():
                held = _some(cypher, kind, uids, at, live=live)
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


class _Stretch(NamedTuple):
    """What is of one kind behind a uid and up to another; up to the end where that is empty."""

    kind: Kind
    after: str
    last: str


class _Window(NamedTuple):
    """Some blocks of a revision, and from where to go on."""

    held: list[Any]
    kinds: Sequence[Kind]
    after: str


def _batches(connection: Connection, kinds: Sequence[Kind], revision: int) -> Iterator[list[Any]]:
    """Everything of some kinds at a revision, one window after the other."""
    after = ""
    while kinds:

        def one(cypher: Cypher, _: HeadNode, kinds: Sequence[Kind] = kinds, after: str = after) -> _Window:
            return _window(cypher, kinds, after, revision)

        held, kinds, after = undisturbed(connection, one)
        if held:
            yield held


def _window(cypher: Cypher, kinds: Sequence[Kind], after: str, revision: int) -> _Window:
    """Read on from a place until there is enough; the server is always one block ahead."""
    found: dict[object, Any] = {}
    stretches = []
    coming: Iterator[list[Any]] | None = _start(cypher, kinds[0], revision, after)
    while coming is not None:
        kind, columns = kinds[0], list(coming)
        last = _last(kind, columns)
        stretches.append(_Stretch(kind, after, last))
        kinds, after = (kinds, last) if last else (kinds[1:], "")
        enough = len(found) + BLOCK >= WINDOW
        coming = None if enough or not kinds else _start(cypher, kinds[0], revision, after)
        found.update((name_of(one.what), one.what) for one in kind.shape.read(columns))
    settled(cypher)
    found.update((name_of(one.what), one.what) for one in _aside(cypher, stretches, revision))
    return _Window(list(found.values()), kinds, after)


def _start(cypher: Cypher, kind: Kind, revision: int, after: str) -> Iterator[list[Any]]:
    statement = (
        f"MATCH {kind.live} WHERE n.uid > $after AND {_AS_OF}"
        f" WITH n ORDER BY n.uid LIMIT $size {kind.shape.grouped}"
    )
    return cypher.rows(statement, after=after, revision=revision, size=BLOCK)


def _last(kind: Kind, columns: list[list[Any]]) -> str:
    uids = list(kind.shape.uids(columns))
    return max(uids) if len(uids) == BLOCK else ""


def _aside(cypher: Cypher, stretches: Sequence[_Stretch], revision: int) -> Iterator[Held[Any]]:
    """What of some stretches of items, or else of relations, was there at a revision and lies aside."""
    kind = stretches[0].kind
    pattern = "(n:_PastRelation {_type: row.type})" if kind.name else kind.aside
    for end in ("", " AND n.uid <= row.last"):
        rows = [
            {"type": one.kind.name, "after": one.after, "last": one.last}
            for one in stretches
            if bool(one.last) is bool(end)
        ]
        found = f"UNWIND $rows AS row MATCH {pattern} WHERE n.uid > row.after{end} AND {_ASIDE}"
        if rows:
            statement = f"{found} {kind.shape.one_by_one}"
            yield from kind.shape.read(cypher.rows(statement, rows=rows, revision=revision))


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


def _time_at(cypher: Cypher, head: HeadNode, revision: int) -> str:
    if revision == head.revision:
        return head.time
    if not revision:
        return EMPTY.time
    (time,) = cypher.one("MATCH (c:_Commit {revision: $revision}) RETURN c.time", revision=revision)
    return str(time)
