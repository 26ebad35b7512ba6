"""Taking turns: waiting for whoever writes a large commit, and clearing up behind who never finished."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TypeVar

from cmdb.errors import Unavailable
from cmdb.stores.neo4j.connection import Connection
from cmdb.stores.neo4j.head import present
from cmdb.stores.neo4j.leases import Lease, Occupied, occupied_by
from cmdb.stores.neo4j.schema import give_place
from cmdb.stores.neo4j.undoing import undo

T = TypeVar("T")

PAUSE = 0.1


@dataclass
class Limits:
    """From where on a commit is large, and how it is written then.

    Attributes
    ----------
    large
        How many operations and sightings one transaction takes at most. A server with a heap of 1 GiB was
        seen to take six times as many, and to refuse twelve times as many.
    chunk
        How many rows one of several transactions writes.
    lease_seconds
        How long their writer counts as alive without being heard of.
    wait_seconds
        How long others wait for that writer.
    """

    large: int = 20_000
    chunk: int = 5_000
    lease_seconds: float = 30.0
    wait_seconds: float = 10.0


class NoPlace(Exception):
    """Relations of some types have no place on the server yet."""

    def __init__(self, types: Iterable[str]) -> None:
        super().__init__("new relation types")
        self.types = frozenset(types)


class Turns:
    """Lets one after the other write."""

    def __init__(self, connection: Connection, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits

    def write(self, attempt: Callable[[], T]) -> T:
        """Make an attempt to write as soon as no large commit is pending.

        Raises
        ------
        Unavailable
            If one still is after a while.
        """
        until = monotonic() + self._limits.wait_seconds
        while True:
            try:
                return attempt()
            except NoPlace as missing:
                give_place(self._connection, missing.types)
            except Occupied as occupied:
                self._make_room(occupied, until)

    def restore(self) -> None:
        """Undo what a writer left half done who is not heard of any more."""
        occupied = occupied_by(self._connection.ask(present))
        if occupied and occupied.abandoned:
            self._undo()

    def _make_room(self, occupied: Occupied, until: float) -> None:
        if occupied.abandoned:
            self._undo()
        elif monotonic() > until:
            raise Unavailable("An import is being written. Try again when it is done.")
        else:
            self._wait(until)

    def _wait(self, until: float) -> None:
        while monotonic() < until:
            sleep(PAUSE)
            occupied = occupied_by(self._connection.ask(present))
            if occupied is None or occupied.abandoned:
                return

    def _undo(self) -> None:
        lease = Lease(self._connection, self._limits.lease_seconds)
        with lease.at_work():
            undo(self._connection, lease, self._limits.chunk)
