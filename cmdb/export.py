"""The native file of a graph, written so that importing it gives the same items and relations.

    format: 1
    items:
    - key: checkout
      class: application_service
      name: Checkout
      tier: 1
    relations:
    - {source: checkout, type: depends_on, target: db-pool}

Everything comes in order of the keys, so that two exports can be compared line by line.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson
import yaml
from yaml.resolver import Resolver

from cmdb.model import Graph
from cmdb.patience import patiently
from cmdb.values import Scalar

Entry = dict[str, Any]

FORMAT = 1


def as_json(graph: Graph) -> bytes:
    """A graph as one JSON document."""
    document = {"format": FORMAT, "items": list(_items(graph)), "relations": list(_relations(graph))}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def as_yaml(graph: Graph) -> bytes:
    """A graph as a YAML document: items over several lines each, relations on one."""
    written = io.BytesIO()
    # The emitter's C version, like the parser's, is several times as fast; -1 means lines of any length.
    yaml.emit(_events(graph), written, yaml.CSafeDumper, width=-1, allow_unicode=True)
    return written.getvalue()


WRITERS: Mapping[str, Callable[[Graph], bytes]] = {"yaml": as_yaml, "json": as_json}
"""How a graph is written, by format."""


def _items(graph: Graph) -> Iterator[Entry]:
    for item in patiently(sorted(graph.items.values(), key=lambda one: one.key)):
        core = {"key": item.key, "class": item.class_name, "name": item.name}
        yield core | dict(sorted(item.attributes.items()))


def _relations(graph: Graph) -> Iterator[Entry]:
    keys = {uid: item.key for uid, item in graph.items.items()}
    ends = {one: (keys[one.source], one.type, keys[one.target]) for one in graph.relations}
    for one, (source, type_name, target) in patiently(sorted(ends.items(), key=lambda pair: pair[1])):
        core = {"source": source, "type": type_name, "target": target}
        yield core | dict(sorted(graph.relations[one].attributes.items()))


def _events(graph: Graph) -> Iterator[yaml.Event]:
    yield yaml.StreamStartEvent(encoding="utf-8")
    yield yaml.DocumentStartEvent()
    yield _mapping(flow=False)
    yield _text("format")
    yield _number(FORMAT)
    yield from _listed("items", _items(graph), flow=False)
    yield from _listed("relations", _relations(graph), flow=True)
    yield yaml.MappingEndEvent()
    yield yaml.DocumentEndEvent()
    yield yaml.StreamEndEvent()


def _listed(name: str, entries: Iterable[Entry], *, flow: bool) -> Iterator[yaml.Event]:
    yield _text(name)
    yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=False)
    for entry in entries:
        yield _mapping(flow=flow)
        for field, value in entry.items():
            yield _text(field)
            yield from _value(value)
        yield yaml.MappingEndEvent()
    yield yaml.SequenceEndEvent()


def _mapping(*, flow: bool) -> yaml.Event:
    return yaml.MappingStartEvent(None, None, implicit=True, flow_style=flow)


def _value(value: Scalar | list[Scalar]) -> Iterator[yaml.Event]:
    if isinstance(value, list):
        yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=True)
        for one in value:
            yield _scalar(one)
        yield yaml.SequenceEndEvent()
    else:
        yield _scalar(value)


def _scalar(value: Scalar) -> yaml.Event:
    return _text(value) if isinstance(value, str) else _number(value)


def _number(value: Scalar) -> yaml.Event:
    """A number or truth value, as YAML 1.1 and 1.2 both read it."""
    text = str(value).lower()
    if isinstance(value, float) and "." not in text:
        text = text.replace("e", ".0e")
    return yaml.ScalarEvent(None, None, (True, False), text)


@lru_cache(10_000)
def _text(text: str) -> yaml.Event:
    """A text: plain where no reader could take it for anything else, else in quotes."""
    plain = text.isprintable() and _meaning(text) == _TEXT
    style = None if plain else "'" if text.isprintable() else '"'
    return yaml.ScalarEvent(None, None, (plain, True), text, style=style)


_TEXT = "tag:yaml.org,2002:str"
_NUMBER_IN_1_2 = re.compile(r"(0o[0-7]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)\Z")


class _Words(Resolver):
    """What YAML 1.1 takes for something other than text, which PyYAML knows, and what YAML 1.2 does."""


_Words.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER_IN_1_2, list("-+.0123456789"))
_WORDS = _Words()


def _meaning(text: str) -> str:
    """The tag that a plain text would be read with."""
    tag: str = _WORDS.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag
