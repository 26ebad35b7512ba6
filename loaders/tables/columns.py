"""Headers and what stands below them: a table with columns that have names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import dropwhile

from cmdb.errors import Fault, Rejected, Unreadable
from cmdb.spelling import did_you_mean
from cmdb.words import listed
from loaders.safe.limits import MAX_RAGGED_ROWS
from loaders.safe.table import Cell, Row, Table, Unread


@dataclass(frozen=True)
class Headed:
    """A table with its headers.

    Attributes
    ----------
    headers
        As they are written; an empty one names a column that nothing can speak of.
    line
        The line or row they stand in.
    """

    table: Table
    headers: Sequence[str]
    line: int

    @cached_property
    def places(self) -> dict[str, int]:
        """The column of each header, as `folded` writes it."""
        return {folded(header): place for place, header in enumerate(self.headers) if header}

    @cached_property
    def _exact(self) -> dict[str, int]:
        """The same for columns that are named exactly as they are written, as most are."""
        return {header: place for place, header in enumerate(self.headers) if header}

    @property
    def has_rows(self) -> bool:
        """Whether anything stands below the headers."""
        return next(self._below(), None) is not None

    def rows(self, rejected: list[Fault]) -> Iterator[Row]:
        """The rows below the headers that fit them; the others are added to `rejected`.

        Raises
        ------
        Unreadable
            If so many do not fit that the columns must have been misunderstood.
        """
        misfits = 0
        for row in self._below():
            fault = row.fault or self._wrong_width(row)
            if fault is None:
                yield row
                continue
            misfits += 1
            rejected.append(Fault(self.table.where(row.line), fault))
            if misfits > MAX_RAGGED_ROWS:
                raise Unreadable(
                    f"More than {MAX_RAGGED_ROWS:,} rows of {self.table.place} do not fit its headers."
                    f"{self.table.read_as} A mapping can say what stands between the columns."
                )

    def cell(self, row: Row, column: str) -> Cell:
        """The cell of a row under a header that is there; empty where the row is shorter."""
        place = self._exact.get(column)
        if place is None:
            place = self.places[folded(column)]
        return row.cells[place] if place < len(row.cells) else ""

    def unknown(self, columns: Iterable[str]) -> Iterator[str]:
        """What is wrong with the columns that have no such header, a sentence for each."""
        for column in dict.fromkeys(columns):
            if folded(column) not in self.places:
                hint = did_you_mean(column, self.headers)
                yield f"There is no column “{column}” in {self.table.place}.{hint}"

    @property
    def told(self) -> str:
        """The headers, as a message lists them."""
        return f"The headers are: {listed([header for header in self.headers if header], most=30)}."

    def _below(self) -> Iterator[Row]:
        return dropwhile(lambda row: row.line <= self.line, self.table.rows())

    def _wrong_width(self, row: Row) -> str | None:
        number, wanted = len(row.cells), len(self.headers)
        short = number < wanted and self.table.sheet is None  # a workbook leaves out empty cells at the end
        if short or any(row.cells[wanted:]):
            cells = "1 cell" if number == 1 else f"{number} cells"
            return f"This row has {cells} where the headers have {wanted}."
        return None


def headed(table: Table, line: int | None = None) -> Headed:
    """Read the headers of a table: its first row, or the one in the given line.

    Raises
    ------
    Unreadable
        If there is no such row, or nothing but blanks in it.
    Rejected
        If two columns have the same header, however it is written.
    """
    rows = table.rows()
    row = next(rows if line is None else (row for row in rows if row.line == line), None)
    if row is None:
        where = "is empty" if line is None else f"has nothing in line {line}, where its headers should be"
        raise Unreadable(f"{table.place} {where}.")
    if row.fault is not None:
        raise Unreadable(f"The headers in {table.where(row.line)} cannot be read: {row.fault}.")
    found = Headed(table, [_header(cell) for cell in row.cells], row.line)
    _refuse_duplicates(found)
    return found


def folded(header: str) -> str:
    """A header without what people do not see as a difference: case and blanks around it."""
    return header.strip().casefold()


def _header(cell: Cell) -> str:
    if isinstance(cell, Unread):
        return ""
    return cell.strip() if isinstance(cell, str) else cell.date().isoformat()


def _refuse_duplicates(found: Headed) -> None:
    where = found.table.where(found.line)
    first: dict[str, int] = {}
    for place, header in enumerate(found.headers):
        before = first.setdefault(folded(header), place)
        if header and before != place:
            raise Rejected(
                f"Two columns in {where} have one header: “{found.headers[before]}” (column {before + 1})"
                f" and “{header}” (column {place + 1}). Rename one of them."
            )
