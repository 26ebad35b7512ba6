"""Following: what changed in the graph becomes the next picture, or all of a graph the first one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from cmdb.model import Graph, Item, Provenance, Relation, RelationId
from cmdb.operations import Target
from cmdb.values import moment
from cmdb.vocabulary import Vocabulary
from impact.arrays.ranges import Found, Numbers, Numbers64, Ranges, joined, sorted_by_owner
from impact.arrays.texts import Texts, Words
from impact.arrays.uids import text_hash
from impact.codes import NOTHING, PLAIN, REPEATED
from impact.picture import FACETS, NEEDS, Groups, Picture, blank, members_needed

VERIFIED = "verified_at"

Number = TypeVar("Number", bound=np.generic)
Names = NDArray[np.uint64]
"""One number for each relation; see `_names`."""


def take(graph: Graph, vocabulary: Vocabulary) -> Picture:
    """Make the picture of a graph.

    Raises
    ------
    Rejected
        If the graph was filled with another vocabulary.
    """
    news = News(blank(vocabulary))
    news.items(graph.items.values())
    news.relations(graph.relations.values())
    return news.picture(graph.revision, graph.time)


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
    news.items(part.items.values())
    news.relations(part.relations.values())
    news.without(one for one in touched if isinstance(one, RelationId) and one not in part.relations)
    return news.picture(part.revision, part.time)


@dataclass
class _ItemNews:
    """Items as they are now: what goes into each column, in order of their arrival."""

    places: list[int] = field(default_factory=list)
    texts: dict[str, Words] = field(
        default_factory=lambda: {name: Words() for name in ("keys", "names", "details", "folded")}
    )
    called: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    facets: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in FACETS})
    versions: list[int] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)


@dataclass
class News:
    """What is to be shown of items and relations in a next picture.

    Items come first, then relations between them and those that were there.
    """

    before: Picture
    _new: dict[str, int] = field(default_factory=dict)
    _items: _ItemNews = field(default_factory=_ItemNews)
    _relations: dict[str, list[int]] = field(
        default_factory=lambda: {
            name: [] for name in ("source", "target", "type", "details", "version", "origin", "evidence")
        }
    )
    _gone: list[tuple[int, int, int]] = field(default_factory=list)
    _evidence: dict[tuple[int, int], int] = field(default_factory=dict)
    _origins: dict[tuple[tuple[str, Provenance], ...], int] = field(default_factory=dict)

    def items(self, items: Iterable[Item]) -> None:
        """Take in items as they are now."""
        items = list(items)
        codes, news = self.before.codes, self._items
        codes.vocabulary.refuse_unknown({item.class_name for item in items}, ())
        for item in items:
            place = self._number(item.uid)
            if place is None:
                place = self._new[item.uid] = len(self.before) + len(self._new)
            news.places.append(place)
            news.texts["keys"].append(item.key.encode())
            news.texts["names"].append(item.name.encode())
            news.texts["details"].append(orjson.dumps(item.attributes))
            news.texts["folded"].append(f"{item.key}\n{item.name}\n".casefold().encode())
            news.called.append(text_hash(item.name))
            news.classes.append(codes.class_code[item.class_name])
            for name, column in news.facets.items():
                column.append(self._value(item.attributes.get(name)))
            news.versions.append(item.version)
            news.origins.append(self._origin(item.provenance))

    def relations(self, relations: Iterable[Relation]) -> None:
        """Take in relations as they are now."""
        relations = list(relations)
        codes, news = self.before.codes, self._relations
        codes.vocabulary.refuse_unknown((), {relation.id.type for relation in relations})
        for relation in relations:
            source, target = self._number(relation.id.source), self._number(relation.id.target)
            if source is None or target is None:
                raise ValueError(f"{relation.id.uid} has an end that is not in the picture")
            origin = self._origin(relation.provenance)
            details = self.before.shared.code(orjson.dumps(relation.attributes)) if relation.attributes else 0
            if (origin, details) not in self._evidence:
                self._evidence[origin, details] = _evidence(relation)
            news["source"].append(source)
            news["target"].append(target)
            news["type"].append(codes.type_code[relation.id.type])
            news["details"].append(details)
            news["version"].append(relation.version)
            news["origin"].append(origin)
            news["evidence"].append(self._evidence[origin, details])

    def without(self, relations: Iterable[RelationId]) -> None:
        """Take note of relations that are not there any more."""
        for source_uid, type_name, target_uid in relations:
            source, target = self._number(source_uid), self._number(target_uid)
            code = self.before.codes.type_code.get(type_name)
            if source is not None and target is not None and code is not None:
                self._gone.append((source, code, target))

    def picture(self, revision: int, time: str) -> Picture:
        """The picture that shows all of it."""
        shown = _with_items(self.before, self._items, list(self._new))
        relations = {
            name: np.array(values, kind)
            for (name, kind), values in zip(_TYPES.items(), self._relations.values(), strict=True)
        }
        gone = np.array(self._gone, np.int64).reshape(-1, 3)
        shown = _with_relations(shown, relations, gone)
        shown, dirty = _with_rows(
            self.before,
            shown,
            np.concatenate((relations["source"], relations["target"], gone[:, 0], gone[:, 2])),
        )
        shown = _with_groups(self.before, shown, np.array(self._items.places, np.int32), dirty)
        return replace(shown, revision=revision, time=time)

    def _number(self, uid: str) -> int | None:
        found = self._new.get(uid)
        return self.before.number_of_uid(uid) if found is None and len(self.before) else found

    def _value(self, value: object) -> int:
        return 0 if value is None else self.before.values.code(orjson.dumps(value))

    def _origin(self, provenance: Mapping[str, Provenance]) -> int:
        if not provenance:
            return 0
        name = tuple(provenance.items())
        found = self._origins.get(name)
        if found is None:
            found = self.before.shared.code(orjson.dumps({key: [*origin] for key, origin in name}))
            self._origins[name] = found
        return found


_TYPES = {
    "source": np.int32,
    "target": np.int32,
    "type": np.uint16,
    "details": np.int32,
    "version": np.int32,
    "origin": np.int32,
    "evidence": np.uint32,
}


def _evidence(relation: Relation) -> int:
    """The latest instant at which anybody wrote or verified a relation, in seconds since 1970; 0 for none."""
    instants = [origin.time for origin in relation.provenance.values()]
    verified = relation.attributes.get(VERIFIED)
    if isinstance(verified, str):
        instants.append(verified)
    return max((seconds_of(moment(one)) for one in instants), default=0)


def seconds_of(instant: datetime) -> int:
    """Whole seconds since 1970, as they fit into a column."""
    return min(max(int(instant.timestamp()), 0), 2**32 - 1)


def hear(picture: Picture, last_seen: Iterable[list[tuple[str, str]]], reports: int) -> Picture:
    """The picture with what sources have seen as evidence for its relations.

    Parameters
    ----------
    last_seen
        Uids of relations with instants, in batches; a relation may come several times.
    """
    number: Callable[[str], int | None] = picture.number_of_uid
    newest = picture.heard
    for some in last_seen:
        if len(some) > len(picture) // 10 and len(picture):
            number = {uid: place for place, uid in enumerate(picture.uids.all())}.get
        told = _told(picture, number, some)
        newest = max(newest, int(told[:, 3].max(initial=0)))
        _note(picture.relations, told)
    return replace(picture, reports=reports, heard=newest)


def _told(
    picture: Picture, number: Callable[[str], int | None], seen: Iterable[tuple[str, str]]
) -> Numbers64:
    """Source, type, target and instant in seconds of relations that were seen, as far as they are here."""
    found: list[tuple[int, int, int, int]] = []
    instants: dict[str, int] = {}
    for uid, when in seen:
        source_uid, type_name, target_uid = uid.split(">")
        source, target = number(source_uid), number(target_uid)
        code = picture.codes.type_code.get(type_name)
        if when not in instants:
            instants[when] = seconds_of(moment(when))
        if source is not None and target is not None and code is not None:
            found.append((source, code, target, instants[when]))
    return np.array(found, np.int64).reshape(-1, 4)


def _note(relations: Ranges, told: Numbers64) -> None:
    """Note when relations were seen, for every picture that shares them."""
    if not len(told):
        return
    owner, places = relations.where(np.unique(told[:, 0]).astype(np.int32))
    pool = relations.pool
    known = _names(owner, pool["type"][places], pool["target"][places])
    heard = _names(told[:, 0], told[:, 1], told[:, 2])
    order = np.lexsort((told[:, 3], heard))
    last = np.minimum(np.searchsorted(heard, known, side="right", sorter=order) - 1, len(heard) - 1)
    at = order[np.maximum(last, 0)]
    same = heard[at] == known
    seen = pool["seen"]
    seen[places[same]] = np.maximum(seen[places[same]], told[at[same], 3].astype(np.uint32))


def is_crowded(picture: Picture) -> bool:
    """Whether much of what a picture's rows stand among belongs to earlier pictures only."""
    return any(ranges.crowded for ranges in _ranges(picture))


