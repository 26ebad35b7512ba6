"""The native file: items and relations of any class, with keys that hold in the whole graph.

    items:
      - {key: checkout, class: application_service, name: Checkout, tier: 1}
    relations:
      - {source: checkout, type: depends_on, target: db-pool}

Only its shape is checked here, and everything wrong with it is listed: whether classes, fields, types and
ends exist is for reconciliation to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from cmdb.errors import Fault
from cmdb.keys import wrong_with
from cmdb.observations import NOTHING, End, Observations, SeenItem, SeenRelation
from loaders.content import Content
from loaders.safe.place import where

FORMAT = "native"
LOOKS_LIKE = "a mapping with the lists “items” and “relations”"

_LISTS = ("items", "relations")
_TOP = (*_LISTS, "format")
_CORE = ("key", "class", "name")
_ENDS = ("source", "type", "target")
TEXT_KEYS = frozenset(_ENDS)
"""What is text here beside the vocabulary's text fields."""


def recognises(content: Content) -> bool:
    """Whether a document has items or relations and is not of the Kubernetes family."""
    return any(
        isinstance(document, dict) and not document.keys().isdisjoint(_LISTS) and "kind" not in document
        for document in content.documents
    )


def read(content: Content) -> Observations:
    """Say what the documents of a native file hold.

    Returns
    -------
    Observations
        All or nothing: one entry in `rejected` refuses the file.
    """
    found = _Found(content.name)
    for document in content.documents:
        found.take(document)
    return Observations(
        FORMAT,
        items=tuple(found.items),
        relations=tuple(found.relations),
        global_keys=True,
        all_or_nothing=True,
        rejected=tuple(found.rejected),
    )


@dataclass
class _Found:
    """What was found so far in the file of this name.

    A large file says the same few words again and again, and names the same ends: each is kept once.
    """

    name: str
    items: list[SeenItem] = field(default_factory=list)
    relations: list[SeenRelation] = field(default_factory=list)
    rejected: list[Fault] = field(default_factory=list)
    _ends: dict[str, End] = field(default_factory=dict)

    def take(self, document: object) -> None:
        if not isinstance(document, dict):
            self._reject(where(self.name), f"This is not {LOOKS_LIKE}.")
            return
        for key in document:
            if key not in _TOP:
                place = where(self.name, document, key)
                self._reject(place, f"“{key}” is not known here; known: {', '.join(_TOP)}.")
        version = document.get("format", 1)
        if type(version) is not int or version != 1:
            place = where(self.name, document, "format")
            self._reject(place, f"Only format 1 can be read, not {version!r}.")
        self._take_list(document, "items", self._take_item)
        self._take_list(document, "relations", self._take_relation)

    def _take_list(
        self, document: dict[str, Any], key: str, take: Callable[[dict[str, Any], str], None]
    ) -> None:
        entries = [] if document.get(key) is None else document[key]
        if not isinstance(entries, list):
            self._reject(where(self.name, document, key), f"“{key}” is not a list.")
            return
        for index, entry in enumerate(entries):
            place = where(self.name, entry, f"{key}[{index}]")
            if isinstance(entry, dict):
                take(entry, place)
            else:
                self._reject(place, "This is not a mapping.")

    def _take_item(self, entry: dict[str, Any], place: str) -> None:
        faults = [*_missing(entry, ("key", "class")), *_wrong_key(entry), *_wrong_name(entry)]
        if faults:
            self._reject(place, *faults)
            return
        attributes = _without(entry, _CORE)
        item = SeenItem(intern(entry["class"]), entry["key"], entry.get("name"), attributes, place)
        self.items.append(item)

    def _take_relation(self, entry: dict[str, Any], place: str) -> None:
        faults = _missing(entry, _ENDS)
        if faults:
            self._reject(place, *faults)
            return
        source, target = self._end(entry["source"]), self._end(entry["target"])
        self.relations.append(
            SeenRelation(source, intern(entry["type"]), target, place, _without(entry, _ENDS))
        )

    def _end(self, key: str) -> End:
        end = self._ends.get(key)
        return end or self._ends.setdefault(key, End(None, key))

    def _reject(self, place: str, *faults: str) -> None:
        self.rejected += [Fault(place, fault) for fault in faults]


def _missing(entry: dict[str, Any], keys: Sequence[str]) -> list[str]:
    return [_lacks(entry, key) for key in keys if not isinstance(entry.get(key), str) or not entry[key]]


def _lacks(entry: dict[str, Any], key: str) -> str:
    empty = entry.get(key) is None or entry[key] == ""
    return f"“{key}” is {'missing' if empty else 'not text'}."


def _wrong_key(entry: dict[str, Any]) -> Iterator[str]:
    key = entry.get("key")
    if isinstance(key, str) and key and (problem := wrong_with(key)):
        yield f"“{key[:60]}” cannot be a key: {problem}."


def _wrong_name(entry: dict[str, Any]) -> Iterator[str]:
    if not isinstance(entry.get("name"), str | None):
        yield "“name” is not text."


def _without(entry: dict[str, Any], keys: Sequence[str]) -> Mapping[str, Any]:
    rest = {key: value for key, value in entry.items() if key not in keys}
    return rest or NOTHING
