"""YAML 1.2 built from parser events, so that no document can recurse, explode or run anything.

PyYAML's own composer and constructor recurse, resolve as YAML 1.1 and forget duplicate keys; here only its
parser, written in C, is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import yaml

from cmdb.errors import TooLarge, Unreadable
from loaders.safe.core_schema import NULLS, Resolved, resolve
from loaders.safe.limits import LONG_TEXT, MAX_DEPTH, MAX_YAML_VALUES, TOO_DEEP
from loaders.safe.place import Placed
from loaders.source import Source

_MERGE = "<<"
_CORE: Final = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset({None, "!", f"{_CORE}str"})
_VALUE_TAGS = frozenset(f"{_CORE}{name}" for name in ("null", "bool", "int", "float"))
_SCALAR_TAGS = _TEXT_TAGS | _VALUE_TAGS
_LIST_TAGS = frozenset({None, "!", f"{_CORE}seq"})
_MAPPING_TAGS = frozenset({None, "!", f"{_CORE}map"})
_TAG_DIRECTIVE = re.compile(r"^%TAG", re.MULTILINE)


def read_yaml(source: Source, text: str, text_keys: frozenset[str]) -> list[Any]:
    """Read the documents of a YAML file that hold anything.

    Raises
    ------
    Unreadable
        If it is not YAML, names a key twice, has a tag that means nothing here, is nested too deep, or an
        alias is undefined or stands inside what it repeats.
    TooLarge
        If it holds too many values, counting what aliases repeat.
    """
    # libyaml compares each of these with all before it; honest files of data have none.
    if directive := _TAG_DIRECTIVE.search(text):
        line = text.count("\n", 0, directive.start()) + 1
        raise source.unreadable("%TAG directives are not read", line, cure="Remove it.")
    composer = _Composer(source, text_keys)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            composer.take(event)
    except yaml.YAMLError as error:
        raise _not_yaml(source, text, error) from None
    return composer.documents


def _not_yaml(source: Source, text: str, error: yaml.YAMLError) -> Unreadable:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        problem = " ".join(filter(None, ("this is not YAML:", error.context, error.problem)))
        return source.unreadable(problem, mark.line + 1, mark.column + 1)
    if isinstance(error, yaml.reader.ReaderError):
        line = text.encode().count(b"\n", 0, int(error.position)) + 1
        return source.unreadable(f"this is not YAML: {error.reason}", line, cure="Remove the character.")
    return source.unreadable(f"this is not YAML: {error}", 1)


class _Anchored(NamedTuple):
    """What an alias repeats: a finished list or mapping with all it holds."""

    value: Any
    size: int
    height: int


class _OpenList:
    """A list whose end has not come yet."""

    wants_key = False

    def __init__(self, event: yaml.CollectionStartEvent, counted: int, *, keeps_text: bool) -> None:
        self.value: list[Any] = []
        self.start = event
        self.counted = counted
        self.height = 1
        self.keeps_text = keeps_text

    def put(self, value: Any) -> None:  # noqa: ANN401 - YAML holds anything
        self.value.append(value)


class _OpenMapping:
    """A mapping whose end has not come yet, and the key that still waits for its value."""

    def __init__(self, event: yaml.CollectionStartEvent, counted: int, text_keys: frozenset[str]) -> None:
        self.value = Placed(_line_and_column(event)[0])
        self.start = event
        self.counted = counted
        self.height = 1
        self.wants_key = True
        self._text_keys = text_keys
        self._key = ""
        self._merges = False
        self._merged: list[object] = []

    @property
    def keeps_text(self) -> bool:
        return self._key in self._text_keys

    def name(self, key: str, *, merges: bool) -> bool:
        """Take a key; tell whether it is new."""
        self.wants_key, self._key, self._merges = False, key, merges
        return not self._merged if merges else key not in self.value

    def put(self, value: Any) -> None:  # noqa: ANN401 - YAML holds anything
        self.wants_key = True
        if self._merges:
            self._merged.append(value)
        else:
            self.value[self._key] = value

    def merge(self) -> bool:
        """Add what merge keys bring, own entries and earlier ones first; tell whether all are mappings."""
        for other in self._others():
            if not isinstance(other, dict):
                return False
            for key, value in other.items():
                self.value.setdefault(key, value)
        return True

    def _others(self) -> Iterator[object]:
        for merged in self._merged:
            yield from merged if isinstance(merged, list) else [merged]


class _Composer:
    """Puts the values of a file together, event by event."""

    def __init__(self, source: Source, text_keys: frozenset[str]) -> None:
        self.documents: list[Any] = []
        self._source = source
        self._text_keys = text_keys
        self._open: list[_OpenList | _OpenMapping] = []
        # A scalar stays an event: what it means depends on the key that its alias stands under.
        self._anchors: dict[str, yaml.ScalarEvent | _Anchored | None] = {}
        self._counted = 0
        self._takes: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.DocumentStartEvent: self._document,
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.SequenceStartEvent: self._list,
            yaml.MappingStartEvent: self._mapping,
            yaml.SequenceEndEvent: self._end,
            yaml.MappingEndEvent: self._end,
        }

    def take(self, event: yaml.Event) -> None:
        """Take the parser's next event."""
        if take := self._takes.get(type(event)):
            take(event)

    def _document(self, _: yaml.DocumentStartEvent) -> None:
        self._anchors.clear()
        self._count(1)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._count(_weight(event))
        if event.anchor is not None:
            self._anchors[event.anchor] = event
        self._put_scalar(event, event)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self._anchors:
            raise self._refused(event, f"there is no anchor “&{event.anchor}” above", "Check its spelling.")
        found = self._anchors[event.anchor]
        if found is None:
            raise self._refused(event, f"“*{event.anchor}” stands inside what it repeats", "Remove it.")
        if isinstance(found, yaml.ScalarEvent):
            self._count(_weight(found))
            self._put_scalar(found, event)
        else:
            self._count(found.size)
            self._put_collection(found.value, found.height, event)

    def _list(self, event: yaml.SequenceStartEvent) -> None:
        keeps_text = isinstance(self._top, _OpenMapping) and self._top.keeps_text
        self._start(_OpenList(event, self._counted, keeps_text=keeps_text), event, _LIST_TAGS)

    def _mapping(self, event: yaml.MappingStartEvent) -> None:
        self._start(_OpenMapping(event, self._counted, self._text_keys), event, _MAPPING_TAGS)

    def _start(
        self, started: _OpenList | _OpenMapping, event: yaml.CollectionStartEvent, tags: frozenset[str | None]
    ) -> None:
        self._count(1)
        self._check_tag(event.tag, tags, event)
        self._check_collection(1, event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(started)

    def _end(self, _: yaml.CollectionEndEvent) -> None:
        done = self._open.pop()
        if isinstance(done, _OpenMapping) and not done.merge():
            raise self._refused(done.start, "“<<” here brings something other than mappings")
        if done.start.anchor is not None:
            size = self._counted - done.counted
            self._anchors[done.start.anchor] = _Anchored(done.value, size, done.height)
        self._put_collection(done.value, done.height, done.start)

    @property
    def _top(self) -> _OpenList | _OpenMapping | None:
        return self._open[-1] if self._open else None

    def _put_scalar(self, scalar: yaml.ScalarEvent, event: yaml.Event) -> None:
        """Put a scalar where `event` stands: the scalar itself, or an alias of it."""
        top = self._top
        self._check_tag(scalar.tag, _SCALAR_TAGS, event)
        if isinstance(top, _OpenMapping) and top.wants_key:
            if not top.name(scalar.value, merges=scalar.value == _MERGE and _is_plain(scalar)):
                raise self._refused(
                    event, f"the key “{scalar.value}” stands here a second time", "Remove one."
                )
        else:
            self._put(self._value(scalar, event, keeps_text=top is not None and top.keeps_text))

    def _put_collection(self, value: object, height: int, event: yaml.Event) -> None:
        self._check_collection(height, event)
        if self._top is not None:
            self._top.height = max(self._top.height, height + 1)
        self._put(value)

    def _put(self, value: object) -> None:
        if self._top is not None:
            self._top.put(value)
        elif value is not None:
            self.documents.append(value)

    def _value(self, scalar: yaml.ScalarEvent, event: yaml.Event, *, keeps_text: bool) -> Resolved:
        text = scalar.value
        if not _is_plain(scalar) and scalar.tag in _TEXT_TAGS:
            return text
        if keeps_text:
            return None if text in NULLS else text
        try:
            return resolve(text)
        except ValueError as error:
            raise self._refused(event, str(error), "Put it in quotes if it is text.") from None

    def _count(self, more: int) -> None:
        self._counted += more
        if self._counted > MAX_YAML_VALUES:
            raise TooLarge(
                f"{self._source.name} holds more than {MAX_YAML_VALUES:,} values, counting what aliases "
                "repeat. Split it into several files, or give it as JSON."
            )

    def _check_collection(self, height: int, event: yaml.Event) -> None:
        if len(self._open) + height > MAX_DEPTH:
            raise self._refused(event, TOO_DEEP)
        if self._top is not None and self._top.wants_key:
            raise self._refused(event, "a list or a mapping is used as a key", "Only text can be a key.")

    def _check_tag(self, tag: str | None, known: frozenset[str | None], event: yaml.Event) -> None:
        if tag not in known:
            shown = str(tag).replace(_CORE, "!!")
            raise self._refused(event, f"the tag “{shown}” has no meaning here", "Write the value itself.")

    def _refused(self, event: yaml.Event, problem: str, cure: str = "") -> Unreadable:
        return self._source.unreadable(problem, *_line_and_column(event), cure)


def _line_and_column(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _weight(scalar: yaml.ScalarEvent) -> int:
    # Else an alias could repeat one long text until it fills whatever stores it.
    return 1 + len(scalar.value) // LONG_TEXT


def _is_plain(scalar: yaml.ScalarEvent) -> bool:
    # The parser calls a scalar plain too that the tag “!” makes text.
    return bool(scalar.implicit[0]) and scalar.tag is None
