"""Relating: one relation more, with other values, or one less."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from api.service.given import SOURCE, checked, field_value
from api.service.workspace import Workspace
from api.service.writing import (
    NOT_THERE,
    Once,
    PlanGround,
    check_seen,
    find_item,
    persistently,
    plan_ground,
)
from cmdb.changes.guarding import check_changes
from cmdb.diff import field_changes
from cmdb.errors import NotFound, Rejected
from cmdb.model import EMPTY, Actor, Graph, Item, Relation, RelationId
from cmdb.operations import AddRelation, ChangeRelation, Operation, RelationOperation, RemoveRelation
from cmdb.plan_log import INTO
from cmdb.spelling import did_you_mean
from cmdb.stores.base import Transaction
from cmdb.values import Value, instant
from impact.documents.brief import FORMAT, Document
from impact.evidence import DECLARED, KNOWN, OBSERVED
from impact.hearing import VERIFIED, VERIFIED_BY


@dataclass(frozen=True)
class Link:
    """A relation as somebody speaks of it: its type, between the keys of its ends.

    Attributes
    ----------
    edition
        The edition of the relation that was seen, as `Items.show` tells it; `NOT_THERE` if none was. If it
        is another one now, nothing is written.
    into
        The plan that takes the change, as `CLASS:KEY`; the live graph by default.
    id
        Under which it may be repeated: it is done once, and answered the same each time.
    """

    source: str
    type: str
    target: str
    actor: Actor
    edition: str | None = None
    into: str | None = None
    id: str | None = None

    def once(self, verb: str, values: Mapping[str, object] | None = None) -> Once:
        """What is asked for: who does what to which relation."""
        ends, given = (self.source, self.type, self.target), dict(values or {})
        return Once(self.id, [verb, *ends, given, self.edition, self.into, self.actor.name])


class _There(NamedTuple):
    """What a link means: two items, the relation between them if there is one, and where that is so."""

    source: Item
    target: Item
    id: RelationId
    relation: Relation | None
    edition: str
    revision: int
    into: PlanGround | None

    @property
    def found(self) -> Relation:
        """The relation; raises `NotFound` where it is not there."""
        if self.relation is None:
            raise NotFound(f"{self.said}: there is no such relation.")
        return self.relation

    @property
    def ends(self) -> Graph:
        """The items that it is between."""
        return replace(EMPTY, items={one.uid: one for one in (self.source, self.target)})

    @property
    def said(self) -> str:
        """The relation, as messages call it."""
        return f"{self.source.key} → {self.target.key}, {self.id.type}"


@dataclass(frozen=True)
class Relating:
    """The use case of relating items."""

    workspace: Workspace

    def relate(self, wanted: Link, values: Mapping[str, object]) -> Document:
        """Add a relation, or give the one that is there other values.

        Parameters
        ----------
        values
            By field, the new value; `None` takes one away. Others stay as they are.

        Raises
        ------
        NotFound
            If nothing has the key of an end.
        Rejected
            If the vocabulary has no such relation, does not allow it between these items, or a value is
            not one that it may have.
        Conflict
            If a plan does not fit what is there, or the stage of a change forbids it.
        VersionNeeded
            If the relation was seen as not there, is there, and would be changed.
        Stale
            If the relation's edition is not the one that was seen.
        """
        return self._once(wanted.once("relate", values), lambda once: self._relate(wanted, once, values))

    def unrelate(self, wanted: Link) -> Document:
        """Remove a relation; raises like `relate`, and `NotFound` where it is not there."""
        return self._once(wanted.once("unrelate"), lambda once: self._unrelate(wanted, once))

    def confirm(self, wanted: Link) -> Document:
        """Note that a relation is as it says: by whom and when it was verified.

        One that nobody observed is declared from then on. It raises like `relate`, and `NotFound` where the
        relation is not there.
        """
        return self._once(wanted.once("confirm"), lambda once: self._confirm(wanted, once))

    def _once(self, once: Once, attempt: Callable[[Once], Document]) -> Document:
        store = self.workspace.store
        return persistently(store, lambda: once.recall(store) or attempt(once))

    def _relate(self, wanted: Link, once: Once, values: Mapping[str, object]) -> Document:
        there = self._there(wanted)
        self._check_ends(there)
        given = self._checked(wanted, values)
        operation = _change(there, given) if there.relation else _addition(there, given)
        return self._written(wanted, once, there, operation, _how(operation))

    def _unrelate(self, wanted: Link, once: Once) -> Document:
        there = self._there(wanted)
        operation = RemoveRelation(there.id, there.found.attributes, SOURCE)
        return self._written(wanted, once, there, operation, "removed")

    def _confirm(self, wanted: Link, once: Once) -> Document:
        there = self._there(wanted)
        known = {} if there.found.attributes.get(KNOWN) == OBSERVED else {KNOWN: DECLARED}
        said = {**known, VERIFIED: instant(self.workspace.now()), VERIFIED_BY: wanted.actor.name}
        return self._written(wanted, once, there, _change(there, self._checked(wanted, said)), "confirmed")

    def _checked(self, wanted: Link, values: Mapping[str, object]) -> dict[str, Value | None]:
        fields = self.workspace.vocabulary.relation_fields(wanted.type)
        return checked(values, partial(field_value, fields, f"a relation {wanted.type}"))

    def _there(self, wanted: Link) -> _There:
        vocabulary = self.workspace.vocabulary
        if wanted.type not in vocabulary.relations:
            hint = did_you_mean(wanted.type, vocabulary.relations)
            raise Rejected(f"There is no relation type “{wanted.type}”.{hint}")
        into = None if wanted.into is None else plan_ground(self.workspace, wanted.into)
        source, target = (find_item(self.workspace, key, into) for key in (wanted.source, wanted.target))
        one = RelationId(source.uid, wanted.type, target.uid)
        graph = into.laid.graph if into else self.workspace.store.read(None, {source.uid, target.uid, one})
        source, target = graph.items[source.uid], graph.items[target.uid]  # all as of one revision
        relation = graph.relations.get(one)
        version = relation.version if relation else 0
        edition = into.laid.edition(one.uid, version) if into and relation else str(version)
        return _There(source, target, one, relation, edition, graph.revision, into)

    def _check_ends(self, there: _There) -> None:
        if there.source.uid == there.target.uid:
            raise Rejected(f"{there.source.key} cannot be related to itself.")
        classes = there.source.class_name, there.target.class_name
        reason = self.workspace.vocabulary.refusal(there.id.type, *classes)
        if reason:
            raise Rejected(f"{there.said}: {reason}.")

    def _written(
        self, wanted: Link, once: Once, there: _There, operation: RelationOperation | None, how: str
    ) -> Document:
        changes = [operation] if operation else []
        if there.into is None:
            check_changes(changes, there.ends)
        operations: Sequence[Operation] = there.into.steps(changes) if there.into else changes
        if operations or wanted.edition != NOT_THERE:
            check_seen(there.said, wanted.edition, there.edition)
        differing = field_changes(operation) if operation else ()
        document = {
            "format": FORMAT,
            "revision": None,
            "source": there.source.key,
            "type": there.id.type,
            "target": there.target.key,
            "into": there.into and str(there.into.into),
            "how": how if operation else "unchanged",
            "changes": [one._asdict() for one in differing],
        }
        return self._commit(wanted, once, there, operations, document) if operations else document

    def _commit(
        self, wanted: Link, once: Once, there: _There, operations: Sequence[Operation], document: Document
    ) -> Document:
        into, how = document["into"], document["how"]
        said = self.workspace.vocabulary.sentence(there.source.name, there.id.type, there.target.name)
        transaction = Transaction(
            operations,
            wanted.actor,
            f"{said}: {how}" + (f" in the plan of {into}" if into else ""),
            result={INTO: into},
            planned_at=there.revision,
        )
        commit = self.workspace.store.commit(once.sign(transaction, document))
        return {**document, **commit.result, "revision": commit.revision}


def _addition(there: _There, given: Mapping[str, Value | None]) -> AddRelation:
    """A new relation; where the plan was to remove today's, that is taken back."""
    today = there.into.live.relations.get(there.id) if there.into else None
    values = {**(today.attributes if today else {}), **given}
    return AddRelation(there.id, {name: value for name, value in values.items() if value is not None}, SOURCE)


def _change(there: _There, given: Mapping[str, Value | None]) -> ChangeRelation | None:
    """Other values; for a plan, also those that are so already, as it may say otherwise."""
    now = there.relation.attributes if there.relation else {}
    after = {name: value for name, value in given.items() if there.into or now.get(name) != value}
    return ChangeRelation(there.id, {name: now.get(name) for name in after}, after, SOURCE) if after else None


def _how(operation: RelationOperation | None) -> str:
    if isinstance(operation, AddRelation):
        return "added"
    return "changed" if operation and field_changes(operation) else "unchanged"