def compacted(picture: Picture) -> Picture:
    """The same picture with its rows next to each other."""
    relations, backwards, out, into, *others = (
        ranges.compacted() if ranges.crowded else ranges for ranges in _ranges(picture)
    )
    uids, keys, names, details, folded = map(Texts, others)
    return replace(
        picture,
        relations=relations,
        backwards=backwards,
        out=out,
        into=into,
        special=(picture.special - picture.out.start) + out.start,
        uids=uids,
        keys=keys,
        names=names,
        details=details,
        folded=folded,
    )


def _ranges(picture: Picture) -> list[Ranges]:
    texts = (picture.uids, picture.keys, picture.names, picture.details, picture.folded)
    rows = (picture.relations, picture.backwards, picture.out, picture.into)
    return [*rows, *(one.ranges for one in texts)]


def _with_items(before: Picture, news: _ItemNews, new: list[str]) -> Picture:
    """The picture with its items as they are now."""
    first, length = len(before), len(before) + len(new)
    places = np.array(news.places, np.int32)

    def column(old: NDArray[Number], values: list[int]) -> NDArray[Number]:
        found = np.zeros(length, old.dtype)
        found[:first] = old
        found[places] = values
        return found

    def texts(name: str) -> Texts:
        old: Texts = getattr(before, name)
        return old.replaced(places, news.texts[name], length)

    if not news.places:
        return before
    keys = texts("keys")
    renamed = [
        place
        for at, place in enumerate(news.places)
        if place >= first or before.keys.raw(place) != news.texts["keys"][at]
    ]
    added = np.arange(first, length, dtype=np.int32)
    return replace(
        before,
        uids=before.uids.replaced(added, Words(uid.encode() for uid in new), length),
        keys=keys,
        names=texts("names"),
        details=texts("details"),
        folded=texts("folded"),
        called=column(before.called, news.called),
        classes=column(before.classes, news.classes),
        facets={name: column(before.facets[name], values) for name, values in news.facets.items()},
        versions=column(before.versions, news.versions),
        origins=column(before.origins, news.origins),
        order=before.order.replaced(np.array(renamed, np.int32), keys),
        index=before.index.with_more(new, first),
        special=np.concatenate((before.special, np.zeros(len(new), np.uint32))),
    )


