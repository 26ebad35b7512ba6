"""What GraphML says of graphs, nodes and edges: values under keys that the file declares itself."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from loaders.safe import Element

_ALL = "all"
_NOTHING_SAID = frozenset({"?", "none", "null"})
_LABELS = frozenset({"NodeLabel", "EdgeLabel"})
"""Where yEd writes what is seen of a node or edge, inside the description of its shape."""


class Values(NamedTuple):
    """The values of one element by name, in small letters, and those it has if it says nothing."""

    own: Mapping[str, str]
    defaults: Mapping[str, str]

    def first(self, *names: str) -> str | None:
        """The value under the first of these names that has one; `None` where none says anything."""
        found = (self.own.get(name) or self.defaults.get(name) for name in names)
        return next((one for one in found if one and one.casefold() not in _NOTHING_SAID), None)

    def number(self, *names: str, most: float) -> float | None:
        """The same as a number, `None` where it is none or lies beyond the most or its negative."""
        try:
            number = float(self.first(*names) or "")
        except ValueError:
            return None
        return number if math.isfinite(number) and abs(number) <= most else None


class Keys:
    """The keys that a file declares: for which elements, under which name, with which default."""

    def __init__(self, declared: Iterable[Element]) -> None:
        self._names: dict[str, str] = {}
        self._defaults: dict[str, dict[str, str]] = defaultdict(dict)
        for key in declared:
            name = (key.get("attr.name") or "").strip().lower()
            self._names[key.get("id") or ""] = name
            default = key.text_at("default")
            if name and default:
                for kind in _kinds(key.get("for") or _ALL):
                    self._defaults[kind].setdefault(name, default)

    def values(self, element: Element) -> Values:
        """What the file says of a graph, node or edge; of several values under one name, the first."""
        own: dict[str, str] = {}
        for data in element.every("data"):
            name = self._names.get(data.get("key") or "", "")
            if name and data.text:
                own.setdefault(name, data.text)
            for label in _drawn(data):
                own.setdefault("label", label)
        return Values(own, self._defaults[element.tag])


def _kinds(kind: str) -> tuple[str, ...]:
    return ("graph", "node", "edge") if kind == _ALL else (kind,)


def _drawn(data: Element) -> Iterator[str]:
    for shape in data.children:
        for label in shape.children:
            if label.tag in _LABELS and label.text:
                yield label.text
