"""Tables: CSV and its relatives, and Excel workbooks, with a mapping that says what their columns mean.

A table whose headers are the vocabulary's own words needs no mapping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from cmdb.errors import Fault, Unreadable
from cmdb.keys import wrong_with
from cmdb.observations import Observations
from cmdb.vocabulary import Vocabulary
from cmdb.vocabulary_files import load_vocabulary
from loaders.content import Content
from loaders.safe.table import Table
from loaders.tables.mapped import Mapped
from loaders.tables.mapping import TableMapping
from loaders.tables.own_words import own_mapping

FORMAT = "table"
LOOKS_LIKE = "rows of cells under headers, as CSV or as an Excel workbook"
TEXT_KEYS: frozenset[str] = frozenset()


def recognises(content: Content) -> bool:
    """Whether a file holds tables."""
    return bool(content.tables)


def read(
    content: Content, vocabulary: Vocabulary | None = None, mapping: TableMapping | None = None
) -> Observations:
    """Say what the tables of a file hold.

    Parameters
    ----------
    vocabulary
        The types of fields; the built-in one by default.
    mapping
        What the columns mean; needed unless the headers are the vocabulary's own words.

    Returns
    -------
    Observations
        Every value a text or a list of texts. What a row says wrongly is rejected with its place.

    Raises
    ------
    Unreadable
        If there are no rows, or a text cannot be taken apart.
    Rejected
        If mapping and headers do not fit each other, or it is not said what the columns mean.
    """
    if not content.tables:
        raise Unreadable(f"{content.name} is no table.")
    known = vocabulary or _built_in()
    if mapping is not None:
        return _read(content.tables, known, mapping)
    warnings: list[str] = []
    seen = _read(content.tables, known, own_mapping(content.tables, known, warnings))
    return _with_keys(replace(seen, warnings=(*warnings, *seen.warnings)))


def _read(tables: Sequence[Table], vocabulary: Vocabulary, mapping: TableMapping) -> Observations:
    found = Mapped(mapping, vocabulary)
    found.take(tables)
    return Observations(
        FORMAT,
        items=tuple(found.items),
        relations=tuple(found.relations),
        as_text=True,
        rejected=tuple(dict.fromkeys(found.rejected)),
        warnings=(*_chosen(tables[0]), *found.warnings),
    )


def _with_keys(seen: Observations) -> Observations:
    """The same where ids are keys of the whole graph, without those that cannot be keys."""
    wrong = {item.source_id: problem for item in seen.items if (problem := wrong_with(item.source_id))}
    faults = (
        Fault(item.where, f"“{item.source_id[:60]}” cannot be a key: {wrong[item.source_id]}.")
        for item in seen.items
        if item.source_id in wrong
    )
    items = tuple(item for item in seen.items if item.source_id not in wrong)
    return replace(seen, items=items, global_keys=True, rejected=(*seen.rejected, *faults))


def _chosen(table: Table) -> tuple[str, ...]:
    """Which separator was found, where it is not the one that the file's name lets one expect."""
    expected = "\t" if table.file.lower().endswith(".tsv") else ","
    if not table.guessed or table.delimiter in {expected, None}:
        return ()
    return (f"{table.file} was read with {table.separator} between its columns.",)


@cache
def _built_in() -> Vocabulary:
    return load_vocabulary()
