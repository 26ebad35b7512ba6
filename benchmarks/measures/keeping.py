"""Pictures on disk and in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.ground import Ground
from benchmarks.lines import Line
from impact import snapshot
from impact.arrays.pool import Pool
from impact.snapshot import Snapshots


def snapshot_write(ground: Ground) -> Iterator[Line]:
    """Write the picture to disk, unless it is so small that none is kept."""
    if not is_kept(ground):
        return
    with ground.scratch() as folder:
        snapshots, plain = Snapshots(folder / "picture"), folder / "bytes"
        snapshots.write(ground.picture, ground.store)
        data = snapshots.path.read_bytes()
        ms, peer_ms = ground.pace.side_by_side(
            lambda: snapshots.write(ground.picture, ground.store), lambda: plain.write_bytes(data)
        )
    yield ground.line("snapshot_write", ms, "write_bytes", peer_ms, bytes=len(data))


def snapshot_open(ground: Ground) -> Iterator[Line]:
    """Open the picture from disk, unless none is kept."""
    vocabulary = ground.service.workspace.vocabulary
    if not is_kept(ground):
        return
    with ground.scratch() as folder:
        snapshots = Snapshots(folder / "picture")
        snapshots.write(ground.picture, ground.store)
        opened = snapshots.open(ground.store, vocabulary)
        if opened is None or len(opened) != len(ground.picture):
            raise AssertionError("the snapshot is not opened as what was written")
        ms, peer_ms = ground.pace.side_by_side(
            lambda: snapshots.open(ground.store, vocabulary), snapshots.path.read_bytes
        )
    yield ground.line("snapshot_open", ms, "read_bytes", peer_ms)


def is_kept(ground: Ground) -> bool:
    """Whether the picture is large enough to be worth keeping on disk."""
    return ground.picture.relations.live >= snapshot.FEW_RELATIONS


def memory_per_relation(ground: Ground) -> Iterator[Line]:
    """Count the bytes of the picture's arrays."""
    ground.service.impact.impact({ground.picture.keys[ground.roots.typical.place]: "out"})
    total = sum({id(array): array.nbytes for array in arrays(ground.picture)}.values())
    yield ground.line("memory_per_relation", None, bytes=total / ground.picture.relations.live)


def arrays(part: object) -> Iterator[NDArray[Any]]:
    """Every array a picture holds, those included that were worked out for a question."""
    if isinstance(part, np.ndarray):
        yield part
    elif isinstance(part, Mapping):
        yield from chain.from_iterable(map(arrays, part.values()))
    elif is_dataclass(part) or isinstance(part, Pool):
        yield from arrays(vars(part))
