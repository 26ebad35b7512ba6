"""JSON without its traps: no duplicate keys, NaN, half characters or bottomless nesting.

Two parsers can read the text. orjson is strict, quick and says where it stopped, but forgets duplicate keys
and rounds long whole numbers; the standard library keeps both, but accepts what is not JSON. So orjson reads
first, and the other only where something may have got lost.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any, NamedTuple

import orjson

from cmdb.errors import TooLarge, Unreadable
from loaders.safe.limits import MAX_DEPTH, MAX_JSON_VALUES, TOO_DEEP
from loaders.source import Source

_TOKEN = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?|[{}\[\]]')
_STEPS = {"{": 1, "[": 1, "}": -1, "]": -1}
_ESCAPED_COLON = "\\u003"
"""How a colon can be written without one, as far as upper and lower case agree."""

_ROUNDED_FROM = 2.0**63
"""What orjson makes of a whole number that it has to round is no smaller."""


class _DuplicateKeyError(Exception):
    pass


def read_json(source: Source, text: str) -> Any:  # noqa: ANN401 - JSON holds anything
    """Read one JSON document.

    Raises
    ------
    Unreadable
        If it is not JSON, names a key twice or is nested too deep.
    TooLarge
        If it holds too many values.
    """
    # Commas inside texts count too: a bound that costs nothing, taken before any memory is.
    if text.count(",") > MAX_JSON_VALUES:
        raise TooLarge(
            f"{source.name} holds more than {MAX_JSON_VALUES:,} values. Split it into several files."
        )
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "depth limit" in error.msg:
            raise _too_deep(source, text) from None
        raise source.unreadable(f"this is not JSON: {error.msg}", error.lineno, error.colno) from None
    found = _census(document)
    if found.too_deep:
        raise _too_deep(source, text)
    # A colon belongs to a pair or stands in a text: if as many were found as there are, no pair was lost.
    if found.colons == text.count(":") and not found.rounded and _ESCAPED_COLON not in text:
        return document
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates)
    except _DuplicateKeyError:
        raise _duplicate(source, text) from None


class _Census(NamedTuple):
    """What tells whether a document is as it was written: its pairs and the colons in its texts, for one."""

    colons: int
    rounded: bool
    too_deep: bool


def _census(document: object) -> _Census:
    colons, rounded = 0, False
    level: list[Any] = [[document]]
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for whole in level:
            parts = whole
            if type(whole) is dict:
                colons += len(whole) + "".join(whole).count(":")
                parts = whole.values()
            for part in parts:
                kind = type(part)
                if kind is str:
                    colons += part.count(":")
                elif kind is dict or kind is list:
                    below.append(part)
                elif kind is float:
                    rounded = rounded or abs(part) >= _ROUNDED_FROM
        level = below
    return _Census(colons, rounded, too_deep=bool(level))


def _too_deep(source: Source, text: str) -> Unreadable:
    depths = accumulate(_STEPS.get(token[0], 0) for token in _TOKEN.finditer(text))
    places = (token.start() for token in _TOKEN.finditer(text))
    place = next(place for place, depth in zip(places, depths, strict=True) if depth > MAX_DEPTH)
    return source.unreadable(TOO_DEEP, *_line_and_column(text, place))


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKeyError
    return found


def _duplicate(source: Source, text: str) -> Unreadable:
    """Find the place, which the parser does not tell: the first key its own object has already."""
    open_objects: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        if token[0] in "{[":
            open_objects.append(set())
        elif token[0] in "}]":
            open_objects.pop()
        elif token[2]:
            key = json.loads(f'"{token[1]}"')
            if key in open_objects[-1]:
                place = _line_and_column(text, token.start())
                return source.unreadable(f"the key “{key}” stands here a second time", *place, "Remove one.")
            open_objects[-1].add(key)
    return source.unreadable("a key stands twice in one object", 1)


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
