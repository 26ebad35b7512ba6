"""Dependencies as Jaeger draws them: which service was seen to call which, and how often.

    {"data": [{"parent": "shop", "child": "cart", "callCount": 214}], "errors": null}

or the list alone. The caller needs what it calls, so harm runs from child to parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cmdb.errors import Fault
from cmdb.observations import End, Observations, SeenItem, SeenRelation
from cmdb.words import listed, natural
from loaders.content import Content
from loaders.safe.place import where

FORMAT = "jaeger"
LOOKS_LIKE = "a list of calls with “parent”, “child” and “callCount”, alone or under “data”"
TEXT_KEYS = frozenset({"parent", "child"})

_CLASS = "application_service"
_ENVELOPE = frozenset({"data", "total", "limit", "offset", "errors"})
_MOST_CALLS = 2**63 - 1


def recognises(content: Content) -> bool:
    """Whether a document lists calls, or is the answer of Jaeger that there are none."""
    return any(_is_answer(document) for document in content.documents)


def read(content: Content) -> Observations:
    """Say which services a list of calls names, and who calls whom.

    Returns
    -------
    Observations
        One relation for each pair, with the calls of all its rows.
    """
    calls = _Calls()
    rejected = [fault for document in content.documents for fault in calls.take(content.name, document)]
    return Observations(
        FORMAT,
        items=tuple(SeenItem(_CLASS, name, name, {}, place) for name, place in calls.services.items()),
        relations=tuple(calls.relations()),
        rejected=tuple(rejected),
        warnings=tuple(calls.warnings()),
    )


@dataclass
class _Pair:
    """A caller and what it calls; `calls` is `None` until a row says how often."""

    where: str
    calls: int | None = None


@dataclass
class _Calls:
    """The services found so far with the place of each, and the calls between them."""

    services: dict[str, str] = field(default_factory=dict)
    _pairs: dict[tuple[str, str], _Pair] = field(default_factory=dict)
    _own: set[str] = field(default_factory=set)

    def take(self, name: str, document: object) -> Iterator[Fault]:
        """Take the rows of a document; what of it means nothing is given back."""
        rows = _rows(document)
        if rows is None:
            yield Fault(where(name, document), f"This is not {LOOKS_LIKE}.")
            return
        if isinstance(document, dict) and document.get("errors"):
            yield Fault(where(name, document, "errors"), "Jaeger says that it could not answer in full.")
        pointer = "data" if isinstance(document, dict) else ""
        for index, row in enumerate(rows):
            yield from self._take_row(row, where(name, row, f"{pointer}[{index}]"))

    def relations(self) -> Iterator[SeenRelation]:
        """One relation for each pair."""
        for (parent, child), pair in self._pairs.items():
            attributes: dict[str, Any] = {"known": "observed"}
            if pair.calls is not None and pair.calls <= _MOST_CALLS:
                attributes["calls"] = pair.calls
            yield SeenRelation(
                End(_CLASS, parent), "depends_on", End(_CLASS, child), pair.where, attributes, child
            )

    def warnings(self) -> Iterator[str]:
        """Warn of services that call themselves."""
        if self._own:
            whose = (
                "1 service to itself" if len(self._own) == 1 else f"{len(self._own)} services to themselves"
            )
            yield f"The calls of {whose} are left out: {listed(sorted(self._own, key=natural))}"

    def _take_row(self, row: object, place: str) -> Iterator[Fault]:
        ends = [_service(row, key) for key in ("parent", "child")]
        parent, child = ends
        for name in filter(None, ends):
            self.services.setdefault(name, place)
        if parent is None or child is None:
            yield Fault(place, f"“{'child' if parent else 'parent'}” is not the name of a service.")
        elif parent == child:
            self._own.add(parent)
        else:
            pair = self._pairs.setdefault((parent, child), _Pair(place))
            number = _number(row)
            pair.calls = pair.calls if number is None else (pair.calls or 0) + number


def _rows(document: object) -> list[Any] | None:
    found = document.get("data") if isinstance(document, dict) else document
    return found if isinstance(found, list) else None


def _is_answer(document: object) -> bool:
    rows = _rows(document)
    if not rows:
        return rows is not None and isinstance(document, dict) and document.keys() >= _ENVELOPE
    return isinstance(rows[0], dict) and {"parent", "child"} <= rows[0].keys()


def _service(row: object, key: str) -> str | None:
    name = row.get(key) if isinstance(row, dict) else None
    return name if isinstance(name, str) and name.strip() else None


def _number(row: object) -> int | None:
    number = row.get("callCount") if isinstance(row, dict) else None
    return number if type(number) is int and number >= 0 else None
