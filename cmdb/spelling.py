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


def close_to(name: str, names: Iterable[str], most: int = 5) -> list[str]:
    """The names that are spelt most like one, the closest first; none that would mislead.

    Examples
    --------
    >>> close_to("chekout", ["payments", "checkout"])
    ['checkout']
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415  only a name that is not there needs it

    found = process.extract(name, list(names), scorer=fuzz.ratio, limit=most, score_cutoff=100 * _NEAR)
    return [one for one, _, _ in found]


@lru_cache(maxsize=256)
def _hint(name: str, names: tuple[str, ...]) -> str:
    found = difflib.get_close_matches(name, names, n=1, cutoff=_NEAR)
    return f" Did you mean {found[0]}?" if found else ""
