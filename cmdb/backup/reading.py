"""Reading a backup's file line by line; whatever is not as it was written is refused with its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn, TypeVar

import orjson

from cmdb.backup.lines import (
    FORMAT,
    LONGEST,
    PART,
    AnsweredLine,
    CommitLine,
    Header,
    Line,
    SightingLine,
    Tally,
)
from cmdb.backup.packing import BLOCK, unpacked
from cmdb.backup.shapes import check_part
from cmdb.errors import CmdbError, NotFound, Unreadable
from cmdb.model import Identity, Sighting
from cmdb.stores.base import Answered, Logged, Progress, in_silence

T = TypeVar("T", bound=Line)

_BEGINNING = f'{{"{Header.KIND}":'.encode()


@contextmanager
def reading(path: Path, progress: Progress = in_silence) -> Iterator[Reader]:
    """Open a backup's file.

    Raises
    ------
    NotFound
        If there is none.
    Unreadable
        If it cannot be opened, or is not a backup.
    """
    try:
        with path.open("rb") as file:
            if not path.is_file():
                raise Unreadable(f"{path} is no file on a disk. A backup is read twice: first to check it.")
            yield Reader(str(path), _blocks(file, path.stat().st_size, progress))
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.") from error
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}.") from error


def _blocks(file: BinaryIO, size: int, progress: Progress) -> Iterator[bytes]:
    done = 0
    while block := file.read(BLOCK):
        yield block
        done += len(block)
        progress("bytes checked", done, max(done, size))


class Reader:
    """Reads a backup once, from its first line to its last, with no more than one commit in memory.

    Attributes
    ----------
    header
        The first line.

    Raises
    ------
    Unreadable
        From every method, if a line is not what it has to be there.
    """

    def __init__(self, name: str, blocks: Iterator[bytes]) -> None:
        self._name = name
        self._lines = self._split(unpacked(name, blocks))
        self._number = 0
        self._tally = Tally()
        self.header = self._header()

    def commits(self) -> Iterator[tuple[Logged, list[bytes]]]:
        """The entries of the log, each with the parts of its body."""
        for _ in range(self.header.revision):
            line = self._take(CommitLine)
            try:
                logged = line.logged
            except CmdbError as error:
                self.refuse(error.detail)
            yield logged, [self._part() for _ in range(line.parts)]

    def sightings(self) -> Iterator[Sighting]:
        """The sightings, once the commits are read."""
        before: Identity | None = None
        for _ in range(self.header.sightings):
            sighting = self._take(SightingLine).sighting
            self._check_order(before, sighting.identity)
            before = sighting.identity
            yield sighting

    def answered(self) -> Iterator[Answered]:
        """The requests that were answered without a commit, once the sightings are read."""
        before: str | None = None
        for _ in range(self.header.answered):
            request = self._take(AnsweredLine).answered
            self._check_order(before, request.id)
            before = request.id
            yield request

    def finish(self) -> None:
        """Check the last line, and that nothing stands behind it."""
        expected = self._tally.end()
        if self._next() != expected:
            self.refuse("the counts and the hash of all lines before were expected here, and others are")
        if next(self._lines, None) is not None:
            self._number += 1
            self.refuse("something stands behind the end")

    def refuse(self, what: str) -> NoReturn:
        """Refuse the file because of what stands in the present line."""
        raise Unreadable(
            f"{self._name} line {self._number}: {what}. The backup is damaged; take another copy of it."
        )

    def _header(self) -> Header:
        line = self._next()
        self._check_format(line)
        header = self._read(Header, line)
        self._tally.take(Header.KIND, line)
        return header

    def _check_format(self, line: bytes) -> None:
        try:
            number = orjson.loads(line)[Header.KIND]["format"]
        except (ValueError, KeyError, TypeError):
            return
        if isinstance(number, int) and number > FORMAT:
            raise Unreadable(
                f"{self._name} was written by a newer version of cmdb (backup format {number}; this one"
                f" reads {FORMAT}). Use that version."
            )

    def _take(self, kind: type[T]) -> T:
        line = self._next()
        found = self._read(kind, line)
        self._tally.take(kind.KIND, line)
        return found

    def _read(self, kind: type[T], line: bytes) -> T:
        try:
            return kind.read(line)
        except (ValueError, TypeError):
            self.refuse(f"a line of the kind “{kind.KIND}” was expected here")

    def _part(self) -> bytes:
        line = self._next()
        try:
            check_part(line)
        except (ValueError, TypeError, CmdbError):
            self.refuse("what the commit above did was expected here")
        self._tally.take(PART, line)
        return line

    def _check_order(self, before: object, now: object) -> None:
        if before is not None and not before < now:  # type: ignore[operator]
            self.refuse("this line is not in order, or is there twice")

    def _next(self) -> bytes:
        line = next(self._lines, None)
        self._number += 1
        if line is None:
            self.refuse("the file is cut off here")
        return line

    def _split(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        open_line: list[bytes] = []
        length = 0
        for block in self._recognised(blocks):
            *ends, rest = block.split(b"\n")
            for end in ends:
                yield b"".join((*open_line, end))
                open_line, length = [], 0
            open_line.append(rest)
            length += len(rest)
            if length > LONGEST:
                self._number += 1
                self.refuse(f"it is longer than {LONGEST >> 20} MiB, the most a line may have")
        if length:
            self._number += 1
            self.refuse("the file is cut off here")

    def _recognised(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        first = next(filter(None, blocks), b"")
        if not first.startswith(_BEGINNING):
            raise Unreadable(f"{self._name} is not a backup: it does not begin like one that cmdb wrote.")
        yield first
        yield from blocks
