"""Patience: how long whoever asks will wait. Long work looks at it now and then, and gives up in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import TypeVar

from cmdb.errors import TakesTooLong

T = TypeVar("T")

_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let everything within take so many seconds at most."""
    token = _until.set(monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def seconds_left() -> float | None:
    """How long somebody will still wait; `None` for as long as it takes."""
    until = _until.get()
    return None if until is None else max(until - monotonic(), 0.0)


def check_patience() -> None:
    """Give up if nobody waits any longer.

    Raises
    ------
    TakesTooLong
        If the time is over.
    """
    until = _until.get()
    if until is not None and monotonic() > until:
        raise TakesTooLong("The answer was not found in the time that there is for one over HTTP.")


def patiently(values: Iterable[T]) -> Iterator[T]:
    """Values one by one, as long as somebody waits for them."""
    for value in values:
        check_patience()
        yield value
