"""Pictures made of a store: all of it, and what was committed since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from random import Random
from statistics import median
from time import perf_counter
from typing import NamedTuple

from api.service.build import system_clock
from benchmarks.changes import changes
from benchmarks.filling import ACTOR, apart, fill
from benchmarks.ground import Ground, say
from benchmarks.lines import Line
from cmdb.stores.base import Store, Transaction
from cmdb.stores.opening import open_store
from cmdb.views import LIVE
from impact.following import follow
from impact.picture import Picture
from impact.pictures import Pictures

CHANGES = (1, 100, 1_000)


def build_sqlite(ground: Ground) -> Iterator[Line]:
    """Make the picture from SQLite."""
    yield _build(ground, "build_sqlite", ground.store)


def build_neo4j(ground: Ground) -> Iterator[Line]:
    """Make the picture from Neo4j."""
    with ground.neo4j() as server:
        if server is None:
            return
        say("importing it into Neo4j")
        apart(fill, server, ground.files)
        with closing(open_store(server, system_clock)) as store:
            yield _build(ground, "build_neo4j", store)


def _build(ground: Ground, measure: str, store: Store) -> Line:
    vocabulary = ground.service.workspace.vocabulary
    ms, scan = ground.pace.side_by_side(lambda: Pictures(store, vocabulary).show(LIVE), lambda: _scan(store))
    return ground.line(measure, ms, "scan", scan)


def _scan(store: Store) -> int:
    """Read everything and keep nothing."""
    found = store.scan()
    return sum(map(len, found.items)) + sum(map(len, found.relations))


def delta(ground: Ground) -> Iterator[Line]:
    """Follow commits of so many changes."""
    with ground.scratch() as folder:
        ground.copy_store(folder / "store.db")
        store = open_store(folder / "store.db", system_clock)
        try:
            picture = ground.picture
            for number in CHANGES:
                picture, times = _follow(ground, store, picture, number)
                reading, following = (median(column) for column in zip(*times, strict=True))
                yield ground.line(f"delta_read_{number}", reading)
                yield ground.line(f"delta_{number}", following)
        finally:
            store.close()


class _Times(NamedTuple):
    """How many milliseconds it took to read what changed, and to make the next picture of it."""

    reading: float
    following: float


def _follow(ground: Ground, store: Store, picture: Picture, number: int) -> tuple[Picture, list[_Times]]:
    """Commit so many changes again and again, and follow each commit."""
    rng, times = Random(number), []
    for _ in range(ground.pace.most):
        operations = changes(picture, number, rng)
        revision = store.commit(Transaction(operations, ACTOR, f"{number} changes")).revision
        begun = perf_counter()
        touched = store.touched(picture.revision, revision)
        part = store.read(revision, touched)
        read = perf_counter()
        picture = follow(picture, part, touched)
        times.append(_Times(1_000 * (read - begun), 1_000 * (perf_counter() - read)))
    return picture, times
