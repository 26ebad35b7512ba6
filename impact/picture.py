"""The picture: one revision of the graph as columns of numbers, its relations turned the way harm flows.

Items are known by number, relations by the numbers of their ends. A number is that of the same item in every
picture that came from the same one by following commits, or by laying plans over it; which item comes first
is told by its rank, the place of its key among all keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from cmdb.errors import NotFound
from cmdb.harm import Transfer
from cmdb.model import EMPTY, RETIRED, STATUS, Graph, Item, Provenance, Relation, RelationId
from cmdb.patience import patiently
from cmdb.values import Attributes, Value
from cmdb.vocabulary import Vocabulary
from impact.arrays.growing import Room
from impact.arrays.marks import Marks
from impact.arrays.ordering import Ordering
from impact.arrays.ranges import Bounds, Numbers, Ranges, no_rows
from impact.arrays.texts import Distinct, Texts, no_texts
from impact.arrays.uids import Hashes, Uids
from impact.codes import REPEATED, Codes, ways_of
from impact.rules import rules

NEEDS = "needs"
FACETS = (STATUS, "tier", "owner", "environment")
"""The attributes that questions ask of very many items: each is a column of its own."""
ABSENT = 0
"""In a facet's column: the item has no such attribute."""


class Link(NamedTuple):
    """A relation by the numbers of its ends."""

    source: int
    type: str
    target: int


class Row(NamedTuple):
    """One way along which harm passes: from `start` to `end`, changed by `transfer`.

    A counted row passes nothing by itself: the group at its end counts its members.
    """

    start: int
    end: int
    transfer: Transfer
    counted: bool
    relation: Link


class Group(NamedTuple):
    """An item that is as well as its k-th best member."""

    needs: int
    members: frozenset[int]
    fault: str | None

    @property
    def spare(self) -> int:
        """How many members may be lost before it fails."""
        return len(self.members) - self.needs


@dataclass(frozen=True)
class Groups:
    """All groups whose status carries harm, by their place among the groups.

    Attributes
    ----------
    places
        Shape (groups,): the number of each, in no order that means anything.
    index
        By number of an item, its place here; -1 for what is no group.
    needs, members
        How many members it needs, at most as many as it has, and how many it has.
    faulty
        Whether it needs more than it has, or has none.
    """

    places: Numbers
    index: Numbers
    needs: Numbers
    members: Numbers
    faulty: Marks

    @property
    def spare(self) -> Numbers:
        """How many members may be lost before it fails."""
        return self.members - self.needs


