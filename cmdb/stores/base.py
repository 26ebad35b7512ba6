"""What every store does: commit operations atomically, and answer for any revision."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from cmdb.errors import NotFound, Rejected, Stale
from cmdb.model import Actor, Commit, Graph, Identity, Item, Relation, Sighting
from cmdb.operations import Operation, Plan, Step, Target
from cmdb.patience import patiently
from cmdb.stores.bodies import PART, body_hash, parts_of

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def in_silence(what: str, done: int, total: int) -> None:
    """Report progress to nobody."""


class Head(NamedTuple):
    """The newest revision and its instant; 0 and the epoch in an empty store.

    Attributes
    ----------
    reports
        A number that is another one whenever sources may have seen anything since.
    """

    revision: int
    time: str
    reports: int = 0


@dataclass(frozen=True)
class Transaction:
    """What one commit is asked to do.

    Attributes
    ----------
    id
        Minted by the caller; makes the commit safe to repeat.
    request_hash
        Tells two requests under one id apart: the hash of what was asked, in the caller's own words. Without
        it, that of the commit's body.
    result
        What to remember as the outcome, for whoever asks again under the same id.
    expected
        By uid, the version that the caller has seen: if one differs now, nothing is written.
    planned_at
        The revision that the operations were planned against: if there is a newer one, nothing is written.
        For plans that rest on more than the items they change.
    sightings
        Who saw what, recorded with the commit.
    time
        When it was committed, where it is told again from a backup; now by default.
    """

    operations: Sequence[Operation]
    author: Actor
    message: str
    id: str = field(default_factory=lambda: uuid4().hex)
    request_hash: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, int] = field(default_factory=dict)
    planned_at: int | None = None
    sightings: Sequence[Sighting] = ()
    time: str | None = None


class Sealed(NamedTuple):
    """A transaction ready to be written: its body in parts, that body's hash, and the request's.

    Raises `Rejected` while it is made if the transaction holds what cannot be stored.
    """

    parts: Sequence[bytes]
    body_hash: str
    request_hash: str

    @classmethod
    def of(cls, transaction: Transaction, progress: Progress = in_silence) -> Sealed:
        """Put a transaction's content into the form that is hashed and kept."""
        total = len(transaction.operations)
        parts = []
        for part in parts_of(transaction.operations):
            parts.append(part)
            progress("operations written out", min(total, len(parts) * PART), total)
        hashed = body_hash(transaction.author, transaction.message, parts)
        return cls(parts, hashed, transaction.request_hash or hashed)


def check_same(request_id: str, known: str, request_hash: str) -> None:
    """Refuse an id that was used for another request."""
    if known != request_hash:
        raise Rejected(f"The id “{request_id}” was used before, for another request. Take a new one.")


def check_planned(transaction: Transaction, head: Head) -> None:
    """Refuse a plan that was made before the newest revision."""
    planned = transaction.planned_at
    if planned is not None and planned != head.revision:
        raise Stale(f"This was planned at revision {planned}; now it is {head.revision}.")


def known_revision(revision: int | None, newest: int) -> int:
    """The revision that is meant, or `NotFound` if there is none of this number."""
    if revision is None:
        return newest
    if not 0 <= revision <= newest:
        raise NotFound(f"There is no revision {revision}; the newest is {newest}.")
    return revision


def check_span(after: int, upto: int, newest: int) -> None:
    """Raise `NotFound` if there is no revision of one of these numbers."""
    for revision in (after, upto):
        known_revision(revision, newest)


class Answered(NamedTuple):
    """A request that needed no commit: its id, the hash that tells it from others, and its result."""

    id: str
    request_hash: str
    result: Mapping[str, Any]


class Logged(NamedTuple):
    """A commit as it stands in the log; `Store.body` has what it did."""

    commit: Commit
    request_hash: str
    body_hash: str


class SourceTotal(NamedTuple):
    """How much a source has ever seen, and when it last saw anything."""

    source: str
    items: int
    relations: int
    last_seen: str


class ItemVersion(NamedTuple):
    """An item as one commit left it."""

    commit: Commit
    item: Item


class RelationVersion(NamedTuple):
    """A relation as one commit left it; where the commit removed it, as it was until then."""

    commit: Commit
    relation: Relation
    removed: bool


class Planned(NamedTuple):
    """A step of a plan, with the uid of the project, deliverable or change that owns the plan."""

    owner: str
    step: Step


class State(NamedTuple):
    """A state that held from revision `since` up to, not including, `until`; `None` if it holds now."""

    what: Item | Relation | Planned
    since: int
    until: int | None


