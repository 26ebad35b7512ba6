"""Backing up and restoring: everything a store holds, with its whole history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from api.service.workspace import Workspace
from cmdb.backup import Backup, restore, write
from cmdb.stores.base import Progress, in_silence
from impact.documents.brief import FORMAT, Document
from impact.wording import capital, count


@dataclass(frozen=True)
class Backups:
    """The use cases of keeping everything safe."""

    workspace: Workspace

    def backup(self, file: BinaryIO, progress: Progress = in_silence) -> Document:
        """Write everything to a file, as it is at one moment; others may go on writing.

        Raises
        ------
        Conflict
            If history is not as it was written.
        """
        header = write(self.workspace.store, file, progress)
        revisions = capital(count(header.revision, "revision"))
        return {
            "format": FORMAT,
            "detail": f"{revisions} backed up, the newest of {header.time}.",
            "revisions": header.revision,
            "hash": header.hash,
            "time": header.time,
            "sightings": header.sightings,
        }

    def restore(self, backup: Backup, progress: Progress = in_silence) -> Document:
        """Put what a checked backup holds into the store, with its whole history.

        Raises
        ------
        Conflict
            If the store holds another history.
        """
        restore(self.workspace.store, backup, progress)
        header = backup.header
        items, relations = count(backup.items, "item"), count(backup.relations, "relation")
        revisions = capital(count(header.revision, "revision"))
        return {
            "format": FORMAT,
            "detail": f"{revisions} restored, the newest of {header.time}: {items} and {relations}.",
            "revisions": header.revision,
            "hash": header.hash,
            "time": header.time,
            "items": backup.items,
            "relations": backup.relations,
            "sightings": header.sightings,
        }
