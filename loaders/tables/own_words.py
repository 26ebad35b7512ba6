"""Tables whose headers are the vocabulary's own words explain themselves: the mapping they would have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from cmdb.errors import CmdbError, Rejected
from cmdb.model import CORE
from cmdb.spelling import did_you_mean
from cmdb.vocabulary import Vocabulary
from cmdb.words import listed
from loaders.safe.table import Table
from loaders.tables.columns import Headed, headed
from loaders.tables.mapping import Choice, EndFrom, FieldFrom, ItemTable, RelationTable, TableMapping

_ENDS = ("source", "type", "target")
_BLANKS = re.compile(r"[\s-]+")


def own_mapping(tables: Sequence[Table], vocabulary: Vocabulary, warnings: list[str]) -> TableMapping:
    """The mapping of tables that need none to be written, with keys of the whole graph as ids.

    Raises
    ------
    Rejected
        If none of them is such a table, or one has a column that the vocabulary does not know.
    """
    items: list[ItemTable] = []
    relations: list[RelationTable] = []
    for table in tables:
        words = _words(table, alone=len(tables) == 1)
        if words.keys() >= {"key", "class"}:
            items.append(_of_items(table, words, vocabulary))
        elif words.keys() >= {*_ENDS}:
            relations.append(_of_relations(table, words, vocabulary))
        elif len(tables) > 1:
            warnings.append(f"{table.place} was left out: its headers are not the vocabulary's own words.")
    if not items and not relations:
        raise Rejected(_unexplained(tables))
    return TableMapping(items=tuple(items), relations=tuple(relations))


def _words(table: Table, *, alone: bool) -> dict[str, str]:
    """The headers by the words of the vocabulary that they would be."""
    try:
        found = headed(table)
    except CmdbError:
        if alone:
            raise
        return {}
    return {_BLANKS.sub("_", header.casefold()): header for header in found.headers if header}


def _of_items(table: Table, words: Mapping[str, str], vocabulary: Vocabulary) -> ItemTable:
    _refuse_unknown(table, words, {**dict.fromkeys(CORE), **vocabulary.fields})
    parts = {
        "sheet": table.sheet,
        "class": Choice(column=words["class"]),
        "id": (words["key"],),
        "name": words.get("name"),
        "fields": _fields(words, CORE),
    }
    return ItemTable.model_validate(parts)


def _of_relations(table: Table, words: Mapping[str, str], vocabulary: Vocabulary) -> RelationTable:
    fields = [name for kind in vocabulary.relations for name in vocabulary.relation_fields(kind)]
    _refuse_unknown(table, words, dict.fromkeys((*_ENDS, *fields)))
    return RelationTable(
        sheet=table.sheet,
        source=EndFrom(column=(words["source"],), by="key"),
        type=Choice(column=words["type"]),
        target=EndFrom(column=(words["target"],), by="key"),
        fields=_fields(words, _ENDS),
    )


def _fields(words: Mapping[str, str], but: Sequence[str] | Mapping[str, str]) -> dict[str, FieldFrom]:
    return {word: FieldFrom(column=header) for word, header in words.items() if word not in but}


def _refuse_unknown(table: Table, words: Mapping[str, str], known: Mapping[str, object]) -> None:
    for word, header in words.items():
        if word not in known:
            raise Rejected(
                f"The column “{header}” of {table.place} is nothing the vocabulary knows."
                f"{did_you_mean(word, known)} Rename it, take it out, or write a mapping."
            )


def _unexplained(tables: Sequence[Table]) -> str:
    headers = " ".join(_headers(tables))
    return (
        f"It has to be said what the columns of {tables[0].file} mean. {headers}"
        " Write a mapping and import with --mapping FILE.toml; the shortest has three lines: [[items]], then"
        ' class = "server", then id = "…" with the header of the column that tells the items apart.'
        " Without a mapping, a table of items needs the headers key and class, a table of relations source,"
        " type and target."
    )


def _headers(tables: Sequence[Table]) -> Iterator[str]:
    for table in tables[:5]:
        try:
            found: Headed = headed(table)
        except CmdbError:
            continue
        sheet = "" if table.sheet is None else f"In the sheet {table.sheet}: "
        shown = listed([header for header in found.headers if header], most=30)
        yield f"{sheet}The headers are: {shown}.{table.read_as}"
