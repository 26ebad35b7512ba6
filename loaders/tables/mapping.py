"""The mapping: what the columns of tables mean, as a person writes it down in TOML.

Every key is described once, here; the reference on the page about tables is checked against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cmdb.spelling import did_you_mean
from loaders.safe.table import Layout
from loaders.tables.cells import Manner
from loaders.tables.settings import (
    Dates,
    Delimiter,
    Encoding,
    Text,
    Texts,
    TimeZone,
    Units,
    Word,
    Words,
    refused,
    short_for,
    zone,
)


class Part(BaseModel):
    """A part of a mapping; it may hold nothing that is not described here."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def keys(cls) -> dict[str, str]:
        """The keys it may have, with their descriptions."""
        return {field.alias or name: str(field.description) for name, field in cls.model_fields.items()}

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: object) -> object:
        known = cls.keys()
        unknown = [str(key) for key in value if key not in known] if isinstance(value, dict) else []
        if unknown:
            hint = did_you_mean(unknown[0], known)
            raise refused(f"“{unknown[0]}” is not known here; known: {', '.join(known)}.{hint}")
        return value


class Choice(Part):
    """A class or relation type: one for all rows, or the one that a column says."""

    value: Word | None = Field(default=None, description="The one that all rows have.")
    column: Word | None = Field(default=None, description="The column that says it for each row.")
    values: Mapping[str, Text] = Field(
        default={},
        description='What the words in the column stand for; rows whose word stands for `""` are left out.',
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.value is None) == (self.column is None):
            raise refused("give either one name for all rows or the column that says it")
        if self.values and self.column is None:
            raise refused("“values” translates what a column says; name the column")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names it can give, as far as the mapping tells."""
        every = (self.value,) if self.value is not None else self.values.values()
        return tuple(dict.fromkeys(name for name in every if name))


class FieldFrom(Part):
    """Where the value of a field comes from."""

    column: Word | None = Field(default=None, description="The column that holds it.")
    value: Text | None = Field(default=None, description="Instead of a column: the value that all rows have.")
    values: Mapping[str, Text] = Field(
        default={},
        description='What the words in the column stand for; `""` means that nothing is known.',
    )
    split: Word | None = Field(
        default=None, description="What stands between the values of a list; a comma by default."
    )
    unit: Units = Field(
        default={},
        description="The unit behind each number, or several with what each is worth in the field's own.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.value is None) == (self.column is None):
            raise refused("give either a column or a value")
        if self.column is None and (self.values or self.split or self.unit):
            raise refused("“values”, “split” and “unit” are about a column; name it")
        return self


Fields = Mapping[str, Annotated[FieldFrom, short_for("column")]]
Named = Annotated[Choice, short_for("value")]


class EndFrom(Part):
    """Which item stands at an end of a relation."""

    column: Words = Field(description="The column, or the columns, that name it.")
    class_name: Named | None = Field(
        default=None,
        alias="class",
        description="Its class; without it the item is looked for among all those of the file.",
    )
    by: Literal["id", "name", "key"] = Field(
        default="id",
        description="What the column holds: the item's `id` in this source (so by default), its `name`, or"
        " its `key` in the whole graph.",
    )
    values: Mapping[str, Text] = Field(
        default={}, description='What the words in the column stand for; `""` means that there is none.'
    )
    split: Word | None = Field(
        default=None, description="What stands between several items in one cell; it names one by default."
    )

    @model_validator(mode="after")
    def _single(self) -> Self:
        if len(self.column) > 1 and (self.by != "id" or self.values or self.split):
            raise refused("several columns can only be an id, as it stands in them")
        return self


End = Annotated[EndFrom, short_for("column")]


class RowRelation(Part):
    """How the item of a row is related to others that the row names."""

    type: Named = Field(description="The relation type, or the column that says it.")
    target: End | None = Field(default=None, description="The item that the row's item is related to.")
    source: End | None = Field(
        default=None, description="Instead of a target: the item that is related to the row's item."
    )
    fields: Fields = Field(default={}, description="The relation's fields.")

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if (self.source is None) == (self.target is None):
            raise refused("give either target or source; the item of the row is the other end")
        return self


class Sheet(Part):
    """Which table is meant."""

    sheet: Word | None = Field(
        default=None,
        description="The sheet of the workbook, or the name of the text file without its ending; needed where"
        " there are several.",
    )
    header: int | None = Field(
        default=None, ge=1, description="The line that holds the headers; the first with content by default."
    )


class ItemTable(Sheet):
    """A table each row of which is an item."""

    class_name: Named = Field(alias="class", description="The items' class, or the column that says it.")
    id: Words = Field(
        description="The column that holds what the source knows an item by, and never changes, or several"
        " that do so together."
    )
    name: Word | None = Field(
        default=None, description="The column of the name; without one the id is the name."
    )
    fields: Fields = Field(default={}, description="The fields, each with the column that holds it.")
    relations: tuple[RowRelation, ...] = Field(
        default=(), description="Relations to others that the row names."
    )


class RelationTable(Sheet):
    """A table each row of which is a relation."""

    source: End = Field(description="The item that is related.")
    type: Named = Field(description="The relation type, or the column that says it.")
    target: End = Field(description="The item it is related to.")
    fields: Fields = Field(default={}, description="The relation's fields.")


class TableMapping(Part):
    """A whole mapping."""

    format: Literal[1] = Field(default=1, description="The version of this way of writing mappings: `1`.")
    delimiter: Delimiter | None = Field(
        default=None,
        description="What stands between columns: a comma, a semicolon, a tab or a vertical bar; found out by"
        " default.",
    )
    encoding: Encoding | None = Field(
        default=None, description="The encoding, such as `cp1252`; UTF-8, or UTF-16 with a mark, by default."
    )
    decimal: Literal[".", ","] = Field(default=".", description="The decimal mark; a point by default.")
    dates: Dates = Field(
        default=(),
        description="How dates and times are written, such as `%d.%m.%Y %H:%M`, or several ways that are"
        " tried in order; like 2026-11-20T09:00:00Z by default.",
    )
    timezone: TimeZone | None = Field(
        default=None, description="The time zone of times without one, such as `UTC` or `Europe/Berlin`."
    )
    missing: Texts = Field(
        default=(), description="Words that mean, like an empty cell, that nothing is known."
    )
    items: tuple[ItemTable, ...] = Field(default=(), description="Tables of items.")
    relations: tuple[RelationTable, ...] = Field(default=(), description="Tables of relations.")

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.tables:
            raise refused("a mapping needs at least one table, [[items]] or [[relations]]")
        return self

    @property
    def layout(self) -> Layout:
        """How the tables stand in their files."""
        return Layout(self.delimiter, self.encoding, surely=True)

    @property
    def manner(self) -> Manner:
        """How their cells are written."""
        named = None if self.timezone is None else zone(self.timezone)
        return Manner(frozenset(self.missing), self.decimal, self.dates, named)

    @property
    def tables(self) -> tuple[ItemTable | RelationTable, ...]:
        """All tables, those of items first."""
        return (*self.items, *self.relations)


PARTS: Mapping[str, type[Part]] = {
    "The file": TableMapping,
    "`[[items]]`": ItemTable,
    "`[[items.relations]]`": RowRelation,
    "`[[relations]]`": RelationTable,
    "`class` and `type`": Choice,
    "`fields`": FieldFrom,
    "`source` and `target`": EndFrom,
}
"""The parts of a mapping by what the page about tables calls them."""
