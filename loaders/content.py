"""What a file holds once its text is understood, before anybody knows what it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cmdb.errors import Unreadable
from loaders.packed import is_workbook, plain_name, unpacked
from loaders.safe import Element, documents, read_xml
from loaders.safe.delimited import in_encoding, looks_delimited, read_delimited
from loaders.safe.table import Layout, Table
from loaders.safe.workbook import is_old_workbook, read_workbook
from loaders.source import Source

_HTML = ("<!doctype html", "<html")
_TABLES = (".csv", ".tsv")
_NO_TABLES = (".json", ".yaml", ".yml")
_NEVER_A_TABLE = re.compile(r"\s*+[{\[<]")
_LIKE_YAML = re.compile(r"\s*+(?:[-#%&!]|[^,;\t|\r\n]*?:(?:\s|$))")
"""How YAML starts and the headers of a table hardly ever do."""

_EMPTY = "is empty: there is nothing in it to import."


@dataclass(frozen=True)
class Content:
    """The content of a file, in the one shape that it has.

    Attributes
    ----------
    name
        What messages call the file.
    documents
        Those of a YAML or JSON file that hold anything: read-only, as `loaders.safe.documents` says.
    root
        That of an XML file.
    tables
        Those of a text with separators, or the sheets of a workbook.
    """

    name: str
    documents: Sequence[Any] = ()
    root: Element | None = None
    tables: Sequence[Table] = ()


def understood(source: Source, text_keys: frozenset[str], layout: Layout | None = None) -> Content:
    """Read a file, compressed or not.

    Parameters
    ----------
    text_keys
        Keys in YAML the values of which keep their source text.
    layout
        How tables are written; found out by default.

    Raises
    ------
    Unreadable
        If it is empty, damaged or of no kind that is known here.
    TooLarge
        If it is above a limit.
    """
    source = unpacked(source)
    layout = layout or Layout()
    if is_workbook(source.data) or is_old_workbook(source.data):
        return _workbook(source)
    text = _decoded(source, layout)
    start = text[:1000].lstrip() or text.lstrip()[:1000]
    if not start:
        raise Unreadable(f"{source.name} {_EMPTY}")
    if start.lower().startswith(_HTML):
        raise Unreadable(
            f"{source.name} is a web page, perhaps of a login that was asked for on the way."
            " Save the file itself."
        )
    if start.startswith("<"):
        return Content(source.name, root=read_xml(source))
    if "\0" in text:
        raise Unreadable(f"{source.name} is not text: it holds NUL characters. Name a file of data.")
    if _is_table(source, text, layout):
        return Content(source.name, tables=(read_delimited(source, text, layout),))
    found = documents(source, text_keys)
    if not found:
        raise Unreadable(f"{source.name} {_EMPTY}")
    return Content(source.name, documents=found)


def _workbook(source: Source) -> Content:
    if is_old_workbook(source.data):
        raise Unreadable(
            f"{source.name} is a workbook of the kind before 2007, or has a password."
            " Save it as .xlsx without one, or as CSV."
        )
    tables = read_workbook(source)
    if not tables:
        raise Unreadable(f"{source.name} {_EMPTY}")
    return Content(source.name, tables=tables)


def _decoded(source: Source, layout: Layout) -> str:
    """The text of a file; a table may be in another encoding, if somebody says so."""
    name = plain_name(source.name)
    if layout.encoding is not None and not name.endswith(_NO_TABLES):
        return in_encoding(source, layout.encoding)
    try:
        return source.text
    except Unreadable as error:
        if not name.endswith(_TABLES):
            raise
        cure = 'For a table, a mapping can say its encoding, such as encoding = "cp1252".'
        raise Unreadable(f"{error.detail} {cure}") from error


def _is_table(source: Source, text: str, layout: Layout) -> bool:
    name = plain_name(source.name)
    if name.endswith((*_TABLES, *_NO_TABLES)):
        return name.endswith(_TABLES)
    if _NEVER_A_TABLE.match(text):
        return False
    return layout.surely or (not _LIKE_YAML.match(text) and looks_delimited(source, text))
