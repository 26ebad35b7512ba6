"""What a transaction makes of what is there: the same checks, in the same words, for every store.

A store reads what `needed` names, has it staged, and writes what comes out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import NamedTuple, TypeVar

from cmdb.errors import Conflict, Rejected, Stale
from cmdb.model import CORE, Item, Relation, RelationId
from cmdb.operations import (
    AddRelation,
    ChangePlan,
    Changes,
    GraphOperation,
    ItemOperation,
    Operation,
    RelationOperation,
    RemoveRelation,
    Step,
    Target,
    apply_to_item,
    apply_to_relation,
)
from cmdb.progress import telling
from cmdb.stores.base import Progress, Transaction, in_silence

T = TypeVar("T")

Place = tuple[str, Target]
"""Where a step stands: the plan's owner, and what the step is about."""


class Needed(NamedTuple):
    """What has to be read before a transaction can be staged."""

    items: set[str]
    relations: set[RelationId]
    keys: set[str]
    places: set[Place]


@dataclass
class Present:
    """What was read: what of it is there now.

    Attributes
    ----------
    removed
        The last version of relations that once were there, and of some that are.
    holders
        By key, the uid of the item that has it.
    """

    items: dict[str, Item] = field(default_factory=dict)
    relations: dict[RelationId, Relation] = field(default_factory=dict)
    removed: dict[RelationId, int] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    steps: dict[Place, Step] = field(default_factory=dict)


class Staged(NamedTuple):
    """What has to be written: new states with their versions; `None` where something ends."""

    items: Mapping[str, Item]
    relations: Mapping[RelationId, Relation | None]
    steps: Mapping[Place, Step | None]


def needed(transaction: Transaction) -> Needed:
    """Name everything that a transaction touches or rests on."""
    found = Needed(set(), set(), set(), set())
    for uid in transaction.expected:
        _need(found, RelationId.of(uid) or uid)
    for one in transaction.operations:
        if isinstance(one, ChangePlan):
            found.places.add((one.owner, one.target))
            found.items.add(one.owner)
        else:
            _need(found, one.uid if isinstance(one, ItemOperation) else one.id)
        if isinstance(one, ItemOperation) and isinstance(one.after.get("key"), str):
            found.keys.add(str(one.after["key"]))
    return found


def _need(found: Needed, target: Target) -> None:
    if isinstance(target, str):
        found.items.add(target)
    else:
        found.relations.add(target)
        found.items.update((target.source, target.target))


def between_known(relations: Iterable[RelationId], found: Present) -> Iterator[RelationId]:
    """Those of which there can be a trace: items are never deleted, so both ends are there.

    An import of something new adds millions of others, which need not be looked for.
    """
    return (one for one in relations if one.source in found.items and one.target in found.items)


def batches(values: Iterable[T], size: int = 5_000) -> Iterator[list[T]]:
    """Values by so many at once: what one statement reads or writes, so that progress can be told."""
    rest = iter(values)
    return iter(lambda: list(islice(rest, size)), [])


def stage(transaction: Transaction, present: Present, time: str, progress: Progress = in_silence) -> Staged:
    """Work out what a transaction makes of what is there.

    Raises
    ------
    Rejected, Conflict, Stale
        As `Store.commit` says.
    """
    return _Stage(present, time).run(transaction, progress)


