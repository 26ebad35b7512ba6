"""The composition: from settings to use cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.service.backups import Backups
from api.service.comparing import Comparing
from api.service.data import Data
from api.service.editing import Editing
from api.service.exports import Exports
from api.service.impact import Impact
from api.service.imports import Imports
from api.service.items import Items
from api.service.owning import Owning
from api.service.present import Present
from api.service.proof import Proof
from api.service.relating import Relating
from api.service.undoing import Undoing
from api.service.workspace import Workspace
from api.settings import Settings
from cmdb.canonical import canonical, digest
from cmdb.stores.opening import open_store
from cmdb.vocabulary_files import load_vocabulary
from impact.pictures import Pictures
from impact.snapshot import Snapshots


def system_clock() -> datetime:
    """The present moment by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Service:
    """Everything people can do here, by noun."""

    workspace: Workspace
    items: Items
    impact: Impact
    data: Data
    owning: Owning
    present: Present
    comparing: Comparing
    imports: Imports
    editing: Editing
    relating: Relating
    undoing: Undoing
    proof: Proof
    exports: Exports
    backups: Backups


def _snapshots(settings: Settings) -> Snapshots | None:
    """Where pictures of the settings' store are kept; a store in memory has none."""
    if settings.cache is None or settings.store is None:
        return None
    place = settings.store.resolve() if isinstance(settings.store, Path) else settings.store.url
    told = [str(place), *(str(path.resolve()) for path in settings.vocabulary)]
    return Snapshots(settings.cache / f"{digest(canonical(told))[:16]}.picture")


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
    store = open_store(settings.store, clock)
    try:
        workspace = Workspace(store, vocabulary, Pictures(store, vocabulary, _snapshots(settings)), clock)
        yield Service(
            workspace,
            Items(workspace),
            Impact(workspace),
            Data(workspace),
            Owning(workspace),
            Present(workspace),
            Comparing(workspace),
            Imports(workspace),
            Editing(workspace),
            Relating(workspace),
            Undoing(workspace),
            Proof(workspace),
            Exports(workspace),
            Backups(workspace),
        )
    finally:
        store.close()