class Scan(NamedTuple):
    """Everything at one revision, to be taken once and in this order: the items, then the relations.

    Nothing is held open in between: the store can be asked anything, and whatever is written meanwhile,
    all of it is of the one revision.

    Attributes
    ----------
    items, relations
        Batches of some ten thousand, each read when it is asked for, in no order.
    """

    revision: int
    time: str
    items: Iterator[list[Item]]
    relations: Iterator[list[Relation]]

    def graph(self) -> Graph:
        """All of it at once."""
        items = {one.uid: one for some in patiently(self.items) for one in some}
        relations = {one.id: one for some in patiently(self.relations) for one in some}
        return Graph(self.revision, self.time, items, relations)


class Store(Protocol):
    """Keeps the graph. Every method may raise `Unavailable`."""

    def head(self) -> Head:
        """The newest revision."""

    def commit(self, transaction: Transaction, progress: Progress = in_silence) -> Commit:
        """Apply all operations or none, as the next revision.

        The same id with the same request returns the commit of the first time.

        Raises
        ------
        Rejected
            If the id was used for another request, an end of a relation does not exist, or a value is one
            that no store holds.
        Conflict
            If an operation does not fit what is there, or a key is taken.
        Stale
            If a version differs from the expected one.
        """

    def recall(self, request_id: str, request_hash: str) -> Mapping[str, Any] | None:
        """The result remembered under this id, with its `revision`; `None` if the id is new.

        Raises
        ------
        Rejected
            If the id was used for another request.
        """

    def see(self, sightings: Iterable[Sighting], answered: Iterable[Answered] = ()) -> None:
        """Record that sources saw things, and requests that are answered by that.

        This is not a change and makes no revision.
        """

    def read(self, revision: int | None = None, only: Collection[Target] | None = None) -> Graph:
        """The whole graph at a revision, the newest by default; with `only`, no more than those of it.

        Raises
        ------
        NotFound
            If there is no such revision yet.
        """

    def scan(self, revision: int | None = None) -> Scan:
        """Everything at a revision, the newest by default, without the memory that all of it takes at once.

        Taking its batches may raise `Unavailable` too.

        Raises
        ------
        NotFound
            If there is no such revision yet.
        """

    def touched(self, after: int, upto: int) -> set[Target]:
        """The items and relations that commits later than one revision and up to another changed.

        It takes as long as there are changes, however large the graph is. Steps of plans change nothing. A
        relation that one commit added and removed again is among them, though there is no trace of it.

        Raises
        ------
        NotFound
            If there is no such revision yet.
        """

    def plan(self, owner: str, revision: int | None = None) -> Plan:
        """What the project, deliverable or change with this uid intends, as of a revision."""

    def revision_at(self, instant: str) -> int:
        """The newest revision committed at or before the instant; 0 if there is none."""

    def item_history(self, uid: str) -> list[ItemVersion]:
        """Every version of an item, oldest first."""

    def relation_history(self, uid: str) -> list[RelationVersion]:
        """Every version and removal of the relations at either end of an item, oldest first.

        Those of one commit come in order of their ids.
        """

    def holders(self, key: str) -> list[tuple[int, str]]:
        """Who had this key: the revision from which on, and the uid, oldest first."""

    def log(self, after: int = 0, most: int | None = None) -> list[Logged]:
        """Every commit later than a revision, oldest first; the first `most` of them, where that is given."""

    def body(self, revision: int) -> Sequence[bytes]:
        """What a commit did, in parts: see `cmdb.stores.bodies`."""

    def states(self) -> Iterator[State]:
        """Every state that anything ever had, in no order. Ask the store nothing else meanwhile."""

    def identities(self, only: Collection[Identity] | None = None) -> dict[Identity, str]:
        """The uid behind every name a source has used; with `only`, behind no more than those."""

    def sightings(self, uid: str | None = None) -> list[Sighting]:
        """Who last saw what and when, of one item or relation or of all; in order of the identities."""

    def sources(self) -> list[SourceTotal]:
        """Every source with what it saw, in order of their names."""

    def answered(self) -> list[Answered]:
        """The requests that were answered without a commit, in order of their ids."""

    def last_seen(self, since: str = "") -> Iterator[list[tuple[str, str]]]:
        """When sources last saw relations: uids and instants, in batches, where that is not before `since`.

        A relation that several sources have seen comes several times. Ask the store nothing else meanwhile.
        """

    def close(self) -> None:
        """Release what the store holds open."""
