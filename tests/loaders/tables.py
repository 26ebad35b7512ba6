"""What the tests of tables share."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import openpyxl

from cmdb.observations import Observations
from cmdb.reconcile import Plan
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from cmdb.vocabulary_files import load_vocabulary
from loaders.detect import read
from loaders.source import Source
from loaders.tables.mapping import TableMapping
from loaders.tables.mapping_file import read_mapping
from tests.cmdb.estates import Clock, bring, content

SERVERS = '[[items]]\nclass = "server"\nid = "Host"\n'
"""The shortest mapping."""


@cache
def vocabulary() -> Vocabulary:
    """Return the built-in vocabulary."""
    return load_vocabulary()


def mapping(text: str) -> TableMapping:
    """Read a mapping."""
    return read_mapping(Source("mapping.toml", text.encode()), vocabulary())


def table(text: str | bytes, told: str | None = None, name: str = "servers.csv") -> Observations:
    """Read a text as a table, with a mapping if there is one."""
    data = text.encode() if isinstance(text, str) else text
    return read(Source(name, data), vocabulary(), mapping=None if told is None else mapping(told))


def fields(text: str, told: str) -> dict[str, object]:
    """Read a table with one item and return the item's fields."""
    (item,) = table(text, told).items
    return dict(item.attributes)


def faults(seen: Observations) -> list[tuple[str, str]]:
    """Return what was rejected, as (place, reason)."""
    return [(one.pointer, one.detail) for one in seen.rejected]


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """Write a workbook."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def brought(*seen: Observations) -> tuple[Plan, dict[str, Any], dict[tuple[str, str, str], Any]]:
    """Import tables into an empty graph; return the plan, and the items and relations there are then."""
    store = SqliteStore(None, Clock())
    plan = bring(store, vocabulary(), *seen)
    items, relations = content(store.read())
    store.close()
    return plan, items, relations
