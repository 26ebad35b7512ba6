"""Names: one number for each relation, by which relations in columns are compared."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Names = NDArray[np.uint64]


def names_of(owner: NDArray[Any], kind: NDArray[Any], other: NDArray[Any]) -> Names:
    """One number for each relation by its ends and type, other ones for others."""
    first, middle, last = (column.astype(np.uint64) for column in (owner, other, kind))
    return (first << np.uint64(36)) | (middle << np.uint64(9)) | last


def found_again(wanted: Names, names: Names, values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The value of each wanted name among others; 0 where it is not among them."""
    if not len(names):
        return np.zeros(len(wanted), np.uint32)
    order = np.argsort(names)
    at = order[np.minimum(np.searchsorted(names, wanted, sorter=order), len(names) - 1)]
    return np.where(names[at] == wanted, values[at], 0).astype(np.uint32)
