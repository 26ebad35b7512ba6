"""A store with a past of every kind, and everything that a store says of itself."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cmdb.backup import backup_file, checked, write
from cmdb.errors import Unreadable
from cmdb.model import Actor, Identity, Sighting
from cmdb.operations import ChangePlan, Operation, Step
from cmdb.stores.base import Answered, Store, Transaction
from tests.cmdb.estates import change, create, needs, relate, unrelate

GRACE = Actor("Grace", "authenticated")


def live(store: Store) -> None:
    """Let a store live: things come, change, get other names and go, are planned, seen and asked for."""
    after = Step(change("b", {"tier": 1}, {"tier": 2}))
    planned = Step(create("new", key="c", tier=4), (Identity("scan", "server", "srv-9"),))
    steps: list[list[Operation]] = [
        [create("a"), create("b", tier=1, labels=["x", "é"]), create("c", name="=1+1"), relate("a", "b")],
        [change("b", {"tier": 1}, {"tier": None, "owner": "two\nlines \0 📈", "size_gb": 1.5})],
        [unrelate("a", "b"), change("c", {}, {"key": "c-renamed"})],
        [create("p", key="apollo", name="Apollo"), ChangePlan("p", None, after)],
        [relate("a", "b", role="db"), change("a", {}, {"status": "retired"})],
        [ChangePlan("p", after, None), ChangePlan("p", None, planned)],
        [],
        [create(f"many-{number}") for number in range(30)],
    ]
    for number, operations in enumerate(steps, start=1):
        store.commit(made(number, operations))
    store.see([seen("a", "2027-01-01T00:00:00Z")], [answer("nothing to do"), answer("again nothing")])


def made(number: int, operations: list[Operation]) -> Transaction:
    """Make a transaction that is the same each time, as is what it remembers."""
    author = GRACE if number % 2 else Actor("ada")
    wanted = Transaction(
        operations, author, f"step “{number}”", id=f"id-{number}", request_hash=f"of {number}"
    )
    sightings = [seen("a"), seen("b")] if number == 1 else []
    return replace(
        wanted,
        result={"items": {"added": number}, "a": [None, 1.5]},
        sightings=sightings,
        time=f"2026-11-20T{12 + number}:00:00.000000Z",
    )


def seen(uid: str, time: str = "2026-11-20T12:00:00Z") -> Sighting:
    """Make the sighting of an item by a scan."""
    return Sighting(Identity("scan", "server", f"srv-{uid}"), uid, time)


def answer(id: str) -> Answered:
    """Make a request that was answered without a commit."""
    return Answered(id, f"of {id}", {"format": 1, "changes": 0, "about": id})


def everything(store: Store) -> dict[str, Any]:
    """Return all that a store says of itself, past and present."""
    log = store.log()
    revisions = range(len(log) + 1)
    return {
        "log": log,
        "bodies": [store.body(one.commit.revision) for one in log],
        "graphs": [store.read(revision) for revision in revisions],
        "plans": [dict(store.plan("p", revision)) for revision in revisions],
        "histories": [store.item_history(uid) for uid in store.read().items],
        "relations": [store.relation_history(uid) for uid in store.read().items],
        "holders": [store.holders(key) for key in ("c", "c-renamed")],
        "sightings": store.sightings(),
        "identities": store.identities(),
        "answered": store.answered(),
        "ends": needs("a", "b") in store.read().relations,
    }


def back_up(store: Store, path: Path) -> bytes:
    """Back a store up; return what stands in the file."""
    with backup_file(path, replace=True) as file:
        write(store, file)
    return path.read_bytes()


def refused(path: Path, content: bytes) -> str:
    """Check a file of this content; return the one line with which it is refused."""
    path.write_bytes(content)
    with pytest.raises(Unreadable) as caught:
        checked(path)
    assert str(path) in caught.value.detail
    assert "\n" not in caught.value.detail
    return caught.value.detail


def as_packed(content: bytes) -> bytes:
    """Return content as a packed backup would have it."""
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=6, fileobj=packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()


def interrupted_after(steps: int) -> Callable[[str, int, int], None]:
    """Return a progress report at which somebody presses Ctrl-C after so many steps."""
    left = iter(range(steps))

    def report(what: str, done: int, total: int) -> None:
        assert 0 <= done <= total, what
        if next(left, None) is None:
            raise KeyboardInterrupt

    return report
