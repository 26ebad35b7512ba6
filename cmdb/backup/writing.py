"""Writing a backup: one consistent moment of a store, line by line, however long its history is."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import BinaryIO

import orjson

from cmdb.backup.lines import LONGEST, PART, AnsweredLine, CommitLine, Header, Line, SightingLine, Tally
from cmdb.canonical import canonical
from cmdb.errors import Conflict, Fault, TooLarge
from cmdb.model import Sighting
from cmdb.operations import AddRelation, CreateItem, target_of, text_of
from cmdb.stores.base import Answered, Head, Logged, Progress, Store, in_silence
from cmdb.stores.bodies import body_hash, operations_of
from cmdb.verify import broken_chain

_AT_ONCE = 50
"""How many entries of the log are read at once."""


def write(store: Store, file: BinaryIO, progress: Progress = in_silence) -> Header:
    """Write a backup of everything a store holds; return its first line.

    Others may go on writing to the store: the backup shows the newest revision there was when it began.

    Raises
    ------
    Conflict
        If the store's log is not as it was written, so that nothing could be restored from it.
    TooLarge
        If a single operation is too long for a line.
    """
    # What was answered without a commit rests on a revision there was by then: so this comes first.
    answered = sorted(store.answered(), key=lambda one: one.id)
    head = store.head()
    sightings = _sightings(store, head)
    header = _header(store, head, sightings, answered)
    sheet = _Sheet(file)
    sheet.put(header)
    for fault in broken_chain(_put_commits(sheet, store, head, progress)):
        raise _not_intact(fault)
    for sighting in sightings:
        sheet.put(SightingLine.of(sighting))
    for request in answered:
        sheet.put(AnsweredLine.of(request))
    sheet.finish()
    return header


def _header(store: Store, head: Head, sightings: list[Sighting], answered: list[Answered]) -> Header:
    newest = store.log(head.revision - 1, 1) if head.revision else []
    return Header(
        program=version("cmdb"),
        revision=head.revision,
        hash=newest[0].commit.hash if newest else "",
        time=head.time,
        sightings=len(sightings),
        answered=len(answered),
    )


def _sightings(store: Store, head: Head) -> list[Sighting]:
    """Who saw what, without what did not exist yet at a revision."""
    found = store.sightings()
    later = {
        text_of(target_of(operation))
        for logged in store.log(head.revision)
        for operation in operations_of(store.body(logged.commit.revision))
        if isinstance(operation, CreateItem | AddRelation)
    }
    return sorted((one for one in found if one.uid not in later), key=lambda one: one.identity)


def _put_commits(sheet: _Sheet, store: Store, head: Head, progress: Progress) -> Iterator[Logged]:
    """Write the log, each commit once its place in the chain is checked."""
    for logged in _log(store, head):
        yield logged
        commit = logged.commit
        body = store.body(commit.revision)
        if body_hash(commit.author, commit.message, body) != logged.body_hash:
            raise _not_intact(Fault(f"revision {commit.revision}", "what it did is not what was written"))
        parts = [short for part in body for short in _shortened(part)]
        sheet.put(CommitLine.of(logged, len(parts)))
        for part in parts:
            sheet.put_text(PART, part)
        progress("revisions", commit.revision, head.revision)


def _log(store: Store, head: Head) -> Iterator[Logged]:
    revision = 0
    while some := store.log(revision, min(_AT_ONCE, head.revision - revision)):
        yield from some
        revision = some[-1].commit.revision


def _not_intact(fault: Fault) -> Conflict:
    return Conflict(
        f"The store is not as it was written: {fault.pointer}: {fault.detail}. Nothing could be restored from"
        " a backup of it; cmdb verify says what else is wrong."
    )


class _Sheet:
    """Where the lines are written, and counted."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._tally = Tally()

    def put(self, line: Line) -> None:
        self.put_text(line.KIND, line.written())

    def put_text(self, kind: str, line: bytes) -> None:
        if len(line) > LONGEST:
            raise TooLarge(
                f"A {kind} of {len(line) >> 20} MiB is too long for a line of a backup;"
                f" {LONGEST >> 20} MiB are the most."
            )
        self._tally.take(kind, line)
        self._write(line)

    def finish(self) -> None:
        self._write(self._tally.end())

    def _write(self, line: bytes) -> None:
        self._file.write(line)
        self._file.write(b"\n")


def _shortened(part: bytes) -> Iterator[bytes]:
    """A part as one line, or as several where it is too long for one; no hash depends on where parts end."""
    operations = orjson.loads(part) if len(part) > LONGEST else []
    if len(operations) < 2:
        yield part
        return
    half = len(operations) // 2
    for some in (operations[:half], operations[half:]):
        yield from _shortened(canonical(some))
