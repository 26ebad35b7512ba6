"""Importing: read files, show the plan, apply it as one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from api.service.bulk import in_bulk
from api.service.workspace import Workspace
from api.service.writing import persistently, plan_ground
from cmdb.canonical import canonical, digest
from cmdb.errors import WrongUsage
from cmdb.model import Actor, Commit, Sighting
from cmdb.operations import Operation
from cmdb.plan_log import INTO
from cmdb.progress import telling
from cmdb.reconcile import Known, Plan, Rules, plan
from cmdb.stores.base import Answered, Progress, Transaction, in_silence
from cmdb.values import instant
from impact.documents.brief import FORMAT, Document
from loaders.detect import read
from loaders.source import Source

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
    into
        The plan that takes what is imported, as `CLASS:KEY`; the live graph by default.
    id
        Under which it may be repeated: it is applied once, and answered the same each time.
    """

    files: Sequence[Source]
    actor: Actor
    format: str | None = None
    source: str | None = None
    any_share: bool = False
    into: str | None = None
    id: str | None = None

    def request(self) -> bytes:
        """What is asked for: who imports which content, and how."""
        files = [[file.name, digest(file.data)] for file in self.files]
        return canonical([files, self.actor.name, self.format, self.source, self.any_share, self.into])


class _Prepared(NamedTuple):
    """What an import would do, and what is written for it."""

    found: Plan
    operations: Sequence[Operation]
    sightings: Sequence[Sighting]
    into: str | None

    @property
    def document(self) -> Document:
        return _document(self.found, len(self.operations), self.into)


@dataclass(frozen=True)
class Imports:
    """The use cases of importing."""

    workspace: Workspace

    def plan(self, wanted: Import, progress: Progress = in_silence) -> Document:
        """What an import would do; nothing is written."""
        return self._plan(wanted, progress).document

    def apply(self, wanted: Import, progress: Progress = in_silence) -> Document:
        """Import files as one commit, or not at all.

        Raises
        ------
        Unreadable, Rejected, TooLarge
            If a file cannot be read, or breaks a rule.
        Stale
            If others kept changing the graph while this was planned, again and again.
        """
        return persistently(self.workspace.store, lambda: self._try(wanted, progress))

    def _try(self, wanted: Import, progress: Progress) -> Document:
        known = self._recall(wanted)
        if known is not None:
            return known
        prepared = self._plan(wanted, progress)
        if prepared.operations:
            commit = self._commit(wanted, prepared, progress)
            return {**commit.result, "revision": commit.revision}
        # That nothing is left to do may be the work of this same request, sent twice at once.
        return self._recall(wanted) or self._see(wanted, prepared, progress)

    def _recall(self, wanted: Import) -> Document | None:
        if wanted.id is None:
            return None
        known = self.workspace.store.recall(wanted.id, digest(wanted.request()))
        return None if known is None else dict(known)

    def _commit(self, wanted: Import, prepared: _Prepared, progress: Progress) -> Commit:
        into = f" into {prepared.into}" if prepared.into else ""
        transaction = Transaction(
            prepared.operations,
            wanted.actor,
            f"Import of {_named(wanted.files)}{into}",
            request_hash=digest(wanted.request()),
            result=prepared.document,
            planned_at=prepared.found.planned_at,
            sightings=prepared.sightings,
        )
        if wanted.id is not None:
            transaction = replace(transaction, id=wanted.id)
        return self.workspace.store.commit(transaction, progress)

    def _see(self, wanted: Import, prepared: _Prepared, progress: Progress) -> Document:
        document = prepared.document
        answered = [Answered(wanted.id, digest(wanted.request()), document)] if wanted.id else []
        sightings = prepared.sightings
        seen = telling(progress, "sightings", sightings, len(sightings))
        self.workspace.store.see(seen, answered)
        return document

    @in_bulk()
    def _plan(self, wanted: Import, progress: Progress) -> _Prepared:
        workspace = self.workspace
        if wanted.source is not None and not wanted.source.strip():
            raise WrongUsage(
                "A source has a name: what is imported without one is imported without --source."
            )
        seen = []
        for done, file in enumerate(wanted.files, start=1):
            seen.append(read(file, workspace.vocabulary, wanted.format))
            progress("files", done, len(wanted.files))
        into = None if wanted.into is None else plan_ground(workspace, wanted.into)
        rules = Rules(instant(workspace.now()), wanted.source, wanted.any_share, planned=into is not None)
        if into is None:
            known = Known(workspace.store.read(), workspace.store.identities(), workspace.vocabulary)
            found = plan(seen, known, rules, progress)
            return _Prepared(found, found.operations, found.sightings, None)
        found = plan(seen, Known(into.laid.graph, into.known, workspace.vocabulary), rules, progress)
        # A plan tells what is meant to be, so nothing was seen: its steps keep the names of what is new.
        return _Prepared(found, into.steps(found.operations, found.sightings), (), str(into.into))


def _named(files: Sequence[Source]) -> str:
    names = [file.name for file in files]
    return ", ".join(names) if len(names) <= NAMED_AT_MOST else f"{len(names)} files, {names[0]} first"


def _document(found: Plan, changes: int, into: str | None) -> Document:
    return {
        "format": FORMAT,
        "revision": None,
        "changes": changes,
        INTO: into,
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
