"""Editing: other values for some fields of one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from api.service.given import SOURCE, checked, field_value
from api.service.workspace import Workspace
from api.service.writing import Once, PlanGround, check_seen, find_item, persistently, plan_ground
from cmdb.changes.guarding import check_changes
from cmdb.errors import NotFound
from cmdb.model import EMPTY, Actor, Item
from cmdb.operations import ChangeItem, Operation, value_of
from cmdb.plan_log import INTO
from cmdb.stores.base import Transaction
from cmdb.values import Value, normalise
from cmdb.words import listed
from impact.documents.brief import FORMAT, Document


@dataclass(frozen=True)
class Edit:
    """An edit as it is asked for.

    Attributes
    ----------
    values
        By field, the new value; `None` takes one away. `key` renames the item, and frees its old key.
    edition
        The edition of the item that was seen, as `Items.show` tells it: of the live graph, or of the view
        with the plan that takes the edit. If it is another one now, nothing is written.
    into
        The plan that takes the edit, as `CLASS:KEY`; the live graph by default.
    id
        Under which it may be repeated: it is done once, and answered the same each time.
    message
        What history says of it; which fields were edited, by default.
    """

    key: str
    values: Mapping[str, object]
    actor: Actor
    edition: str | None = None
    into: str | None = None
    id: str | None = None
    message: str | None = None

    @property
    def once(self) -> Once:
        """What is asked for: who gives which item which values."""
        return Once(self.id, ["edit", self.key, dict(self.values), self.edition, self.into, self.actor.name])


@dataclass(frozen=True)
class Editing:
    """The use case of editing."""

    workspace: Workspace

    def edit(self, wanted: Edit) -> Document:
        """Give an item other values.

        Raises
        ------
        NotFound
            If nothing has the key.
        Rejected
            If a field or value is not one that the item's class may have; every fault is listed.
        Conflict
            If a new key is taken, a plan does not fit what is there, or the stage of a change forbids it.
        Stale
            If the item's edition is not the one that was seen.
        """
        store = self.workspace.store
        return persistently(store, lambda: wanted.once.recall(store) or self._edit(wanted))

    def withdraw(self, into: str, keys: Sequence[str], actor: Actor) -> Document:
        """Take everything out of a plan that is about some items, their relations included.

        Parameters
        ----------
        into
            The plan, as `CLASS:KEY`.

        Raises
        ------
        NotFound
            If the plan holds nothing about one of them.
        Conflict
            If what stays in the plan needs what would go.
        """
        return persistently(self.workspace.store, lambda: self._withdraw(into, keys, actor))

    def _edit(self, wanted: Edit) -> Document:
        into = None if wanted.into is None else plan_ground(self.workspace, wanted.into)
        item = find_item(self.workspace, wanted.key, into)
        now = into.laid.edition(item.uid, item.version) if into else str(item.version)
        check_seen(item.key, wanted.edition, now)
        values = checked(wanted.values, partial(self._value, item.class_name))
        before = {name: value_of(item, name) for name in values}
        after = {name: value for name, value in values.items() if before[name] != value}
        stated = ChangeItem(item.uid, before, values if into else after, SOURCE)
        if into is None:
            check_changes([stated], replace(EMPTY, items={item.uid: item}))
        operations = into.steps([stated]) if into else [stated] if after else []
        document = {
            "format": FORMAT,
            "revision": None,
            "key": str(after.get("key", item.key)),
            "name": str(after.get("name", item.name)),
            "into": into and str(into.into),
            "changes": [
                {"field": name, "before": before[name], "after": after[name]} for name in sorted(after)
            ],
        }
        return self._commit(wanted, item, operations, into, document) if operations else document

    def _withdraw(self, into: str, keys: Sequence[str], actor: Actor) -> Document:
        there = plan_ground(self.workspace, into)
        found = {key: there.about(key) for key in keys}
        nothing = [key for key, steps in found.items() if not steps]
        if nothing:
            raise NotFound(f"The plan of {into} holds nothing about {listed(nothing)}.")
        steps = list({step.target: step for steps in found.values() for step in steps}.values())
        there.check(steps)
        transaction = Transaction(
            steps,
            actor,
            f"{listed(list(keys))} taken out of the plan of {into}",
            result={INTO: into},
            planned_at=there.live.revision,
        )
        revision = self.workspace.store.commit(transaction).revision
        return {"format": FORMAT, "revision": revision, "into": into, "keys": list(keys), "steps": len(steps)}

    def _value(self, class_name: str, name: str, value: object) -> Value | None:
        if name == "class":
            raise ValueError("the class of an item is changed by importing it with another one")
        if name in {"key", "name"}:
            if value is None:
                raise ValueError("it cannot be taken away")
            return normalise("text", value)
        vocabulary = self.workspace.vocabulary
        return field_value(vocabulary.item_fields(class_name), vocabulary.a(class_name), name, value)

    def _commit(
        self,
        wanted: Edit,
        item: Item,
        operations: Sequence[Operation],
        into: PlanGround | None,
        document: Document,
    ) -> Document:
        said = wanted.message or f"{item.key}: {listed(sorted(wanted.values))} edited"
        transaction = Transaction(
            operations,
            wanted.actor,
            said + (f" in the plan of {into.into}" if into else ""),
            result={INTO: into and str(into.into)},
            expected={} if into else {item.uid: item.version},
            planned_at=into.live.revision if into else None,
        )
        commit = self.workspace.store.commit(wanted.once.sign(transaction, document))
        return {**document, **commit.result, "revision": commit.revision}
