"""Growing: arrays that get longer, in a copy or in the memory behind them."""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from impact.arrays.pool import room_for

Number = TypeVar("Number", bound=np.generic)


def grown(values: NDArray[Number], length: int) -> NDArray[Number]:
    """A copy with zeros behind, `length` values in all."""
    found = np.empty(length, values.dtype)
    found[: len(values)], found[len(values) :] = values, 0
    return found


class Room:
    """The memory of arrays by name, which they share with the longer ones that come of them.

    What is behind an array belongs to the first that takes it; who comes later gets a copy. So what an array
    holds never changes.
    """

    def __init__(self) -> None:
        self._taken: dict[str, tuple[NDArray[Any], int]] = {}
        self._lock = threading.Lock()

    def longer(self, name: str, values: NDArray[Number], length: int) -> NDArray[Number]:
        """An array of `length` that begins with some values and ends with zeros, to be filled in at once."""
        if length == len(values):
            return values
        with self._lock:
            memory, taken = self._taken.get(name, (None, 0))
            if memory is None or memory is not values.base or taken != len(values) or length > len(memory):
                memory = np.empty(room_for(length), values.dtype)
                memory[: len(values)] = values
            self._taken[name] = memory, length
        found: NDArray[Number] = memory[:length]
        found[len(values) :] = 0
        return found
