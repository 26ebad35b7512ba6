"""ServiceNow: pages of the Table API with configuration items, their relations, people and teams.

Every value is a text or refers to another row by its `sys_id`. In relations the parent depends on the child.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cmdb.errors import Fault
from cmdb.observations import Observations, SeenRelation
from cmdb.words import listed
from loaders.content import Content
from loaders.servicenow.items import Described, item, people, unknown_statuses
from loaders.servicenow.pages import is_page, refuse_failed, rows
from loaders.servicenow.relations import RELATING, left_out, related
from loaders.servicenow.rows import Row
from loaders.servicenow.tables import tables

FORMAT = "servicenow"
LOOKS_LIKE = "a page of ServiceNow's Table API: “result” with rows that have a “sys_id”"
TEXT_KEYS: frozenset[str] = frozenset()


def recognises(content: Content) -> bool:
    """Whether a document is a page of the Table API, also one that failed."""
    return any(is_page(document) for document in content.documents)


def read(content: Content) -> Observations:
    """Say what the rows of a file's pages are.

    Raises
    ------
    Unreadable
        If ServiceNow says in one of them that it could not answer in full.
    """
    refuse_failed(content.name, content.documents)
    found = list(rows(content.name, content.documents))
    every = [one for one in found if isinstance(one, Row)]
    outcomes = list(map(_described, every))
    described = [one for one in outcomes if isinstance(one, Described)]
    relations = list(_relations(every, described))
    return Observations(
        FORMAT,
        items=tuple(map(item, described)),
        relations=tuple(one for one in relations if isinstance(one, SeenRelation)),
        rejected=tuple(one for one in [*found, *outcomes, *relations] if isinstance(one, Fault)),
        warnings=tuple(_warnings(every, described)),
    )


def _described(row: Row) -> Described | Fault | None:
    """The row as one of an item, `None` if it is of something else, or what is wrong with it."""
    if not row.table:
        return Fault(
            row.where,
            "Nothing tells of which table this row is: ask for sys_class_name, or name the file after the"
            " table, for instance cmdb_ci_server.json.",
        )
    class_name = tables().class_of(row.table)
    if class_name is None:
        return None
    if row.id is None:
        return Fault(row.where, "This row has no sys_id that can be used.")
    return Described(row, class_name, row.id)


def _relations(every: Sequence[Row], described: Sequence[Described]) -> Iterator[SeenRelation | Fault]:
    for one in described:
        yield from people(one)
    classes = {one.id: one.class_name for one in described}
    for row in every:
        if row.table in RELATING:
            yield from related(row, classes)


def _warnings(every: Sequence[Row], described: Sequence[Described]) -> Iterator[str]:
    """Warn of what was left out or guessed."""
    if not every:
        yield "There are no rows in it: the last page of several, or a query that finds nothing."
    others = Counter(one.table for one in every if _is_other(one))
    yield from _counted("of tables that are not read here {} left out", others)
    types = Counter(filter(None, map(left_out, every)))
    yield from _counted("of relation types along which nothing fails {} left out", types)
    inexact = Counter(
        f"{one.row.table} as {one.class_name}" for one in described if one.row.table not in tables().classes
    )
    yield from _counted("of tables without a class of their own {} read as the nearest", inexact)
    odd = Counter(f"{column} “{told}”" for one in described for column, told in unknown_statuses(one.row))
    yield from _counted("with a status that is not known here {} read without it", odd)


def _is_other(row: Row) -> bool:
    return bool(row.table) and row.table not in RELATING and tables().class_of(row.table) is None


def _counted(words: str, number: Counter[str]) -> Iterable[str]:
    if number:
        rows_were = "1 row" if number.total() == 1 else f"{number.total()} rows"
        counts = listed([f"{count} {name[:60]}" for name, count in sorted(number.items())])
        yield f"{rows_were} {words.format('was' if number.total() == 1 else 'were')}: {counts}."
