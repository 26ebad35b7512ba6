"""Names in order and in sentences, as a person would put them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"([0-9]+)")

NaturalOrder = tuple[tuple[int, str], ...]


def natural(text: str) -> NaturalOrder:
    """A key that sorts texts as people count: line 9 before line 12.

    Examples
    --------
    >>> sorted(["items[10]", "items[2]"], key=natural)
    ['items[2]', 'items[10]']
    """
    parts = _NUMBER.split(text)
    return tuple(_number(part) if place % 2 else (0, part) for place, part in enumerate(parts))


def listed(names: Sequence[str], most: int = 10) -> str:
    """Names as they stand in a sentence; of many more than `most` the rest is a number.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    >>> listed(["a", "b", "c"], most=1)
    'a and 2 more'
    """
    rest = len(names) - most
    shown = [*names[:most], f"{rest} more"] if rest > 1 else list(names)
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def _number(digits: str) -> tuple[int, str]:
    # Compared by length first, because Python refuses to read thousands of digits as a number.
    worth = digits.lstrip("0")
    return len(worth), worth
