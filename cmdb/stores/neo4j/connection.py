"""The server: connections, transactions, another try where one may help, and what to say where none does.

The only module that knows Neo4j's driver.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any, TypeVar

from neo4j import Driver, GraphDatabase, Query, Session, Transaction
from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DatabaseUnavailable,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from cmdb.errors import Unavailable
from cmdb.stores.opening import Server

T = TypeVar("T")

# What goes wrong is told by our errors; the driver would print it besides, where nobody handles its log.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

DIAL_SECONDS = 4
QUESTION_SECONDS = 120
CHANGE_SECONDS = 12
"""How long one statement of a question, or one change with its wait for its turn, may take on the server."""
PATIENCE = {False: 1.0, True: 5.0}
"""How long it is tried again, by whether it changes anything: a question has to fail fast."""
REST = 2.0
"""How long nobody dials a server that was found away."""

_AWAY = (ServiceUnavailable, SessionExpired, AuthError, DatabaseUnavailable)
_REASONS = {
    "Unauthorized": "it refuses this user and password",
    "AuthenticationRateLimit": "it refuses this user after too many wrong passwords; wait a little",
    "CredentialsExpired": "the user's first password has to be changed on the server before it is of use",
    "Forbidden": "it does not let this user do that",
    "OutOfMemory": "it has too little memory for this; give it a larger heap (server.memory.heap.max_size)",
    "TimedOut": "it did not finish in time; others may be writing",
    "LockClientStopped": "others were writing all the time",
    "LockAcquisitionTimeout": "others were writing all the time",
    "ConstraintValidation": "somebody else wrote an item or relation of the same uid or key into it",
    "DatabaseNotFound": "it has no database to use",
    "DatabaseUnavailable": "its database is not running",
}
"""What to say, by a part of the server's error code; its messages may hold values and are never shown."""


class Cypher:
    """Runs statements: on a session each is a transaction of its own, in a transaction all are one."""

    def __init__(self, runner: Session | Transaction, seconds: float) -> None:
        self._runner = runner
        self._seconds = seconds

    def rows(self, statement: str, **values: object) -> Iterator[list[Any]]:
        """Start a statement and return its rows as they come; take them before the next statement."""
        if isinstance(self._runner, Session):
            result = self._runner.run(Query(statement, timeout=self._seconds), values)
        else:
            result = self._runner.run(statement, values)
        return (record.values() for record in result)

    def one(self, statement: str, **values: object) -> list[Any]:
        """The one row that a statement returns unless somebody has emptied the server."""
        rows = list(self.rows(statement, **values))
        if not rows:
            raise Unavailable("What cmdb keeps on the server was taken away. Restore a backup.")
        return rows[0]

    def do(self, statement: str, **values: object) -> None:
        """Run a statement that returns nothing."""
        for _ in self.rows(statement, **values):
            pass


class Connection:
    """A server's address and an open way to it, for any number of threads.

    Raises
    ------
    Unavailable
        From every method, if the server cannot do it.
    """

    def __init__(self, server: Server) -> None:
        self.said = server.url
        self._away = _Away()
        self._closed = False
        try:
            self._driver = _dialler(server)
        except (DriverError, ValueError) as error:
            raise self.unusable(_reason(error)) from None
        # So that a process sees its own commits after another member of a cluster took over. A single
        # server shows them anyhow, even one whose data were replaced, where an old bookmark is an error.
        routed = server.url.startswith("neo4j")
        self._bookmarks = GraphDatabase.bookmark_manager() if routed else None

    def ask(self, question: Callable[[Cypher], T]) -> T:
        """Run statements that change nothing, each in a transaction of its own."""
        return self._repeat(lambda session: question(Cypher(session, QUESTION_SECONDS)), changes=False)

    def change(self, work: Callable[[Cypher], T], seconds: float = CHANGE_SECONDS) -> T:
        """Run statements as one transaction.

        The work may be done several times, and its outcome may be unknown in between, so that it has to
        find out itself whether it was done before.
        """

        def whole(session: Session) -> T:
            with session.begin_transaction(timeout=seconds) as transaction:
                done = work(Cypher(transaction, seconds))
                transaction.commit()
                return done

        return self._repeat(whole, changes=True)

    def close(self) -> None:
        """Hang up. A connection that is closed stays closed."""
        self._closed = True
        self._driver.close()

    def unusable(self, reason: str) -> Unavailable:
        """The error that says why the server cannot be used."""
        return Unavailable(f"The store {self.said} cannot be used: {reason}.")

    def _repeat(self, work: Callable[[Session], T], *, changes: bool) -> T:
        if self._closed:
            raise Unavailable(f"The store {self.said} is closed.")
        self._away.check()
        until, pause, uncertain = monotonic() + PATIENCE[changes], 0.05, False
        while True:
            try:
                done = self._once(work)
            except (DriverError, Neo4jError) as error:
                uncertain |= isinstance(error, IncompleteCommit)
                if monotonic() + pause > until or not _may_help(error):
                    raise self._explained(error, uncertain=uncertain) from None
            except Exception:
                self._away.found()  # the server did its part
                raise
            else:
                self._away.found()
                return done
            sleep(pause)
            pause *= 2

    def _once(self, work: Callable[[Session], T]) -> T:
        # Questions go where changes go too: in a cluster, other members may lag behind.
        with self._driver.session(bookmark_manager=self._bookmarks) as session:
            return work(session)

    def _explained(self, error: DriverError | Neo4jError, *, uncertain: bool) -> Unavailable:
        told = self.unusable(_reason(error))
        if isinstance(error, _AWAY):
            self._away.lost(told.detail)
        if uncertain:
            return Unavailable(
                f"The store {self.said} went away while it was written to, and whether this was written is"
                " not known. Send it again under the same id: then it is written once."
            )
        return told


def _dialler(server: Server) -> Driver:
    return GraphDatabase.driver(
        server.url,
        auth=(server.user, server.password) if server.password else None,
        connection_timeout=DIAL_SECONDS,
        connection_acquisition_timeout=DIAL_SECONDS + 1,
        notifications_min_severity="OFF",
        telemetry_disabled=True,
    )


class _Away:
    """Remembers that the server was away, so that for a while nobody waits to find that out again."""

    def __init__(self) -> None:
        self._until = 0.0
        self._told = ""

    def check(self) -> None:
        if monotonic() < self._until:
            raise Unavailable(self._told)
        if self._told:
            self._until = monotonic() + REST  # one tries; the others hear of it

    def lost(self, told: str) -> None:
        self._told, self._until = told, monotonic() + REST

    def found(self) -> None:
        self._told, self._until = "", 0.0


def _may_help(error: DriverError | Neo4jError) -> bool:
    """Whether the same may succeed when it is tried again."""
    code = (error.code or "") if isinstance(error, Neo4jError) else ""
    if "OutOfMemory" in code:
        return False
    met_another = code.startswith("Neo.ClientError.Schema.") and code.endswith("AlreadyExists")
    return met_another or isinstance(error, IncompleteCommit) or error.is_retryable()


def _reason(error: Exception) -> str:
    if isinstance(error, ServiceUnavailable | SessionExpired):
        return "it cannot be reached"
    if isinstance(error, ConfigurationError | ValueError):
        return "this is not the address of a Neo4j server of version 5.26 or newer"
    if isinstance(error, Neo4jError):
        code = error.code or ""
        known = next((reason for part, reason in _REASONS.items() if part in code), None)
        return known or f"it answered {code or 'with an error'}"
    return f"the connection failed ({type(error).__name__})"
