"""Importing: read files, show the plan, apply it as one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from api.service.bulk import in_bulk
from api.service.showing import Showing
from api.service.steps import Before, Step, digest_of, steps
from api.service.workspace import Workspace
from api.service.writing import persistently, plan_ground
from cmdb.canonical import canonical, digest
from cmdb.changes.guarding import check_changes
from cmdb.errors import Stale, WrongUsage
from cmdb.model import EMPTY, Actor, Commit, Graph, Sighting
from cmdb.operations import Operation
from cmdb.patience import check_patience
from cmdb.plan_log import INTO
from cmdb.progress import telling
from cmdb.reconcile import Kept, Known, Plan, Rules, Unresolved, plan
from cmdb.stores.base import Answered, Progress, Transaction, in_silence
from cmdb.values import instant
from impact.documents.brief import FORMAT, Document
from loaders.detect import read_all
from loaders.source import Source
from loaders.tables.mapping_file import read_mapping

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
    mapping
        The file that says what the columns of tables mean.
    seen
        The digest of the plan that somebody has read: if another would be applied now, none is.
    """

    files: Sequence[Source]
    actor: Actor
    format: str | None = None
    source: str | None = None
    any_share: bool = False
    into: str | None = None
    id: str | None = None
    mapping: Source | None = None
    seen: str | None = None

    def request(self) -> bytes:
        """What is asked for: who imports which content, and how."""
        files = [[file.name, digest(file.data)] for file in self.files]
        mapping = [] if self.mapping is None else [digest(self.mapping.data)]
        asked = [files, self.actor.name, self.format, self.source, self.any_share, self.into, *mapping]
        return canonical(asked)


class _Prepared(NamedTuple):
    """What an import would do, what is written for it, and if that is shown, the graph it is planned on."""

    found: Plan
    operations: Sequence[Operation]
    sightings: Sequence[Sighting]
    into: str | None
    graph: Graph | None

    @property
    def document(self) -> Document:
        return _document(self.found, len(self.operations), self.into)

    def shown(self, showing: Showing) -> Document:
        """The document with what would be done, step by step, and the digest of all of that."""
        before, found = self._steps()
        return showing.shown({**self.document, "digest": digest_of(found, before)}, found, before)

    def check_seen(self, seen: str | None) -> None:
        """Refuse to do anything else than what somebody has read; where they read nothing, all will do."""
        if seen is None:
            return
        before, found = self._steps()
        if digest_of(found, before) != seen:
            raise Stale("The graph has altered since this plan was read: another one would be applied now.")

    def _steps(self) -> tuple[Before, list[Step]]:
        graph = self.graph or EMPTY
        before = Before(graph.items, graph.relations, self.found.places)
        return before, steps(self.found.operations, before)


@dataclass(frozen=True)
class Imports:
    """The use cases of importing."""

    workspace: Workspace

    def plan(
        self, wanted: Import, progress: Progress = in_silence, showing: Showing | None = None
    ) -> Document:
        """What an import would do, step by step; nothing is written.

        Parameters
        ----------
        showing
            Which parts of it are to be seen; all by default.
        """
        return self._plan(wanted, _impatient(progress), shown=True).shown(showing or Showing())

    def apply(self, wanted: Import, progress: Progress = in_silence) -> Document:
        """Import files as one commit, or not at all.

        Raises
        ------
        Unreadable, Rejected, TooLarge
            If a file cannot be read, or breaks a rule.
        Conflict
            If the stage of a change forbids what is told of it, or a plan does not fit.
        Stale
            If others kept changing the graph while this was planned, again and again; or if the plan is no
            longer the one that was seen.
        """
        return persistently(self.workspace.store, lambda: self._try(wanted, progress))

    def _try(self, wanted: Import, progress: Progress) -> Document:
        known = self._recall(wanted)
        if known is not None:
            return known
        prepared = self._plan(wanted, _impatient(progress), shown=wanted.seen is not None)
        prepared.check_seen(wanted.seen)
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
    def _plan(self, wanted: Import, progress: Progress, *, shown: bool = False) -> _Prepared:
        workspace = self.workspace
        if wanted.source is not None and not wanted.source.strip():
            raise WrongUsage(
                "A source has a name: what is imported without one is imported without --source."
            )
        mapping = None if wanted.mapping is None else read_mapping(wanted.mapping, workspace.vocabulary)
        seen = read_all(wanted.files, workspace.vocabulary, wanted.format, mapping, progress)
        into = None if wanted.into is None else plan_ground(workspace, wanted.into)
        now, planned = instant(workspace.now()), into is not None
        rules = Rules(now, wanted.source, wanted.any_share, planned=planned, shown=shown)
        if into is None:
            known = Known(workspace.store.read(), workspace.store.identities(), workspace.vocabulary)
            found = plan(seen, known, rules, progress)
            check_changes(found.operations, known.graph, "import")
            graph = known.graph if shown else None
            return _Prepared(found, found.operations, found.sightings, None, graph)
        found = plan(seen, Known(into.laid.graph, into.known, workspace.vocabulary), rules, progress)
        # A plan tells what is meant to be, so nothing was seen: its steps keep the names of what is new.
        operations = into.steps(found.operations, found.sightings)
        return _Prepared(found, operations, (), str(into.into), into.laid.graph if shown else None)


def _impatient(progress: Progress) -> Progress:
    """Give up where nobody waits any longer; a commit that has begun is seen through."""

    def told(what: str, done: int, total: int) -> None:
        check_patience()
        progress(what, done, total)

    return told


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
        "unresolved": [_unresolved(one) for one in found.unresolved],
        "warnings": list(found.warnings),
        "rejected": [{"where": one.pointer, "reason": one.detail} for one in found.rejected],
        "candidates": list(found.candidates),
        "lonely": list(found.lonely),
        "kept": [_kept(one) for one in found.kept],
        "retiring": None if found.retiring is None else found.retiring._asdict(),
    }


def _unresolved(one: Unresolved) -> Document:
    return {
        "source": one.source,
        "type": one.type,
        "target": one.target,
        "where": one.where,
        "missing": list(one.missing),
        "candidates": list(one.candidates),
        "candidates_total": one.candidates_total,
    }


def _kept(one: Kept) -> Document:
    if isinstance(one.about, str):
        about = {"key": one.about}
    else:
        about = dict(zip(("source", "type", "target"), one.about, strict=True))
    value = {"field": one.field, "value": one.value, "by": one.by}
    return {**about, **value, "offered": one.offered, "offered_by": one.offered_by, "where": one.where}
