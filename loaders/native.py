"""The native file: items and relations of any class, with keys that hold in the whole graph.

    items:
      - {key: checkout, class: application_service, name: Checkout, tier: 1}
    relations:
      - {source: checkout, type: depends_on, target: db-pool}

Only its shape is checked here, and everything wrong with it is listed: whether classes, fields, types and
ends exist is for reconciliation to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cmdb.errors import Fault
from cmdb.keys import wrong_with
from cmdb.observations import End, Observations, SeenItem, SeenRelation
from loaders.safe.place import where
from loaders.source import Source

FORMAT = "native"
LOOKS_LIKE = "a mapping with the lists “items” and “relations”"

_LISTS = ("items", "relations")
_TOP = (*_LISTS, "format")
_ENDS = ("source", "type", "target")
TEXT_KEYS = frozenset(_ENDS)
"""What is text here beside the vocabulary's text fields."""

_Seen = SeenItem | SeenRelation | Fault


def recognises(documents: Sequence[Any]) -> bool:
    """Whether a document has items or relations and is not of the Kubernetes family."""
    return any(
        isinstance(document, dict) and not document.keys().isdisjoint(_LISTS) and "kind" not in document
        for document in documents
    )


def read(source: Source, documents: Sequence[Any]) -> Observations:
    """Say what the documents of a native file hold.

    Returns
    -------
    Observations
        All or nothing: one entry in `rejected` refuses the file.
    """
    seen = [one for document in documents for one in _document(source.name, document)]
    return Observations(
        FORMAT,
        items=tuple(one for one in seen if isinstance(one, SeenItem)),
        relations=tuple(one for one in seen if isinstance(one, SeenRelation)),
        global_keys=True,
        all_or_nothing=True,
        rejected=tuple(one for one in seen if isinstance(one, Fault)),
    )


def _document(name: str, document: object) -> Iterator[_Seen]:
    if not isinstance(document, dict):
        yield Fault(where(name), f"This is not {LOOKS_LIKE}.")
        return
    for key in document:
        if key not in _TOP:
            yield Fault(where(name, document, key), f"“{key}” is not known here; known: {', '.join(_TOP)}.")
    version = document.get("format", 1)
    if type(version) is not int or version != 1:
        yield Fault(where(name, document, "format"), f"Only format 1 can be read, not {version!r}.")
    yield from _list(name, document, "items", _item)
    yield from _list(name, document, "relations", _relation)


def _list(
    name: str, document: dict[str, Any], key: str, read_one: Callable[[dict[str, Any], str], Iterator[_Seen]]
) -> Iterator[_Seen]:
    entries = [] if document.get(key) is None else document[key]
    if not isinstance(entries, list):
        yield Fault(where(name, document, key), f"“{key}” is not a list.")
        return
    for index, entry in enumerate(entries):
        place = where(name, entry, f"{key}[{index}]")
        if isinstance(entry, dict):
            yield from read_one(entry, place)
        else:
            yield Fault(place, "This is not a mapping.")


def _item(entry: dict[str, Any], place: str) -> Iterator[_Seen]:
    faults = [
        *_missing(entry, ("key", "class"), place),
        *_wrong_key(entry, place),
        *_wrong_name(entry, place),
    ]
    if faults:
        yield from faults
    else:
        attributes = _without(entry, ("key", "class", "name"))
        yield SeenItem(entry["class"], entry["key"], entry.get("name"), attributes, place)


def _relation(entry: dict[str, Any], place: str) -> Iterator[_Seen]:
    if faults := list(_missing(entry, _ENDS, place)):
        yield from faults
    else:
        ends = End(None, entry["source"]), End(None, entry["target"])
        yield SeenRelation(ends[0], entry["type"], ends[1], place, _without(entry, _ENDS))


def _missing(entry: dict[str, Any], keys: Sequence[str], place: str) -> Iterator[Fault]:
    for key in keys:
        if entry.get(key) is None or entry[key] == "":
            yield Fault(place, f"“{key}” is missing.")
        elif not isinstance(entry[key], str):
            yield Fault(place, f"“{key}” is not text.")


def _wrong_key(entry: dict[str, Any], place: str) -> Iterator[Fault]:
    key = entry.get("key")
    if isinstance(key, str) and key and (problem := wrong_with(key)):
        yield Fault(place, f"“{key[:60]}” cannot be a key: {problem}.")


def _wrong_name(entry: dict[str, Any], place: str) -> Iterator[Fault]:
    if not isinstance(entry.get("name"), str | None):
        yield Fault(place, "“name” is not text.")


def _without(entry: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in keys}
