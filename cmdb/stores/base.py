"""What every store does: commit operations atomically, and answer for any revision."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

import orjson

from cmdb.errors import Rejected
from cmdb.model import Actor, Commit, Graph, Identity, Item, Relation, Sighting
from cmdb.operations import Operation, as_data


class Head(NamedTuple):
    """The newest revision and its instant; 0 and the epoch in an empty store."""

    revision: int
    time: str


@dataclass(frozen=True)
class Transaction:
    """What one commit is asked to do.

    Attributes
    ----------
    id
        Minted by the caller; makes the commit safe to repeat.
    request
        What was asked for, in the caller's own words; by it two requests under one id are told apart. The
        operations themselves by default.
    result
        What to remember as the outcome, for whoever asks again under the same id.
    expected
        By uid, the version that the caller has seen: if one differs now, nothing is written.
    planned_at
        The revision that the operations were planned against: if there is a newer one, nothing is written.
        For plans that rest on more than the items they change.
    sightings
        Who saw what, recorded with the commit.
    """

    operations: Sequence[Operation]
    author: Actor
    message: str
    id: str = field(default_factory=lambda: uuid4().hex)
    request: bytes | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, int] = field(default_factory=dict)
    planned_at: int | None = None
    sightings: Sequence[Sighting] = ()

    def body(self) -> bytes:
        """What the commit does, as canonical JSON: what its place in the chain of hashes vouches for."""
        content = {
            "author": self.author.name,
            "identity": self.author.identity,
            "message": self.message,
            "operations": as_data(self.operations),
        }
        return canonical(content)

    def request_hash(self) -> str:
        """The hash by which another request under the same id is noticed."""
        return digest(self.body() if self.request is None else self.request)


class Answered(NamedTuple):
    """A request that needed no commit: its id, the hash that tells it from others, and its result."""

    id: str
    request_hash: str
    result: Mapping[str, Any]


class Logged(NamedTuple):
    """A commit with what it did, as it stands in the log."""

    commit: Commit
    body: bytes
    body_hash: str


class ItemVersion(NamedTuple):
    """An item as one commit left it."""

    commit: Commit
    item: Item


class RelationVersion(NamedTuple):
    """A relation as one commit left it; `relation` is `None` where the commit removed it."""

    commit: Commit
    relation: Relation
    removed: bool


class Store(Protocol):
    """Keeps the graph. Every method may raise `Unavailable`."""

    def head(self) -> Head:
        """The newest revision."""

    def commit(self, transaction: Transaction) -> Commit:
        """Apply all operations or none, as the next revision.

        The same id with the same request returns the commit of the first time.

        Raises
        ------
        Rejected
            If the id was used for another request, or an end of a relation does not exist.
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

    def see(self, sightings: Iterable[Sighting], answered: Answered | None = None) -> None:
        """Record that sources saw things, and a request that is answered by that.

        This is not a change and makes no revision.
        """

    def read(self, revision: int | None = None) -> Graph:
        """The whole graph at a revision, the newest by default.

        Raises
        ------
        NotFound
            If there is no such revision yet.
        """

    def revision_at(self, instant: str) -> int:
        """The newest revision committed at or before the instant; 0 if there is none."""

    def item_history(self, uid: str) -> list[ItemVersion]:
        """Every version of an item, oldest first."""

    def relation_history(self, uid: str) -> list[RelationVersion]:
        """Every version and removal of the relations at either end of an item, oldest first."""

    def log(self) -> list[Logged]:
        """Every commit with what it did, oldest first."""

    def identities(self) -> dict[Identity, str]:
        """The uid behind every name a source has used."""

    def last_seen(self) -> dict[str, str]:
        """By uid of item or relation, the instant it was last seen by any source."""

    def close(self) -> None:
        """Release what the store holds open."""


def canonical(content: object) -> bytes:
    """Canonical JSON: sorted keys, no blanks, UTF-8; raises like `as_json`."""
    return as_json(content, orjson.OPT_SORT_KEYS)


def as_json(content: object, option: int = 0) -> bytes:
    """Content as JSON, in the order it has.

    Raises
    ------
    Rejected
        If the content holds what JSON cannot, such as half a character (a lone surrogate).
    """
    try:
        return orjson.dumps(content, option=option)
    except orjson.JSONEncodeError as error:
        raise Rejected(f"This cannot be stored: {error}.") from None


def chained(previous: str, revision: int, time: str, commit_id: str, body_hash: str) -> str:
    """The hash of a commit: over the hash before it and everything that makes this one."""
    return digest(canonical([previous, revision, time, commit_id, body_hash]))


def digest(content: bytes) -> str:
    """SHA-256 as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()
