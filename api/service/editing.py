"""Editing: other values for some fields of one item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.service.workspace import Workspace
from api.service.writing import Ground, ground
from cmdb.errors import Fault, NotFound, Rejected, Stale
from cmdb.model import Actor, Item
from cmdb.operations import ChangeItem, value_of
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
        there = None if wanted.into is None else ground(self.workspace, wanted.into)
        item = self._item(wanted.key, there)
        if wanted.version is not None and wanted.version != item.version:
            was = f"version {wanted.version} was expected, but it is at version {item.version} now"
            raise Stale(f"{item.key}: {was}.")
        after = self._checked(item, wanted.values)
        after = {name: value for name, value in after.items() if value_of(item, name) != value}
        before = {name: value_of(item, name) for name in after}
        change = ChangeItem(item.uid, before, after, SOURCE)
        return {
            "format": FORMAT,
            "revision": self._commit(wanted, item, change, there) if after else None,
            "key": str(after.get("key", item.key)),
            "name": str(after.get("name", item.name)),
            "into": there and str(there.into),
            "changes": [
                {"field": name, "before": before[name], "after": after[name]} for name in sorted(after)
            ],
        }

    def typed(self, field: str, text: str) -> object:
        """A value that was typed as text, as its field has it; `None` for an empty one."""
        fields = self.workspace.vocabulary.fields
        if not text:
            return None
        return from_text(fields[field].type, text) if field in fields else text

    def _item(self, key: str, there: Ground | None) -> Item:
        found = item_with(self.workspace.store, key) if there is None else there.item(key)
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
                faults.append(Fault(name, str(error)))
        if faults:
            told = listed([f"{fault.pointer}: {fault.detail}" for fault in faults])
            raise Rejected(f"Nothing was changed. {told}", tuple(faults))
        return good

    def _commit(self, wanted: Edit, item: Item, change: ChangeItem, there: Ground | None) -> int:
        into = f" in the plan of {there.into}" if there else ""
        transaction = Transaction(
            there.operations([change]) if there else [change],
            wanted.actor,
            f"{item.key}: {listed(sorted(change.after))} edited{into}",
            expected={} if there else {item.uid: item.version},
            planned_at=there.graph.revision if there else None,
        )
        return self.workspace.store.commit(transaction).revision


def _no_such_field(name: str, kind: str, fields: list[str]) -> str:
    if name == "class":
        return "the class of an item is changed by importing it with another one"
    return f"{kind} has no such field.{did_you_mean(name, fields)}"
