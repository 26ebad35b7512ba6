"""The rows of harm between active items, as plain pairs for whoever keeps a graph of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impact.codes import ways_of
from impact.picture import Picture

Pair = tuple[int, int]


def edges(picture: Picture) -> list[Pair]:
    """Where each row starts and ends."""
    starts, ends, _ = _columns(picture)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def edges_by_type(picture: Picture) -> Mapping[str, list[Pair]]:
    """The same by type of their relations."""
    starts, ends, types = _columns(picture)
    found: defaultdict[str, list[Pair]] = defaultdict(list)
    for start, end, code in zip(starts.tolist(), ends.tolist(), types.tolist(), strict=True):
        found[picture.codes.types[code]].append((start, end))
    return found


def _columns(picture: Picture) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    starts, rows = picture.out.rows(np.flatnonzero(picture.active).astype(np.int32))
    live = picture.active[rows["end"]]
    return starts[live], rows["end"][live], ways_of(rows["code"][live]) // 2
