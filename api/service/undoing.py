"""Undoing: one commit taken back by another, unless somebody has changed since what it changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from api.service.steps import Before, Step, steps
from api.service.workspace import Workspace
from api.service.writing import Once, persistently, plan_ground
from cmdb.changes.guarding import check_changes
from cmdb.errors import Conflict, Fault, NotFound
from cmdb.inverse import Inverse, inverse_of_steps
from cmdb.model import Actor, Graph, Item, RelationId
from cmdb.operations import (
    ChangeItem,
    ChangePlan,
    CreateItem,
    GraphOperation,
    Operation,
    RemoveRelation,
    Target,
    target_of,
)
from cmdb.plan_log import INTO
from cmdb.stores.base import Answered, Store, Transaction
from cmdb.stores.bodies import operations_of
from cmdb.viewing import item_with
from impact.documents.brief import FORMAT, Document


@dataclass(frozen=True)
class Undo:
    """An undoing as it is asked for.

    Attributes
    ----------
    revision
        Of the commit that is taken back.
    id
        Under which it may be repeated: it is done once, and answered the same each time.
    """

    revision: int
    actor: Actor
    id: str | None = None

    @property
    def once(self) -> Once:
        """What is asked for: who takes back which commit."""
        return Once(self.id, ["undo", self.revision, self.actor.name])


class _Prepared(NamedTuple):
    """What takes a commit back: its operations, those of them on plans, and the graph they were found on."""

    message: str
    changes: Sequence[GraphOperation]
    planned: Sequence[ChangePlan]
    plans: Sequence[str]
    live: Graph

    @property
    def operations(self) -> Sequence[Operation]:
        """All that is written."""
        return [*self.changes, *self.planned]


@dataclass(frozen=True)
class Undoing:
    """The use case of undoing."""

    workspace: Workspace

    def plan(self, wanted: Undo) -> Document:
        """What undoing a commit would do, step by step; nothing is written. It raises like `undo`."""
        prepared = self._prepare(wanted.revision)
        before, found = _steps(prepared)
        return {**_document(wanted, prepared), "steps": [step.document(before) for step in found]}

    def undo(self, wanted: Undo) -> Document:
        """Take a commit back by another: the undoing can be undone as well.

        Items that the commit made are retired and the relations that it added removed; all else is put back.

        Raises
        ------
        NotFound
            If there is no commit of this revision.
        Conflict
            If somebody has changed since what it changed: every such field is listed.
        """
        return persistently(self.workspace.store, lambda: self._undo(wanted))

    def told(self, revision: int, by: int) -> Document:
        """What one revision did to undo another, as it was answered then.

        Raises
        ------
        NotFound
            If it did not.
        """
        store = self.workspace.store
        if not 1 <= by <= store.head().revision:
            raise NotFound(f"There is no revision {by}.")
        commit = store.log(by - 1, 1)[0].commit
        if commit.result.get("undone") != revision:
            raise NotFound(f"Revision {by} did not undo revision {revision}.")
        return {**commit.result, "revision": by}

    def _undo(self, wanted: Undo) -> Document:
        once, store = wanted.once, self.workspace.store
        known = once.recall(store)
        if known is not None:
            return known
        prepared = self._prepare(wanted.revision)
        document = _document(wanted, prepared)
        if not prepared.operations:
            return once.recall(store) or self._note(once, document)
        transaction = Transaction(
            prepared.operations,
            wanted.actor,
            f"Revision {wanted.revision} undone: {prepared.message}",
            result=document,
            planned_at=prepared.live.revision,
        )
        commit = store.commit(once.sign(transaction, document))
        return {**document, **commit.result, "revision": commit.revision}

    def _note(self, once: Once, document: Document) -> Document:
        if once.id is not None:
            self.workspace.store.see([], [Answered(once.id, once.request_hash, document)])
        return document

    def _prepare(self, revision: int) -> _Prepared:
        store = self.workspace.store
        newest = store.head().revision
        if not 1 <= revision <= newest:
            raise NotFound(f"There is no revision {revision} to undo; the newest is {newest}.")
        message = store.log(revision - 1, 1)[0].commit.message
        done = list(operations_of(store.body(revision)))
        changes = [one for one in done if not isinstance(one, ChangePlan)]
        targets = _targets(changes)
        before, live = store.read(revision - 1, targets), store.read(newest, targets)
        found = Inverse.of(changes, before, live)
        faults = [*found.faults, *_related_since(store, revision, changes, live)]
        faults += self._no_longer_fitting(found, newest)
        check_changes(found.operations, live, "undo")
        planned, plans, more = self._plans([one for one in done if isinstance(one, ChangePlan)])
        faults += more
        if faults:
            number = "1 thing was" if len(faults) == 1 else f"{len(faults)} things were"
            advice = "Undo those changes first, or correct by hand what is wrong."
            raise Conflict(
                f"Revision {revision} is not undone: {number} changed since. {advice}", tuple(faults)
            )
        return _Prepared(message, found.operations, planned, plans, live)

    def _plans(
        self, changes: Sequence[ChangePlan]
    ) -> tuple[Sequence[ChangePlan], Sequence[str], Sequence[Fault]]:
        """What takes back changes of plans, the plans' names, and what stands in the way."""
        store = self.workspace.store
        owners = sorted({one.owner for one in changes})
        items = store.read(None, owners).items if owners else {}
        names = {uid: f"{items[uid].class_name}:{items[uid].key}" for uid in owners}
        found, faults = inverse_of_steps(changes, {uid: store.plan(uid) for uid in owners}, names)
        for uid in owners if not faults else ():
            mine = [one for one in found if one.owner == uid]
            plan_ground(self.workspace, names[uid]).check(mine)
        return found, [names[uid] for uid in owners], faults

    def _no_longer_fitting(self, found: Inverse, newest: int) -> Iterator[Fault]:
        """What would break a rule if it were put back: a key that another has, a class, a relation."""
        store, items = self.workspace.store, dict(found.live.items)
        for one in found.operations:
            if isinstance(one, ChangeItem) and "class" in one.after:
                items[one.uid] = replace(items[one.uid], class_name=str(one.after["class"]))
            if isinstance(one, ChangeItem) and "key" in one.after:
                holder = item_with(store, str(one.after["key"]), newest)
                if holder is not None and holder.uid != one.uid:
                    yield Fault(items[one.uid].key, f"the key “{holder.key}” is another item's now")
        yield from self._forbidden(found, items)

    def _forbidden(self, found: Inverse, items: dict[str, Item]) -> Iterator[Fault]:
        reclassed = {uid for uid, item in items.items() if item != found.live.items[uid]}
        removed = {one.id for one in found.operations if isinstance(one, RemoveRelation)}
        relations = {target_of(one) for one in found.operations if isinstance(target_of(one), RelationId)}
        relations |= {one for uid in reclassed for one in _relations_at(self.workspace.store, uid)}
        ends = {uid for one in relations if isinstance(one, RelationId) for uid in (one.source, one.target)}
        items = {**self.workspace.store.read(None, ends - items.keys()).items, **items}
        for one in relations - removed:
            if isinstance(one, RelationId):
                source, target = items[one.source], items[one.target]
                reason = self.workspace.vocabulary.refusal(one.type, source.class_name, target.class_name)
                if reason:
                    yield Fault(f"{source.key} → {target.key}", reason)


