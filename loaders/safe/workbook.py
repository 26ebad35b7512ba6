"""Excel workbooks, read by openpyxl once it is certain that this neither takes long nor fills the memory.

Of a workbook only the cells are read, with the results of formulas as they were stored; nothing is computed
and no link to another file is followed.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from threading import Lock
from typing import Any, NamedTuple

from cmdb.errors import CmdbError, TooLarge, Unreadable
from loaders.safe.limits import (
    MAX_CELLS,
    MAX_WORKBOOK_EXTRAS,
    MAX_WORKBOOK_PARTS,
    MAX_WORKBOOK_TAGS,
)
from loaders.safe.table import Cell, Exact, Row, Table, Unread
from loaders.source import MAX_BYTES, Source

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAX_ROWS = 1_048_576
"""Rows that Excel has room for; a row number above it is no workbook's."""

_EXTRA = re.compile(rb"<(?![/?!]|(?:[A-Za-z]\w{0,9}:)?(?:c|v|f|t|is|si|row)[\s/>])")
_WITHOUT_RESULT = re.compile(
    rb"(?:</(?:\w{1,9}:)?f>|<(?:\w{1,9}:)?f\b[^<>]{0,500}/>)\s{0,9}"
    rb"(?:<(?:\w{1,9}:)?v\s{0,9}/>|<(?:\w{1,9}:)?v>\s{0,9}</(?:\w{1,9}:)?v>)?\s{0,9}</(?:\w{1,9}:)?c>"
)
"""A formula the result of which is not stored beside it."""

_NO_RESULT = Unread(
    "the formula has no stored result; open the workbook, save it and import it again, or save it as CSV"
)
_CURE = "Delete sheets and columns that are not needed, or save the sheet as CSV, which may hold more."

_ONE_AT_A_TIME = Lock()
"""What Python does with warnings is set for all threads at once."""


class _Looked(NamedTuple):
    """What a glance at the parts of a workbook tells."""

    lacks_results: bool


def is_old_workbook(data: bytes) -> bool:
    """Whether bytes are a workbook of the kind before 2007, or one with a password."""
    return data.startswith(_OLD)


def read_workbook(source: Source) -> list[Table]:
    """Read the sheets of a workbook that have any content, in their order.

    Raises
    ------
    TooLarge
        If it holds more than is read here; found out before it is opened.
    Unreadable
        If it is damaged or no workbook of tables.
    """
    looked = _looked_through(source)
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of formats and extensions that have nothing to do with cells
        try:
            sheets = _sheets(source, results=True)
            formulas = _sheets(source, results=False) if looked.lacks_results else {}
        except CmdbError:
            raise
        except Exception as error:
            # A damaged workbook can make openpyxl fail in any way.
            raise Unreadable(
                f"{source.name} cannot be read as a workbook: {_short(error)}."
                " Open it, save it as .xlsx or CSV and import that."
            ) from error
    tables = ((title, rows, formulas.get(title, [])) for title, rows in sheets.items())
    return [_table(source, title, rows, found) for title, rows, found in tables if rows or found]


def _looked_through(source: Source) -> _Looked:
    """Refuse what would take too long, by what the archive says of itself, which is then held to it."""
    try:
        with zipfile.ZipFile(BytesIO(source.data)) as archive:
            parts = archive.infolist()
            _refuse_bomb(source, parts)
            return _count_tags(source, (archive.read(part) for part in parts))
    except CmdbError:
        raise
    except Exception as error:
        raise Unreadable(f"{source.name} cannot be unpacked: {_short(error)}. Save it again.") from error


def _refuse_bomb(source: Source, parts: Sequence[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_WORKBOOK_PARTS or sum(part.file_size for part in parts) > MAX_BYTES:
        raise _too_large(source, f"{MAX_WORKBOOK_PARTS:,} parts or {MAX_BYTES >> 20} MiB when unpacked")


def _count_tags(source: Source, parts: Iterator[bytes]) -> _Looked:
    tags, extras, lacks_results = 0, 0, False
    for part in parts:
        tags += part.count(b"<")
        if tags > MAX_WORKBOOK_TAGS:
            raise _too_large(source, f"{MAX_WORKBOOK_TAGS // 4:,} cells")
        extras += sum(1 for _ in _EXTRA.finditer(part))
        if extras > MAX_WORKBOOK_EXTRAS:
            raise _too_large(source, f"{MAX_WORKBOOK_EXTRAS:,} formats, merged ranges and links")
        lacks_results = lacks_results or _WITHOUT_RESULT.search(part) is not None
    return _Looked(lacks_results)


def _too_large(source: Source, more_than: str) -> TooLarge:
    return TooLarge(f"The workbook {source.name} holds more than {more_than}. {_CURE}")


Rows = list[tuple[int, Sequence[Any]]]


def _sheets(source: Source, *, results: bool) -> dict[str, Rows]:
    """The rows with content of each sheet: the stored results of formulas, or the formulas themselves."""
    import openpyxl  # noqa: PLC0415  takes 0.3 s to load, and few files are workbooks

    book = openpyxl.load_workbook(BytesIO(source.data), read_only=True, data_only=results, keep_links=False)
    counted = 0
    found: dict[str, Rows] = {}
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        rows = found.setdefault(str(sheet.title), [])
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            counted += 1 + len(cells)
            if counted > MAX_CELLS or number > _MAX_ROWS:
                raise _too_large(source, f"{MAX_CELLS:,} cells, the empty ones between others included")
            if any(cell is not None and cell != "" for cell in cells):
                rows.append((number, cells))
    return found


def _table(source: Source, title: str, rows: Rows, formulas: Rows) -> Table:
    by_number = dict(formulas)
    every = [
        Row(number, _cells(cells, by_number.get(number, ()))) for number, cells in _merged(rows, formulas)
    ]
    return Table(source.name, lambda: iter(every), sheet=title)


def _merged(rows: Rows, formulas: Rows) -> Rows:
    """The rows, with those that hold nothing but formulas without results, in order."""
    empty: dict[int, Sequence[Any]] = {number: [None] * len(cells) for number, cells in formulas}
    return sorted({**empty, **dict(rows)}.items())


def _cells(results: Sequence[Any], formulas: Sequence[Any]) -> list[Cell]:
    cells = [_cell(result) for result in results]
    for place, formula in enumerate(formulas):
        if formula is not None and place < len(results) and results[place] is None:
            cells[place] = _NO_RESULT
    return cells


def _cell(value: Any) -> Cell:  # noqa: ANN401 - a workbook holds anything
    """A cell as a text or a moment; numbers that are whole are written so."""
    return _WRITTEN.get(type(value), _trimmed)(value)


def _trimmed(value: object) -> str:
    return str(value).strip()


def _duration(value: timedelta) -> str:
    seconds = value.total_seconds()
    return f"PT{int(seconds) if seconds.is_integer() else seconds}S"


def _short(error: Exception) -> str:
    text = (str(error) or type(error).__name__).splitlines()[0]
    return text.encode(errors="backslashreplace").decode()[:200].rstrip(".")


_WRITTEN: Mapping[type, Callable[[Any], Cell]] = {
    type(None): lambda _: "",
    bool: lambda value: "true" if value else "false",
    int: Exact,
    float: lambda value: Exact(int(value) if value.is_integer() else value),
    datetime: lambda value: value,
    date: lambda value: datetime(value.year, value.month, value.day),  # noqa: DTZ001 - a cell has no zone
    timedelta: _duration,
    time: time.isoformat,
}
"""How a cell is written, by the type of what openpyxl finds in it; anything else as its text."""
