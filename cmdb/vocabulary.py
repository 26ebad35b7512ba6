"""The vocabulary: classes, fields and relation types as data.

Everything else asks this object what a class or relation type means and never names one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Described

from cmdb.errors import Rejected
from cmdb.harm import COUNTED, NONE, TRANSFERS, Transfer
from cmdb.values import Kind, Scalar, Value, normalise

EVERY_CI = "ci"
"""In a relation's ends, every configuration item."""

Words = Annotated[str, Described(min_length=1)]
Carried = Literal["same", "softened", "fatal", "counted", "none"]


class Entry(BaseModel):
    """One entry of a vocabulary file; it may hold nothing that is not described here."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Field(Entry):
    """One attribute: its type, meaning, unit and allowed values."""

    type: Kind
    describe: str
    unit: str | None = None
    one_of: tuple[Scalar, ...] | None = None
    at_least: int | None = None
    common: bool = False

    def check(self, value: object) -> Value:
        """Return the value in its normal form, or raise `ValueError` with what is wrong."""
        found = normalise(self.type, value)
        if self.one_of is not None and found not in self.one_of:
            raise ValueError(f"“{found}” is not one of: {', '.join(map(str, self.one_of))}")
        if self.at_least is not None and isinstance(found, int | float) and found < self.at_least:
            raise ValueError(f"{found} is less than {self.at_least}, the least it can be")
        return found


class Family(Entry):
    """A group of classes that share fields and a role."""

    label: Words
    ci: bool = False
    service: bool = False
    people: bool = False
    sources: bool = False
    fields: tuple[str, ...] = ()


class ItemClass(Entry):
    """A class of items."""

    family: str
    label: Words
    short: Words | None = None
    describe: str
    counting: bool = False
    plans: bool = False
    bars: bool = False
    permits: bool = False
    dated: str | None = None
    fields: tuple[str, ...] = ()


class RelationType(Entry):
    """A type of relation: how it reads, what it may join, and what harm does along it."""

    label: Words
    inverse: Words
    describe: str
    source: tuple[str, ...] = Described(min_length=1)
    target: tuple[str, ...] = Described(min_length=1)
    to_source: Carried = "none"
    to_target: Carried = "none"
    tells: str | None = None
    gives: str | None = None
    all_needed: bool = False
    joins_plans: bool = False
    has_stake: bool = False
    covers: bool = False
    exempts: bool = False
    fields: tuple[str, ...] = ()

    @property
    def carries(self) -> bool:
        """Whether harm passes along it in either direction."""
        return (self.to_source, self.to_target) != ("none", "none")


RELATION_FIELDS = ("known", "verified_at", "verified_by", "description", "role", "resolves")
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
        """Whether the class stands in totals; people, teams and sources do not."""
        family = self.family(class_name)
        return not (family.people or family.sources)

    def is_source(self, class_name: str) -> bool:
        """Whether items of the class are what data comes from."""
        return self.family(class_name).sources

    @cached_property
    def source_class(self) -> str | None:
        """The first class for what data comes from; `None` if there is none."""
        return next(filter(self.is_source, self.classes), None)

    def is_group(self, class_name: str) -> bool:
        """Whether the class is as well as its k-th best member."""
        return self.classes[class_name].counting

    @cached_property
    def planning(self) -> Mapping[str, ItemClass]:
        """The classes whose items own plans."""
        return {name: entry for name, entry in self.classes.items() if entry.plans}

    @cached_property
    def barring(self) -> frozenset[str]:
        """The classes whose items are times in which no change is done without an exemption."""
        return frozenset(name for name, entry in self.classes.items() if entry.bars)

    @cached_property
    def permitting(self) -> frozenset[str]:
        """The classes whose items are times in which alone what they cover is worked on."""
        return frozenset(name for name, entry in self.classes.items() if entry.permits)

    @cached_property
    def dated(self) -> Mapping[str, str]:
        """The classes whose items are points in time, each with the field that tells which."""
        return {name: entry.dated for name, entry in self.classes.items() if entry.dated}

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

    def refusal(self, type_name: str, source_class: str, target_class: str) -> str | None:
        """Why a relation of the type may not join items of these classes; `None` if it may."""
        if self.allows(type_name, source_class, target_class):
            return None
        sentence = self.sentence(self.a(source_class), type_name, self.a(target_class))
        return f"the vocabulary does not allow that {sentence}"

    def sentence(self, source: str, type_name: str, target: str) -> str:
        """The relation as an English sentence."""
        return f"{source} {self.relations[type_name].label} {target}"

    @cached_property
    def text_fields(self) -> frozenset[str]:
        """The names of fields that hold text and so keep their source text when read from YAML."""
        kinds = {"text", "texts", "date", "instant", "duration", "weekly"}
        return frozenset({"key", "name", "class"} | {n for n, f in self.fields.items() if f.type in kinds})

    def short(self, class_name: str) -> str:
        """The class where there is little room."""
        entry = self.classes[class_name]
        return entry.short or entry.label

    def a(self, class_name: str) -> str:
        """The class with its article, as it stands in a sentence."""
        label = self.classes[class_name].label
        return f"{'an' if label[0].lower() in 'aeio' else 'a'} {label}"

    def knows(self, classes: Iterable[str], types: Iterable[str]) -> bool:
        """Whether all of these classes and relation types are here."""
        return {*classes} <= self.classes.keys() and {*types} <= self.relations.keys()

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
            or (EVERY_CI in ends and self.is_ci(class_name))
        )
