"""A next picture's relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from impact.arrays.marks import marked
from impact.arrays.names import found_again, names_of
from impact.arrays.pool import Column, Columns
from impact.arrays.ranges import Found, Numbers64, Ranges, joined, sorted_by_owner
from impact.picture import Picture

TYPES: Mapping[str, Any] = {
    "source": np.int32,
    "target": np.int32,
    "type": np.uint16,
    "details": np.int32,
    "version": np.int32,
    "origin": np.int32,
    "evidence": np.uint32,
}


@dataclass
class RelationNews:
    """Relations as they are now, in columns, and those that are gone.

    Attributes
    ----------
    gone
        Batches of shape (relations, 3): source, type and target.
    """

    gone: list[Numbers64] = field(default_factory=lambda: [np.zeros((0, 3), np.int64)])
    _told: list[Columns] = field(default_factory=list)

    def add(self, **columns: Sequence[int] | Column) -> None:
        """Add a batch of relations as they are now, by the names in `TYPES`."""
        self._told.append({name: np.array(columns[name], kind) for name, kind in TYPES.items()})

    @cached_property
    def told(self) -> Columns:
        """All relations as they are now."""
        none = {name: np.zeros(0, kind) for name, kind in TYPES.items()}
        return {name: np.concatenate([some[name] for some in (none, *self._told)]) for name in TYPES}

    @cached_property
    def over(self) -> Columns:
        """All that are gone: their sources, types and targets."""
        source, kind, target = np.concatenate(self.gone).T
        return {"source": source.astype(np.int32), "type": kind, "target": target.astype(np.int32)}

    def every(self, name: str) -> Column:
        """Sources, types or targets of all of them, as they are now or gone."""
        return np.concatenate((self.told[name], self.over[name].astype(TYPES[name])))


def with_relations(picture: Picture, news: RelationNews) -> Picture:
    """The picture with relations as they are now, by either end."""
    length = len(picture)
    forth = _merged(picture.relations, news, "source", "target", length)
    back = _merged(picture.backwards, news, "target", "source", length)
    sources = np.unique(news.every("source"))
    own = forth.rows(sources, "type")
    telling = set(own.owner[picture.codes.tells[own.rows["type"]]].tolist())
    tellers = picture.tellers - set(sources.tolist()) if picture.tellers else frozenset()
    return replace(picture, relations=forth, backwards=back, tellers=tellers | telling)


def _merged(ranges: Ranges, news: RelationNews, own: str, other: str, length: int) -> Ranges:
    """Relations by one end: those of the owners that are told of, without what is told again or gone."""
    owners, pool = np.unique(news.every(own)), ranges.pool
    owner, places = ranges.where(owners[owners < len(ranges)])
    again, over = (names_of(some[own], some["type"], some[other]) for some in (news.told, news.over))
    told = {name: column for name, column in news.told.items() if name in pool.columns}
    likely = np.flatnonzero(marked(news.every(other), length)[pool[other][places]])
    there = places[likely]
    names = names_of(owner[likely], pool["type"][there], pool[other][there])
    if "seen" in pool.columns:
        told["seen"] = found_again(again, names, pool["seen"][there])
    ends = likely[np.isin(names, np.concatenate((again, over)))]
    stays = np.delete(places, ends)
    kept = Found(np.delete(owner, ends), {name: pool[name][stays] for name in pool.columns})
    return ranges.replaced(owners, joined(kept, sorted_by_owner(Found(news.told[own], told))), length)
