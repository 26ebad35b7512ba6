"""What follows from a picture alone is worked out once for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from impact.picture import Picture

T = TypeVar("T")


def once_per_picture(work_out: Callable[[Picture], T]) -> Callable[[Picture], T]:
    """Remember what a function makes of a picture, as long as there is the picture."""
    known: WeakKeyDictionary[Picture, T] = WeakKeyDictionary()

    @wraps(work_out)
    def remembered(picture: Picture) -> T:
        if picture not in known:
            known[picture] = work_out(picture)
        return known[picture]

    return remembered
