"""Importing: read files, show the plan, apply it as one commit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.service.workspace import Workspace
from cmdb.errors import Stale
from cmdb.model import Actor, Commit
from cmdb.reconcile import Known, Plan, Rules, plan
from cmdb.stores.base import Answered, Transaction, canonical, digest
from cmdb.values import instant
from impact.documents.brief import FORMAT, Document
from loaders.detect import read
from loaders.source import Source

log = logging.getLogger(__name__)

TRIES = 10
"""How often an import is planned anew because the graph has changed meanwhile."""

NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Import:
    """One import as it is asked for.

    Attributes
    ----------
    format
        The format's name; recognised from the content by default.
    source
        In whose name; with it, what the source no longer lists is retired.
    any_share
        Whether more than the usual share may be retired.
    id
        Under which it may be repeated: it is applied once, and answered the same each time.
    """

    files: Sequence[Source]
    actor: Actor
    format: str | None = None
    source: str | None = None
    any_share: bool = False
    id: str | None = None

    def request(self) -> bytes:
        """What is asked for: who imports which content, and how."""
        files = [[file.name, digest(file.data)] for file in self.files]
        return canonical([files, self.actor.name, self.format, self.source, self.any_share])


@dataclass(frozen=True)
class Imports:
    """The use cases of importing."""

    workspace: Workspace

    def plan(self, wanted: Import) -> Document:
        """What an import would do; nothing is written."""
        return _document(self._plan(wanted))

    def apply(self, wanted: Import) -> Document:
        """Import files as one commit, or not at all.

        Raises
        ------
        Unreadable, Rejected, TooLarge
            If a file cannot be read, or breaks a rule.
        Stale
            If others kept changing the graph while this was planned, again and again.
        """
        for _ in range(TRIES - 1):
            try:
                return self._try(wanted)
            except Stale:
                log.info("the graph changed while an import was planned; planning it again")
        return self._try(wanted)

    def _try(self, wanted: Import) -> Document:
        known = self._recall(wanted)
        if known is not None:
            return known
        found = self._plan(wanted)
        if found.operations:
            commit = self._commit(wanted, found)
            return {**commit.result, "revision": commit.revision}
        # That nothing is left to do may be the work of this same request, sent twice at once.
        return self._recall(wanted) or self._see(wanted, found)

    def _recall(self, wanted: Import) -> Document | None:
        if wanted.id is None:
            return None
        known = self.workspace.store.recall(wanted.id, digest(wanted.request()))
        return None if known is None else dict(known)

    def _commit(self, wanted: Import, found: Plan) -> Commit:
        transaction = Transaction(
            found.operations,
            wanted.actor,
            f"Import of {_named(wanted.files)}",
            request=wanted.request(),
            result=_document(found),
            planned_at=found.planned_at,
            sightings=found.sightings,
        )
        if wanted.id is not None:
            transaction = replace(transaction, id=wanted.id)
        return self.workspace.store.commit(transaction)

    def _see(self, wanted: Import, found: Plan) -> Document:
        document = _document(found)
        answered = Answered(wanted.id, digest(wanted.request()), document) if wanted.id else None
        self.workspace.store.see(found.sightings, answered)
        return document

    def _plan(self, wanted: Import) -> Plan:
        workspace = self.workspace
        seen = [read(file, workspace.vocabulary, wanted.format) for file in wanted.files]
        known = Known(workspace.store.read(), workspace.store.identities(), workspace.vocabulary)
        rules = Rules(instant(workspace.now()), wanted.source, wanted.any_share)
        return plan(seen, known, rules)


def _named(files: Sequence[Source]) -> str:
    names = [file.name for file in files]
    return ", ".join(names) if len(names) <= NAMED_AT_MOST else f"{len(names)} files, {names[0]} first"


def _document(found: Plan) -> Document:
    return {
        "format": FORMAT,
        "revision": None,
        "changes": len(found.operations),
        "source": found.source,
        "formats": list(found.formats),
        "items": dict(found.items),
        "relations": dict(found.relations),
        "unresolved": [
            {"source": one.source, "type": one.type, "target": one.target, "where": one.where}
            for one in found.unresolved
        ],
        "warnings": list(found.warnings),
        "rejected": [{"where": one.pointer, "reason": one.detail} for one in found.rejected],
        "candidates": list(found.candidates),
    }