def _with_relations(picture: Picture, told: Mapping[str, NDArray[Any]], gone: Numbers64) -> Picture:
    """The picture with relations as they are now, by either end."""
    length = len(picture)
    known = [name for name in _TYPES if name != "source"]
    forth = _merged(
        picture.relations.grown(length),
        Found(told["source"], {name: told[name] for name in known}),
        Found(gone[:, 0].astype(np.int32), {"type": gone[:, 1], "target": gone[:, 2]}),
        "target",
    )
    back = _merged(
        picture.backwards.grown(length),
        Found(told["target"], {"source": told["source"], "type": told["type"]}),
        Found(gone[:, 2].astype(np.int32), {"type": gone[:, 1], "source": gone[:, 0]}),
        "source",
    )
    sources = np.unique(np.concatenate((told["source"], gone[:, 0]))).astype(np.int32)
    own = forth.rows(sources)
    telling = set(own.owner[picture.codes.tells[own.rows["type"]]].tolist())
    tellers = (
        (picture.tellers - set(sources.tolist())) | telling if picture.tellers or telling else frozenset()
    )
    return replace(picture, relations=forth, backwards=back, tellers=frozenset(tellers))


def _merged(ranges: Ranges, told: Found, gone: Found, other: str) -> Ranges:
    """Relations by one end: those of the owners that are told of, without what is told again or gone."""
    owners = np.unique(np.concatenate((told.owner, gone.owner))).astype(np.int32)
    if not len(owners):
        return ranges
    there = ranges.rows(owners)
    names, again, over = (_names(one.owner, one.rows["type"], one.rows[other]) for one in (there, told, gone))
    if "seen" in there.rows:
        told = Found(told.owner, {**told.rows, "seen": _found_again(again, names, there.rows["seen"])})
    stays = ~np.isin(names, np.concatenate((again, over)))
    kept = Found(there.owner[stays], {name: column[stays] for name, column in there.rows.items()})
    return ranges.replaced(owners, sorted_by_owner(joined((kept, told))))


