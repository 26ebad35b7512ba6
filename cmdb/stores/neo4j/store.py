"""The store on a Neo4j server itself: the questions a store answers.

What is there now stands as people expect it in Neo4j: items as nodes `:Item` with their class as a second
label, relations as relationships, attributes as properties. What was before lies aside in unconnected nodes
`:_Past`; everything of the store's own has names that begin with `_`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from cmdb.model import Commit, Graph, Identity, Sighting
from cmdb.operations import Plan, Target
from cmdb.stores.base import (
    Answered,
    Head,
    ItemVersion,
    Logged,
    Progress,
    RelationVersion,
    Scan,
    SourceTotal,
    State,
    Transaction,
    in_silence,
)
from cmdb.stores.neo4j import histories, records
from cmdb.stores.neo4j.committing import Commits
from cmdb.stores.neo4j.connection import Connection
from cmdb.stores.neo4j.head import newest
from cmdb.stores.neo4j.reading import part, scan
from cmdb.stores.neo4j.schema import prepare
from cmdb.stores.neo4j.turns import Limits
from cmdb.stores.opening import Server
from cmdb.values import moment, timestamp


class Neo4jStore:
    """A store on a Neo4j server.

    Parameters
    ----------
    server
        The server; what the store needs there is made where it is not there yet.
    clock
        Where commit times come from. They never run backwards, whatever it says.

    Attributes
    ----------
    limits
        From where on commits are written in several transactions.

    Raises
    ------
    Unavailable
        If the server cannot be reached or holds something else.
    """

    def __init__(self, server: Server, clock: Callable[[], datetime]) -> None:
        self.limits = Limits()
        self._connection = Connection(server)
        self._commits = Commits(self._connection, clock, self.limits)
        try:
            prepare(self._connection)
            self._commits.restore()
        except BaseException:
            self.close()
            raise

    def head(self) -> Head:
        """The newest revision."""
        return self._connection.ask(newest)

    def commit(self, transaction: Transaction, progress: Progress = in_silence) -> Commit:
        """Apply all operations or none; see `Store.commit`.

        Where something has to be tried again, progress may be told twice.
        """
        return self._commits.commit(transaction, progress)

    def recall(self, request_id: str, request_hash: str) -> Mapping[str, Any] | None:
        """The result remembered under this id; see `Store.recall`."""
        return self._connection.ask(lambda cypher: records.recall(cypher, request_id, request_hash))

    def see(self, sightings: Iterable[Sighting], answered: Iterable[Answered] = ()) -> None:
        """Record that sources saw things, without a revision; see `Store.see`."""
        self._commits.see(sightings, answered)

    def read(self, revision: int | None = None, only: Collection[Target] | None = None) -> Graph:
        """The graph at a revision; see `Store.read`."""
        return self.scan(revision).graph() if only is None else part(self._connection, revision, only)

    def scan(self, revision: int | None = None) -> Scan:
        """Everything at a revision, in batches; see `Store.scan`."""
        return scan(self._connection, revision)

    def touched(self, after: int, upto: int) -> set[Target]:
        """What changed between two revisions; see `Store.touched`."""
        return self._connection.ask(lambda cypher: records.touched(cypher, after, upto))

    def plan(self, owner: str, revision: int | None = None) -> Plan:
        """The steps of a plan as of a revision; see `Store.plan`."""
        return histories.plan(self._connection, owner, revision)

    def revision_at(self, instant: str) -> int:
        """The newest revision committed at or before the instant; 0 if there is none."""
        time = timestamp(moment(instant))
        return self._connection.ask(lambda cypher: records.revision_at(cypher, time))

    def item_history(self, uid: str) -> list[ItemVersion]:
        """Every version of an item, oldest first."""
        return histories.item_history(self._connection, uid)

    def relation_history(self, uid: str) -> list[RelationVersion]:
        """Every version and removal of the relations at either end of an item, oldest first."""
        return histories.relation_history(self._connection, uid)

    def holders(self, key: str) -> list[tuple[int, str]]:
        """Who had this key, and from which revision on; see `Store.holders`."""
        return histories.holders(self._connection, key)

    def log(self, after: int = 0, most: int | None = None) -> list[Logged]:
        """The commits later than a revision, oldest first; see `Store.log`."""
        return self._connection.ask(lambda cypher: records.log(cypher, after, most))

    def body(self, revision: int) -> list[bytes]:
        """What a commit did, in parts."""
        return self._connection.ask(lambda cypher: records.body(cypher, revision))

    def states(self) -> Iterator[State]:
        """Every state that anything ever had; see `Store.states`."""
        return histories.states(self._connection)

    def identities(self, only: Collection[Identity] | None = None) -> dict[Identity, str]:
        """The uid behind the names sources have used; see `Store.identities`."""
        return self._connection.ask(lambda cypher: records.identities(cypher, only))

    def sightings(self, uid: str | None = None) -> list[Sighting]:
        """Who last saw what and when; see `Store.sightings`."""
        return self._connection.ask(lambda cypher: records.sightings(cypher, uid))

    def sources(self) -> list[SourceTotal]:
        """Every source with what it saw, in order of their names."""
        return self._connection.ask(records.sources)

    def answered(self) -> list[Answered]:
        """The requests that were answered without a commit, in order of their ids."""
        return self._connection.ask(records.answered)

    def last_seen(self, since: str = "") -> Iterator[list[tuple[str, str]]]:
        """When sources last saw relations; see `Store.last_seen`."""
        yield self._connection.ask(lambda cypher: records.last_seen(cypher, since))

    def close(self) -> None:
        """Hang up. A store that is closed stays closed."""
        self._connection.close()
