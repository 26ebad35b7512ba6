"""Places in a file, in words a person can follow."""

from __future__ import annotations

from typing import Any


class Placed(dict[str, Any]):
    """A mapping that remembers the line it starts on."""

    __slots__ = ("line",)

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


def where(name: str, value: object = None, pointer: str = "") -> str:
    """The place of a value: the file, its line where it remembers one, and the way to it from the top.

    Examples
    --------
    >>> where("shop.yaml", Placed(12), "items[3]")
    'shop.yaml line 12, items[3]'
    >>> where("shop.json", {}, "items[3]")
    'shop.json, items[3]'
    """
    line = f" line {value.line}" if isinstance(value, Placed) else ""
    return f"{name}{line}{f', {pointer}' if pointer else ''}"
