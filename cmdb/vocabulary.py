"""The vocabulary: classes, fields and relation types as data, read from TOML.

The built-in file is `vocabulary.toml` beside this module; a user's own file goes on top of it. Everything
else asks this object what a class or relation type means and never names one.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Described

from cmdb.errors import Fault, Rejected, Unreadable
from cmdb.harm import COUNTED, NONE, TRANSFERS, Transfer
from cmdb.model import CORE
from cmdb.values import Kind, Scalar, Value, normalise

BUILT_IN = Path(__file__).with_name("vocabulary.toml")
_NAME = r"[a-z][a-z0-9_]{0,62}"
_EVERY_CI = "ci"

Words = Annotated[str, Described(min_length=1)]
Carried = Literal["same", "softened", "fatal", "counted", "none"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Field(_Entry):
    """One attribute: its type, meaning, unit and allowed values."""

    type: Kind
    describe: str
    unit: str | None = None
    one_of: tuple[Scalar, ...] | None = None
    common: bool = False

    def check(self, value: object) -> Value:
        """Return the value in its normal form, or raise `ValueError` with what is wrong."""
        found = normalise(self.type, value)
        if self.one_of is not None and found not in self.one_of:
            raise ValueError(f"“{found}” is not one of: {', '.join(map(str, self.one_of))}")
        return found


class Family(_Entry):
    """A group of classes that share fields and a role."""

    label: Words
    ci: bool = False
    service: bool = False
    people: bool = False
    fields: tuple[str, ...] = ()


class ItemClass(_Entry):
    """A class of items."""

    family: str
    label: Words
    describe: str
    counting: bool = False
    fields: tuple[str, ...] = ()


class RelationType(_Entry):
    """A type of relation: how it reads, what it may join, and what harm does along it."""

    label: Words
    inverse: Words
    describe: str
    source: tuple[str, ...] = Described(min_length=1)
    target: tuple[str, ...] = Described(min_length=1)
    to_source: Carried = "none"
    to_target: Carried = "none"
    tells: str | None = None
    all_needed: bool = False
    fields: tuple[str, ...] = ()

    @property
    def carries(self) -> bool:
        """Whether harm passes along it in either direction."""
        return (self.to_source, self.to_target) != ("none", "none")


class _File(_Entry):
    format: Literal[1]
    families: dict[str, Family] = {}
    fields: dict[str, Field] = {}
    classes: dict[str, ItemClass] = {}
    relations: dict[str, RelationType] = {}


RELATION_FIELDS = ("known", "verified_at", "verified_by", "description", "role")
"""Fields every relation may have, where the vocabulary describes them."""


@dataclass(frozen=True)
class Vocabulary:
    """Classes, fields and relation types, with the questions asked of them."""

    families: Mapping[str, Family]
    fields: Mapping[str, Field]
    classes: Mapping[str, ItemClass]
    relations: Mapping[str, RelationType]

    def family(self, class_name: str) -> Family:
        """The family of a class."""
        return self.families[self.classes[class_name].family]

    def is_ci(self, class_name: str) -> bool:
        """Whether items of the class are configuration items."""
        return self.family(class_name).ci

    def is_service(self, class_name: str) -> bool:
        """Whether items of the class are services, which answers list first."""
        return self.family(class_name).service

    def is_counted(self, class_name: str) -> bool:
        """Whether the class stands in totals; people and teams do not."""
        return not self.family(class_name).people

    def is_group(self, class_name: str) -> bool:
        """Whether the class is as well as its k-th best member."""
        return self.classes[class_name].counting

    def item_fields(self, class_name: str) -> dict[str, Field]:
        """The fields an item of the class may have, common ones first."""
        return self._item_fields[class_name]

    def relation_fields(self, type_name: str) -> dict[str, Field]:
        """The fields a relation of the type may have."""
        own = self.relations[type_name].fields
        return {name: self.fields[name] for name in (*RELATION_FIELDS, *own) if name in self.fields}

    def transfer(self, type_name: str, *, to_source: bool) -> Transfer:
        """What a relation of the type passes on in one direction; nothing where it counts."""
        relation = self.relations[type_name]
        return TRANSFERS.get(relation.to_source if to_source else relation.to_target, NONE)

    def counts(self, type_name: str, *, to_source: bool) -> bool:
        """Whether the relation counts its one end as a member of the other."""
        relation = self.relations[type_name]
        return (relation.to_source if to_source else relation.to_target) == COUNTED

    def allows(self, type_name: str, source_class: str, target_class: str) -> bool:
        """Whether a relation of the type may join items of these classes."""
        relation = self.relations[type_name]
        if relation.carries and self.is_ci(source_class) and self.is_ci(target_class):
            return True
        return self._fits(relation.source, source_class) and self._fits(relation.target, target_class)

    def sentence(self, source: str, type_name: str, target: str) -> str:
        """The relation as an English sentence."""
        return f"{source} {self.relations[type_name].label} {target}"

    @cached_property
    def text_fields(self) -> frozenset[str]:
        """The names of fields that hold text and so keep their source text when read from YAML."""
        kinds = {"text", "texts", "date", "instant", "duration"}
        return frozenset({"key", "name", "class"} | {n for n, f in self.fields.items() if f.type in kinds})

    def a(self, class_name: str) -> str:
        """The class with its article, as it stands in a sentence."""
        label = self.classes[class_name].label
        return f"{'an' if label[0].lower() in 'aeio' else 'a'} {label}"

    def close_to(self, name: str, names: Iterable[str]) -> str:
        """A hint for a misspelt name: “ Did you mean x?”, or nothing."""
        return _hint(name, tuple(names))

    def refuse_unknown(self, classes: Iterable[str], types: Iterable[str]) -> None:
        """Check that everything in a store has its class or relation type here.

        Raises
        ------
        Rejected
            If it was filled with another vocabulary.
        """
        unknown = sorted({*classes} - self.classes.keys()) + sorted({*types} - self.relations.keys())
        if unknown:
            raise Rejected(
                f"The store holds what this vocabulary does not know: {', '.join(unknown)}."
                " Name the vocabulary file it was filled with (--vocabulary or CMDB_VOCABULARY)."
            )

    @cached_property
    def _item_fields(self) -> dict[str, dict[str, Field]]:
        common = [name for name, field in self.fields.items() if field.common]
        return {
            name: {f: self.fields[f] for f in (*common, *self.family(name).fields, *entry.fields)}
            for name, entry in self.classes.items()
        }

    def _fits(self, ends: tuple[str, ...], class_name: str) -> bool:
        return (
            class_name in ends
            or self.classes[class_name].family in ends
            or (_EVERY_CI in ends and self.is_ci(class_name))
        )


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
        raise Unreadable(f"The vocabulary file {path} cannot be read: {error}") from error


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


@lru_cache(maxsize=256)
def _hint(name: str, names: tuple[str, ...]) -> str:
    found = difflib.get_close_matches(name, names, n=1)
    return f" Did you mean {found[0]}?" if found else ""


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
    for name, relation in vocabulary.relations.items():
        yield from _wrong_relation(vocabulary, name, relation)


def _bad_names(vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    for table in ("families", "fields", "classes", "relations"):
        for name in getattr(vocabulary, table):
            if not re.fullmatch(_NAME, name):
                yield f"{table}.{name}", "names are lower-case words joined by _"
    for name in vocabulary.families.keys() & vocabulary.classes.keys():
        yield f"classes.{name}", "a family has this name already"
    if _EVERY_CI in vocabulary.families.keys() | vocabulary.classes.keys():
        yield "families", f"“{_EVERY_CI}” is taken: it stands for every configuration item"


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


def _unknown_fields(vocabulary: Vocabulary, where: str, names: Iterable[str]) -> Iterable[tuple[str, str]]:
    for name in names:
        if name not in vocabulary.fields:
            yield where, f"there is no field “{name}”"


def _wrong_relation(vocabulary: Vocabulary, name: str, relation: RelationType) -> Iterable[tuple[str, str]]:
    where = f"relations.{name}"
    yield from _unknown_fields(vocabulary, where, relation.fields)
    ends = vocabulary.families.keys() | vocabulary.classes.keys() | {_EVERY_CI}
    for end in (*relation.source, *relation.target):
        if end not in ends:
            yield where, f"“{end}” is neither a class nor a family"
    if relation.tells is not None and relation.tells not in relation.fields:
        yield where, f"tells names “{relation.tells}”, which is not among its fields"
