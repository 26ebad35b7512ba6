"""Relating: one relation more, with other values, or one less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from api.service.given import SOURCE, checked, field_value
from api.service.workspace import Workspace
from api.service.writing import NOT_THERE, PlanGround, check_seen, find_item, persistently, plan_ground
from cmdb.diff import FieldChange, field_changes
from cmdb.errors import NotFound, Rejected
from cmdb.model import Actor, Item, Relation, RelationId
from cmdb.operations import AddRelation, ChangeRelation, Operation, RelationOperation, RemoveRelation
from cmdb.plan_log import INTO
from cmdb.spelling import did_you_mean
from cmdb.stores.base import Transaction
from cmdb.values import Value
from impact.documents.brief import FORMAT, Document


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
    """

    source: str
    type: str
    target: str
    actor: Actor
    edition: str | None = None
    into: str | None = None


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
            If a plan does not fit what is there.
        VersionNeeded
            If the relation was seen as not there, is there, and would be changed.
        Stale
            If the relation's edition is not the one that was seen.
        """
        return persistently(self.workspace.store, lambda: self._relate(wanted, values))

    def unrelate(self, wanted: Link) -> Document:
        """Remove a relation; raises like `relate`, and `NotFound` where it is not there."""
        return persistently(self.workspace.store, lambda: self._unrelate(wanted))

    def _relate(self, wanted: Link, values: Mapping[str, object]) -> Document:
        there, vocabulary = self._there(wanted), self.workspace.vocabulary
        self._check_ends(there)
        fields, whose = vocabulary.relation_fields(wanted.type), f"a relation {wanted.type}"
        given = checked(values, partial(field_value, fields, whose))
        operation = _change(there, given) if there.relation else _addition(there, given)
        return self._written(wanted, there, operation)

    def _unrelate(self, wanted: Link) -> Document:
        there = self._there(wanted)
        if there.relation is None:
            raise NotFound(f"{there.said}: there is no such relation.")
        return self._written(wanted, there, RemoveRelation(there.id, there.relation.attributes, SOURCE))

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

    def _written(self, wanted: Link, there: _There, operation: RelationOperation | None) -> Document:
        changes = [operation] if operation else []
        operations: Sequence[Operation] = there.into.steps(changes) if there.into else changes
        if operations or wanted.edition != NOT_THERE:
            check_seen(there.said, wanted.edition, there.edition)
        differing = field_changes(operation) if operation else ()
        how = _how(operation, differing)
        return {
            "format": FORMAT,
            "revision": self._commit(wanted, there, operations, how) if operations else None,
            "source": there.source.key,
            "type": there.id.type,
            "target": there.target.key,
            "into": there.into and str(there.into.into),
            "how": how,
            "changes": [one._asdict() for one in differing],
        }

    def _commit(self, wanted: Link, there: _There, operations: Sequence[Operation], how: str) -> int:
        into = there.into and str(there.into.into)
        transaction = Transaction(
            operations,
            wanted.actor,
            f"{there.said}: {how}" + (f" in the plan of {into}" if into else ""),
            result={INTO: into},
            planned_at=there.revision,
        )
        return self.workspace.store.commit(transaction).revision


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


def _how(operation: RelationOperation | None, differing: Sequence[FieldChange]) -> str:
    if isinstance(operation, AddRelation):
        return "added"
    if isinstance(operation, RemoveRelation):
        return "removed"
    return "changed" if differing else "unchanged"
