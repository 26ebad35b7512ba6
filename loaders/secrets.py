"""Secrets in files: taken out of every value before anything is stored, and said so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from cmdb.observations import Observations, SeenItem, SeenRelation
from cmdb.words import natural

_FILE = Path(__file__).with_suffix(".toml")
_SHORTEST = 6
"""No text below this length can be told to be a secret by how it looks."""

_PLACES_SHOWN = 3

S = TypeVar("S", SeenItem, SeenRelation)


class _Patterns(NamedTuple):
    """What secrets look like.

    Attributes
    ----------
    any
        Matches wherever one of the others does: most texts are looked at just once.
    """

    any: re.Pattern[str]
    each: Sequence[re.Pattern[str]]
    instead: str


@cache
def _patterns() -> _Patterns:
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    names = "|".join(map(re.escape, told["names"]))
    under_name = rf"(?:{names})[\"']?\s{{0,3}}[=:]\s{{0,3}}[\"']?(?P<secret>[^\s\"',;&]{{3,500}})"
    each = [one["find"] for one in told["patterns"]] + [under_name]
    unnamed = (one.replace("?P<secret>", "") for one in each)
    return _Patterns(
        re.compile("|".join(f"(?:{one})" for one in unnamed), re.IGNORECASE),
        [re.compile(one, re.IGNORECASE) for one in each],
        told["instead"],
    )


def redacted(text: str) -> str:
    """A text without the secrets in it.

    Examples
    --------
    >>> redacted("postgres://shop:hunter2@db:5432/orders")
    'postgres://shop:[redacted]@db:5432/orders'
    >>> redacted("nothing to hide")
    'nothing to hide'
    """
    found = _patterns()
    if len(text) < _SHORTEST or not found.any.search(text):
        return text
    for pattern in found.each:
        text = pattern.sub(_covered, text)
    return text


def _covered(match: re.Match[str]) -> str:
    instead = _patterns().instead
    if "secret" not in match.re.groupindex:
        return instead
    start, end = match.start("secret") - match.start(), match.end("secret") - match.start()
    return match[0][:start] + instead + match[0][end:]


def without_secrets(seen: Observations) -> Observations:
    """What a file says, with its secrets taken out, and a warning of where they stood."""
    places: list[str] = []
    items = tuple(_cleaned(one, places) for one in seen.items)
    relations = tuple(_cleaned(one, places) for one in seen.relations)
    if not places:
        return seen
    return replace(seen, items=items, relations=relations, warnings=(*seen.warnings, _warning(places)))


def _cleaned(one: S, places: list[str]) -> S:
    if not one.attributes:
        return one
    clean = {name: _clean(value) for name, value in one.attributes.items()}
    if all(clean[name] is value for name, value in one.attributes.items()):
        return one
    places.append(one.where)
    attributes: Mapping[str, Any] = clean
    return replace(one, attributes=attributes)


def _clean(value: Any) -> Any:  # noqa: ANN401 - a file holds anything
    """The value itself, or another one if a secret stood in it."""
    if type(value) is str:
        return redacted(value)
    if type(value) is list:
        clean = [redacted(one) if type(one) is str else one for one in value]
        return value if clean == value else clean
    return value


def _warning(places: list[str]) -> str:
    ordered = sorted(places, key=natural)
    shown = ", ".join(ordered[:_PLACES_SHOWN])
    rest = len(ordered) - _PLACES_SHOWN
    more = f" and {rest} other places" if rest > 1 else f" and {ordered[-1]}" if rest == 1 else ""
    return f"What looked like a password, key or token was left out, at {shown}{more}."
