"""Who writes a large commit, and whether they still do.

A large commit takes several transactions, in between which anybody could write. So its writer marks the
head and is heard of with every transaction. A writer who is not heard of for a while, or whose process is
known to be gone, is taken for dead: somebody else undoes what is half done. A writer who was taken for dead
and is not finds somebody else's name in the mark and stops.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from cmdb.errors import Unavailable
from cmdb.stores.neo4j.connection import Connection, Cypher
from cmdb.stores.neo4j.head import HeadNode, Pending, mark, take_turn

T = TypeVar("T")

CHUNK_SECONDS = 120
_AT_WORK: set[str] = set()
"""The writers of this process."""


class Occupied(Exception):
    """A large commit is being written, or was left half done."""

    def __init__(self, head: HeadNode, pending: Pending) -> None:
        super().__init__("a large commit is pending")
        self.pending = pending
        self.abandoned = pending.until < head.now or is_gone(pending.writer)


def occupied_by(head: HeadNode) -> Occupied | None:
    """What keeps others from writing, if a large commit is pending."""
    return Occupied(head, head.pending) if head.pending else None


def check_free(head: HeadNode) -> None:
    """Raise `Occupied` if a large commit is pending."""
    occupied = occupied_by(head)
    if occupied:
        raise occupied


class Lease:
    """The right to write in several transactions, kept as long as its writer is heard of."""

    def __init__(self, connection: Connection, seconds: float) -> None:
        self.writer = f"{_process(os.getpid())} {uuid4().hex}"
        self._connection = connection
        self._seconds = seconds
        self._lock = threading.Lock()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count as alive inside."""
        _AT_WORK.add(self.writer)
        try:
            yield
        finally:
            _AT_WORK.discard(self.writer)

    def begin(self, cypher: Cypher, head: HeadNode, revision: int) -> None:
        """Mark the head; the transaction is the caller's."""
        mark(cypher, Pending(revision, self.writer, self._until(head.now), 0))

    def write(self, work: Callable[[Cypher], T], chunk: int | None = None) -> T | None:
        """Do a part of the work as one transaction; nothing if it is known that this chunk is there already.

        Raises
        ------
        Unavailable
            If the right was lost, or the server cannot do it.
        """

        def once(cypher: Cypher) -> T | None:
            head = take_turn(cypher).head
            pending = self.own(head)
            if chunk is not None and chunk <= pending.chunk:
                return None
            done = work(cypher)
            (now,) = cypher.one("RETURN timestamp()")  # the work may have taken longer than the lease
            mark(cypher, pending._replace(until=self._until(now), chunk=chunk or pending.chunk))
            return done

        with self._lock:
            return self._connection.change(once, CHUNK_SECONDS)

    def own(self, head: HeadNode) -> Pending:
        """The mark, if it is this writer's."""
        if head.pending is None or head.pending.writer != self.writer:
            raise Unavailable("This came to a halt for so long that others undid it to go on. Send it again.")
        return head.pending

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Be heard of while the work needs no transactions."""
        over = threading.Event()
        heart = threading.Thread(target=self._beat, args=(over,), daemon=True)
        heart.start()
        try:
            yield
        finally:
            over.set()
            heart.join()

    def _beat(self, over: threading.Event) -> None:
        while not over.wait(self._seconds / 3):
            with suppress(Unavailable):  # then the next transaction says so
                self.write(lambda _: None)

    def _until(self, now: int) -> int:
        return now + int(self._seconds * 1000)


def is_gone(writer: str) -> bool:
    """Whether a writer is known to be dead: it worked in a process of this machine that has ended."""
    process, _, _ = writer.rpartition(" ")
    if process == _process(os.getpid()):
        return writer not in _AT_WORK
    machine, pid, _ = process.split(" ")
    return machine != _UNKNOWN and machine == _machine() and _process(int(pid)) != process


_UNKNOWN = "?"


def _process(pid: int) -> str:
    """A process as no other is called, on any machine; `?` for what the system does not tell."""
    return f"{_machine()} {pid} {_started(pid)}"


def _machine() -> str:
    """The machine since it was started, or the container on it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return _UNKNOWN


def _started(pid: int) -> str:
    """When a process began, in the machine's ticks; `?` where there is none, or one that has ended."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return _UNKNOWN
    words = told.rpartition(")")[2].split()  # before it stands the program's name, which may hold blanks
    return _UNKNOWN if words[0] in {"X", "Z"} else words[19]