def _found_again(wanted: Names, names: Names, values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The value of each wanted name among others; 0 where it is not among them."""
    if not len(names):
        return np.zeros(len(wanted), np.uint32)
    order = np.argsort(names)
    at = order[np.minimum(np.searchsorted(names, wanted, sorter=order), len(names) - 1)]
    return np.where(names[at] == wanted, values[at], 0).astype(np.uint32)


def _names(owner: NDArray[Any], kind: NDArray[Any], other: NDArray[Any]) -> Names:
    """One number for each relation by its ends and type, other ones for others."""
    first, middle, last = (column.astype(np.uint64) for column in (owner, other, kind))
    return (first << np.uint64(36)) | (middle << np.uint64(9)) | last


def _with_rows(before: Picture, picture: Picture, ends: NDArray[Any]) -> tuple[Picture, Numbers]:
    """The picture with rows of harm as they are now, and the items whose rows are others."""
    dirty = np.unique(np.concatenate((ends, _turned(before, picture)))).astype(np.int32)
    length = len(picture)
    out, into = picture.out.grown(length), picture.into.grown(length)
    if not len(dirty):
        return replace(picture, out=out, into=into), dirty
    forth, back = picture.relations.rows(dirty), picture.backwards.rows(dirty)
    to_target, to_source = 2 * forth.rows["type"] + 1, 2 * back.rows["type"]
    leaving = _carrying(
        picture,
        np.concatenate((forth.owner, back.owner)),
        np.concatenate((forth.rows["target"], back.rows["source"])),
        np.concatenate((to_target, to_source)),
        "end",
    )
    coming = _carrying(
        picture,
        np.concatenate((forth.owner, back.owner)),
        np.concatenate((forth.rows["target"], back.rows["source"])),
        np.concatenate((to_target - 1, to_source + 1)),
        "start",
    )
    out = out.replaced(dirty, leaving)
    plain = leaving.owner[picture.codes.kind[leaving.rows["code"] & ~np.uint16(REPEATED)] == PLAIN]
    special = picture.special.copy()
    special[dirty] = out.start[dirty] + (
        np.searchsorted(plain, dirty, side="right") - np.searchsorted(plain, dirty)
    ).astype(np.uint32)
    return replace(picture, out=out, into=into.replaced(dirty, coming), special=special), dirty


def _turned(before: Picture, picture: Picture) -> Numbers:
    """What has become a group or is none any more, with all that is related to it."""
    length = len(before)
    is_group = picture.codes.is_group
    turned = np.flatnonzero(is_group[before.classes] != is_group[picture.classes[:length]]).astype(np.int32)
    if not len(turned):
        return turned
    forth, back = picture.relations.rows(turned), picture.backwards.rows(turned)
    return np.concatenate((turned, forth.rows["target"], back.rows["source"])).astype(np.int32)


def _carrying(picture: Picture, owner: Numbers, other: Numbers, ways: NDArray[np.uint16], name: str) -> Found:
    """Rows of harm in order of their owners: the plain ones first, the counted ones last.

    Parameters
    ----------
    owner, other, ways
        Whose each row is, the item at its other end, and how harm passes.
    name
        What the other end is called: the `start` of the row, or its `end`.
    """
    codes = picture.codes
    group = codes.is_group[picture.classes[other if name == "end" else owner]]
    carries = (codes.kind[ways] != NOTHING) & (~codes.counted[ways] | group)
    owner, other, ways = owner[carries], other[carries], ways[carries].astype(np.uint16)
    place = codes.kind[ways] + codes.counted[ways]
    order = np.lexsort((ways, other, place, owner))
    owner, other, ways = owner[order], other[order], ways[order]
    counted = codes.counted[ways]
    again = np.zeros(len(owner), np.bool_)
    again[1:] = counted[1:] & counted[:-1] & (owner[1:] == owner[:-1]) & (other[1:] == other[:-1])
    return Found(owner, {name: other, "code": np.where(again, ways | np.uint16(REPEATED), ways)})


def _with_groups(before: Picture, picture: Picture, items: Numbers, dirty: Numbers) -> Picture:
    """The picture with its groups as they are now."""
    length = len(before)
    old = items[items < length]
    woken = old[before.active[old] != picture.active[old]]
    beside = picture.out.rows(woken).rows["end"]
    some = np.unique(np.concatenate((items, dirty, beside))).astype(np.int32)
    some = some[picture.codes.is_group[picture.classes[some]] | _was_group(before, some)]
    if not len(some):
        index = _index(picture.groups.places, len(picture))
        return replace(picture, groups=replace(picture.groups, index=index))
    groups = picture.groups
    stays = ~np.isin(groups.places, some)
    now = some[picture.codes.is_group[picture.classes[some]] & picture.active[some]]
    members = np.bincount(np.searchsorted(now, picture.members_of(now)[0]), minlength=len(now))
    wanted = np.array(
        [
            members_needed(picture.attributes(place).get(NEEDS, 1), number)
            for place, number in zip(now.tolist(), members.tolist(), strict=True)
        ],
        np.int64,
    )
    places = np.concatenate((groups.places[stays], now))
    return replace(
        picture,
        groups=Groups(
            places,
            _index(places, len(picture)),
            np.concatenate((groups.needs[stays], np.minimum(wanted, members))).astype(np.int32),
            np.concatenate((groups.members[stays], members)).astype(np.int32),
            np.concatenate((groups.faulty[stays], (wanted > members) | (members == 0))),
        ),
    )


def _was_group(before: Picture, places: Numbers) -> NDArray[np.bool_]:
    found = np.zeros(len(places), np.bool_)
    known = places < len(before)
    found[known] = before.groups.index[places[known]] >= 0
    return found


def _index(places: Numbers, length: int) -> Numbers:
    found = np.full(length, -1, np.int32)
    found[places] = np.arange(len(places), dtype=np.int32)
    return found
