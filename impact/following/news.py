"""News: items and relations as they are now, gathered for a next picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import orjson

from cmdb.model import Graph, Item, Provenance, Relation, RelationId
from cmdb.operations import Target
from cmdb.stores.base import Scan
from cmdb.vocabulary import Vocabulary
from impact.arrays.ranges import Numbers
from impact.arrays.uids import NOBODY, text_hash
from impact.following.groups import with_groups
from impact.following.items import ItemNews, with_items
from impact.following.relations import RelationNews, with_relations
from impact.following.rows import with_rows
from impact.hearing import last_written
from impact.picture import FACETS, Picture, blank


def take(graph: Graph, vocabulary: Vocabulary) -> Picture:
    """Make the picture of a graph.

    Raises
    ------
    Rejected
        If the graph was filled with another vocabulary.
    """
    items, relations = list(graph.items.values()), list(graph.relations.values())
    return take_scan(Scan(graph.revision, graph.time, iter([items]), iter([relations])), vocabulary)


def take_scan(scan: Scan, vocabulary: Vocabulary) -> Picture:
    """Make the picture of all that a store holds; see `take`."""
    news = News(blank(vocabulary))
    for items in scan.items:
        news.items(items)
    for relations in scan.relations:
        news.relations(relations)
    return news.picture(scan.revision, scan.time)


def follow(picture: Picture, part: Graph, touched: Collection[Target]) -> Picture:
    """Make the next picture from what was touched since.

    Parameters
    ----------
    part
        The items and relations among the touched ones that are there now.
    touched
        Uids of items, and relations, that may have changed, come or gone.
    """
    news = News(picture)
    news.items(list(part.items.values()))
    news.relations(list(part.relations.values()))
    news.without([one for one in touched if isinstance(one, RelationId) and one not in part.relations])
    return news.picture(part.revision, part.time)


@dataclass
class News:
    """What is to be shown of items and relations in a next picture.

    Items come first, then relations between them and those that were there.
    """

    before: Picture
    _new: dict[str, int] = field(default_factory=dict)
    _items: ItemNews = field(default_factory=ItemNews)
    _relations: RelationNews = field(default_factory=RelationNews)
    _written: dict[tuple[int, int], int] = field(default_factory=dict)
    _origins: dict[tuple[tuple[str, Provenance], ...], int] = field(default_factory=dict)

    def items(self, items: Sequence[Item]) -> None:
        """Take in items as they are now."""
        codes, news = self.before.codes, self._items
        codes.vocabulary.refuse_unknown({item.class_name for item in items}, ())
        news.places.extend(self._numbers_with_new([item.uid for item in items]))
        news.texts["keys"].extend([item.key.encode() for item in items])
        news.texts["names"].extend([item.name.encode() for item in items])
        news.texts["details"].extend([orjson.dumps(item.attributes) for item in items])
        folded = (f"{item.key}\n{item.name}\n".casefold().encode() for item in items)
        news.texts["folded"].extend(list(folded))
        news.called.extend(text_hash(item.name) for item in items)
        news.classes.extend(codes.class_code[item.class_name] for item in items)
        for name in FACETS:
            news.facets[name].extend(self._value(item.attributes.get(name)) for item in items)
        news.versions.extend(item.version for item in items)
        news.origins.extend(self._origin(item.provenance) for item in items)

    def relations(self, relations: Sequence[Relation]) -> None:
        """Take in relations as they are now."""
        codes, names = self.before.codes, [relation.id for relation in relations]
        codes.vocabulary.refuse_unknown((), {one.type for one in names})
        sources, targets = (self._numbers([one[end] for one in names]) for end in (0, 2))
        unknown = np.flatnonzero((sources == NOBODY) | (targets == NOBODY))
        if len(unknown):
            raise ValueError(f"{names[unknown[0]].uid} has an end that is not in the picture")
        origins = [self._origin(relation.provenance) for relation in relations]
        details = [self._details(relation) for relation in relations]
        told = zip(relations, origins, details, strict=True)
        self._relations.add(
            source=sources,
            target=targets,
            type=[codes.type_code[one.type] for one in names],
            details=details,
            version=[relation.version for relation in relations],
            origin=origins,
            evidence=[self._last_written(*one) for one in told],
        )

    def without(self, relations: Sequence[RelationId]) -> None:
        """Take note of relations that are not there any more."""
        codes = self.before.codes.type_code
        gone = np.empty((len(relations), 3), np.int64)
        gone[:, 0] = self._numbers([one.source for one in relations])
        gone[:, 1] = [codes.get(one.type, NOBODY) for one in relations]
        gone[:, 2] = self._numbers([one.target for one in relations])
        self._relations.gone.append(gone[(gone != NOBODY).all(axis=1)])

    def picture(self, revision: int, time: str) -> Picture:
        """The picture that shows all of it."""
        before, items = self.before, np.array(self._items.places, np.int32)
        shown = with_items(before, self._items, list(self._new))
        shown = with_relations(shown, self._relations)
        shown, hit = with_rows(before, shown, items, self._relations)
        shown = with_groups(before, shown, items, hit)
        return replace(shown, revision=revision, time=time)

    def _numbers(self, uids: Sequence[str]) -> Numbers:
        """The numbers of items that are there already or among the new ones; `NOBODY` for others."""
        if not len(self.before):
            return np.fromiter((self._new.get(uid, NOBODY) for uid in uids), np.int32, len(uids))
        found = self.before.numbers_of_uids(uids)
        for at in np.flatnonzero(found == NOBODY).tolist() if self._new else ():
            found[at] = self._new.get(uids[at], NOBODY)
        return found

    def _numbers_with_new(self, uids: Sequence[str]) -> list[int]:
        """The numbers of items; those that are not there yet get the next ones."""
        found = self._numbers(uids)
        for at in np.flatnonzero(found == NOBODY).tolist():
            found[at] = self._new.setdefault(uids[at], len(self.before) + len(self._new))
        places: list[int] = found.tolist()
        return places

    def _value(self, value: object) -> int:
        return 0 if value is None else self.before.values.code(orjson.dumps(value))

    def _details(self, relation: Relation) -> int:
        return self.before.shared.code(orjson.dumps(relation.attributes)) if relation.attributes else 0

    def _origin(self, provenance: Mapping[str, Provenance]) -> int:
        if not provenance:
            return 0
        name = tuple(provenance.items())
        found = self._origins.get(name)
        if found is None:
            found = self.before.shared.code(orjson.dumps({key: [*origin] for key, origin in name}))
            self._origins[name] = found
        return found

    def _last_written(self, relation: Relation, origin: int, details: int) -> int:
        """When somebody last wrote or verified a relation; the same for all of one origin and details."""
        if (origin, details) not in self._written:
            self._written[origin, details] = last_written(relation)
        return self._written[origin, details]
