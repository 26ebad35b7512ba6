"""The value that a selection is, and its text.

`str` of a selection is its one text, with no parenthesis or quote more than it needs; parsing it gives the
same value again.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal, TypeAlias

from cmdb.selection.fields import FIELDS, NONE, SHORT

Direction = Literal["upstream", "downstream"]

WORDS = ("and", "or", "not", "upstream", "downstream", "within")
"""Words that mean something; as a key or value they stand in quotes."""

PLAIN = r"""[^\s+(),"'&|]"""
"""A character that a key or value may hold without quotes."""

_BARE = re.compile(f"(?!(?:{'|'.join(WORDS)})$){PLAIN}+")
_CONDITION = re.compile(f"(?:{'|'.join([*FIELDS, *SHORT])}):")


@dataclass(frozen=True)
class Named:
    """The one item with a key."""

    key: str

    binds: ClassVar[int] = 4

    def __str__(self) -> str:
        return _quoted(self.key) if _CONDITION.match(self.key) else _text(self.key)


@dataclass(frozen=True)
class Condition:
    """Every item whose field has one of the values.

    Attributes
    ----------
    values
        In each, `*` stands for any characters, or none; `None` is for an item without a value.
    """

    field: str
    values: tuple[str | None, ...]

    binds: ClassVar[int] = 4

    def __str__(self) -> str:
        return f"{self.field}:{','.join(map(self._value, self.values))}"

    def accepts(self, value: str | None) -> bool:
        """Whether an item with this value of the field is one of them."""
        if value is None:
            return None in self.values
        return self._pattern.fullmatch(value.casefold() if FIELDS[self.field].any_case else value) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        values = (
            one.casefold() if FIELDS[self.field].any_case else one for one in self.values if one is not None
        )
        # fnmatch compiles stars so that none is tried twice; `?` and `[` mean themselves here.
        each = [fnmatch.translate(re.sub(r"[?\[]", r"[\g<0>]", one)) for one in values]
        return re.compile("|".join(each) or r"(?!)")

    def _value(self, value: str | None) -> str:
        if value is None:
            return NONE
        return _quoted(value) if value == NONE and FIELDS[self.field].can_lack else _text(value)


@dataclass(frozen=True)
class Walk:
    """Some items, and everything they need (upstream) or that harm at them could reach (downstream).

    Attributes
    ----------
    within
        How many relations to go at most.
    """

    direction: Direction
    start: Selection
    within: int | None = None

    binds: ClassVar[int] = 3

    def __str__(self) -> str:
        limit = "" if self.within is None else f" within {self.within}"
        return f"{self.direction} {_inside(self.start, 4)}{limit}"


@dataclass(frozen=True)
class Others:
    """Every item but some."""

    than: Selection

    binds: ClassVar[int] = 2

    def __str__(self) -> str:
        return f"not {_inside(self.than, 3)}"


@dataclass(frozen=True)
class Both:
    """The items in every one of the parts, of which there are two or more."""

    parts: tuple[Selection, ...]

    binds: ClassVar[int] = 1

    def __str__(self) -> str:
        return " and ".join(_inside(one, 2) for one in self.parts)


@dataclass(frozen=True)
class Either:
    """The items in any of the parts, of which there are two or more."""

    parts: tuple[Selection, ...]

    binds: ClassVar[int] = 0

    def __str__(self) -> str:
        return " or ".join(_inside(one, 1) for one in self.parts)


Selection: TypeAlias = Named | Condition | Walk | Others | Both | Either


def keys_in(selection: Selection) -> Iterator[str]:
    """The keys that a selection names, from left to right."""
    match selection:
        case Named(key):
            yield key
        case Walk(start=part) | Others(than=part):
            yield from keys_in(part)
        case Both(parts) | Either(parts):
            for part in parts:
                yield from keys_in(part)
        case Condition():
            pass


def _inside(part: Selection, least: int) -> str:
    """A part as it stands in a whole: in parentheses unless it binds at least so tightly."""
    return str(part) if part.binds >= least else f"({part})"


def _text(text: str) -> str:
    return text if _BARE.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    mark = '"' if "'" in text and '"' not in text else "'"
    return f"{mark}{text.replace(mark, mark * 2)}{mark}"
