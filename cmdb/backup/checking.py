"""Checking a backup: that it is whole and as it was written, and that its history can be told again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cmdb.backup.lines import Header
from cmdb.backup.reading import Reader, reading
from cmdb.stores.base import Logged, Progress, in_silence
from cmdb.verify import Replay, broken_chain


@dataclass(frozen=True)
class Backup:
    """A file that was read to its end and is as it was written.

    Attributes
    ----------
    header
        Its first line.
    items, relations
        How many there are at its newest revision.
    """

    path: Path
    header: Header
    items: int
    relations: int


def checked(path: Path, progress: Progress = in_silence) -> Backup:
    """Read a backup and prove it.

    Raises
    ------
    NotFound
        If there is no such file.
    Unreadable
        If it is no backup, was written by a newer version, is cut off, or any of it is not as it was written.
    """
    replay = Replay()
    with reading(path, progress) as reader:
        for fault in broken_chain(_replayed(reader, replay)):
            reader.refuse(f"{fault.pointer}: {fault.detail}")
        for _ in reader.sightings():
            pass
        for _ in reader.answered():
            pass
        reader.finish()
    return Backup(path, reader.header, len(replay.present.items), len(replay.present.relations))


def _replayed(reader: Reader, replay: Replay) -> Iterator[Logged]:
    """The log, where each commit is done again once its place in the chain is checked."""
    ids: set[str] = set()
    last, time = "", reader.header.time
    for logged, parts in reader.commits():
        yield logged
        if logged.commit.id in ids:
            reader.refuse("an earlier commit has the same id")
        ids.add(logged.commit.id)
        for fault in replay.apply(logged, parts):
            reader.refuse(f"{fault.pointer}: {fault.detail}")
        last, time = logged.commit.hash, logged.commit.time
    if (last, time) != (reader.header.hash, reader.header.time):
        reader.refuse("the last commit is not the one that the first line names")
