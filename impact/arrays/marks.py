"""Marks: by number, whether something is so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Marks = NDArray[np.bool_]


def marked(places: Sequence[int] | NDArray[Any], length: int) -> Marks:
    """Marks of some numbers, of which there are `length` in all."""
    found = np.zeros(length, np.bool_)
    found[places] = True
    return found