@dataclass
class _Stage:
    present: Present
    time: str
    items: dict[str, Item] = field(default_factory=dict)
    relations: dict[RelationId, Relation | None] = field(default_factory=dict)
    steps: dict[Place, Step | None] = field(default_factory=dict)
    told_again: bool = False

    def run(self, transaction: Transaction, progress: Progress) -> Staged:
        self._check_versions(transaction.expected)
        self.told_again = transaction.time is not None
        operations = transaction.operations
        for operation in telling(progress, "operations checked", operations, len(operations)):
            self._take(operation)
        self._check_keys()
        self._count_versions()
        return Staged(self.items, self.relations, self.steps)

    def _check_versions(self, expected: Mapping[str, int]) -> None:
        for uid, version in expected.items():
            relation = RelationId.of(uid)
            found = self.present.relations.get(relation) if relation else self.present.items.get(uid)
            if found is None or found.version != version:
                who = self._said(relation) if relation else self._key(uid)
                now = f"is at version {found.version} now" if found else "is not there"
                raise Stale(f"{who}: version {version} was expected, but it {now}.")

    def _take(self, operation: Operation) -> None:
        if isinstance(operation, ChangePlan):
            self._take_step(operation)
        elif isinstance(operation, ItemOperation):
            self.items[operation.uid] = apply_to_item(self._item(operation.uid), operation, self.time)
            fault = _unstorable(operation.after)
            if fault:
                raise Rejected(f"{self._key(operation.uid)}: {fault}")
            self._check_name(operation, self._key(operation.uid))
        else:
            self._take_relation(operation)

    def _check_name(self, operation: GraphOperation, who: str) -> None:
        """Refuse a name of nothing but blanks, unless it was allowed when a backup was made of it."""
        name = operation.after.get("name") if isinstance(operation, ItemOperation) else None
        if isinstance(name, str) and name.isspace() and not self.told_again:
            raise Rejected(f"{who}: its name holds nothing but blanks.")

    def _take_relation(self, operation: RelationOperation) -> None:
        one = operation.id
        if isinstance(operation, AddRelation) and not (
            self._is_there(one.source) and self._is_there(one.target)
        ):
            raise Rejected(f"{self._said(one)}, {one.type}: an end of it does not exist.")
        relation = self.relations[one] if one in self.relations else self.present.relations.get(one)
        try:
            self.relations[one] = apply_to_relation(relation, operation, self.time)
        except Conflict as error:
            raise Conflict(f"{self._said(one)}, {error.detail}") from None
        fault = None if isinstance(operation, RemoveRelation) else _unstorable(operation.after, one.type)
        if fault:
            raise Rejected(f"{self._said(one)}, {one.type}: {fault}")

    def _take_step(self, operation: ChangePlan) -> None:
        place = operation.owner, operation.target
        if self._item(operation.owner) is None:
            raise Rejected(f"{operation.owner}: the owner of a plan does not exist.")
        now = self.steps[place] if place in self.steps else self.present.steps.get(place)
        if now != operation.before:
            raise Conflict(f"{self._key(operation.owner)}: a step of its plan is not what was expected.")
        if operation.after is not None:
            owner = self._key(operation.owner)
            _check_step(owner, operation.after)
            self._check_name(operation.after.operation, f"{owner}, its plan")
        self.steps[place] = operation.after

    def _check_keys(self) -> None:
        """Refuse a key that two would have; each item may take one that another gives up."""
        taken: dict[str, str] = {}
        for uid, item in self.items.items():
            holder = taken.setdefault(item.key, uid)
            was = self.present.holders.get(item.key, uid)
            if holder != uid or (was != uid and was not in self.items):
                raise Conflict(f"The key “{item.key}” is taken.")

    def _count_versions(self) -> None:
        """Give each its next version, in place, and forget what came and went in this one transaction."""
        for uid, item in self.items.items():
            if uid in self.present.items:
                self.items[uid] = replace(item, version=self.present.items[uid].version + 1)
        gone = []
        for one, relation in self.relations.items():
            before = self.present.relations.get(one)
            last = before.version if before else self.present.removed.get(one, 0)
            if relation is None:
                gone += [] if before else [one]
            elif last:
                self.relations[one] = replace(relation, version=last + 1)
        for one in gone:
            del self.relations[one]

    def _item(self, uid: str) -> Item | None:
        return self.items.get(uid) or self.present.items.get(uid)

    def _is_there(self, uid: str) -> bool:
        return uid in self.items or uid in self.present.items

    def _key(self, uid: str) -> str:
        item = self._item(uid)
        return item.key if item else uid

    def _said(self, relation: RelationId) -> str:
        return f"{self._key(relation.source)} → {self._key(relation.target)}"


_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def _check_step(who: str, step: Step) -> None:
    operation = step.operation
    if not isinstance(operation, RemoveRelation):
        name = None if isinstance(operation, ItemOperation) else operation.id.type
        fault = _unstorable(operation.after, name)
        if fault:
            raise Rejected(f"{who}, its plan: {fault}")


def _unstorable(after: Changes, name: str | None = None) -> str | None:
    """Why not every store could hold values; `None` if each could.

    Classes, relation types and fields have to be lower-case words, and values those of `cmdb.values`.

    Parameters
    ----------
    after
        The values by field.
    name
        The name of the relation type; for an item, its class is among the values.
    """
    for one in (*after, name, after.get("class")):
        if one is not None and one not in CORE and not is_word(str(one)):
            return f"“{one}” cannot be stored: names are lower-case words joined by _."
    for field_name, value in after.items():
        fault = _wrong_with(value)
        if fault:
            return f"{field_name} cannot be stored: {fault}."
    return None


@lru_cache(maxsize=1_000)
def is_word(name: str) -> bool:
    """Whether a class, relation type or field can have this name in every store."""
    return _NAME.fullmatch(name) is not None


def _wrong_with(value: object) -> str | None:
    if value is None or isinstance(value, str | bool):
        return None
    if isinstance(value, list):
        return _wrong_with_list(value)
    if isinstance(value, int):
        return None if -(2**63) <= value < 2**63 else "the number does not fit 64 bits"
    if isinstance(value, float):
        return None if math.isfinite(value) else "the number is not finite"
    return f"it is a {type(value).__name__}, and no text, number, boolean or list of one kind of these"


def _wrong_with_list(values: Sequence[object]) -> str | None:
    if len({type(one) for one in values}) > 1:
        return "a list holds one kind of value"
    faults = (
        "a list holds no lists and no gaps" if one is None or isinstance(one, list) else _wrong_with(one)
        for one in values
    )
    return next(filter(None, faults), None)
