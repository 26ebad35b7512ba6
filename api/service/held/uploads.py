"""Uploads: files held on the server until somebody has read what they would do, and for a day at most.

Each stands in a folder of its own, whose name is an id that the server made and nobody can guess; what the
user called the files is a value inside. Whoever brought them, and nobody else, finds them.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from api.service.imports import Import
from cmdb.errors import NotFound, TooLarge, Unavailable
from cmdb.model import Actor
from loaders.source import MAX_BYTES, Source

log = logging.getLogger(__name__)

KEPT = timedelta(days=1)
"""How long an upload is held."""

EACH_AT_MOST = MAX_BYTES
"""How many bytes all files of one upload may have together."""

FILES_AT_MOST = 200
"""How many files one upload may have."""

TOTAL_AT_MOST = 2**30
"""How many bytes are held in all, with the plans that were made of them."""

_ASKED = "asked.json"
_ID = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class Upload:
    """What somebody brought, and how it is to be imported.

    Attributes
    ----------
    id
        Made by the server; also the one under which the import is applied, once.
    names
        What the user called the files.
    asked
        Format, source, whether any share may be retired, and the name of the mapping, as they were given.
    """

    id: str
    actor: Actor
    names: tuple[str, ...]
    asked: dict[str, Any]
    folder: Path

    @property
    def wanted(self) -> Import:
        """The import that is asked for, its files read from where they are held.

        Raises
        ------
        NotFound
            If they are held no more.
        """
        try:
            files = [Source(name, self._file(number).read_bytes()) for number, name in enumerate(self.names)]
            mapping = self.asked["mapping"]
            wanted = Import(tuple(files), self.actor, self.asked["format"], self.asked["source"], id=self.id)
            return replace(
                wanted,
                any_share=self.asked["any_share"],
                mapping=mapping and Source(mapping, self._file("mapping").read_bytes()),
            )
        except FileNotFoundError:
            raise _nothing() from None

    @property
    def has_files(self) -> bool:
        """Whether the files are still held."""
        return self._file(0).exists()

    def drop_files(self) -> None:
        """Hold the files no longer; what was asked, and what came of it, stays."""
        for path in self.folder.glob("file-*"):
            path.unlink(missing_ok=True)

    def _file(self, number: int | str) -> Path:
        return self.folder / f"file-{number}"


@dataclass(frozen=True)
class Uploads:
    """The uploads held in one folder.

    Attributes
    ----------
    folder
        Made when the first upload comes; nobody but the server's own user may look into it.
    total_at_most
        How many bytes may be held in all.
    """

    folder: Path
    clock: Callable[[], datetime]
    total_at_most: int = TOTAL_AT_MOST
    _filling: Lock = field(default_factory=Lock, repr=False)

    def hold(self, wanted: Import) -> Upload:
        """Hold the files of an import that somebody asks for.

        Raises
        ------
        TooLarge
            If they are too many or too large, or too much is held already.
        Unavailable
            If they cannot be written down.
        """
        size = _check(wanted)
        with self._filling:
            try:
                self.sweep()
                self._check_room(size)
                return self._write(wanted)
            except OSError as error:
                raise Unavailable(f"The server cannot hold the files: {error.strerror}.") from error

    def find(self, id: str, actor: Actor) -> Upload:
        """What somebody brought.

        Raises
        ------
        NotFound
            If there is no such upload any more, or somebody else brought it.
        """
        upload = self._read(id) if _ID.fullmatch(id) and not self._is_old(self.folder / id) else None
        if upload is None or upload.actor != actor:
            raise _nothing()
        return upload

    def discard(self, upload: Upload) -> None:
        """Hold it no longer."""
        shutil.rmtree(upload.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Discard what was held for long enough."""
        for folder in self._folders():
            if self._is_old(folder):
                log.info("an upload was held for a day and is discarded")
                shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> Iterator[Path]:
        return self.folder.iterdir() if self.folder.exists() else iter(())

    def _is_old(self, folder: Path) -> bool:
        """Whether it has been held for long enough, by the time that its first file bears."""
        try:
            told = folder / _ASKED
            since = (told if told.exists() else folder).stat().st_mtime
        except FileNotFoundError:  # discarded this very moment
            return False
        return self.clock().timestamp() - since > KEPT.total_seconds()

    def _check_room(self, size: int) -> None:
        held = sum(map(_size, self.folder.rglob("*")))
        if held + size > self.total_at_most:
            raise TooLarge(
                f"The server holds {self.total_at_most >> 20} MiB of uploads at most, and these find no room."
                " Discard imports that you have read, try again tomorrow, or use the command line."
            )

    def _write(self, wanted: Import) -> Upload:
        upload = self._told(secrets.token_urlsafe(24), _asked(wanted))
        begun = self.folder / f".{upload.id}"  # found only when it is whole
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun.mkdir(mode=0o700)
        try:
            self._fill(begun, wanted, upload.asked)
            begun.rename(upload.folder)
        except OSError:
            shutil.rmtree(begun, ignore_errors=True)
            raise
        return upload

    def _fill(self, folder: Path, wanted: Import, asked: dict[str, Any]) -> None:
        for number, file in enumerate(wanted.files):
            (folder / f"file-{number}").write_bytes(file.data)
        if wanted.mapping:
            (folder / "file-mapping").write_bytes(wanted.mapping.data)
        (folder / _ASKED).write_bytes(orjson.dumps(asked))
        now = self.clock().timestamp()
        os.utime(folder / _ASKED, (now, now))

    def _read(self, id: str) -> Upload | None:
        try:
            return self._told(id, orjson.loads((self.folder / id / _ASKED).read_bytes()))
        except FileNotFoundError:
            return None

    def _told(self, id: str, asked: dict[str, Any]) -> Upload:
        return Upload(id, Actor(**asked["actor"]), tuple(asked["names"]), asked, self.folder / id)


def _asked(wanted: Import) -> dict[str, Any]:
    return {
        "actor": {"name": wanted.actor.name, "identity": wanted.actor.identity},
        "names": [file.name for file in wanted.files],
        "format": wanted.format,
        "source": wanted.source,
        "any_share": wanted.any_share,
        "mapping": wanted.mapping and wanted.mapping.name,
    }


def _check(wanted: Import) -> int:
    """How many bytes there are, if they are not too many."""
    files = [*wanted.files, *filter(None, [wanted.mapping])]
    size = sum(len(file.data) for file in files)
    if len(files) > FILES_AT_MOST:
        raise TooLarge(f"These are {len(files)} files, and {FILES_AT_MOST} at once are the most.")
    if size > EACH_AT_MOST:
        raise TooLarge(
            f"The files are larger than {EACH_AT_MOST >> 20} MiB together. Import them one after the other,"
            " or with the command line."
        )
    return size


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # discarded this very moment
        return 0


def _nothing() -> NotFound:
    return NotFound(
        "There is no such import here: it was discarded, is older than a day, or somebody else brought it."
    )
