"""The picture: one revision of the graph, turned the way harm flows.

Items become integers in order of their keys, so that comparing numbers compares keys. Each relation becomes
the rows along which it carries harm, from the item that is hurt to the item that feels it. Only items whose
status carries harm have rows; the others keep their place, and nothing reaches or leaves them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from typing import NamedTuple

from cmdb.harm import NONE, Transfer
from cmdb.model import STATUS, Graph, Item, Relation, RelationId
from cmdb.vocabulary import Vocabulary
from impact.rules import rules


class Row(NamedTuple):
    """One way along which harm passes: from `start` to `end`, changed by `transfer`.

    A counted row passes nothing by itself: the group at its end counts its members.
    """

    start: int
    end: int
    transfer: Transfer
    counted: bool
    relation: RelationId


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
class Picture:
    """An immutable view of one graph for the engine.

    Attributes
    ----------
    graph, vocabulary
        What it was made from.
    items
        Every item in order of its key; an item's place here is its number everywhere else.
    active
        By number, whether the item's status carries harm.
    out, into
        By number, the rows that start and end there, in the order of their relations.
    groups
        By number, the counting items that are active.
    """

    graph: Graph
    vocabulary: Vocabulary
    items: Sequence[Item]
    active: Sequence[bool]
    out: Sequence[Sequence[Row]]
    into: Sequence[Sequence[Row]]
    groups: dict[int, Group]

    @cached_property
    def number(self) -> dict[str, int]:
        """Numbers by uid."""
        return {item.uid: place for place, item in enumerate(self.items)}

    @cached_property
    def groups_of(self) -> dict[int, tuple[int, ...]]:
        """By number of a member, the groups it counts in."""
        found = defaultdict(list)
        for place, group in sorted(self.groups.items()):
            for member in group.members:
                found[member].append(place)
        return {member: tuple(places) for member, places in found.items()}

    @cached_property
    def relations_of(self) -> dict[int, tuple[Relation, ...]]:
        """By number, all relations at the item, of whatever type, in order."""
        found = defaultdict(set)
        for relation in self.graph.relations:
            found[self.number[relation.source]].add(relation)
            found[self.number[relation.target]].add(relation)
        return {
            place: tuple(self.graph.relations[one] for one in sorted(ids, key=self.order))
            for place, ids in found.items()
        }

    @cached_property
    def broken(self) -> list[RelationId]:
        """Relations by which an active item rests on one that is not, in order."""
        found = [
            relation
            for relation in self.graph.relations
            if self.vocabulary.transfer(relation.type, to_source=True) != NONE
            and self.active[self.number[relation.source]]
            and not self.active[self.number[relation.target]]
        ]
        return sorted(found, key=self.order)

    @cached_property
    def awake(self) -> Picture:
        """The same graph as if everything in it were live."""
        return take(self.graph, self.vocabulary, everything_active=True)

    def find(self, key: str) -> int:
        """The number of the item with this key, or `NotFound`."""
        return self.number[self.graph.item(key).uid]

    def ends(self, relation: RelationId) -> tuple[Item, Item]:
        """The source and target of a relation."""
        return self.graph.items[relation.source], self.graph.items[relation.target]

    def order(self, relation: RelationId) -> tuple[str, str, str]:
        """How relations are put in order wherever several are as good: source key, type, target key."""
        source, target = self.ends(relation)
        return source.key, relation.type, target.key

    @cached_property
    def _often(self) -> Counter[str | tuple[str, str]]:
        """How many items have a name, and how many a name and class."""
        return Counter([one for item in self.items for one in (item.name, (item.name, item.class_name))])

    def name(self, place: int) -> str:
        """What sentences call the item: its name, with class or key where others have the same."""
        item = self.items[place]
        if self._often[item.name] == 1:
            return item.name
        if self._often[item.name, item.class_name] == 1:
            return f"{item.name} ({self.vocabulary.classes[item.class_name].label})"
        return f"{item.name} ({item.key})"

    def words(self, relation: RelationId, place: int) -> str:
        """The relation's words as read from the item at one of its ends."""
        kind = self.vocabulary.relations[relation.type]
        return kind.label if self.number[relation.source] == place else kind.inverse

    def sentence(self, relation: RelationId) -> str:
        """The relation in words."""
        source, target = (self.name(self.number[uid]) for uid in (relation.source, relation.target))
        return self.vocabulary.sentence(source, relation.type, target)

    def is_ci(self, place: int) -> bool:
        """Whether the item is a configuration item."""
        return self.vocabulary.is_ci(self.items[place].class_name)

    def is_service(self, place: int) -> bool:
        """Whether the item is a service."""
        return self.vocabulary.is_service(self.items[place].class_name)

    def tier(self, place: int) -> int | None:
        """The item's tier, `None` where nobody has said."""
        tier = self.items[place].attributes.get("tier")
        return tier if isinstance(tier, int) else None

    def weight(self, place: int) -> int:
        """The tier the item is weighed as."""
        tier = self.tier(place)
        return rules().tier.absent if tier is None else tier

    def status(self, place: int) -> str:
        """The item's status in words, with the one that absence stands for."""
        return str(self.items[place].attributes.get(STATUS, rules().status.absent)).replace("_", " ")


def take(graph: Graph, vocabulary: Vocabulary, *, everything_active: bool = False) -> Picture:
    """Make the picture of a graph; with `everything_active`, as if nothing were planned or retired.

    Raises
    ------
    Rejected
        If the graph was filled with another vocabulary.
    """
    vocabulary.refuse_unknown(
        (item.class_name for item in graph.items.values()), (relation.type for relation in graph.relations)
    )
    items = sorted(graph.items.values(), key=lambda item: item.key)
    carrying = rules().status.carrying
    active = [
        everything_active or item.attributes.get(STATUS, rules().status.absent) in carrying for item in items
    ]
    number = {item.uid: place for place, item in enumerate(items)}
    out: list[list[Row]] = [[] for _ in items]
    into: list[list[Row]] = [[] for _ in items]
    for row in _rows(graph, vocabulary, number, active):
        out[row.start].append(row)
        into[row.end].append(row)
    groups = {
        place: _group(item, into[place])
        for place, item in enumerate(items)
        if active[place] and vocabulary.is_group(item.class_name)
    }
    return Picture(graph, vocabulary, items, active, out, into, groups)


def _rows(
    graph: Graph, vocabulary: Vocabulary, number: dict[str, int], active: Sequence[bool]
) -> Iterator[Row]:
    for relation in _in_order(graph, number):
        source, target = number[relation.source], number[relation.target]
        if not (active[source] and active[target]):
            continue
        for start, end, to_source in ((target, source, True), (source, target, False)):
            transfer = vocabulary.transfer(relation.type, to_source=to_source)
            end_class = graph.items[relation.source if to_source else relation.target].class_name
            counted = vocabulary.counts(relation.type, to_source=to_source) and vocabulary.is_group(end_class)
            if counted or transfer != NONE:
                yield Row(start, end, transfer, counted, relation)


def _in_order(graph: Graph, number: dict[str, int]) -> list[RelationId]:
    return sorted(graph.relations, key=lambda one: (number[one.source], one.type, number[one.target]))


def _group(item: Item, into: Sequence[Row]) -> Group:
    members = frozenset(row.start for row in into if row.counted)
    needs = members_needed(item.attributes.get("needs", 1), len(members))
    if not members:
        return Group(needs, members, f"needs {needs} but has no members")
    if needs > len(members):
        return Group(len(members), members, f"needs {needs} but has {len(members)}")
    return Group(needs, members, None)


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
