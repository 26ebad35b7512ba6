"""The draft of a graph with plans laid over it, which the steps of laying them fill in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cmdb.errors import Fault
from cmdb.model import Graph, Identity, Item, Relation, RelationId
from cmdb.operations import GraphOperation, Step, Target
from cmdb.overlay.wishes import Granted, Wishes, grant
from cmdb.values import Value
from cmdb.vocabulary import Vocabulary

NOT_YET = frozenset({"planned", "in_build"})
"""The status of what is not live yet, and will be."""


class Laid(NamedTuple):
    """A step and the name of the plan it is from."""

    plan: str
    step: Step

    @property
    def operation(self) -> GraphOperation:
        """What it does."""
        return self.step.operation


class Elsewhere(NamedTuple):
    """An item that plans need and that is not here: its key, and the plan that makes it, if one does."""

    key: str
    maker: str | None

    def __str__(self) -> str:
        if self.maker is None:
            return f"{self.key}, which no plan makes any more"
        return f"{self.key}, which only the plan of {self.maker} makes: lay that over it too"


@dataclass(frozen=True)
class Known:
    """What is known beside the graph.

    Attributes
    ----------
    names
        The uids that sources know by the names of the plans' new items.
    vocabulary
        It says which items a relation may join; without it, that is not checked.
    elsewhere
        What there is of strangers by their uids, so that conflicts can name them.
    """

    names: Mapping[Identity, str] = field(default_factory=dict)
    vocabulary: Vocabulary | None = None
    elsewhere: Mapping[str, Elsewhere] = field(default_factory=dict)


@dataclass
class Draft:
    """A graph in the making.

    Attributes
    ----------
    aliases
        By uid that a plan gave to a new item: the uid of the item that stands for it.
    created
        The items that plans make, or say that they make.
    strangers
        The items that plans need and that are not here.
    """

    graph: Graph
    known: Known
    come_true: bool
    items: dict[str, Item] = field(init=False)
    relations: dict[RelationId, Relation] = field(init=False)
    aliases: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    created: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.items, self.relations = dict(self.graph.items), dict(self.graph.relations)

    def fault(self, who: str, what: str) -> None:
        """Note a conflict."""
        self.faults.append(Fault(who, what))

    def granted(
        self, who: str, now: Callable[[str], Value | None], wishes: Wishes, *, new: bool = False
    ) -> Granted:
        """The new values by source and field; what cannot be granted is noted as a conflict."""
        granted, faults = grant(who, now, wishes, new=new)
        self.faults += faults
        return granted

    def meant(self, uid: str) -> str:
        """The item that stands for one that plans speak of."""
        return self.aliases.get(uid, uid)

    def meant_relation(self, one: RelationId) -> RelationId:
        """The relation between the items that stand for its ends."""
        return RelationId(self.meant(one.source), one.type, self.meant(one.target))

    def meant_target(self, target: Target) -> Target:
        """The item or relation that a step is about."""
        return self.meant(target) if isinstance(target, str) else self.meant_relation(target)

    def key(self, uid: str) -> str:
        """What faults call an item."""
        if uid in self.items:
            return self.items[uid].key
        elsewhere = self.known.elsewhere.get(uid)
        return elsewhere.key if elsewhere else "an item of another plan"

    def said(self, one: RelationId) -> str:
        """What faults call a relation."""
        return f"{self.key(one.source)} → {self.key(one.target)}, {one.type}"

    def stranger(self, uid: str) -> str:
        """What faults say of an item that is not here."""
        self.strangers.add(uid)
        return str(self.known.elsewhere.get(uid, "an item that is not here"))
