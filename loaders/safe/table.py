"""A table as it stands in its file: rows of cells, before anybody knows what its columns mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import NamedTuple

from loaders.packed import plain_name

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
"""What may stand between the columns of a text, and what people call it."""


class Unread(NamedTuple):
    """A cell the value of which is not there to be read, and why."""

    why: str


class Exact(str):
    """A cell that is a number in its file, and so has no decimal mark that could be taken for another."""

    __slots__ = ()


Cell = str | datetime | Unread


class Row(NamedTuple):
    """A row: the line or row of the file that it starts in, its cells, and what is wrong with it."""

    line: int
    cells: Sequence[Cell]
    fault: str | None = None


@dataclass(frozen=True)
class Layout:
    """How tables stand in their file, as far as somebody has said so.

    Attributes
    ----------
    delimiter
        What stands between the columns of a text; found out by default.
    encoding
        The text's encoding; UTF-8, or UTF-16 with a byte order mark, by default.
    surely
        Whether a text is a table even where it does not look like one.
    """

    delimiter: str | None = None
    encoding: str | None = None
    surely: bool = False


@dataclass(frozen=True)
class Table:
    """One table of a file.

    Attributes
    ----------
    file
        The file's name.
    rows
        Gives its rows from the first, each time anew; those without content are left out.
    sheet
        The sheet of the workbook, `None` where the file is text.
    delimiter
        What stands between the columns where the file is text.
    guessed
        Whether that had to be found out.
    """

    file: str
    rows: Callable[[], Iterator[Row]]
    sheet: str | None = None
    delimiter: str | None = None
    guessed: bool = False

    @property
    def title(self) -> str:
        """What a mapping calls it: its sheet, or its file without folder and endings."""
        return self.sheet if self.sheet is not None else PurePath(plain_name(self.file)).stem

    @property
    def place(self) -> str:
        """Which table it is, in words a person can follow."""
        return self.file if self.sheet is None else f"{self.file} sheet {self.sheet}"

    @property
    def separator(self) -> str:
        """What people call what stands between its columns; nothing where there is no such thing."""
        return DELIMITERS[self.delimiter] if self.delimiter else ""

    @property
    def read_as(self) -> str:
        """How its columns were told apart, as a message says it; nothing where that needs no words."""
        return f" It was read with {self.separator} between its columns." if self.delimiter else ""

    def where(self, line: int) -> str:
        """The place of a row, in words a person can follow."""
        return f"{self.place} {'line' if self.sheet is None else 'row'} {line}"
