"""Vocabulary files: the built-in one, a user's own on top of it, and what can be wrong with them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field as Described
from pydantic import ValidationError

from cmdb.errors import Fault, Rejected, Unreadable
from cmdb.model import CORE
from cmdb.vocabulary import EVERY_CI, Entry, Family, Field, ItemClass, RelationType, Vocabulary

BUILT_IN = Path(__file__).with_name("vocabulary.toml")
_NAME = r"[a-z][a-z0-9_]{0,62}"


class _File(Entry):
    format: Literal[1]
    families: dict[str, Family] = Described(default={})
    fields: dict[str, Field] = Described(default={})
    classes: dict[str, ItemClass] = Described(default={})
    relations: dict[str, RelationType] = Described(default={})


def load_vocabulary(*files: Path, built_in: bool = True) -> Vocabulary:
    """Read the built-in vocabulary and put the given files on top of it, in order.

    Parameters
    ----------
    *files
        The user's own files.
    built_in
        Whether to start from the built-in file; without it the given files are all there is.

    Raises
    ------
    Unreadable
        If a file cannot be read or is not TOML.
    Rejected
        If an entry is wrong: each fault names file, entry and reason.
    """
    tables: dict[str, Any] = {}
    for path in ((BUILT_IN,) if built_in else ()) + files:
        _put_on_top(tables, _read(path))
        vocabulary = _checked(tables, path)
    return vocabulary


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Unreadable(f"The vocabulary file {path} cannot be read: {reason}.") from error


def _put_on_top(tables: dict[str, Any], top: Mapping[str, Any]) -> None:
    for key, value in top.items():
        if isinstance(value, dict) and isinstance(tables.get(key), dict):
            _put_on_top(tables[key], value)
        else:
            tables[key] = value


def _checked(tables: dict[str, Any], path: Path) -> Vocabulary:
    try:
        file = _File.model_validate(tables)
    except ValidationError as error:
        faults = [
            Fault(f"{path.name}: {'.'.join(map(str, one['loc']))}", _IN_WORDS.get(one["type"], one["msg"]))
            for one in error.errors()
        ]
        raise _refused(path, faults) from None
    vocabulary = Vocabulary(file.families, file.fields, file.classes, file.relations)
    faults = [Fault(f"{path.name}: {where}", what) for where, what in _contradictions(vocabulary)]
    if faults:
        raise _refused(path, faults)
    return vocabulary


_IN_WORDS = {
    "missing": "this has to be given",
    "extra_forbidden": "there is no such entry",
    "dict_type": "this has to be a table",
    "model_type": "this has to be a table",
    "tuple_type": "this has to be a list",
    "too_short": "this needs at least one entry",
    "string_too_short": "this is empty",
}
"""What pydantic finds wrong, in the words of somebody who writes TOML."""


def _refused(path: Path, faults: list[Fault]) -> Rejected:
    listed = "; ".join(f"{fault.pointer.split(': ', 1)[1]}: {fault.detail}" for fault in faults)
    return Rejected(f"The vocabulary file {path} is refused. {listed}", tuple(faults))


def _contradictions(vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    yield from _bad_names(vocabulary)
    for name, field in vocabulary.fields.items():
        yield from _wrong_field(name, field)
    for name, family in vocabulary.families.items():
        yield from _unknown_fields(vocabulary, f"families.{name}", family.fields)
    for name, entry in vocabulary.classes.items():
        yield from _unknown_fields(vocabulary, f"classes.{name}", entry.fields)
        if entry.family not in vocabulary.families:
            yield f"classes.{name}", f"there is no family “{entry.family}”"
        elif entry.dated is not None and entry.dated not in vocabulary.fields:
            yield f"classes.{name}", f"dated names “{entry.dated}”, and there is no such field"
    for name, relation in vocabulary.relations.items():
        yield from _wrong_relation(vocabulary, name, relation)


def _bad_names(vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    for table in ("families", "fields", "classes", "relations"):
        for name in getattr(vocabulary, table):
            if not re.fullmatch(_NAME, name):
                yield f"{table}.{name}", "names are lower-case words joined by _"
    for name in vocabulary.families.keys() & vocabulary.classes.keys():
        yield f"classes.{name}", "a family has this name already"
    if EVERY_CI in vocabulary.families.keys() | vocabulary.classes.keys():
        yield "families", f"“{EVERY_CI}” is taken: it stands for every configuration item"


def _wrong_field(name: str, field: Field) -> Iterable[tuple[str, str]]:
    if name in CORE:
        yield f"fields.{name}", "every item has this already"
    for value in field.one_of or ():
        try:
            fits = field.check(value) == value
        except ValueError:
            fits = False
        if not fits:
            yield f"fields.{name}", f"{value!r} in one_of cannot be a value of the type {field.type}"
    if field.at_least is not None and field.type not in {"integer", "number"}:
        yield f"fields.{name}", f"at_least is for numbers, and its type is {field.type}"


def _unknown_fields(vocabulary: Vocabulary, where: str, names: Iterable[str]) -> Iterable[tuple[str, str]]:
    for name in names:
        if name not in vocabulary.fields:
            yield where, f"there is no field “{name}”"


def _wrong_relation(vocabulary: Vocabulary, name: str, relation: RelationType) -> Iterable[tuple[str, str]]:
    where = f"relations.{name}"
    yield from _unknown_fields(vocabulary, where, relation.fields)
    ends = vocabulary.families.keys() | vocabulary.classes.keys() | {EVERY_CI}
    for end in (*relation.source, *relation.target):
        if end not in ends:
            yield where, f"“{end}” is neither a class nor a family"
    if relation.tells is not None and relation.tells not in relation.fields:
        yield where, f"tells names “{relation.tells}”, which is not among its fields"
    if relation.gives is not None and relation.gives not in vocabulary.fields:
        yield where, f"gives names “{relation.gives}”, and there is no such field"
