"""History: what happened to an item and its relations, and what was only planned for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cmdb.diff import FieldChange, changed_fields, field_changes, values_changed
from cmdb.model import Commit, Item, Relation, RelationId
from cmdb.operations import (
    AddRelation,
    ChangeItem,
    ChangeRelation,
    CreateItem,
    GraphOperation,
    RemoveRelation,
)
from cmdb.plan_log import Made, PlanChange, ends_of, made_by_plans, plans_about
from cmdb.stores.base import RelationVersion, Store
from cmdb.views import Overlay
from cmdb.vocabulary import Vocabulary
from impact.documents.brief import Document

PLANNED: Mapping[type[GraphOperation], str] = {
    CreateItem: "creation",
    ChangeItem: "change",
    AddRelation: "relation",
    ChangeRelation: "change of the relation",
    RemoveRelation: "removal of the relation",
}
"""What a plan means to do, in words."""


@dataclass(frozen=True)
class History:
    """Tells histories.

    Attributes
    ----------
    upto
        The newest revision to tell of.
    name
        What sentences call the item with a uid; `None` for what is not in view.
    """

    store: Store
    vocabulary: Vocabulary
    upto: int
    name: Callable[[str], str | None]

    def of(self, item: Item) -> list[Document]:
        """What happened to an item, and what plans said of it, newest first."""
        found = [*self._item_events(item), *self._relation_events(item), *self._plan_events(item)]
        told = (one for one in found if one["revision"] <= self.upto)
        return sorted(told, key=lambda one: -one["revision"])

    def _item_events(self, item: Item) -> list[Document]:
        versions = self.store.item_history(item.uid)
        return [_event(one.commit, "created") for one in versions[:1]] + [
            _event(now.commit, "changed", changed_fields(before.item, now.item))
            for before, now in pairwise(versions)
        ]

    def _relation_events(self, item: Item) -> list[Document]:
        there: dict[RelationId, Relation] = {}
        found = []
        for one in self.store.relation_history(item.uid):
            if one.commit.revision <= self.upto:
                what, changes = _how(there.pop(one.relation.id, None), one)
                if not one.removed:
                    there[one.relation.id] = one.relation
                sentence = self._sentence(one.relation.id, {})
                found.append(_event(one.commit, what, changes, sentence))
        return found

    def _plan_events(self, item: Item) -> list[Document]:
        known = [one.identity for one in self.store.sightings(item.uid)]
        found = plans_about(self.store, item.uid, item.key, known, self.upto)
        ends = {uid for one in found for uid in ends_of(one.operation)}
        made = made_by_plans(self.store, {uid for uid in ends if self.name(uid) is None}, self.upto)
        owners = self.store.read(self.upto, {one.operation.owner for one in found}).items
        return [self._plan_event(one, owners[one.operation.owner], made) for one in found]

    def _plan_event(self, change: PlanChange, owner: Item, made: Mapping[str, Made]) -> Document:
        one = change.operation
        how = "planned" if one.before is None else "planned otherwise" if one.after else "no longer planned"
        return _event(
            change.commit,
            f"{PLANNED[type(one.step.operation)]} {how}",
            field_changes(one.step.operation),
            self._sentence(one.target, made) if isinstance(one.target, RelationId) else None,
            str(Overlay(owner.class_name, owner.key)),
        )

    def _sentence(self, one: RelationId, made: Mapping[str, Made]) -> str:
        source, target = (self.name(uid) or made[uid].key for uid in (one.source, one.target))
        return self.vocabulary.sentence(source, one.type, target)


def _how(before: Relation | None, now: RelationVersion) -> tuple[str, Sequence[FieldChange]]:
    """What became of a relation, and which of its fields that changed."""
    if now.removed:
        return "relation removed", ()
    changes = values_changed({} if before is None else before.attributes, now.relation.attributes)
    return ("relation added" if before is None else "relation changed"), changes


def _event(
    commit: Commit,
    what: str,
    changes: Sequence[FieldChange] = (),
    relation: str | None = None,
    plan: str | None = None,
) -> Document:
    return {
        "revision": commit.revision,
        "time": commit.time,
        "author": commit.author.name,
        "identity": commit.author.identity,
        "message": commit.message,
        "plan": plan,
        "what": what,
        "changes": [one._asdict() for one in changes],
        "relation": relation,
    }
