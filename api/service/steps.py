"""Steps: what some operations would do, one line for each item and relation, as documents tell it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cmdb.canonical import canonical
from cmdb.model import CORE, RETIRED, STATUS, Item, Provenance, Relation, RelationId
from cmdb.operations import (
    AddRelation,
    Changes,
    CreateItem,
    GraphOperation,
    RemoveRelation,
    Target,
    target_of,
)
from impact.documents.brief import Document

Action = Literal["add", "change", "retire"]
ACTIONS: tuple[Action, ...] = ("add", "change", "retire")


@dataclass(frozen=True)
class Before:
    """What the operations are about, as it is before them.

    Attributes
    ----------
    items, relations
        At least those that the operations change, and the items at the ends of relations.
    places
        Where each was told of.
    """

    items: Mapping[str, Item]
    relations: Mapping[RelationId, Relation]
    places: Mapping[Target, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """All that is done to one item or relation.

    Attributes
    ----------
    keys
        The item's key; of a relation those of its source and its target.
    """

    action: Action
    target: Target
    operations: Sequence[GraphOperation]
    keys: tuple[str, ...]

    @property
    def order(self) -> tuple[int, bool, tuple[str, ...], str]:
        """What is added first, then what changes, then what goes; items first; by their keys."""
        is_relation = isinstance(self.target, RelationId)
        kind = self.target.type if isinstance(self.target, RelationId) else ""
        return ACTIONS.index(self.action), is_relation, self.keys, kind

    def document(self, before: Before) -> Document:
        """The step in full."""
        return {
            "action": self.action,
            **(self._relation(self.target) if isinstance(self.target, RelationId) else self._item(before)),
            "fields": list(_fields(self.operations, before)),
            "where": before.places.get(self.target),
        }

    def _relation(self, relation: RelationId) -> Document:
        source, target = self.keys
        return {"what": "relation", "source": source, "type": relation.type, "target": target}

    def _item(self, before: Before) -> Document:
        item = before.items.get(str(self.target))
        values: dict[str, object] = {name: getattr(item, CORE[name]) for name in CORE} if item else {}
        for one in self.operations:
            if not isinstance(one, RemoveRelation):
                values |= {name: one.after[name] for name in CORE if name in one.after}
        return {"what": "item", "key": self.keys[0], "class": values["class"], "name": values["name"]}


def steps(operations: Iterable[GraphOperation], before: Before) -> list[Step]:
    """The steps that operations make, in their order; none for what states what is so already."""
    by_target: dict[Target, list[GraphOperation]] = {}
    keys: dict[str, str] = {}
    for one in operations:
        by_target.setdefault(target_of(one), []).append(one)
        if isinstance(one, CreateItem):
            keys[one.uid] = str(one.after["key"])
    found = (
        Step(_action(some[0]), target, some, _keys(target, keys, before))
        for target, some in by_target.items()
        if _does_something(some, before)
    )
    return sorted(found, key=lambda step: step.order)


def digest_of(found: Iterable[Step], before: Before) -> str:
    """What tells these steps from any others: all that is done, to what, and from which values."""
    told = hashlib.sha256()
    for step in found:
        told.update(canonical(step.document(before)))
    return told.hexdigest()


def _keys(target: Target, new: Mapping[str, str], before: Before) -> tuple[str, ...]:
    ends = (target,) if isinstance(target, str) else (target.source, target.target)
    return tuple(new[uid] if uid in new else before.items[uid].key for uid in ends)


def _action(first: GraphOperation) -> Action:
    if isinstance(first, CreateItem | AddRelation):
        return "add"
    if isinstance(first, RemoveRelation) or (first.after.get(STATUS), len(first.after)) == (RETIRED, 1):
        return "retire"
    return "change"


def _does_something(some: Sequence[GraphOperation], before: Before) -> bool:
    return isinstance(some[0], CreateItem | AddRelation | RemoveRelation) or any(_fields(some, before))


def _fields(some: Sequence[GraphOperation], before: Before) -> Iterator[Document]:
    """The fields that get another value, or whose value another source answers for from then on."""
    origins = _origins(target_of(some[0]), before)
    was: dict[str, object] = {}
    now: dict[str, object] = {}
    source: dict[str, str] = {}
    for one in some:
        for name, value in _before(one).items():
            was.setdefault(name, value)
        for name, value in _after(one).items():
            now[name], source[name] = value, one.source
    is_new = isinstance(some[0], CreateItem)
    for name in sorted(now.keys() - (CORE.keys() if is_new else set())):
        origin = origins[name].source if name in origins else None
        if now[name] != was.get(name) or (origin is not None and origin != source[name]):
            told = {"field": name, "before": was.get(name), "after": now[name]}
            yield {**told, "was_from": origin, "from": source[name]}


def _origins(target: Target, before: Before) -> Mapping[str, Provenance]:
    there = before.items.get(target) if isinstance(target, str) else before.relations.get(target)
    return there.provenance if there else {}


def _before(one: GraphOperation) -> Changes:
    return {} if isinstance(one, CreateItem | AddRelation) else one.before


def _after(one: GraphOperation) -> Changes:
    return dict.fromkeys(one.before) if isinstance(one, RemoveRelation) else one.after
