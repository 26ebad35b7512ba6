"""Which tables of a file the entries of a mapping speak of, and whether these have the columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cmdb.errors import Fault, Rejected
from cmdb.spelling import did_you_mean
from cmdb.words import listed
from loaders.safe.table import Table
from loaders.tables.columns import Headed, folded
from loaders.tables.mapping import ItemTable, RelationTable, RowRelation, TableMapping

Entry = ItemTable | RelationTable


def matched(mapping: TableMapping, tables: Sequence[Table], warnings: list[str]) -> list[tuple[Entry, Table]]:
    """Each entry of a mapping with the table of the file that it speaks of.

    Raises
    ------
    Rejected
        If it speaks of none of them, or does not say of which.
    """
    found: list[tuple[Entry, Table]] = []
    by_title = {folded(table.title): table for table in tables}
    missing = []
    for entry in mapping.tables:
        if entry.sheet is not None and folded(entry.sheet) not in by_title:
            missing.append(entry.sheet)
            continue
        if entry.sheet is None and len(tables) > 1:
            titles = listed([table.title for table in tables])
            raise Rejected(
                f"{tables[0].file} has several sheets: {titles}. The mapping has to say which one is meant,"
                f' as in sheet = "{tables[0].title}".'
            )
        found.append((entry, tables[0] if entry.sheet is None else by_title[folded(entry.sheet)]))
    if not found:
        raise Rejected(_nothing(mapping, tables))
    if tables[0].sheet is not None and missing:
        warnings.append(
            f"The mapping speaks of {listed(sorted(set(missing)))}, which {tables[0].file} does not have."
        )
    return found


def _nothing(mapping: TableMapping, tables: Sequence[Table]) -> str:
    titles = [table.title for table in tables]
    wanted = sorted({entry.sheet for entry in mapping.tables if entry.sheet})
    what = "the sheets" if tables[0].sheet is not None else "the table"
    hint = did_you_mean(wanted[0], titles) if wanted else ""
    return f"The mapping speaks of {listed(wanted)}, but {tables[0].file} is {what} {listed(titles)}.{hint}"


def refuse_unknown_columns(every: Sequence[tuple[Entry, Headed]]) -> None:
    """Refuse a mapping that speaks of columns that its table does not have.

    Raises
    ------
    Rejected
        With each of them, and the headers that there are.
    """
    faults = [
        Fault(one.table.where(one.line), what)
        for entry, one in every
        for what in one.unknown(_columns(entry))
    ]
    if faults:
        one = next(one for entry, one in every if any(one.unknown(_columns(entry))))
        raise Rejected(f"{faults[0].detail} {one.told}{one.table.read_as}", tuple(faults))


def _columns(entry: Entry) -> Iterator[str]:
    """Every column an entry speaks of."""
    if isinstance(entry, ItemTable):
        yield from entry.id
        yield from filter(None, (entry.name, entry.class_name.column))
        for relation in entry.relations:
            yield from _columns_of_relation(relation)
    else:
        yield from _columns_of_relation(entry)
    yield from filter(None, (one.column for one in entry.fields.values()))


def _columns_of_relation(relation: RowRelation | RelationTable) -> Iterator[str]:
    yield from filter(None, (relation.type.column, *(one.column for one in relation.fields.values())))
    for end in (relation.source, relation.target):
        if end is not None:
            yield from end.column
            yield from filter(None, (end.class_name and end.class_name.column,))
