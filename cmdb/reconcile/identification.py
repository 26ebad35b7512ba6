"""Identification: the values by which two sources' items are known to be one thing.

The rules stand in `identification.toml`; here they are read, checked, and asked.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, field_validator, model_validator

from cmdb.tables import Table, read_table
from cmdb.values import Value
from cmdb.vocabulary import Vocabulary

_FILE = Path(__file__).with_name("identification.toml")
_LONGEST = 1_000
"""No value above this length names a thing."""


class Mark(NamedTuple):
    """A value that identifies: by which rule, among which classes, and the value in its normal form."""

    rule: int
    among: str
    value: str


class Rule(Table):
    """A field whose values identify; see `identification.toml`."""

    what: str = Field(min_length=1)
    field: str
    among: tuple[str, ...] = Field(min_length=1)
    ignore: str = ""
    trim: str = " "
    form: str | None = None
    never: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @field_validator("form")
    @classmethod
    def _is_expression(cls, form: str | None) -> str | None:
        try:
            re.compile(form or "")
        except re.error as error:
            raise ValueError(f"this is no regular expression: {error}") from error
        return form

    def identifying(self, value: Value | None) -> set[str]:
        """The values in their normal form, without those that never identify.

        Examples
        --------
        >>> rule = Rule(what="serial", field="serial_number", among=("machines",), never=("None",))
        >>> rule.identifying(" AB-1 "), rule.identifying("NONE")
        ({'ab-1'}, set())
        """
        if value is None:
            return set()
        found = {self._normal(str(one)) for one in (value if isinstance(value, list) else [value])}
        return {one for one in found if 0 < len(one) <= _LONGEST and self._is_good(one)}

    def _normal(self, text: str) -> str:
        return text.casefold().translate(self._ignored).strip(self.trim)

    def _is_good(self, text: str) -> bool:
        if text in self._junk:
            return False
        if self._patterns is not None and self._patterns.fullmatch(text):
            return False
        return self.form is None or self._form.fullmatch(text) is not None

    @cached_property
    def _ignored(self) -> Mapping[int, None]:
        return dict.fromkeys(map(ord, self.ignore))

    @cached_property
    def _form(self) -> re.Pattern[str]:
        return re.compile(self.form or "")

    @cached_property
    def _junk(self) -> frozenset[str]:
        return frozenset(self._normal(one) for one in self.never if "*" not in one)

    @cached_property
    def _patterns(self) -> re.Pattern[str] | None:
        starred = (self._normal(one) for one in self.never if "*" in one)
        each = [fnmatch.translate(re.sub(r"[?\[]", r"[\g<0>]", one)) for one in starred]
        return re.compile("|".join(each)) if each else None


class Identification(Table):
    """All rules in their order, and the classes that they compare."""

    format: Literal[1]
    sets: dict[str, tuple[str, ...]]
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _fits_together(self) -> Identification:
        fields = [rule.field for rule in self.rules]
        for rule in self.rules:
            if unknown := sorted({*rule.among} - self.sets.keys()):
                raise ValueError(f"the rule for {rule.what} names a set that is not there: {unknown[0]}")
            if unknown := sorted({*rule.unless} - {*fields}):
                raise ValueError(f"the rule for {rule.what} names a field without a rule: {unknown[0]}")
        if len({*fields}) < len(fields):
            raise ValueError("a field has two rules")
        return self

    def known_to(self, vocabulary: Vocabulary) -> Marks:
        """The rules for the classes of a vocabulary."""
        return Marks(self, vocabulary)


class Marks:
    """Finds the values that identify an item, by its class."""

    def __init__(self, identification: Identification, vocabulary: Vocabulary) -> None:
        self.rules = identification.rules
        self._applying = {
            name: tuple(_applying(identification, {name, entry.family}))
            for name, entry in vocabulary.classes.items()
        }
        self._fields = {
            name: frozenset(self.rules[number].field for number, _ in rules)
            for name, rules in self._applying.items()
        }

    def of(self, class_name: str, values: Mapping[str, Value | None]) -> list[Mark]:
        """The values that identify an item, in order of the rules."""
        fields = self._fields.get(class_name)
        if not fields or fields.isdisjoint(values):
            return []
        found = []
        for number, among in self._applying[class_name]:
            rule = self.rules[number]
            if rule.field in values:
                identifying = sorted(rule.identifying(values[rule.field]))
                found += [Mark(number, one, value) for value in identifying for one in among]
        return found

    def fields(self, class_name: str) -> Collection[str]:
        """The fields whose values may identify an item of the class."""
        return self._fields.get(class_name, ())

    def contradict(self, rule: int, marks: Collection[Mark], others: Collection[Mark]) -> bool:
        """Whether two items cannot be one, whatever a rule found: see `unless` in the table."""
        for number, other in enumerate(self.rules):
            if other.field in self.rules[rule].unless:
                here, there = _values(marks, number), _values(others, number)
                if here and there and here.isdisjoint(there):
                    return True
        return False


@cache
def load_identification(path: Path = _FILE) -> Identification:
    """Read the rules; raises like `read_table`."""
    return read_table(Identification, path)


def _applying(identification: Identification, names: set[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, rule in enumerate(identification.rules):
        among = tuple(one for one in rule.among if names.intersection(identification.sets[one]))
        if among:
            yield number, among


def _values(marks: Collection[Mark], rule: int) -> set[str]:
    return {mark.value for mark in marks if mark.rule == rule}
