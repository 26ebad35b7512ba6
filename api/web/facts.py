"""Facts of an item as people read them: each field in words, with where it comes from and how old it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from api.web.times import spoken
from cmdb.values import moment
from cmdb.vocabulary import Field
from impact.wording import ago, capital

Document = Mapping[str, Any]

_PARTS = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_UNIT = "_unit"
_UNITS = ("weeks", "days", "h", "min", "s")


class Fact(NamedTuple):
    """One field: what it is called, its value, where it leads if it is an address, and who says so."""

    name: str
    value: str
    link: str | None
    source: str


def facts(shown: Document, fields: Mapping[str, Field], now: datetime) -> Iterator[Fact]:
    """Every attribute of an item as it was shown, in its vocabulary's order."""
    order = {name: place for place, name in enumerate(fields)}
    for name in sorted(shown["attributes"], key=lambda name: (order.get(name, len(order)), name)):
        if name.removesuffix(_UNIT) in shown["attributes"] and name.endswith(_UNIT):
            continue  # told with what it is the unit of
        value, origin = shown["attributes"][name], shown["provenance"].get(name)
        unit = shown["attributes"].get(name + _UNIT, "")
        told = f"{in_words(value, fields.get(name), now)} {unit}".rstrip()
        link = told if re.match(r"https?://\S+$", told) else None
        source = (
            f"{origin['source']}, {ago(moment(origin['time']), now).removesuffix(' ago')}" if origin else ""
        )
        yield Fact(field_words(name), told, link, source)


def field_words(name: str) -> str:
    """A field's name as a label.

    Examples
    --------
    >>> field_words("restore_within")
    'Restore within'
    """
    return capital(name.replace("_", " "))


def in_words(value: object, field: Field | None, now: datetime) -> str:
    """A value as people read it.

    Examples
    --------
    >>> from datetime import UTC
    >>> in_words(29300, None, datetime(2026, 1, 1, tzinfo=UTC)), in_words(None, None, datetime(2026, 1, 1))
    ('29,300', 'nothing')
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(in_words(one, None, now) for one in value) or "none"
        case int():
            return _with_unit(f"{value:,}", field)
    text = str(value)
    if field is not None and field.type == "instant":
        return spoken(text, now)
    return _duration(text) if field is not None and field.type == "duration" else _with_unit(text, field)


def _with_unit(text: str, field: Field | None) -> str:
    return f"{text} {field.unit}" if field is not None and field.unit else text


def _duration(text: str) -> str:
    found = _PARTS.fullmatch(text)
    parts = (
        [f"{number} {unit}" for number, unit in zip(found.groups(), _UNITS, strict=True) if number]
        if found
        else []
    )
    return " ".join(parts) or text
