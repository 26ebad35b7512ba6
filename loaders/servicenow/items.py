"""Rows of configuration items, people and teams as items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cmdb.observations import End, SeenItem, SeenRelation
from loaders.servicenow.reading import value
from loaders.servicenow.rows import Named, Row
from loaders.servicenow.tables import Naming, tables
from loaders.shapes import said


class Described(NamedTuple):
    """A row that becomes an item."""

    row: Row
    class_name: str
    id: str

    @property
    def end(self) -> End:
        """How relations name it."""
        return End(self.class_name, self.id)


def item(one: Described) -> SeenItem:
    """What a row says of its item."""
    row = one.row
    name = row.text("name") or row.text("user_name")
    qualified = (row.table, *((name,) if name else ()), one.id)
    attributes = said(status=_status(row), **_fields(one))
    return SeenItem(one.class_name, one.id, name, attributes, row.where, qualified)


def unknown_statuses(row: Row) -> Iterator[tuple[str, str]]:
    """Columns and values of a row that say something of its status, but not what."""
    for column in tables().statuses:
        told = row.text(column)
        if told and _meaning(row, column) is None:
            yield column, told[:60]


def people(one: Described) -> Iterator[SeenRelation]:
    """The people and teams that a row names, each once for a relation, with the columns as its roles."""
    roles: dict[tuple[str, End], list[str]] = {}
    called: dict[End, str | None] = {}
    for naming in tables().references:
        named = one.row.named(naming.column) if one.class_name in naming.of else None
        if named is not None and named.id is not None:
            end = _end(naming, named, named.id)
            roles.setdefault((naming.type, end), []).append(naming.column)
            called[end] = called.get(end) or named.shown
    for (type_name, end), columns in roles.items():
        attributes = {"known": "declared", "role": ", ".join(columns)}
        place = f"{one.row.where}, {columns[0]}"
        yield SeenRelation(one.end, type_name, end, place, attributes, target_called=called[end])


def _end(naming: Naming, named: Named, sys_id: str) -> End:
    linked = tables().classes.get(named.table or "")
    return End(linked if linked in {"person", "team"} else tables().classes[naming.table], sys_id)


def _fields(one: Described) -> dict[str, Any]:
    fitting = (column for column in tables().columns if column.belongs_to(one.class_name))
    return {column.field: value(one.row, column.sources, column.reading) for column in fitting}


def _status(row: Row) -> str | None:
    """The status that its columns give; where they differ, the one furthest from serving."""
    told = {_meaning(row, column) for column in tables().statuses}
    return next((one for one in tables().worst_first if one in told), None)


def _meaning(row: Row, column: str) -> str | None:
    meanings = tables().statuses[column]
    written = (row.text(column), row.shown(column))
    return next((meanings[one.lower()] for one in written if one and one.lower() in meanings), None)
