"""How items and relations come from the server: many at once, and what they have in common only once.

The driver takes as long for each value it is sent as for most of the rest, and what one import wrote differs
in little: relations in nothing but their ends. So a statement's rows are a list of names and, grouped by what
is alike, the values behind these names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from sys import intern
from typing import Any, Generic, NamedTuple, TypeVar

import orjson

from cmdb.model import Item, Provenance, Relation
from cmdb.stores.neo4j.rows import SPARED, UID, relation_id

T = TypeVar("T")

Columns = Iterable[Sequence[Any]]
"""Rows of names, and of groups: what is alike, and what each has of its own."""

_ITEMS = """
WITH properties(n) AS p
WITH p, [one IN keys(p) WHERE NOT one IN ['class', '_version', '_since', '_until', '_provenance']] AS names,
 [p.class, p._version, p._since, p._until, p._provenance] AS alike
"""
_RELATIONS = """
WITH properties(n) AS p
WITH p, coalesce(p.uid, '') AS uid,
 [one IN keys(p) WHERE NOT one IN ['uid', '_type', '_source', '_target']] AS names
WITH uid, names, [one IN names | p[one]] AS alike
"""
_CORE = frozenset({"uid", "key", "name"})
_OWN = frozenset({"_version", "_since", "_provenance"})


class Held(NamedTuple, Generic[T]):
    """An item or relation as it was from one revision on, and up to another if it ended."""

    what: T
    since: int
    until: int | None


class Shape(NamedTuple, Generic[T]):
    """How nodes or relationships `n` of a statement are returned and read.

    Attributes
    ----------
    grouped
        The statement's end; all of it is put together on the server before the first row comes.
    one_by_one
        The same, each in a row of its own as it is found.
    uids
        One for each that was found; empty for what somebody removed before its properties could be read.
    """

    grouped: str
    one_by_one: str
    read: Callable[[Columns], Iterator[Held[T]]]
    uids: Callable[[Columns], Iterator[str]]


def _items_of(columns: Columns) -> Iterator[Held[Item]]:
    for names, groups in columns:
        at = {name: place for place, name in enumerate(names)}
        if not _CORE.issubset(at):
            continue  # somebody just takes the key away; what was there before stands among what lies aside
        uid, key, name, own = at["uid"], at["key"], at["name"], _attributes(at, _CORE)
        for (class_name, version, since, until, origins), rows in groups:
            provenance = _provenance(origins)
            for row in rows:
                attributes = {one: row[place] for one, place in own}
                item = Item(
                    intern(row[uid]), row[key], class_name, row[name], attributes, version, provenance
                )
                yield Held(item, since, until)


def _relations_of(columns: Columns) -> Iterator[Held[Relation]]:
    for names, groups in columns:
        at = {name: place for place, name in enumerate(names)}
        if not _OWN.issubset(at):
            continue  # somebody just removes it; likewise
        version, since, origins, until = (
            at.get(one) for one in ("_version", "_since", "_provenance", "_until")
        )
        own = _attributes(at, frozenset())
        for alike, uids in groups:
            attributes = {one: alike[place] for one, place in own}
            provenance = _provenance(alike[origins])
            held = alike[since], None if until is None else alike[until]
            for uid in uids:
                yield Held(Relation(relation_id(uid), attributes, alike[version], provenance), *held)


def _item_uids(columns: Columns) -> Iterator[str]:
    for names, groups in columns:
        place = names.index("uid") if "uid" in names else None
        yield from ("" if place is None else row[place] for _, rows in groups for row in rows)


def _relation_uids(columns: Columns) -> Iterator[str]:
    return (uid for _, groups in columns for _, uids in groups for uid in uids)


def _attributes(at: Mapping[str, int], core: frozenset[str]) -> list[tuple[str, int]]:
    """The attributes in order of their names, and where their values stand."""
    named = {UID if name == SPARED else name: place for name, place in at.items() if name not in core}
    return sorted((name, place) for name, place in named.items() if not name.startswith("_"))


@lru_cache(maxsize=10_000)
def _provenance(text: str) -> Mapping[str, Provenance]:
    """Where values come from: what an import creates shares a few of these."""
    return {field: Provenance(*origin) for field, origin in orjson.loads(text).items()}


ITEMS = Shape(
    _ITEMS
    + "WITH names, alike, collect([one IN names | p[one]]) AS rows RETURN names, collect([alike, rows])",
    _ITEMS + "RETURN names, [[alike, [[one IN names | p[one]]]]]",
    _items_of,
    _item_uids,
)
RELATIONS = Shape(
    _RELATIONS + "WITH names, alike, collect(uid) AS uids RETURN names, collect([alike, uids])",
    _RELATIONS + "RETURN names, [[alike, [uid]]]",
    _relations_of,
    _relation_uids,
)
