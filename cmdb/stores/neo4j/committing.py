"""Commits: one transaction each, or several under a lease where one would not fit into the server's memory.

What several transactions write bears the coming revision, which no reader takes before the head does; so it
becomes the graph's with the last, small one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple

import orjson

from cmdb.errors import Unavailable
from cmdb.model import Commit, Sighting
from cmdb.stores.base import (
    Answered,
    Head,
    Progress,
    Sealed,
    Transaction,
    check_planned,
    check_same,
)
from cmdb.stores.bodies import chained
from cmdb.stores.neo4j.connection import CHANGE_SECONDS, Connection, Cypher
from cmdb.stores.neo4j.finding import find
from cmdb.stores.neo4j.head import HeadNode, Turn, report, take_turn, unmark
from cmdb.stores.neo4j.leases import Lease, check_free
from cmdb.stores.neo4j.rows import commit_row, logged_of
from cmdb.stores.neo4j.schema import give_place
from cmdb.stores.neo4j.turns import Limits, NoPlace, Turns
from cmdb.stores.neo4j.undoing import undo
from cmdb.stores.neo4j.writing import PARTS, Batch, Told, Writing, see
from cmdb.stores.staging import Present, Staged, batches, needed, stage
from cmdb.values import timestamp

ROWS_A_SECOND = 1_000
"""How many rows a slow server writes in a second."""
BYTES_A_ROW = 2_000
"""What is a usual length for a row, in bytes of a body."""

_ENTER = """
MATCH (h:_Head {id: 1})
SET h.revision = $row.revision, h.time = $row.time, h.hash = $row.hash, h.reports = h.reports + 1
CREATE (n:_Commit) SET n = $row
"""
_REMEMBER = "UNWIND $rows AS row MERGE (n:_Answered {id: row.id}) ON CREATE SET n = row"


class _Asked(NamedTuple):
    """A commit that is asked for."""

    transaction: Transaction
    sealed: Sealed
    progress: Progress

    @property
    def rows(self) -> int:
        """How many operations and sightings it has, or 1."""
        return max(1, len(self.transaction.operations) + len(self.transaction.sightings))

    @property
    def size(self) -> int:
        """How much it is to write, in rows of a usual length."""
        return max(self.rows, sum(map(len, self.sealed.parts)) // BYTES_A_ROW)

    def at_once(self, rows: int) -> int:
        """How many of its rows are as much as so many of a usual length."""
        return max(1, rows * self.rows // self.size)


class Commits:
    """Writes commits, and what is recorded without one."""

    def __init__(self, connection: Connection, clock: Callable[[], datetime], limits: Limits) -> None:
        self._connection = connection
        self._clock = clock
        self._limits = limits
        self._turns = Turns(connection, limits)

    def commit(self, transaction: Transaction, progress: Progress) -> Commit:
        """Apply all operations or none; see `Store.commit`."""
        asked = _Asked(transaction, Sealed.of(transaction, progress), progress)
        if asked.size > self._limits.large:
            return self._commit_in_chunks(asked)
        seconds = CHANGE_SECONDS + asked.size / ROWS_A_SECOND
        return self._turns.write(
            lambda: self._connection.change(lambda cypher: self._whole(cypher, asked), seconds)
        )

    def see(self, sightings: Iterable[Sighting], answered: Iterable[Answered]) -> None:
        """Record that sources saw things, without a revision; see `Store.see`.

        Each is a fact of its own, so that many are recorded in several transactions; the requests that are
        answered by them come last.
        """
        for some in batches(sightings, self._limits.chunk):
            self._record(partial(see, some))
        rows = [one._asdict() | {"result": orjson.dumps(dict(one.result)).decode()} for one in answered]
        if rows:
            self._record(lambda cypher, _: cypher.do(_REMEMBER, rows=rows))

    def restore(self) -> None:
        """Undo what a writer left half done who is not heard of any more."""
        self._turns.restore()

    def _record(self, fact: Callable[[Cypher, int], None]) -> None:
        def work(cypher: Cypher) -> None:
            head = take_turn(cypher).head
            check_free(head)
            fact(cypher, head.revision)
            report(cypher)  # on the head, so that nobody sees a part of it

        self._turns.write(lambda: self._connection.change(work))

    def _whole(self, cypher: Cypher, asked: _Asked) -> Commit:
        """Write a commit in the transaction that is open."""
        turn = take_turn(cypher, asked.transaction.id)
        known = _known(turn, asked)
        if known is not None:
            return known
        check_free(turn.head)
        staged, before, time = self._stage(cypher, asked, turn.head)
        missing = _types_of(staged) - turn.head.types
        if missing:
            raise NoPlace(missing)
        told = Told(staged, len(asked.transaction.sightings), asked.progress)
        for batch in self._batches(asked, turn.head, staged, before):
            batch.run(cypher)
            told.tell(batch)
        return _enter(cypher, turn.head, asked, time)

    def _stage(self, cypher: Cypher, asked: _Asked, head: HeadNode) -> tuple[Staged, Present, str]:
        transaction = asked.transaction
        check_planned(transaction, Head(head.revision, head.time))
        time = transaction.time or max(timestamp(self._clock()), head.time)
        before = find(cypher, needed(transaction), asked.progress)
        return stage(transaction, before, time, asked.progress), before, time

    def _batches(self, asked: _Asked, head: HeadNode, staged: Staged, before: Present) -> Iterator[Batch]:
        writing = Writing(head.revision + 1, staged, before, asked.at_once(self._limits.chunk))
        yield from writing.states()
        yield from writing.body(asked.sealed, asked.at_once(PARTS))
        yield from writing.sightings(asked.transaction.sightings)

    def _commit_in_chunks(self, asked: _Asked) -> Commit:
        lease = Lease(self._connection, self._limits.lease_seconds)
        with lease.at_work():
            begun = self._turns.write(
                lambda: self._connection.change(lambda cypher: _begin(cypher, asked, lease))
            )
            if isinstance(begun, Commit):
                return begun
            try:
                return self._write_in_chunks(asked, lease, begun)
            except BaseException:
                with suppress(Unavailable):  # then whoever writes next does it
                    undo(self._connection, lease, self._limits.chunk)
                raise

    def _write_in_chunks(self, asked: _Asked, lease: Lease, head: HeadNode) -> Commit:
        with lease.beating():
            staged, before, time = self._connection.ask(lambda cypher: self._stage(cypher, asked, head))
            give_place(self._connection, _types_of(staged) - head.types)
        told = Told(staged, len(asked.transaction.sightings), asked.progress)
        for number, batch in enumerate(self._batches(asked, head, staged, before), start=1):
            lease.write(batch.run, number)
            told.tell(batch)
        return self._connection.change(lambda cypher: _finish(cypher, asked, lease, time))


def _begin(cypher: Cypher, asked: _Asked, lease: Lease) -> Commit | HeadNode:
    """Say that a large commit is being written; return the commit if it is there already."""
    turn = take_turn(cypher, asked.transaction.id)
    known = _known(turn, asked)
    if known is not None:
        return known
    if turn.head.pending is None or turn.head.pending.writer != lease.writer:
        check_free(turn.head)
        check_planned(asked.transaction, Head(turn.head.revision, turn.head.time))
        lease.begin(cypher, turn.head, turn.head.revision + 1)
    return turn.head


def _finish(cypher: Cypher, asked: _Asked, lease: Lease, time: str) -> Commit:
    """Make what was written in chunks the newest revision."""
    turn = take_turn(cypher, asked.transaction.id)
    known = _known(turn, asked)
    if known is not None:
        return known
    lease.own(turn.head)
    unmark(cypher)
    return _enter(cypher, turn.head, asked, time)


def _enter(cypher: Cypher, head: HeadNode, asked: _Asked, time: str) -> Commit:
    """Enter the next revision in the log, chained to the one before."""
    transaction, revision = asked.transaction, head.revision + 1
    hashed = chained(head.hash, revision, time, transaction.id, asked.sealed.body_hash)
    author, message, result = transaction.author, transaction.message, transaction.result
    commit = Commit(revision, transaction.id, time, author, message, hashed, result)
    cypher.do(_ENTER, row=commit_row(asked.sealed, commit))
    return commit


def _known(turn: Turn, asked: _Asked) -> Commit | None:
    """The commit made under this id for the same request, `None` if the id is new or made no commit."""
    wanted = asked.sealed.request_hash
    if turn.commit is not None:
        logged = logged_of(turn.commit)
        check_same(logged.commit.id, logged.request_hash, wanted)
        return logged.commit
    if turn.answered is not None:
        check_same(turn.answered["id"], turn.answered["request_hash"], wanted)
    return None


def _types_of(staged: Staged) -> set[str]:
    return {one.type for one, relation in staged.relations.items() if relation is not None}
