"""Editing: other values for some fields of one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.service.workspace import Workspace
from api.service.writing import PlanGround, persistently, plan_ground
from cmdb.errors import Fault, NotFound, Rejected, Stale
from cmdb.model import Actor, Item
from cmdb.operations import ChangeItem, Operation, value_of
from cmdb.spelling import did_you_mean
from cmdb.stores.base import Transaction
from cmdb.values import Value, from_text, normalise
from cmdb.viewing import item_with
from cmdb.words import listed
from impact.documents.brief import FORMAT, Document

SOURCE = "edited by hand"
"""Where a value comes from that somebody gave for one item."""


@dataclass(frozen=True)
class Edit:
    """An edit as it is asked for.

    Attributes
    ----------
    values
        By field, the new value; `None` takes one away. `key` renames the item, and frees its old key.
    version
        The version of the item that was seen; if it is another one now, nothing is written.
    into
        The plan that takes the edit, as `CLASS:KEY`; the live graph by default.
    """

    key: str
    values: Mapping[str, object]
    actor: Actor
    version: int | None = None
    into: str | None = None


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
            If a new key is taken, or a plan does not fit what is there.
        Stale
            If the item's version is not the one that was seen.
        """
        return persistently(lambda: self._edit(wanted))

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
        return persistently(lambda: self._withdraw(into, keys, actor))

    def _edit(self, wanted: Edit) -> Document:
        into = None if wanted.into is None else plan_ground(self.workspace, wanted.into)
        item = self._item(wanted.key, into)
        if wanted.version is not None and wanted.version != item.version:
            was = f"version {wanted.version} was expected, but it is at version {item.version} now"
            raise Stale(f"{item.key}: {was}.")
        values = self._checked(item, wanted.values)
        before = {name: value_of(item, name) for name in values}
        after = {name: value for name, value in values.items() if before[name] != value}
        stated = ChangeItem(item.uid, before, values if into else after, SOURCE)
        operations = into.steps([stated]) if into else [stated] if after else []
        return {
            "format": FORMAT,
            "revision": self._commit(wanted, item, operations, into) if operations else None,
            "key": str(after.get("key", item.key)),
            "name": str(after.get("name", item.name)),
            "into": into and str(into.into),
            "changes": [
                {"field": name, "before": before[name], "after": after[name]} for name in sorted(after)
            ],
        }

    def _withdraw(self, into: str, keys: Sequence[str], actor: Actor) -> Document:
        there = plan_ground(self.workspace, into)
        found = {key: there.about(key) for key in keys}
        nothing = [key for key, steps in found.items() if not steps]
        if nothing:
            raise NotFound(f"The plan of {into} holds nothing about {listed(nothing)}.")
        steps = list({step.target: step for steps in found.values() for step in steps}.values())
        there.check(steps)
        message = f"{listed(list(keys))} taken out of the plan of {into}"
        transaction = Transaction(steps, actor, message, planned_at=there.live.revision)
        revision = self.workspace.store.commit(transaction).revision
        return {"format": FORMAT, "revision": revision, "into": into, "keys": list(keys), "steps": len(steps)}

    def typed(self, field: str, text: str) -> object:
        """A value that was typed as text, as its field has it; `None` for an empty one."""
        fields = self.workspace.vocabulary.fields
        if not text:
            return None
        return from_text(fields[field].type, text) if field in fields else text

    def _item(self, key: str, into: PlanGround | None) -> Item:
        found = item_with(self.workspace.store, key) if into is None else into.item(key)
        if found is None:
            self.workspace.scene().find(key)  # which says what is close to it
            raise NotFound(f"Nothing has the key “{key}”.")
        return found

    def _checked(self, item: Item, values: Mapping[str, object]) -> dict[str, Value | None]:
        vocabulary = self.workspace.vocabulary
        fields = vocabulary.item_fields(item.class_name)
        good: dict[str, Value | None] = {}
        faults: list[Fault] = []
        for name, value in values.items():
            try:
                if name in {"key", "name"}:
                    good[name] = normalise("text", value)
                elif name in fields:
                    good[name] = None if value is None else fields[name].check(value)
                else:
                    faults.append(Fault(name, _no_such_field(name, vocabulary.a(item.class_name), [*fields])))
            except ValueError as error:
                taken = value is None and name in {"key", "name"}
                faults.append(Fault(name, "it cannot be taken away" if taken else str(error)))
        if faults:
            told = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults)
            raise Rejected(f"Nothing was changed. {told}", tuple(faults))
        return good

    def _commit(
        self, wanted: Edit, item: Item, operations: Sequence[Operation], into: PlanGround | None
    ) -> int:
        fields = listed(sorted(wanted.values))
        transaction = Transaction(
            operations,
            wanted.actor,
            f"{item.key}: {fields} edited" + (f" in the plan of {into.into}" if into else ""),
            expected={} if into else {item.uid: item.version},
            planned_at=into.live.revision if into else None,
        )
        return self.workspace.store.commit(transaction).revision


def _no_such_field(name: str, kind: str, fields: list[str]) -> str:
    if name == "class":
        return "the class of an item is changed by importing it with another one"
    return f"{kind} has no such field.{did_you_mean(name, fields)}"
