"""Pages of the Table API: what a file holds of them, and of which table each row is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cmdb.errors import Fault, Unreadable
from loaders.safe.place import where
from loaders.servicenow.rows import Row, stored
from loaders.servicenow.tables import tables
from loaders.shapes import mapping, text

_TOLD_WITH_ROWS = frozenset({"result", "error", "status", "session"})
_TABLE_IN_NAME = re.compile(r"(?:cmdb|sys|cmn|core|alm|u|x)_[a-z0-9_]*[a-z0-9]|service_offering")


def is_page(document: object) -> bool:
    """Whether a document is an answer of the Table API: rows, or the reason why there are none."""
    if not isinstance(document, dict):
        return False
    if _is_row(document.get("result")):
        return True
    if not document.keys() <= _TOLD_WITH_ROWS:
        return False
    rows = document.get("result")
    return _failure(document) is not None or (isinstance(rows, list) and all(map(_is_row, rows[:1])))


def _is_row(value: object) -> bool:
    rows = value if isinstance(value, list) else [value]
    return bool(rows) and isinstance(rows[0], dict) and "sys_id" in rows[0]


def refuse_failed(name: str, documents: Sequence[Any]) -> None:
    """Refuse a file in which ServiceNow says that it could not answer.

    Raises
    ------
    Unreadable
        If a page carries an error: its rows are then only a part of what was asked for.
    """
    for document in documents:
        failure = _failure(document)
        if failure is not None:
            raise Unreadable(
                f"{name} is a failed page: ServiceNow says “{failure}”. Its rows are not all that were asked"
                " for, so nothing of it is read. Ask again for fewer rows (sysparm_limit) or columns"
                " (sysparm_fields) at a time."
            )


def _failure(document: object) -> str | None:
    """What the error object of a page says, `None` where there is none."""
    error = mapping(document).get("error")
    if isinstance(error, dict):
        return (text(error.get("message")) or text(error.get("detail")) or "no reason given")[:200]
    return None


def rows(name: str, documents: Sequence[Any]) -> Iterator[Row | Fault]:
    """Every row of a file; a fault for what is none."""
    named_after = _table_in(name)
    for document in documents:
        result = mapping(document).get("result")
        if not isinstance(result, dict | list):
            yield Fault(where(name, document), "This is no page of the Table API: it has no “result”.")
            continue
        for index, cells in enumerate(result if isinstance(result, list) else [result]):
            place = where(name, cells, f"result[{index}]")
            if isinstance(cells, dict):
                yield Row(_table_of(cells) or named_after, cells, place)
            else:
                yield Fault(place, "This is no row: it is not a mapping.")


def _table_of(cells: Mapping[str, Any]) -> str | None:
    """The table that a row says or shows it is of."""
    told = stored(cells.get("sys_class_name"))
    if told is not None:
        return tables().named(told)
    fitting = (table for table, shape in tables().shapes.items() if all(one in cells for one in shape))
    return next(fitting, None)


def _table_in(name: str) -> str:
    """The table after which a file is named, the longest where several stand in the name."""
    file = name.replace("\\", "/").rpartition("/")[2].lower()
    return max(_TABLE_IN_NAME.findall(file), key=len, default="")
