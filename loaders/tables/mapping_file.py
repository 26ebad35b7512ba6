"""Mapping files: read, and checked against the vocabulary before any table is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from cmdb.errors import Fault, Rejected, TooLarge, Unreadable
from cmdb.model import CORE
from cmdb.spelling import did_you_mean
from cmdb.vocabulary import Field, Vocabulary
from loaders.safe.limits import MAX_MAPPING_BYTES
from loaders.source import Source
from loaders.tables.cells import ELEMENTS, NUMERIC
from loaders.tables.mapping import (
    Choice,
    EndFrom,
    FieldFrom,
    ItemTable,
    RelationTable,
    RowRelation,
    TableMapping,
)

Found = Iterator[tuple[str, str]]
"""Places in a mapping, and what is wrong there."""

_IN_WORDS = {
    "missing": "this has to be given",
    "dict_type": "this has to be a table",
    "mapping_type": "this has to be a table",
    "model_type": "this has to be a table",
    "model_attributes_type": "this has to be a table",
    "tuple_type": "this has to be a list",
    "too_short": "this needs at least one entry",
    "string_type": "this has to be text",
    "string_too_short": "this is empty",
}
"""What pydantic finds wrong, in the words of somebody who writes TOML."""


def read_mapping(source: Source, vocabulary: Vocabulary) -> TableMapping:
    """Read a mapping.

    Raises
    ------
    TooLarge
        If it is larger than any mapping has to be.
    Unreadable
        If it is no TOML.
    Rejected
        If it says what means nothing: each fault names the entry and the reason.
    """
    if len(source.data) > MAX_MAPPING_BYTES:
        raise TooLarge(f"The mapping {source.name} is larger than {MAX_MAPPING_BYTES >> 10} KiB.")
    try:
        found = TableMapping.model_validate(_toml(source))
    except ValidationError as error:
        faults = [(_place(one["loc"]), _IN_WORDS.get(one["type"], one["msg"])) for one in error.errors()]
        raise _refused(source, faults) from None
    faults = list(_contradictions(found, vocabulary))
    if faults:
        raise _refused(source, faults)
    return found


def _toml(source: Source) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        problem = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise Unreadable(f"The mapping {source.name} is not TOML: {problem}.") from None


def _refused(source: Source, faults: Iterable[tuple[str, str]]) -> Rejected:
    every = list(faults)
    listed = "; ".join(f"{place}: {what}" if place else what for place, what in every[:10])
    pointers = tuple(Fault(f"{source.name}{place and f': {place}'}", what) for place, what in every)
    return Rejected(f"The mapping {source.name} is refused. {listed}", pointers)


def _place(steps: Iterable[int | str]) -> str:
    """The way to an entry, such as `items[0].fields.tier`."""
    way = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return way.removeprefix(".")


def _contradictions(found: TableMapping, vocabulary: Vocabulary) -> Found:
    for place, items in enumerate(found.items):
        yield from _wrong_items(items, f"items[{place}]", vocabulary)
    for place, relations in enumerate(found.relations):
        here = f"relations[{place}]"
        yield from _wrong_relation(relations, here, vocabulary)
        yield from _wrong_ends(here, vocabulary, source=relations.source, target=relations.target)


def _wrong_items(items: ItemTable, here: str, vocabulary: Vocabulary) -> Found:
    yield from _unknown(items.class_name, f"{here}.class", "class", vocabulary.classes)
    classes = [name for name in items.class_name.names if name in vocabulary.classes]
    fields = {name: field for one in classes for name, field in vocabulary.item_fields(one).items()}
    whose = vocabulary.a(classes[0]) if len(classes) == 1 else "every one of these classes"
    every = fields if items.class_name.names else vocabulary.fields
    if classes or not items.class_name.names:
        yield from _wrong_fields(items.fields, f"{here}.fields", whose, every)
    for place, relation in enumerate(items.relations):
        there = f"{here}.relations[{place}]"
        yield from _wrong_relation(relation, there, vocabulary)
        yield from _wrong_ends(there, vocabulary, source=relation.source, target=relation.target)


def _wrong_relation(relation: RowRelation | RelationTable, here: str, vocabulary: Vocabulary) -> Found:
    yield from _unknown(relation.type, f"{here}.type", "relation type", vocabulary.relations)
    types = [name for name in relation.type.names if name in vocabulary.relations]
    fields = {name: field for one in types for name, field in vocabulary.relation_fields(one).items()}
    if types or not relation.type.names:
        every = fields if relation.type.names else vocabulary.fields
        yield from _wrong_fields(relation.fields, f"{here}.fields", "such a relation", every)


def _wrong_ends(here: str, vocabulary: Vocabulary, **ends: EndFrom | None) -> Found:
    for name, end in ends.items():
        if end is not None and end.class_name is not None:
            yield from _unknown(end.class_name, f"{here}.{name}.class", "class", vocabulary.classes)


def _unknown(choice: Choice, here: str, what: str, known: Iterable[str]) -> Found:
    for name in choice.names:
        if name not in known:
            yield here, f"there is no {what} “{name}”.{did_you_mean(name, known)}"


def _wrong_fields(
    fields: Mapping[str, FieldFrom], here: str, whose: str, known: Mapping[str, Field]
) -> Found:
    for name, told in fields.items():
        if name in CORE:
            yield f"{here}.{name}", f"“{name}” is no field; it stands beside the fields, or comes from the id"
        elif name not in known:
            yield f"{here}.{name}", f"{whose} has no field of this name.{did_you_mean(name, known)}"
        else:
            yield from _wrong_source(told, f"{here}.{name}", known[name])


def _wrong_source(told: FieldFrom, here: str, field: Field) -> Found:
    if told.split and field.type not in ELEMENTS:
        yield here, "“split” is for fields that hold a list, and this one holds a single value"
    if told.unit and field.type not in NUMERIC:
        yield here, "“unit” is for fields that hold numbers"
    for unit, worth in told.unit.items():
        if worth == 1 and field.unit is not None and unit != field.unit:
            yield (
                here,
                (
                    f"this field is in {field.unit}: say how many of these one {unit} is, as in"
                    f" unit = {{{unit} = 1024}}"
                ),
            )
