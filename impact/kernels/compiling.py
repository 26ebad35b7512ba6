"""How a kernel runs: as it stands over a few rows, as machine code over many."""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableSequence
from typing import Any

import numpy as np

Array = MutableSequence[int]
"""An array as a kernel sees it, in Python and compiled."""

FEW_ROWS = 10_000
"""Pictures with no more rows are left to Python, which needs no compiler."""
TRIED_ROWS = 60_000
"""So many rows are looked at in Python before the compiler is loaded, which takes several times as long."""
TOO_MUCH = -1
"""What a kernel returns that was told to look at fewer rows than it needs."""
WITHOUT_LIMIT = 2**62


class Kernel:
    """One loop over rows.

    Its function takes a number of rows to look at at most, then arrays and numbers. It returns `TOO_MUCH` if
    that was not enough; it may have written into what it was given then.
    """

    def __init__(self, function: Callable[..., int]) -> None:
        self._plain = function
        self._fast: Callable[..., int] | None = None

    def __call__(self, rows: int, make: Callable[[], tuple[Any, ...]]) -> tuple[int, tuple[Any, ...]]:
        """Run it over a picture with so many rows.

        Parameters
        ----------
        make
            Makes its arguments, anew for each attempt.

        Returns
        -------
        tuple
            What the function returned, and the arguments with what it wrote into them.
        """
        if rows <= FEW_ROWS or self._fast is None:
            arguments = make()
            views = (one.data if isinstance(one, np.ndarray) else one for one in arguments)
            done = self._plain(WITHOUT_LIMIT if rows <= FEW_ROWS else _tried(), *views)
            if done != TOO_MUCH:
                return done, arguments
        arguments = make()
        return self.compiled(WITHOUT_LIMIT, *arguments), arguments

    @property
    def compiled(self) -> Callable[..., int]:
        """The function as machine code, kept on disk where there is a place for it."""
        if self._fast is None:
            import numba  # noqa: PLC0415  costs 0.3 s that small questions do without

            try:
                self._fast = numba.njit(nogil=True, cache=True)(self._plain)
            except RuntimeError:  # no folder to keep it in can be written
                self._fast = numba.njit(nogil=True)(self._plain)
        return self._fast


def _tried() -> int:
    """How many rows to look at in Python before a kernel that is not loaded yet is loaded as machine code."""
    return FEW_ROWS if "numba" in sys.modules else TRIED_ROWS