def _targets(changes: Sequence[GraphOperation]) -> set[Target]:
    """What operations are about, with the ends of relations."""
    targets = {target_of(one) for one in changes}
    ends = {uid for one in targets if isinstance(one, RelationId) for uid in (one.source, one.target)}
    return targets | ends


def _relations_at(store: Store, uid: str) -> Collection[RelationId]:
    """The relations at an item now."""
    last = {one.relation.id: one.removed for one in store.relation_history(uid)}
    return [relation for relation, removed in last.items() if not removed]


def _related_since(
    store: Store, revision: int, changes: Sequence[GraphOperation], live: Graph
) -> Iterator[Fault]:
    """Relations that others added to items which the commit made."""
    made = {one.uid for one in changes if isinstance(one, CreateItem)}
    if not made:
        return
    own = {target_of(one) for one in changes}
    touched = store.touched(revision, live.revision) - own
    at = {
        one for one in touched if isinstance(one, RelationId) and made.intersection((one.source, one.target))
    }
    there = store.read(live.revision, _targets_of_relations(at)) if at else live
    for one in sorted(at & there.relations.keys()):
        source, target = there.items[one.source].key, there.items[one.target].key
        yield Fault(f"{source} → {target}, {one.type}", "it was added since")


def _targets_of_relations(relations: Collection[RelationId]) -> set[Target]:
    return {*relations, *(uid for one in relations for uid in (one.source, one.target))}


def _steps(prepared: _Prepared) -> tuple[Before, list[Step]]:
    before = Before(prepared.live.items, prepared.live.relations)
    return before, steps(prepared.changes, before)


def _document(wanted: Undo, prepared: _Prepared) -> Document:
    _, found = _steps(prepared)
    counts = {
        what: {
            how: sum(step.action == action for step in found if isinstance(step.target, kind) is is_relation)
            for how, action in (("added", "add"), ("changed", "change"), ("retired", "retire"))
        }
        for what, kind, is_relation in (("items", RelationId, False), ("relations", RelationId, True))
    }
    return {
        "format": FORMAT,
        "revision": None,
        "undone": wanted.revision,
        "message": prepared.message,
        "changes": len(prepared.operations),
        INTO: ", ".join(prepared.plans) or None,
        **counts,
        "plan_steps": len(prepared.planned),
    }
