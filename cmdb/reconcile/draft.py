"""What reconciliation has to know, and the draft of a plan that its steps fill in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from cmdb.errors import Fault, Rejected, Stale
from cmdb.model import Graph, Identity, RelationId
from cmdb.observations import Observations, SeenItem
from cmdb.operations import CreateItem, GraphOperation, Target
from cmdb.reconcile.identification import Identification, Marks, load_identification
from cmdb.reconcile.precedence import Precedence, load_precedence
from cmdb.reconcile.sightings import Sightings
from cmdb.spelling import did_you_mean
from cmdb.stores.base import Progress, in_silence
from cmdb.values import Attributes, Value, from_text
from cmdb.vocabulary import Field, Vocabulary
from cmdb.words import natural


@dataclass(frozen=True)
class Known:
    """The graph as it is, who is known by which name, and the vocabulary."""

    graph: Graph
    identities: Mapping[Identity, str]
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Rules:
    """How to reconcile.

    Attributes
    ----------
    time
        When the sources were read.
    source
        In whose name; without one each file speaks in the name of its format and nothing is retired.
    any_share
        Whether more than the usual share of the source's items may be retired.
    planned
        Whether this is what is meant to be and not what was seen: then nothing that is missing is retired,
        and operations also state what is so already.
    shown
        Whether somebody is to read the plan step by step: then it keeps where each relation was told of.
    identification, precedence
        How items are found that two sources know, and whose word counts where they differ.
    """

    time: str
    source: str | None = None
    any_share: bool = False
    planned: bool = False
    shown: bool = False
    identification: Identification = field(default_factory=load_identification)
    precedence: Precedence = field(default_factory=load_precedence)

    @property
    def retires(self) -> bool:
        """Whether what the source no longer lists is retired."""
        return self.source is not None and not self.planned

    def source_of(self, seen: Observations) -> str:
        """In whose name a file speaks."""
        return self.source or seen.format


class Retiring(NamedTuple):
    """How many of the live items that a source brought are retired, of how many; the most that may be.

    Attributes
    ----------
    limit
        The largest share, unless any is allowed.
    """

    items: int
    of: int
    limit: float


@dataclass(frozen=True)
class Unresolved:
    """A relation one end of which was not found.

    Attributes
    ----------
    missing
        The ends that were not found: `source`, `target` or both.
    sought
        What the missing end is called: the target, if both are missing.
    class_name
        The class that it should have, where that is told.
    candidates, candidates_total
        Keys of items that may be meant, the first few of so many.
    """

    source: str
    type: str
    target: str
    where: str
    missing: tuple[str, ...] = ()
    sought: tuple[str, ...] = ()
    class_name: str | None = None
    candidates: tuple[str, ...] = ()
    candidates_total: int = 0


class Kept(NamedTuple):
    """A value that was not taken over, because a source of higher rank says otherwise.

    Attributes
    ----------
    about
        The key of the item; of a relation the key of its source, its type and the key of its target.
    value, by
        What the field is, and whose word that is.
    offered, offered_by, where
        What was told instead, by whom, and where.
    """

    about: str | tuple[str, str, str]
    field: str
    value: Value | None
    by: str
    offered: Value | None
    offered_by: str
    where: str


class Told(NamedTuple):
    """All that a source says of one item, ready to be compared."""

    item: SeenItem
    identity: Identity
    seen: Observations
    values: Mapping[str, Value | None]


class Kind(NamedTuple):
    """A class of items or a type of relations: how faults call one, and the fields it may have."""

    a: str
    fields: Mapping[str, Field]


@dataclass
class Draft:
    """A plan in the making.

    `keys` and `names` map keys to uids and back, `classes` gives the class by uid; all three cover what is
    in the graph and what this plan creates; `created` holds the operations that create it. `told` is, by
    uid, what this import says of an item. `refused` holds the source ids of items that cannot be had,
    `forbidden` the relations that a file which is applied as a whole must not have, `places` where relations
    were told of, if the rules want them; `retiring` what share of its source's items goes.
    """

    known: Known
    rules: Rules
    progress: Progress = in_silence
    operations: list[GraphOperation] = field(default_factory=list)
    sightings: Sightings = field(init=False)
    items: Counter[str] = field(default_factory=Counter)
    relations: Counter[str] = field(default_factory=Counter)
    unresolved: list[Unresolved] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rejected: list[Fault] = field(default_factory=list)
    seen_relations: Collection[RelationId] = ()
    keys: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    created: dict[str, CreateItem] = field(default_factory=dict)
    told: dict[str, tuple[Told, ...]] = field(default_factory=dict)
    places: dict[Target, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    forbidden: set[RelationId] = field(default_factory=set)
    retiring: Retiring | None = None

    def __post_init__(self) -> None:
        self.sightings = Sightings(self.rules.time)
        for uid, item in self.known.graph.items.items():
            self.enter(uid, item.key, item.class_name)

    @cached_property
    def marks(self) -> Marks:
        """The values that identify items, by the classes of the vocabulary."""
        return self.rules.identification.known_to(self.known.vocabulary)

    @cached_property
    def item_kinds(self) -> Mapping[str, Kind]:
        """Each class of the vocabulary."""
        vocabulary = self.known.vocabulary
        return {name: Kind(vocabulary.a(name), vocabulary.item_fields(name)) for name in vocabulary.classes}

    @cached_property
    def relation_kinds(self) -> Mapping[str, Kind]:
        """Each relation type of the vocabulary."""
        vocabulary = self.known.vocabulary
        return {
            name: Kind(f"a relation {name}", vocabulary.relation_fields(name))
            for name in vocabulary.relations
        }

    def enter(self, uid: str, key: str, class_name: str) -> None:
        """Make an item known to the rest of the plan."""
        self.keys[key], self.names[uid], self.classes[uid] = uid, key, class_name

    def order(self, relation: RelationId) -> tuple[str, str, str]:
        """The order in which relations are planned: source key, type, target key."""
        return self.names[relation.source], relation.type, self.names[relation.target]

    def uid_of(self, identity: Identity) -> str | None:
        """Who a source's name means, in this import or from before.

        Raises
        ------
        Stale
            If it is somebody who came after the graph was read.
        """
        uid = self.sightings.items.get(identity) or self.known.identities.get(identity)
        if uid is not None and uid not in self.names:
            raise Stale(f"{identity.source_id} was imported by somebody else meanwhile. Import again.")
        return uid

    def only_of(self, source: str, source_id: str) -> str | None:
        """Who a source means by an id whose class it does not tell; `None` if nobody or several have it."""
        found = self._by_id.get((source, source_id), ())
        uids = {uid for identity in found if (uid := self.uid_of(identity)) is not None}
        return uids.pop() if len(uids) == 1 else None

    @cached_property
    def _by_id(self) -> Mapping[tuple[str, str], list[Identity]]:
        """The names that sources have for items, by source and id; asked for once all items are planned."""
        sources = {identity.source for identity in self.sightings.items}
        found: dict[tuple[str, str], list[Identity]] = defaultdict(list)
        for identity in chain(self.sightings.items, self.known.identities):
            if identity.source in sources:
                found[identity.source, identity.source_id].append(identity)
        return found

    def fault(self, seen: Observations, where: str, what: str) -> None:
        """Note what is wrong; in a file that is applied as a whole it refuses the file."""
        (self.faults if seen.all_or_nothing else self.rejected).append(Fault(where, what))

    def refuse_faults(self) -> None:
        """Raise `Rejected` with every fault found so far, if there is any."""
        if self.faults:
            faults = in_order(self.faults)
            number = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
            first = f"{faults[0].pointer}: {faults[0].detail}"
            raise Rejected(f"Nothing was imported: {number}. {first}", faults)

    def checked(
        self, seen: Observations, where: str, kind: Kind, values: Mapping[str, object]
    ) -> dict[str, Value | None]:
        """The values in their normal form; those that are wrong are noted as faults and left out."""
        good: dict[str, Value | None] = {}
        for name, value in values.items():
            if name not in kind.fields:
                hint = did_you_mean(name, kind.fields)
                self.fault(seen, where, f"{kind.a} has no field “{name}”.{hint}")
                continue
            try:
                good[name] = _checked(kind.fields[name], value, as_text=seen.as_text)
            except ValueError as error:
                self.fault(seen, where, f"{name}: {error}")
        return good


def _checked(field: Field, value: object, *, as_text: bool) -> Value | None:
    """The value in its normal form; where all values are texts, it is first read as the field's type."""
    if value is None:
        return None
    return field.check(from_text(field.type, value) if as_text and isinstance(value, str | list) else value)


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults in the order of their places in the file."""
    return tuple(sorted(faults, key=lambda one: natural(one.pointer)))


def given(values: Mapping[str, Value | None]) -> Attributes:
    """The values that are there, in order of their names."""
    return {name: value for name, value in sorted(values.items()) if value is not None}


def totals(counts: Counter[str]) -> dict[str, int]:
    """The four numbers every import reports."""
    return {what: counts[what] for what in ("added", "changed", "retired", "unchanged")}
