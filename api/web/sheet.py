"""Rows as a file for spreadsheets, in which nothing is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def sheet(rows: Sequence[Mapping[str, Any]]) -> str:
    r"""The rows as CSV, with their fields in the first line.

    Examples
    --------
    >>> sheet([{"key": "a", "name": "=1+1"}])
    "key,name\r\na,'=1+1\r\n"
    """
    text = io.StringIO()
    writer = csv.writer(text)
    if rows:
        writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    """A value that stays a text; an apostrophe in front says so to a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
