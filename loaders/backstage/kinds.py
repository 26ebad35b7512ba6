"""The table of what a catalogue's kinds, resource types and references become."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cmdb.observations import ANY_CLASS

_FILE = Path(__file__).with_suffix(".toml")
_RESOURCE = "resource"


@dataclass(frozen=True)
class Referring:
    """A field of `spec` that refers to other entities; its parts are described in the table."""

    of: Sequence[str]
    field: str
    type: str
    kind: str | None = None
    inverse: bool = False


@dataclass(frozen=True)
class Kinds:
    """The whole table."""

    kinds: Mapping[str, str]
    resources: Mapping[str, str]
    relations: Sequence[Referring]

    def class_of(self, kind: str, type_name: str | None = None) -> str | None:
        """The class of an entity of a kind, `None` where such are left out."""
        usual = self.kinds.get(kind)
        return self.resources.get((type_name or "").lower(), usual) if kind == _RESOURCE else usual

    def class_of_any(self, kind: str) -> str | None:
        """The class of an entity of which only the kind is known; `None` where such are left out."""
        return ANY_CLASS if kind == _RESOURCE else self.kinds.get(kind)


@cache
def kinds() -> Kinds:
    """Read the table."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    relations = tuple(Referring(**one) for one in told["relations"])
    return Kinds(told["kinds"], told["resources"], relations)
