"""The values the graph is made of. All are frozen; a change makes a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from cmdb.errors import NotFound, Rejected
from cmdb.values import Attributes

IdentityLevel = Literal["declared", "authenticated"]

LONGEST_NAME = 200
STATUS = "status"
RETIRED = "retired"

CORE = {"key": "key", "name": "name", "class": "class_name"}
"""What every item has beside its attributes, as a field and as an attribute of `Item`."""


class Provenance(NamedTuple):
    """Where an attribute's value came from: a source's name and an instant."""

    source: str
    time: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing the graph knows: a configuration item, a team, a project, an incident."""

    uid: str
    key: str
    class_name: str
    name: str
    attributes: Attributes = field(default_factory=dict)
    version: int = 1
    provenance: Mapping[str, Provenance] = field(default_factory=dict)

    @property
    def retired(self) -> bool:
        """Whether it has been taken out of use. Items are never deleted."""
        return self.attributes.get(STATUS) == RETIRED


class RelationId(NamedTuple):
    """What makes a relation this one: source uid, type, target uid."""

    source: str
    type: str
    target: str

    @property
    def uid(self) -> str:
        """The identity as one text, for version maps and uniqueness constraints."""
        return ">".join(self)

    @classmethod
    def of(cls, uid: str) -> RelationId | None:
        """The relation with this uid; `None` if it is the uid of an item."""
        parts = uid.split(">")
        return cls(*parts) if len(parts) == 3 else None


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation between two items. Several types between one pair are several relations."""

    id: RelationId
    attributes: Attributes = field(default_factory=dict)
    version: int = 1
    provenance: Mapping[str, Provenance] = field(default_factory=dict)


@dataclass(frozen=True)
class Actor:
    """Who writes, and whether that identity was declared or authenticated.

    Raises
    ------
    Rejected
        If the name is empty, longer than 200 characters, or holds something that cannot be printed.
    """

    name: str
    identity: IdentityLevel = "declared"

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > LONGEST_NAME or not self.name.isprintable():
            raise Rejected(
                f"A person's name has 1 to {LONGEST_NAME} characters that can be printed on one line."
            )


@dataclass(frozen=True)
class Commit:
    """A revision's entry in the log: who wrote when and why, chained by hash, with its remembered result."""

    revision: int
    id: str
    time: str
    author: Actor
    message: str
    hash: str
    result: Mapping[str, Any] = field(default_factory=dict)


class Identity(NamedTuple):
    """The name a source knows something by: (source, class, source id)."""

    source: str
    class_name: str
    source_id: str


class Sighting(NamedTuple):
    """A source saw the item or relation with this uid, under this identity, at this instant."""

    identity: Identity
    uid: str
    time: str


@dataclass(frozen=True)
class Graph:
    """Every item and relation at one revision."""

    revision: int
    time: str
    items: Mapping[str, Item]
    relations: Mapping[RelationId, Relation]

    @cached_property
    def uid_of(self) -> Mapping[str, str]:
        """Uids by key."""
        return {item.key: uid for uid, item in self.items.items()}

    def item(self, key: str) -> Item:
        """The item with this key.

        Raises
        ------
        NotFound
            If no item has it.
        """
        uid = self.uid_of.get(key)
        if uid is None:
            raise NotFound(f"Nothing has the key “{key}”.")
        return self.items[uid]


EMPTY = Graph(revision=0, time="1970-01-01T00:00:00Z", items={}, relations={})
