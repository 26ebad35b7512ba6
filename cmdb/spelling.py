"""Hints for misspelt names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache

_NEAR = 0.75
"""How alike two names must be; less than that, a hint would mislead."""


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A hint for a name that is not among `names`: “ Did you mean x?”, or nothing.

    Examples
    --------
    >>> did_you_mean("teir", ["tier", "owner"])
    ' Did you mean tier?'
    """
    return _hint(name, tuple(names))


@lru_cache(maxsize=256)
def _hint(name: str, names: tuple[str, ...]) -> str:
    found = difflib.get_close_matches(name, names, n=1, cutoff=_NEAR)
    return f" Did you mean {found[0]}?" if found else ""
