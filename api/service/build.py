"""The composition: from settings to use cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from api.service.workspace import Workspace
from api.settings import Settings
from cmdb.canonical import canonical, digest
from cmdb.stores.opening import open_store
from cmdb.vocabulary_files import load_vocabulary
from impact.pictures import Pictures
from impact.snapshot import Snapshots

if TYPE_CHECKING:
    from api.service.backups import Backups
    from api.service.comparing import Comparing
    from api.service.data import Data
    from api.service.editing import Editing
    from api.service.exports import Exports
    from api.service.impact import Impact
    from api.service.imports import Imports
    from api.service.items import Items
    from api.service.owning import Owning
    from api.service.proof import Proof
    from api.service.relating import Relating
    from api.service.undoing import Undoing


def system_clock() -> datetime:
    """The present moment by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Service:
    """Everything people can do here, by noun; each is loaded when it is first asked for."""

    workspace: Workspace

    @cached_property
    def items(self) -> Items:
        """Looking at what is there."""
        from api.service.items import Items

        return Items(self.workspace)

    @cached_property
    def impact(self) -> Impact:
        """Asking what follows."""
        from api.service.impact import Impact

        return Impact(self.workspace)

    @cached_property
    def data(self) -> Data:
        """Judging what answers can rest on."""
        from api.service.data import Data

        return Data(self.workspace)

    @cached_property
    def owning(self) -> Owning:
        """Asking how somebody's services are."""
        from api.service.owning import Owning

        return Owning(self.workspace)

    @cached_property
    def comparing(self) -> Comparing:
        """Asking what differs."""
        from api.service.comparing import Comparing

        return Comparing(self.workspace)

    @cached_property
    def imports(self) -> Imports:
        """Importing."""
        from api.service.imports import Imports

        return Imports(self.workspace)

    @cached_property
    def editing(self) -> Editing:
        """Giving items other values."""
        from api.service.editing import Editing

        return Editing(self.workspace)

    @cached_property
    def relating(self) -> Relating:
        """Adding relations and removing them."""
        from api.service.relating import Relating

        return Relating(self.workspace)

    @cached_property
    def undoing(self) -> Undoing:
        """Taking a commit back."""
        from api.service.undoing import Undoing

        return Undoing(self.workspace)

    @cached_property
    def proof(self) -> Proof:
        """Proving that history is intact."""
        from api.service.proof import Proof

        return Proof(self.workspace)

    @cached_property
    def exports(self) -> Exports:
        """Taking items and relations out."""
        from api.service.exports import Exports

        return Exports(self.workspace)

    @cached_property
    def backups(self) -> Backups:
        """Keeping everything safe."""
        from api.service.backups import Backups

        return Backups(self.workspace)


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
        yield Service(workspace)
    finally:
        store.close()
