"""The composition: from settings to use cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from api.service.workspace import Workspace
from api.settings import Settings
from cmdb.canonical import canonical, digest
from cmdb.stores.opening import open_store
from cmdb.vocabulary_files import load_vocabulary
from impact.pictures import Pictures
from impact.snapshot import Snapshots

if TYPE_CHECKING:
    from api.service.backups import Backups
    from api.service.changes import Changes
    from api.service.comparing import Comparing
    from api.service.data import Data
    from api.service.editing import Editing
    from api.service.exports import Exports
    from api.service.fixing import Fixing
    from api.service.held import HeldImports
    from api.service.impact import Impact
    from api.service.imports import Imports
    from api.service.items import Items
    from api.service.owning import Owning
    from api.service.present import Present
    from api.service.proof import Proof
    from api.service.relating import Relating
    from api.service.undoing import Undoing


def system_clock() -> datetime:
    """The present moment by this machine's clock."""
    return datetime.now(UTC)


def _loaded(module: str, name: str) -> Any:  # noqa: ANN401  whatever the class of that name is
    """A bundle of use cases that is loaded when it is first asked for."""

    def load(service: Service) -> object:
        return getattr(import_module(f"api.service.{module}"), name)(service.workspace)

    return cached_property(load)


class Service:
    """Everything people can do here, by noun."""

    items: Items = _loaded("items", "Items")
    impact: Impact = _loaded("impact", "Impact")
    data: Data = _loaded("data", "Data")
    owning: Owning = _loaded("owning", "Owning")
    present: Present = _loaded("present", "Present")
    comparing: Comparing = _loaded("comparing", "Comparing")
    imports: Imports = _loaded("imports", "Imports")
    editing: Editing = _loaded("editing", "Editing")
    relating: Relating = _loaded("relating", "Relating")
    fixing: Fixing = _loaded("fixing", "Fixing")
    changes: Changes = _loaded("changes", "Changes")
    undoing: Undoing = _loaded("undoing", "Undoing")
    proof: Proof = _loaded("proof", "Proof")
    exports: Exports = _loaded("exports", "Exports")
    backups: Backups = _loaded("backups", "Backups")

    def __init__(self, workspace: Workspace, uploads: Path | None, ending: ExitStack) -> None:
        self.workspace = workspace
        self._uploads, self._ending = uploads, ending

    @cached_property
    def held(self) -> HeldImports:
        """Imports in steps; their jobs end with the service, as does what was brought to one in memory."""
        from api.service.held import HeldImports, Jobs, Uploads

        folder = self._uploads or Path(self._ending.enter_context(TemporaryDirectory()))
        jobs = self._ending.enter_context(closing(Jobs()))
        return HeldImports(self.imports, Uploads(folder, self.workspace.clock), jobs)


def _cached(settings: Settings, kind: str) -> Path | None:
    """Where something of the settings' store is kept; a store in memory has nothing that outlives it."""
    if settings.cache is None or settings.store is None:
        return None
    place = settings.store.resolve() if isinstance(settings.store, Path) else settings.store.url
    told = [str(place), *(str(path.resolve()) for path in settings.vocabulary)]
    return settings.cache / f"{digest(canonical(told))[:16]}.{kind}"


@contextmanager
def open_service(settings: Settings, clock: Callable[[], datetime] = system_clock) -> Iterator[Service]:
    """Open the store that the settings name and put the use cases on top of it.

    Raises
    ------
    Unavailable
        If the store cannot be opened.
    Unreadable, Rejected
        If the user's vocabulary file is wrong.
    """
    vocabulary = load_vocabulary(*settings.vocabulary)
    with ExitStack() as ending:
        store = ending.enter_context(closing(open_store(settings.store, clock)))
        kept = _cached(settings, "picture")
        pictures = Pictures(store, vocabulary, None if kept is None else Snapshots(kept))
        workspace = Workspace(store, vocabulary, pictures, clock)
        yield Service(workspace, _cached(settings, "uploads"), ending)
