"""Rows that say how other rows are related: relations of configuration items, and members of teams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from cmdb.errors import Fault
from cmdb.observations import ANY_CLASS, End, SeenRelation
from loaders.servicenow.rows import Named, Row
from loaders.servicenow.tables import Relating, tables

_DECLARED = {"known": "declared"}
_TABLE_OF_ALL = "cmdb_ci"
_PEOPLE = {"user": "person", "group": "team"}


class _Incomplete(Exception):
    """Why a row cannot be used."""


def related(row: Row, classes: Mapping[str, str]) -> Iterator[SeenRelation | Fault]:
    """What a row relates: one relation, none if its type means nothing here, or why it cannot be used.

    Parameters
    ----------
    row
        One of a table for which `relates` is true.
    classes
        The class of each item of the file, by its sys_id.
    """
    try:
        found = RELATING[row.table](row, classes)
    except _Incomplete as error:
        yield Fault(row.where, str(error))
    else:
        if found is not None:
            yield found


def left_out(row: Row) -> str | None:
    """The name of a row's relation type where it is one that means nothing here."""
    relating = _relating(row) if row.table == "cmdb_rel_ci" else None
    return relating.name if relating and relating.type is None else None


def _between_items(row: Row, classes: Mapping[str, str]) -> SeenRelation | None:
    relating = _relating(row)
    if relating is None:
        raise _Incomplete(_unknown(row))
    if relating.type is None:
        return None
    other = "child" if relating.source == "parent" else "parent"
    source, target = (_item(row, column, classes) for column in (relating.source, other))
    called = row.shown(other)
    return SeenRelation(source, relating.type, target, row.where, _DECLARED, target_called=called)


def _membership(row: Row, _: Mapping[str, str]) -> SeenRelation:
    user, group = (End(_PEOPLE[column], _id(row, column)[1]) for column in ("user", "group"))
    return SeenRelation(user, "member_of", group, row.where, _DECLARED, target_called=row.shown("group"))


def _relating(row: Row) -> Relating | None:
    named = row.named("type") or Named(None, None, None)
    written = (named.id, named.shown, row.text("type"), row.text("type.name"))
    known = tables().relation_types
    return next((known[one.lower()] for one in written if one and one.lower() in known), None)


def _unknown(row: Row) -> str:
    name = row.shown("type") or row.text("type.name")
    if name is None:
        return "Its type is told by an identifier only: ask for sysparm_display_value=all."
    return f"“{name[:60]}” is not in the table of relation types (loaders/servicenow/tables.toml)."


def _item(row: Row, column: str, classes: Mapping[str, str]) -> End:
    """The item that a column names; the row, its link or the rest of the file tells its class, if they do."""
    named, sys_id = _id(row, column)
    told = row.text(f"{column}.sys_class_name") or (named.table if named.table != _TABLE_OF_ALL else None)
    class_name = (tables().class_of(tables().named(told)) if told else None) or classes.get(sys_id)
    return End(class_name or ANY_CLASS, sys_id)


def _id(row: Row, column: str) -> tuple[Named, str]:
    named = row.named(column)
    if named is None or named.id is None:
        raise _Incomplete(f"It has no {column}, or one without a sys_id.")
    return named, named.id


RELATING: Mapping[str, Callable[[Row, Mapping[str, str]], SeenRelation | None]] = {
    "cmdb_rel_ci": _between_items,
    "sys_user_grmember": _membership,
}
"""The tables whose rows are relations, and how each is read."""
