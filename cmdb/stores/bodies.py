"""The body of a commit: who did what and why, as the one canonical JSON text that its hash is taken of.

A body can be large, so it is made, kept and hashed in parts. Each part is a JSON list of operations; the
body is the object whose `operations` are those of all parts, so where the parts end changes no hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from sys import intern

import orjson

from cmdb.canonical import canonical, digest
from cmdb.model import Actor, RelationId
from cmdb.operations import Operation, Target, as_data, from_data

PART = 1_000
"""How many operations a part holds at most."""


def parts_of(operations: Iterable[Operation]) -> Iterator[bytes]:
    """Operations as the parts of a body, one after the other.

    Raises
    ------
    Rejected
        If they hold what cannot be stored.
    """
    rest = iter(operations)
    return (canonical(as_data(some)) for some in iter(lambda: list(islice(rest, PART)), []))


def operations_of(parts: Iterable[bytes]) -> Iterator[Operation]:
    """The operations in the parts of a body.

    Raises
    ------
    ValueError
        If this is not what `parts_of` wrote.
    """
    for part in parts:
        yield from from_data(orjson.loads(part))


def targets_of(parts: Iterable[bytes]) -> set[Target]:
    """What the operations in the parts of bodies are about; steps of plans are about nothing yet."""
    found: set[Target] = set()
    for part in parts:
        for one in orjson.loads(part):
            if "item" in one:
                found.add(intern(one["item"]))
            elif "relation" in one:
                found.add(RelationId(*map(intern, one["relation"])))
    return found


def body_hash(author: Actor, message: str, parts: Sequence[bytes]) -> str:
    """The hash of a body: of the canonical JSON of author, identity, message and operations."""
    head = {"author": author.name, "identity": author.identity, "message": message}
    hashed = hashlib.sha256(canonical(head)[:-1] + b',"operations":[')
    for number, part in enumerate(parts):
        hashed.update(b"," if number else b"")
        hashed.update(memoryview(part)[1:-1])
    hashed.update(b"]}")
    return hashed.hexdigest()


def chained(previous: str, revision: int, time: str, commit_id: str, body: str) -> str:
    """The hash of a commit: over the hash before it and everything that makes this one."""
    return digest(canonical([previous, revision, time, commit_id, body]))