@dataclass(frozen=True, eq=False)
class Picture:
    """An immutable view of one graph for the engine.

    Attributes
    ----------
    codes
        The vocabulary it speaks.
    revision, time
        Of the graph it shows.
    reports, heard
        Up to which of the sources' reports it knows what they have seen, and the latest instant at which one
        saw a relation, in seconds since 1970.
    uids, keys, names, details, folded
        Texts by number; details are the attributes as JSON, folded is what searches look at: key and name,
        each with a line of its own, without regard to case.
    called
        By number, the hash of its name, shape (items,).
    classes
        By number, the code of its class.
    facets
        By attribute, the codes of its values; `ABSENT` for none.
    versions, origins
        By number, its version, and the code of its provenance.
    values, shared
        JSON that many have, by code: the values of facets; the provenance, and the attributes of relations.
    order
        The items in order of their keys.
    index
        Numbers by uid.
    relations, backwards
        Relations by their source, and by their target. `evidence` is when somebody last wrote or verified a
        relation, `seen` when a source last saw it, in seconds since 1970, 0 for never.
    out, into
        Rows of harm by where they start, and by where they end. Of the rows that start at an item those that
        pass every state on as it is come first.
    special
        By number, where its other rows start in `out`.
    groups
        The groups.
    tellers
        The items that tell others' states, such as incidents.
    room
        Where its columns grow.
    """

    codes: Codes
    revision: int
    time: str
    reports: int
    heard: int
    uids: Texts
    keys: Texts
    names: Texts
    details: Texts
    folded: Texts
    called: Hashes
    classes: NDArray[np.int16]
    facets: Mapping[str, Numbers]
    versions: Numbers
    origins: Numbers
    values: Distinct
    shared: Distinct
    order: Ordering
    index: Uids
    relations: Ranges
    backwards: Ranges
    out: Ranges
    into: Ranges
    special: Bounds
    groups: Groups
    tellers: frozenset[int] = frozenset()
    room: Room = field(default_factory=Room, repr=False)

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary it speaks."""
        return self.codes.vocabulary

    # What there is, in columns

    @cached_property
    def active(self) -> Marks:
        """By number, whether the item's status carries harm."""
        return self._carrying[self.facets[STATUS]]

    def awake(self, places: Numbers) -> Marks:
        """Of some items, whether their status carries harm: `active` for few."""
        return self._carrying[self.facets[STATUS][places]]

    @cached_property
    def _carrying(self) -> Marks:
        """By value of a facet, whether it is a status that carries harm."""
        status = rules().status
        return np.array([(value or status.absent) in status.carrying for value in self.decoded], np.bool_)

    @cached_property
    def cis(self) -> Marks:
        """By number, whether it is a configuration item whose status carries harm."""
        return self.active & self.codes.is_ci[self.classes]

    @cached_property
    def services(self) -> Marks:
        """By number, whether it is a service whose status carries harm."""
        return self.active & self.codes.is_service[self.classes]

    @cached_property
    def weights(self) -> NDArray[np.int8]:
        """By number, the tier it is weighed as."""
        weights = [rules().tier.absent if tier is None else tier for tier in self.tiers]
        return np.array(weights, np.int8)[self.facets["tier"]]

    @cached_property
    def tiers(self) -> list[int | None]:
        """The tier that each value of a facet would be."""
        return [value if isinstance(value, int) else None for value in self.decoded]

    @property
    def decoded(self) -> Sequence[Value | None]:
        """The values of facets by code."""
        return self.values.read()

    def where(self, facet: str, fits: Callable[[Value | None], bool]) -> Marks:
        """By number, whether an item's value fits; `None` is the value of an item without one."""
        return np.array([fits(value) for value in self.decoded], np.bool_)[self.facets[facet]]

    @property
    def rank(self) -> Numbers:
        """By number, the place of the item's key among all keys."""
        return self.order.rank

    def in_order(self, places: Iterable[int]) -> list[int]:
        """Numbers in order of their keys."""
        return sorted(places, key=self.rank.__getitem__)

    # One item

    def number(self, key: str) -> int | None:
        """The number of the item with a key; `None` if no item has it."""
        return self.order.place(key, self.keys)

    def find(self, key: str) -> int:
        """The number of the item with a key, or `NotFound`."""
        found = self.number(key)
        if found is None:
            raise NotFound(f"Nothing has the key “{key}”.")
        return found

    def numbers_of_uids(self, uids: Sequence[str]) -> Numbers:
        """The numbers of the items with some uids, `NOBODY` for one that is not here."""
        return self.index.places(uids, self.uids)

    def number_of_uid(self, uid: str) -> int | None:
        """The number of the item with a uid; `None` if it is not here."""
        return self.index.place(uid, self.uids)

    def item(self, place: int) -> Item:
        """The item itself."""
        return Item(
            self.uids[place],
            self.keys[place],
            self.class_name(place),
            self.names[place],
            self.attributes(place),
            int(self.versions[place]),
            self._provenance(self.origins[place]),
        )

    def attributes(self, place: int) -> Attributes:
        """An item's attributes."""
        found: Attributes = orjson.loads(self.details.raw(place))
        return found

    def class_name(self, place: int) -> str:
        """The class of an item."""
        return self.codes.classes[int(self.classes[place])]

    def value(self, facet: str, place: int) -> Value | None:
        """One of the attributes that have a column."""
        return self.decoded[int(self.facets[facet][place])]

    def is_service(self, place: int) -> bool:
        """Whether the item is a service."""
        return bool(self.codes.is_service[self.classes[place]])

    def is_ci(self, place: int) -> bool:
        """Whether the item is a configuration item."""
        return bool(self.codes.is_ci[self.classes[place]])

    def is_retired(self, place: int) -> bool:
        """Whether the item has been taken out of use."""
        return self.value(STATUS, place) == RETIRED

    def is_related(self, place: int) -> bool:
        """Whether the item has any relation, of whatever type."""
        return any(ranges.stop[place] > ranges.start[place] for ranges in (self.relations, self.backwards))

    def tier(self, place: int) -> int | None:
        """The item's tier, `None` where nobody has said."""
        return self.tiers[int(self.facets["tier"][place])]

    def weight(self, place: int) -> int:
        """The tier the item is weighed as."""
        return int(self.weights[place])

    def status(self, place: int) -> str:
        """The item's status in words, with the one that absence stands for."""
        return str(self.value(STATUS, place) or rules().status.absent).replace("_", " ")

    # Rows of harm, relations and groups

    def rows_from(self, place: int, *, asleep: bool = False) -> list[Row]:
        """The rows along which harm leaves an item, in order of their relations.

        Those between live items; with `asleep`, all of them.
        """
        part = self.out.of(place)
        ends = self.out.pool["end"][part].tolist()
        return self._rows(zip(repeat(place), ends, self._codes(self.out, part)), asleep=asleep)

    def rows_to(self, place: int, *, asleep: bool = False) -> list[Row]:
        """The rows along which harm comes to an item, as `rows_from`."""
        part = self.into.of(place)
        starts = self.into.pool["start"][part].tolist()
        return self._rows(zip(starts, repeat(place), self._codes(self.into, part)), asleep=asleep)

    def rows_between(self, starts: Numbers, ends: Marks) -> list[Row]:
        """The rows from some items to any of those marked, all of them live."""
        owner, rows = self.out.rows(starts)
        found = ends[rows["end"]]
        columns = (owner[found], rows["end"][found], ways_of(rows["code"][found]))
        return self._rows(zip(*(column.tolist() for column in columns), strict=True), asleep=False)

    def has_rows(self, place: int) -> bool:
        """Whether any of the item's relations carries harm, be the items live or not."""
        return any(ranges.stop[place] > ranges.start[place] for ranges in (self.out, self.into))

    def relations_at(self, place: int) -> list[Link]:
        """All relations at an item, of whatever type, in order."""
        own, other = self.relations.of(place), self.backwards.of(place)
        types = self.codes.types
        ends = zip(
            self.relations.pool["type"][own].tolist(),
            self.relations.pool["target"][own].tolist(),
            strict=True,
        )
        starts = zip(
            self.backwards.pool["type"][other].tolist(),
            self.backwards.pool["source"][other].tolist(),
            strict=True,
        )
        found = {Link(place, types[code], target) for code, target in ends}
        found |= {Link(source, types[code], place) for code, source in starts}
        return sorted(found, key=self.link_order)

    def link(self, relation: RelationId) -> Link:
        """A relation by the numbers of its ends, which are here.

        Raises
        ------
        NotFound
            If an end is not.
        """
        source, target = self.number_of_uid(relation.source), self.number_of_uid(relation.target)
        if source is None or target is None:
            raise NotFound(f"An end of {relation.uid} is not here.")
        return Link(source, relation.type, target)

    def relation(self, link: Link) -> Relation:
        """A relation itself."""
        at = self._at(link)
        pool = self.relations.pool
        return Relation(
            RelationId(self.uids[link.source], link.type, self.uids[link.target]),
            orjson.loads(self.shared[int(pool["details"][at])]),
            int(pool["version"][at]),
            self._provenance(pool["origin"][at]),
        )

    def evidence(self, link: Link) -> datetime | None:
        """The latest instant, to the second, at which anybody saw, wrote or verified a relation."""
        pool, at = self.relations.pool, self._at(link)
        seconds = max(int(pool["evidence"][at]), int(pool["seen"][at]))
        return datetime.fromtimestamp(seconds, UTC) if seconds else None

    def link_order(self, link: Link) -> tuple[int, str, int]:
        """How relations are put in order wherever several are as good: source key, type, target key."""
        return int(self.rank[link.source]), link.type, int(self.rank[link.target])

    def is_group(self, place: int) -> bool:
        """Whether the item counts its members, and its status carries harm."""
        return bool(self.groups.index[place] >= 0)

    def group(self, place: int) -> Group:
        """How an item counts that does."""
        index = self.groups.index[place]
        members = frozenset(self.members_of(np.array([place], np.int32))[1].tolist())
        fault = None
        if self.groups.faulty[index]:
            has = f"has {len(members)}" if members else "has no members"
            fault = f"needs {members_needed(self.attributes(place).get(NEEDS, 1), len(members))} but {has}"
        return Group(int(self.groups.needs[index]), members, fault)

    def members_of(self, groups: Numbers) -> tuple[Numbers, Numbers]:
        """The live members of some groups: the group, and the member, each pair once."""
        owner, rows = self.into.rows(groups, "code", "start")
        codes, starts = rows["code"], rows["start"]
        counted = (codes < REPEATED) & self.codes.counted[ways_of(codes)] & self.awake(starts)
        return owner[counted], starts[counted]

    def groups_beside(self, places: Numbers) -> Numbers:
        """The groups that any of some items counts in, each once."""
        live = places[self.active[places]]
        rows = self.out.rows(live).rows
        ends: Numbers = np.unique(rows["end"][self.codes.counted[ways_of(rows["code"])]])
        return ends[self.groups.index[ends] >= 0]

    def way(self, row: Row) -> int:
        """How harm passes along a row, as a number."""
        return 2 * self.codes.type_code[row.relation.type] + (row.relation.source == row.start)

    @cached_property
    def broken(self) -> list[Link]:
        """Relations by which an active item rests on one that is not, in order."""
        asleep = np.flatnonzero(~self.active).astype(np.int32)
        owner, rows = self.out.rows(asleep)
        ways = ways_of(rows["code"])
        counted, ends = self.codes.counted[ways], rows["end"]
        rests = (ways % 2 == 0) & ~counted & self.active[ends]
        found = [
            Link(end, self.codes.types[way // 2], start)
            for start, end, way in zip(
                owner[rests].tolist(), ends[rests].tolist(), ways[rests].tolist(), strict=True
            )
        ]
        return sorted(found, key=self.link_order)

    def _codes(self, ranges: Ranges, part: slice) -> list[int]:
        found: list[int] = ways_of(ranges.pool["code"][part]).tolist()
        return found

    def _rows(self, found: Iterable[tuple[int, int, int]], *, asleep: bool) -> list[Row]:
        rows = []
        for start, end, way in found:
            if asleep or (self.active[start] and self.active[end]):
                type_name = self.codes.types[way // 2]
                link = Link(start, type_name, end) if way % 2 else Link(end, type_name, start)
                rows.append(Row(start, end, self.codes.transfers[way], bool(self.codes.counted[way]), link))
        return sorted(rows, key=lambda row: self.link_order(row.relation))

    def _provenance(self, code: np.int32) -> dict[str, Provenance]:
        told = orjson.loads(self.shared[int(code)])
        return {name: Provenance(*origin) for name, origin in told.items()}

    def _at(self, link: Link) -> int:
        part, pool = self.relations.of(link.source), self.relations.pool
        same = (pool["target"][part] == link.target) & (pool["type"][part] == self.codes.type_code[link.type])
        return int(part.start) + int(np.flatnonzero(same)[0])

    def graph(self, places: Iterable[int] | None = None) -> Graph:
        """Everything as items and relations; with `places`, those items and the relations among them."""
        wanted = range(len(self)) if places is None else set(places)
        links = (
            link for place in patiently(wanted) for link in self.relations_at(place) if link.source == place
        )
        relations = [self.relation(link) for link in links if link.target in wanted]
        return Graph(
            self.revision,
            self.time,
            {self.uids[place]: self.item(place) for place in patiently(wanted)},
            {relation.id: relation for relation in relations},
        )

    # Words

    def name(self, place: int) -> str:
        """What sentences call the item: its name, with class or key where others have the same."""
        name, by_name = self.names[place], self.by_name
        first, last = (
            int(np.searchsorted(self.called, self.called[place], side, sorter=by_name))
            for side in ("left", "right")
        )
        if last - first == 1:
            return name
        if np.count_nonzero(self.classes[by_name[first:last]] == self.classes[place]) == 1:
            return f"{name} ({self.vocabulary.classes[self.class_name(place)].label})"
        return f"{name} ({self.keys[place]})"

    def all_names(self, places: Sequence[int]) -> list[str]:
        """What sentences call some items: `name` for very many."""
        wanted = np.array(places, np.int32)
        bounds = [
            np.searchsorted(self.called, self.called[wanted], side, sorter=self.by_name)
            for side in ("left", "right")
        ]
        alone = bounds[1] - bounds[0] == 1
        names = self.names.some(wanted)
        return [
            name if only else self.name(place)
            for place, name, only in zip(places, names, alone.tolist(), strict=True)
        ]

    def words(self, link: Link, place: int) -> str:
        """The relation's words as read from the item at one of its ends."""
        kind = self.vocabulary.relations[link.type]
        return kind.label if link.source == place else kind.inverse

    def sentence(self, link: Link) -> str:
        """The relation in words."""
        return self.vocabulary.sentence(self.name(link.source), link.type, self.name(link.target))

    @cached_property
    def by_name(self) -> Numbers:
        """The numbers, those of one name next to each other."""
        return np.argsort(self.called).astype(np.int32)


def blank(vocabulary: Vocabulary) -> Picture:
    """The picture of an empty graph."""
    none, code = np.zeros(0, np.int32), {"code": np.uint16}
    relation = {"target": np.int32, "type": np.uint16, "details": np.int32, "version": np.int32}
    parts: dict[str, Any] = {
        **{name: no_texts() for name in ("uids", "keys", "names", "details", "folded")},
        "called": np.zeros(0, np.uint64),
        "classes": np.zeros(0, np.int16),
        "facets": dict.fromkeys(FACETS, none),
        "versions": none,
        "origins": none,
        "values": Distinct([b"null"]),
        "shared": Distinct([b"{}"]),
        "order": Ordering(none),
        "index": Uids(),
        "relations": no_rows({**relation, "origin": np.int32, "evidence": np.uint32, "seen": np.uint32}),
        "backwards": no_rows({"source": np.int32, "type": np.uint16}),
        "out": no_rows({"end": np.int32, **code}),
        "into": no_rows({"start": np.int32, **code}),
        "special": np.zeros(0, np.uint32),
        "groups": Groups(none, none, none, none, np.zeros(0, np.bool_)),
    }
    return Picture(Codes(vocabulary), EMPTY.revision, EMPTY.time, 0, 0, **parts)


def members_needed(needs: object, members: int) -> int:
    """How many of `members` a group needs: a number, or a percentage of them, rounded up, at least 1.

    Examples
    --------
    >>> members_needed("50%", 3)
    2
    """
    if isinstance(needs, str):
        share = Decimal(needs.removesuffix("%")) * members / 100
        return max(1, int(share.to_integral_value(ROUND_CEILING)))
    return int(str(needs))
