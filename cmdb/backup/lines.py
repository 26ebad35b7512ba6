"""The lines of a backup: what each holds, and the count and hash of all."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Annotated, Any, ClassVar, Final, Literal, Self

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cmdb.canonical import as_json
from cmdb.model import Actor, Commit, Identity, IdentityLevel, Sighting
from cmdb.stores.base import Answered, Logged
from cmdb.values import moment

FORMAT: Final = 1
LONGEST = 256 * 2**20
"""No line is longer, so that a file cannot fill the memory of whoever reads it."""


def _instant(text: str) -> str:
    if not text.endswith("Z"):
        raise ValueError("an instant ends in Z")
    moment(text)
    return text


Instant = Annotated[str, AfterValidator(_instant)]
Number = Annotated[int, Field(ge=0)]
Three = Annotated[list[str], Field(min_length=3, max_length=3)]


class Line(BaseModel):
    """One line that is an object with its kind as the only key."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    KIND: ClassVar[str]

    def written(self) -> bytes:
        """The line as it stands in the file."""
        return as_json({self.KIND: self.model_dump()})

    @classmethod
    def read(cls, line: bytes) -> Self:
        """The line that `written` wrote.

        Raises
        ------
        ValueError
            If it is another one, or is written in another way.
        """
        value = orjson.loads(line)
        if not isinstance(value, dict) or [*value] != [cls.KIND] or orjson.dumps(value) != line:
            raise ValueError(f"this is no line of the kind “{cls.KIND}”")
        return cls.model_validate(value[cls.KIND])


class Header(Line):
    """The first line: which moment the backup shows, and how many lines of each kind follow."""

    KIND = "cmdb_backup"
    format: Literal[1] = FORMAT
    program: str
    revision: Number
    hash: str
    time: Instant
    sightings: Number
    answered: Number


class CommitLine(Line):
    """An entry of the log; what the commit did stands in the next lines, as many as `parts` says."""

    KIND = "commit"
    revision: Number
    id: str
    time: Instant
    author: str
    identity: IdentityLevel
    message: str
    request_hash: str
    result: dict[str, Any]
    body_hash: str
    hash: str
    parts: Number

    @classmethod
    def of(cls, logged: Logged, parts: int) -> Self:
        """The line of an entry whose body has so many parts."""
        commit = logged.commit
        return cls(
            revision=commit.revision,
            id=commit.id,
            time=commit.time,
            author=commit.author.name,
            identity=commit.author.identity,
            message=commit.message,
            request_hash=logged.request_hash,
            result=dict(commit.result),
            body_hash=logged.body_hash,
            hash=commit.hash,
            parts=parts,
        )

    @property
    def logged(self) -> Logged:
        """The entry of the log; raises `Rejected` if nobody can be called as its author is."""
        author = Actor(self.author, self.identity)
        commit = Commit(self.revision, self.id, self.time, author, self.message, self.hash, self.result)
        return Logged(commit, self.request_hash, self.body_hash)


class SightingLine(Line):
    """What a source knows by which name, and when it last saw it."""

    KIND = "sighting"
    identity: Three
    uid: str
    time: Instant

    @classmethod
    def of(cls, sighting: Sighting) -> Self:
        """The line of a sighting."""
        return cls(identity=list(sighting.identity), uid=sighting.uid, time=sighting.time)

    @property
    def sighting(self) -> Sighting:
        """The sighting."""
        return Sighting(Identity(*self.identity), self.uid, self.time)


class AnsweredLine(Line):
    """A request that was answered without a commit."""

    KIND = "answered"
    id: str
    request_hash: str
    result: dict[str, Any]

    @classmethod
    def of(cls, answered: Answered) -> Self:
        """The line of a request."""
        return cls(id=answered.id, request_hash=answered.request_hash, result=dict(answered.result))

    @property
    def answered(self) -> Answered:
        """The request."""
        return Answered(self.id, self.request_hash, self.result)


PART = "part"
"""The kind of line that is not an object: a part of a body."""


class Tally:
    """Counts the lines of a backup and takes the hash of all of them."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._hash = hashlib.sha256()

    def take(self, kind: str, line: bytes) -> None:
        """Take the next line."""
        self._counts[kind] += 1
        self._hash.update(line)
        self._hash.update(b"\n")

    def end(self) -> bytes:
        """The last line, as it has to be behind the lines taken."""
        kinds = (CommitLine.KIND, PART, SightingLine.KIND, AnsweredLine.KIND)
        counts = {kind: self._counts[kind] for kind in kinds}
        return as_json({"end": {**counts, "sha256": self._hash.hexdigest()}})
