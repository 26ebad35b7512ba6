"""Tables that are text, with a separator between the cells: CSV and its relatives.

Python's own reader forgets where a quote was opened, stops at the first long cell (by a limit that holds for
the whole program) and cannot go on behind a fault; so rows are taken apart here, by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

from cmdb.errors import CmdbError, TooLarge, Unreadable
from loaders.safe.limits import MAX_CELLS, MAX_ROW_LENGTH
from loaders.safe.table import DELIMITERS, Layout, Row, Table
from loaders.source import Source

_LINE_END = re.compile(r"\r\n|\n|\r")
_LINE = re.compile(r"([^\r\n]*+)(?:\r\n|\n|\r)?+")
_SAYS_DELIMITER = re.compile(r'"?sep=(?P<delimiter>[,;|\t])"?(?:\r\n|\n|\r|$)', re.IGNORECASE)
"""The line by which Excel can be told what stands between the cells."""

_LOOKED_AT = 30
_LOOKED_THROUGH = 100_000
"""Rows by which the separator is found out, and the characters they are sought in."""

_ALIKE = 0.8
"""The share of them that must have as many cells as the first for a text to look like a table."""

_QUOTED_LINES = 10_000
"""Lines that one quoted cell may span; more of them follow a quote that was forgotten."""


class _Vote(NamedTuple):
    """How well a separator explains the first rows; the greatest is the best."""

    alike: float
    columns: int


def read_delimited(source: Source, text: str, layout: Layout) -> Table:
    """Read a text as a table; its rows are taken apart when they are asked for.

    Raises
    ------
    TooLarge
        If it holds too many cells.
    Unreadable
        While its rows are read, if a quote is never closed.
    """
    said = _SAYS_DELIMITER.match(text)
    told = layout.delimiter or (said and said["delimiter"])
    delimiter = told or chosen_delimiter(source, text)
    cells = text.count(delimiter) + text.count("\n") + text.count("\r")
    if cells > MAX_CELLS:
        raise TooLarge(f"{source.name} holds more than {MAX_CELLS:,} cells. Split it into several files.")
    start = said.end() if said else 0
    return Table(
        source.name, lambda: _rows(source, text, delimiter, start), delimiter=delimiter, guessed=not told
    )


def looks_delimited(source: Source, text: str) -> bool:
    """Whether a text is a table by its look: at least two rows that have equally many cells, two or more."""
    if _SAYS_DELIMITER.match(text):
        return True
    vote, rows = _vote(source, text, chosen_delimiter(source, text))
    return rows >= 2 and vote.columns >= 2 and vote.alike >= _ALIKE


def chosen_delimiter(source: Source, text: str) -> str:
    """The separator by which most of the first rows have as many cells as the first one."""
    return max(DELIMITERS, key=lambda delimiter: _vote(source, text, delimiter)[0])


def _vote(source: Source, text: str, delimiter: str) -> tuple[_Vote, int]:
    counts: list[int] = []
    whole = len(text) <= _LOOKED_THROUGH
    first = text if whole else text[: text.rfind("\n", 0, _LOOKED_THROUGH) + 1 or _LOOKED_THROUGH]
    try:
        counts.extend(len(row.cells) for row in islice(_rows(source, first, delimiter, 0), _LOOKED_AT))
    except CmdbError:  # a quote that is never closed, as it seems when the separator is another one
        counts.extend([0] if whole else [])
    if not counts or counts[0] < 2:
        return _Vote(0.0, 0), len(counts)
    return _Vote(counts.count(counts[0]) / len(counts), counts[0]), len(counts)


def _rows(source: Source, text: str, delimiter: str, start: int) -> Iterator[Row]:
    line = 1 + (1 if start else 0)
    blank = _blank_lines(delimiter)
    while start < len(text):
        if empty := blank.match(text, start):
            start, line = empty.end(), line + len(_LINE_END.findall(empty[0]))
            continue
        found = _LINE.match(text, start)
        end, following = (found.end(1), found.end()) if found else (len(text), len(text))
        lines = 1
        if end - start > MAX_ROW_LENGTH:
            raise _too_long(source, line)
        if text.find('"', start, end) < 0:
            row = Row(line, [cell.strip() for cell in text[start:end].split(delimiter)])
        else:
            row, following, lines = _quoted_row(source, text, delimiter, start, line)
        if any(row.cells):
            yield row
        start, line = following, line + lines


def _quoted_row(source: Source, text: str, delimiter: str, start: int, line: int) -> tuple[Row, int, int]:
    """Take a row with quotes in it apart; return it, where the next one starts, and how many lines it has."""
    cells: list[str] = []
    fault, end, lines = None, start, 1
    for found in _cells(text, delimiter, start):
        if found.end() - start > MAX_ROW_LENGTH:
            raise _too_long(source, line)
        quoted, behind, plain = found["quoted"], found["behind"], found["plain"]
        if quoted is not None:
            lines += _lines_within(source, quoted, line + lines - 1)
            if behind.strip():
                fault = f"text follows the quote that closes cell {len(cells) + 1}; a quote within is doubled"
            cells.append((quoted.replace('""', '"') + behind).strip())
        elif plain.lstrip(" ").startswith('"'):
            raise source.unreadable("a quote is opened here and never closed", line + lines - 1)
        else:
            cells.append(plain.strip())
        end = found.end()
    line_end = _LINE_END.match(text, end)
    return Row(line, cells, fault), line_end.end() if line_end else len(text), lines


def _cells(text: str, delimiter: str, position: int) -> Iterator[re.Match[str]]:
    """The cells of the row that starts here."""
    pattern = _cell(delimiter)
    while found := pattern.match(text, position):
        yield found
        if not text.startswith(delimiter, found.end()):
            return
        position = found.end() + 1


@cache
def _blank_lines(delimiter: str) -> re.Pattern[str]:
    """Lines without content: a file may hold a million of them."""
    return re.compile(rf"(?:[ \t{re.escape(delimiter)}]*+(?:\r\n|\n|\r))++")


@cache
def _cell(delimiter: str) -> re.Pattern[str]:
    """A cell: what is between quotes and behind them, or all up to the next separator or line end."""
    plain = rf"[^{re.escape(delimiter)}\r\n]*+"
    return re.compile(rf'[ ]*+"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"(?P<behind>{plain})|(?P<plain>{plain})')


def _too_long(source: Source, line: int) -> Unreadable:
    problem = f"the row that starts here holds more than {MAX_ROW_LENGTH >> 20} million characters"
    return source.unreadable(problem, line, cure="Look for a quote that is not closed.")


def _lines_within(source: Source, quoted: str, line: int) -> int:
    number = len(_LINE_END.findall(quoted))
    if number > _QUOTED_LINES:
        problem = f"the quote that is opened here is closed only {number:,} lines below"
        raise source.unreadable(problem, line, cure="Close it or take it out.")
    return number


def in_encoding(source: Source, encoding: str | None) -> str:
    """The text of a table, in the encoding that is named, if it is.

    Raises
    ------
    Unreadable
        If the bytes are in another encoding.
    """
    if encoding is None or source.data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return source.text
    try:
        return source.data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"{source.name} is not text in the encoding {encoding}: byte {error.start} cannot be read"
            f" ({error.reason}). Name another encoding in the mapping."
        ) from error
