"""What is to be written for a change, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.service.changes.ground import overlay_of
from api.service.writing import Once
from cmdb.changes import Change
from cmdb.changes.record import NORMAL
from cmdb.model import Actor
from cmdb.operations import ChangePlan, GraphOperation, Operation
from cmdb.plan_log import INTO
from cmdb.stores.base import Store, Transaction
from impact.documents.brief import FORMAT, Document


@dataclass(frozen=True)
class Brief:
    """A change in few words, as it is afterwards."""

    key: str
    title: str
    type: str
    stage: str

    @classmethod
    def of(cls, change: Change) -> Brief:
        """A change as it is."""
        return cls(change.key, change.title, change.type, change.stage)

    @classmethod
    def written(cls, key: str, values: Mapping[str, object], stage: str) -> Brief:
        """A change with the values that it is to have."""
        return cls(key, str(values["name"]), str(values.get("change_type") or NORMAL), stage)


@dataclass(frozen=True)
class Prepared:
    """What is to be written.

    Attributes
    ----------
    revision
        The revision that it was prepared on: if there is a newer one, nothing is written.
    message
        What history says of it.
    changed
        The parts of what is written down that somebody said anything of.
    """

    brief: Brief
    revision: int
    message: str
    record: Sequence[GraphOperation]
    steps: Sequence[ChangePlan] = ()
    changed: Sequence[str] = ()
    warnings: Sequence[str] = ()

    def commit(self, store: Store, actor: Actor, once: Once) -> Document:
        """Write it, if there is anything to be written, and answer."""
        document = self._document()
        operations: list[Operation] = [*self.record, *self.steps]
        if not operations:
            return document
        transaction = Transaction(
            operations,
            actor,
            self.message,
            result={INTO: document[INTO]},
            planned_at=self.revision,
        )
        commit = store.commit(once.sign(transaction, document))
        return {**document, **commit.result, "revision": commit.revision}

    def _document(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "revision": None,
            INTO: str(overlay_of(self.brief.key)) if self.steps else None,
            "key": self.brief.key,
            "title": self.brief.title,
            "type": self.brief.type,
            "stage": self.brief.stage,
            "changed": list(self.changed),
            "warnings": list(self.warnings),
        }
