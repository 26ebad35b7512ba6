"""What follows from a picture alone is worked out once for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from impact.picture import Picture

T = TypeVar("T")


class once_per_picture(Generic[T]):  # noqa: N801  it is used as a decorator
    """A function of pictures that remembers what it made of each, as long as there is the picture."""

    def __init__(self, work_out: Callable[[Picture], T]) -> None:
        self._work_out = work_out
        self._known: WeakKeyDictionary[Picture, T] = WeakKeyDictionary()

    def __call__(self, picture: Picture) -> T:
        """Work it out, or remember it."""
        if picture not in self._known:
            self.remember(picture, self._work_out(picture))
        return self._known[picture]

    def remember(self, picture: Picture, made: T) -> None:
        """Take what was made of a picture before, by another process."""
        self._known[picture] = made
