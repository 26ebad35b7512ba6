"""Rows of the Table API: every value is a text, or a mapping of what is stored, shown and linked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loaders.shapes import mapping, text

_ID = re.compile(r"[0-9a-fA-F]{32}")
_LONGEST_ID = 100


class Named(NamedTuple):
    """Another row as a row names it.

    Attributes
    ----------
    table, id
        As far as they are told.
    shown
        What people call it.
    """

    table: str | None
    id: str | None
    shown: str | None


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a page, and its place in the file.

    Attributes
    ----------
    table
        The name of its table, empty where nothing tells.
    """

    table: str
    cells: Mapping[str, Any] = field(repr=False)
    where: str

    @property
    def id(self) -> str | None:
        """Its sys_id."""
        found = self.text("sys_id")
        return found if found and is_id(found) else None

    def text(self, column: str) -> str | None:
        """What is stored in a column, `None` where nothing is."""
        return stored(self.cells.get(column))

    def shown(self, column: str) -> str | None:
        """What people read in a column; `None` where there is only the identifier of another row."""
        cell = self.cells.get(column)
        if isinstance(cell, dict):
            return text(cell.get("display_value"))
        found = text(cell)
        return None if found is None or _ID.fullmatch(found) else found

    def named(self, column: str) -> Named | None:
        """The row that a column refers to, `None` where it refers to none."""
        cell = self.cells.get(column)
        found, link = stored(cell), text(mapping(cell).get("link"))
        table, linked = _linked(link) if link else (None, None)
        is_certain = linked is not None or isinstance(cell, dict)
        sys_id = found if found and is_id(found) and (is_certain or _ID.fullmatch(found)) else linked
        shown = self.shown(column)
        return Named(table, sys_id, shown) if sys_id or shown else None


def stored(cell: object) -> str | None:
    """The stored value of a cell in any of its forms."""
    return text(cell.get("value")) if isinstance(cell, dict) else text(cell)


def is_id(value: str) -> bool:
    """Whether a text can be the identifier of a row."""
    return len(value) <= _LONGEST_ID and not any(map(str.isspace, value))


def _linked(link: str) -> tuple[str | None, str | None]:
    """The table and identifier at the end of a link to a row."""
    parts = link.split("?", maxsplit=1)[0].split("/")
    if len(parts) < 3 or not parts[-2] or not is_id(parts[-1]):
        return None, None
    return parts[-2], parts[-1] or None
