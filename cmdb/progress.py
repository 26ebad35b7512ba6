"""Long work tells now and then how far it has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from cmdb.stores.base import Progress

T = TypeVar("T")

EVERY = 10_000


def telling(progress: Progress, what: str, values: Iterable[T], total: int) -> Iterator[T]:
    """Values one by one, while it is told how many have been done.

    Examples
    --------
    >>> list(telling(print, "letters", "ab", 2))
    letters 2 2
    ['a', 'b']
    """
    for done, value in enumerate(values, start=1):
        yield value
        if done % EVERY == 0:
            progress(what, done, total)
    if total:
        progress(what, total, total)
