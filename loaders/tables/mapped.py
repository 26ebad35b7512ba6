"""Tables read as a mapping says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cmdb.errors import Fault, Unreadable
from cmdb.observations import End, SeenItem, SeenRelation
from cmdb.values import Kind
from cmdb.vocabulary import Vocabulary
from cmdb.words import listed
from loaders.safe.limits import MAX_REJECTED
from loaders.safe.table import Table
from loaders.tables.columns import Headed, headed
from loaders.tables.ends import Called, Everybody, joined
from loaders.tables.lines import Line, translated
from loaders.tables.mapping import EndFrom, ItemTable, RelationTable, RowRelation, TableMapping
from loaders.tables.matching import Entry, matched, refuse_unknown_columns

_KNOWN = "known"
_DECLARED = "declared"
"""How a relation from a table is known: somebody wrote it down."""


class _Wanted(NamedTuple):
    """A relation that a row speaks of; its ends are found when all items are known."""

    source: Called | End
    type: str
    target: Called | End
    where: str
    attributes: Mapping[str, object]


@dataclass
class Mapped:
    """What was found so far."""

    mapping: TableMapping
    vocabulary: Vocabulary
    items: list[SeenItem] = field(default_factory=list)
    relations: list[SeenRelation] = field(default_factory=list)
    rejected: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _wanted: list[_Wanted] = field(default_factory=list)

    def take(self, tables: Sequence[Table]) -> None:
        """Read all tables of a file.

        Raises
        ------
        Rejected
            If the mapping speaks of none of them, or of columns that they do not have.
        Unreadable
            If none has any rows.
        """
        found = matched(self.mapping, tables, self.warnings)
        every = [(entry, headed(table, entry.header)) for entry, table in found]
        refuse_unknown_columns(every)
        if not any(one.has_rows for _, one in every):
            raise Unreadable(
                f"{every[0][1].table.place} has headers but no rows below them: nothing to import."
            )
        for entry, one in every:
            self._take_table(entry, one)
        self._find_ends()

    @property
    def _kinds(self) -> Mapping[str, Kind]:
        return {name: one.type for name, one in self.vocabulary.fields.items()}

    def _take_table(self, entry: Entry, one: Headed) -> None:
        manner, kinds = self.mapping.manner, self._kinds
        for row in one.rows(self.rejected):
            line = Line(one, row, manner, kinds, self.rejected)
            try:
                if isinstance(entry, ItemTable):
                    self._take_item(entry, line)
                else:
                    self._take_relation(entry, line)
            except ValueError as error:
                line.reject(error)
            if len(self.rejected) > MAX_REJECTED:
                raise Unreadable(_hopeless(one.table, self.rejected[0]))

    def _take_item(self, entry: ItemTable, line: Line) -> None:
        class_name = line.chosen(entry.class_name)
        if class_name is None:
            return
        parts = line.id(entry.id)
        if not parts[0]:
            raise ValueError(f"this row does not say which item it is: {listed(entry.id)} is empty")
        name = line.text(entry.name) if entry.name else ""
        qualified = (name, *parts) if name else parts
        attributes = line.attributes(entry.fields)
        item = SeenItem(class_name, joined(parts), name or None, attributes, line.where, qualified)
        self.items.append(item)
        for relation in entry.relations:
            self._relate(End(class_name, item.source_id), relation, line)

    def _relate(self, item: End, relation: RowRelation, line: Line) -> None:
        """Note the relations of a row's item; where the cell is empty there are none."""
        other = relation.target or relation.source
        if other is None:
            return
        try:
            called = list(_called(other, line))
            type_name = line.chosen(relation.type) if called else None
        except ValueError as error:
            line.reject(error)
            return
        if type_name is None:
            return
        attributes = self._attributes(relation, line)
        for one in called:
            ends = (item, one) if relation.target else (one, item)
            self._wanted.append(_Wanted(ends[0], type_name, ends[1], line.where, attributes))

    def _take_relation(self, entry: RelationTable, line: Line) -> None:
        type_name = line.chosen(entry.type)
        if type_name is None:
            return
        sources, targets = list(_called(entry.source, line)), list(_called(entry.target, line))
        for what, end, found in (("source", entry.source, sources), ("target", entry.target, targets)):
            if not found:
                raise ValueError(f"this row has no {what}: {listed(end.column)} is empty")
        attributes = self._attributes(entry, line)
        for source in sources:
            for target in targets:
                self._wanted.append(_Wanted(source, type_name, target, line.where, attributes))

    def _attributes(self, entry: RowRelation | RelationTable, line: Line) -> Mapping[str, object]:
        known = {_KNOWN: _DECLARED} if _KNOWN in self.vocabulary.fields else {}
        return {**known, **line.attributes(entry.fields)}

    def _find_ends(self) -> None:
        everybody = Everybody(self.items if self._wanted else ())
        for one in self._wanted:
            try:
                source, target = (
                    end if isinstance(end, End) else everybody.end(end) for end in (one.source, one.target)
                )
            except ValueError as error:
                self.rejected.append(Fault(one.where, str(error)))
                continue
            called = one.target.name
            self.relations.append(
                SeenRelation(source, one.type, target, one.where, one.attributes, target_called=called)
            )


def _called(end: EndFrom, line: Line) -> Iterator[Called]:
    """The items that a row names, none where the cell is empty."""
    if len(end.column) > 1:
        texts = [joined(parts)] if (parts := line.id(end.column))[0] else []
    else:
        whole = line.text(end.column[0])
        parts = tuple(part.strip() for part in whole.split(end.split)) if end.split else (whole,)
        known = (part for part in parts if part and part not in line.manner.missing)
        texts = [found for part in known if (found := translated(part, end.values, end.column[0]))]
    class_name = None if end.class_name is None or not texts else line.chosen(end.class_name)
    if end.class_name is None or class_name is not None:
        yield from (Called(text, end.by, class_name) for text in texts)


def _hopeless(table: Table, first: Fault) -> str:
    return (
        f"More than {MAX_REJECTED:,} rows or cells of {table.place} cannot be used, first {first.pointer}:"
        f" {first.detail}. Look at the mapping."
    )
