"""The table of what ServiceNow's tables, columns, values and relation types become."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_suffix(".toml")
_ITEMS = "cmdb_ci"


@dataclass(frozen=True)
class Column:
    """Columns that give a field of some classes, and how their text is read."""

    field: str
    sources: Sequence[str]
    reading: str
    of: frozenset[str] | None

    def belongs_to(self, class_name: str) -> bool:
        """Whether items of the class have the field."""
        return self.of is None or class_name in self.of


@dataclass(frozen=True)
class Naming:
    """A column that names a person or team, and the relation to them."""

    column: str
    of: frozenset[str]
    table: str
    type: str


@dataclass(frozen=True)
class Relating:
    """What a relation type becomes; without `type` it is left out."""

    name: str
    type: str | None = None
    source: str = "parent"
    sys_id: str | None = None


@dataclass(frozen=True)
class Tables:
    """The whole table."""

    classes: Mapping[str, str]
    labels: Mapping[str, str]
    shapes: Mapping[str, Sequence[str]]
    columns: Sequence[Column]
    statuses: Mapping[str, Mapping[str, str]]
    worst_first: Sequence[str]
    references: Sequence[Naming]
    relations: Sequence[Relating]

    def named(self, written: str) -> str:
        """The name of a table, which a page may give by its label.

        Examples
        --------
        >>> tables().named("Linux Server")
        'cmdb_ci_linux_server'
        """
        lowered = written.lower()
        if lowered == written and " " not in written:
            return written
        return self.labels.get(lowered, f"{_ITEMS}_{lowered.replace(' ', '_')}")

    def nearest(self, table: str) -> str | None:
        """The listed table that is read instead of this one, itself where it is listed.

        Examples
        --------
        >>> tables().nearest("cmdb_ci_db_mssql_instance"), tables().nearest("incident")
        ('cmdb_ci_db', None)
        """
        if table in self.classes:
            return table
        if not table.startswith(f"{_ITEMS}_"):
            return None
        parts = table[:200].split("_")
        shorter = ("_".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next(one for one in shorter if one in self.classes)

    def class_of(self, table: str) -> str | None:
        """The class of a table's rows, `None` where they do not become items."""
        nearest = self.nearest(table)
        return None if nearest is None else self.classes[nearest]

    @cached_property
    def relation_types(self) -> Mapping[str, Relating]:
        """What each relation type becomes, by its name in small letters and by its sys_id."""
        by_id = {one.sys_id: one for one in self.relations if one.sys_id}
        return by_id | {one.name.lower(): one for one in self.relations}


@cache
def tables() -> Tables:
    """Read the table."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    sets: dict[str, list[str]] = told["sets"]
    return Tables(
        classes=told["classes"],
        labels=told["labels"],
        shapes=told["shapes"],
        columns=tuple(_column(one, sets) for one in told["columns"]),
        statuses=told["statuses"],
        worst_first=told["worst_first"],
        references=tuple(Naming(**one | {"of": _classes(one["of"], sets)}) for one in told["references"]),
        relations=tuple(Relating(**one) for one in told["relations"]),
    )


def _column(told: Mapping[str, Any], sets: Mapping[str, list[str]]) -> Column:
    of = _classes(told["of"], sets) if "of" in told else None
    return Column(told["field"], told["from"], told.get("as", "text"), of)


def _classes(names: Sequence[str], sets: Mapping[str, list[str]]) -> frozenset[str]:
    return frozenset(one for name in names for one in sets.get(name, [name]))
