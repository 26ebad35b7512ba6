"""Held imports: files are brought, their plan is read, and that plan, no other, is applied as one commit."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from api.problems import problem
from api.service.held.jobs import Job, Jobs, Stopped
from api.service.held.plans import KeptPlan, keep, kept
from api.service.held.uploads import Upload, Uploads
from api.service.imports import Import, Imports
from cmdb.errors import CmdbError, Stale, Unavailable
from cmdb.model import Actor
from cmdb.stores.base import Progress
from impact.documents.brief import Document

log = logging.getLogger(__name__)

_APPLYING = "applying"
_PROBLEM = "problem.json"
_ALTERED = "altered"
_DONE = "done.json"


@dataclass(frozen=True)
class Look:
    """How far an import has come.

    Attributes
    ----------
    job
        What is being done with it now.
    plan
        What it would do, or did.
    altered
        Whether that is another plan than the one that was to be applied.
    problem
        The problem document of what went wrong last.
    can_repeat
        Whether the files are still held, so that it can be tried again.
    unsure
        Whether the server ended while it was applied, and nobody has looked yet what came of it.
    done
        What was done, as the document of an import.
    """

    upload: Upload
    job: Job | None
    plan: KeptPlan | None
    altered: bool
    problem: Document | None
    can_repeat: bool
    unsure: bool
    done: Document | None


@dataclass(frozen=True)
class HeldImports:
    """The use cases of importing in steps."""

    imports: Imports
    uploads: Uploads
    jobs: Jobs

    def hold(self, wanted: Import) -> Upload:
        """Hold files, and begin to plan their import; it raises like `Uploads.hold`."""
        upload = self.uploads.hold(wanted)
        self._begin(upload, self._plan)
        return upload

    def wait(self, id: str, actor: Actor, seconds: float) -> Look:
        """Wait for what is being done with an import, so long at most, and look."""
        upload = self.uploads.find(id, actor)
        job = self.jobs.find(upload.id)
        if job:
            job.ended.wait(seconds)
        return self.look(id, actor)

    def look(self, id: str, actor: Actor) -> Look:
        """How far an import has come; raises `NotFound` like everything that names one."""
        upload = self.uploads.find(id, actor)
        # The job first: what it leaves behind is there before it is gone.
        job = self.jobs.find(id)
        folder = upload.folder
        done = _read(folder / _DONE)
        return Look(
            upload=upload,
            job=job,
            plan=kept(folder),
            altered=(folder / _ALTERED).exists(),
            problem=_read(folder / _PROBLEM),
            can_repeat=upload.has_files,
            unsure=done is None and (folder / _APPLYING).exists(),
            done=done,
        )

    def plan_again(self, id: str, actor: Actor) -> None:
        """Begin to plan an import anew."""
        self._begin(self.uploads.find(id, actor), self._plan)

    def apply(self, id: str, actor: Actor, seen: str) -> None:
        """Begin to apply an import, once, if its plan is still the one that was seen.

        Parameters
        ----------
        seen
            The `digest` of the plan.
        """
        upload = self.uploads.find(id, actor)
        self._begin(upload, lambda upload, progress: self._apply(upload, seen, progress))

    def discard(self, id: str, actor: Actor) -> None:
        """Hold an import no longer; what was applied stays."""
        upload = self.uploads.find(id, actor)
        self.jobs.stop(id)
        self.uploads.discard(upload)

    def _begin(self, upload: Upload, work: Callable[[Upload, Progress], None]) -> None:
        """Begin something, unless all is done that can be done with an upload."""
        if not (upload.folder / _DONE).exists():
            self.jobs.start(upload.id, lambda progress: self._attempt(upload, work, progress))

    def _attempt(self, upload: Upload, work: Callable[[Upload, Progress], None], progress: Progress) -> None:
        """Do a job, and write down what went wrong, if anything did."""
        trouble = upload.folder / _PROBLEM
        for told in (trouble, upload.folder / _ALTERED):
            told.unlink(missing_ok=True)
        try:
            work(upload, progress)
        except Stopped:
            raise
        except CmdbError as error:
            if upload.folder.exists():
                _write(trouble, problem(error))
        except Exception:
            if upload.folder.exists():  # else it was discarded meanwhile
                log.exception("an import failed")
                _write(trouble, problem(CmdbError("This is a fault in the program. It is in the log.")))

    def _plan(self, upload: Upload, progress: Progress) -> None:
        wanted = upload.wanted
        try:
            document = self.imports.plan(wanted, progress)
        except Unavailable:
            raise
        except CmdbError:  # the files themselves are refused, and would be again
            upload.drop_files()
            raise
        keep(document, upload.folder, progress)

    def _apply(self, upload: Upload, seen: str, progress: Progress) -> None:
        folder = upload.folder
        (folder / _APPLYING).touch()
        try:
            document = self.imports.apply(replace(upload.wanted, seen=seen), progress)
        except Stale:
            self._plan(upload, progress)
            (folder / _ALTERED).touch()
        else:
            _write(folder / _DONE, document)
            upload.drop_files()
        finally:
            (folder / _APPLYING).unlink(missing_ok=True)


def _read(path: Path) -> Document | None:
    try:
        found: Document = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    return found


def _write(path: Path, document: Document) -> None:
    """Write a document so that nobody ever reads half of it."""
    begun = path.with_suffix(".new")
    begun.write_bytes(orjson.dumps(document))
    begun.replace(path)
