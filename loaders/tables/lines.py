"""One row of a table, asked for what its mapping wants of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cmdb.errors import Fault
from cmdb.spelling import did_you_mean
from cmdb.values import Kind
from cmdb.words import listed
from loaders.safe.table import Row
from loaders.tables.cells import ELEMENTS, Manner, as_kind, in_words, said, without_unit
from loaders.tables.columns import Headed
from loaders.tables.mapping import Choice, FieldFrom


@dataclass(frozen=True)
class Line:
    """A row of a table, and where what is wrong with it is noted.

    Attributes
    ----------
    kinds
        The type of each field.
    """

    headed: Headed
    row: Row
    manner: Manner
    kinds: Mapping[str, Kind]
    rejected: list[Fault]

    @property
    def where(self) -> str:
        """The place of the row."""
        return self.headed.table.where(self.row.line)

    def reject(self, what: object) -> None:
        """Note what is wrong."""
        self.rejected.append(Fault(self.where, str(what)))

    def said(self, column: str) -> str | datetime:
        """What the cell in a column says.

        Raises
        ------
        ValueError
            If it cannot be read.
        """
        try:
            return said(self.headed.cell(self.row, column), self.manner)
        except ValueError as error:
            raise ValueError(f"column “{column}”: {error}") from None

    def text(self, column: str) -> str:
        """The same as a text."""
        return in_words(self.said(column))

    def id(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The parts of an id; all of them empty where one is missing."""
        parts = tuple(self.text(column) for column in columns)
        return parts if all(parts) else ("",) * len(parts)

    def chosen(self, choice: Choice) -> str | None:
        """The class or type of this row, `None` where the mapping leaves such rows out.

        Raises
        ------
        ValueError
            If the row does not say it.
        """
        if choice.column is None:
            return choice.value
        text = self.text(choice.column)
        if not text:
            raise ValueError(f"column “{choice.column}” is empty")
        return translated(text, choice.values, choice.column) or None

    def attributes(self, fields: Mapping[str, FieldFrom]) -> dict[str, str | list[str]]:
        """The values of fields that the row gives; what cannot be read is noted and left out."""
        found: dict[str, str | list[str]] = {}
        for name, source in fields.items():
            try:
                value = self._value(source, self.kinds[name])
            except ValueError as error:
                self.reject(f"{name}: {error}")
                continue
            if value:
                found[name] = value
        return found

    def _value(self, source: FieldFrom, kind: Kind) -> str | list[str]:
        if source.column is None:
            return str(source.value)
        whole = self.said(source.column)
        if source.split is None or isinstance(whole, datetime):
            return self._part(whole, source, kind)
        parts = (part.strip() for part in whole.split(source.split))
        known = (part for part in parts if part and part not in self.manner.missing)
        one = ELEMENTS[kind]
        return [found for part in known if (found := self._part(part, source, one))]

    def _part(self, part: str | datetime, source: FieldFrom, kind: Kind) -> str:
        if part == "":
            return ""
        if source.values:
            return translated(in_words(part), source.values, source.column)
        if source.unit:
            return without_unit(part, source.unit, self.manner)
        return as_kind(part, kind, self.manner)


def translated(text: str, values: Mapping[str, str], column: str | None) -> str:
    """What a word stands for; itself where nothing is to be translated.

    Raises
    ------
    ValueError
        If the mapping does not know the word.
    """
    if not values:
        return text
    if text not in values:
        shown = text if len(text) <= 60 else text[:57] + "…"
        raise ValueError(
            f"column “{column}”: the mapping does not say what “{shown}” stands for;"
            f" it knows {listed(list(values))}.{did_you_mean(text[:200], values)}"
        )
    return values[text]
