"""What a cell says, as a text that reconciliation can read: never guessed, always as the mapping says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Context, Decimal, Inexact, localcontext

from cmdb.values import Kind, instant
from loaders.safe.limits import MAX_CELL_LENGTH
from loaders.safe.table import Cell, Exact, Unread

_ERRORS = frozenset(
    {
        "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A",
        "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#UNKNOWN!",
    }
)  # fmt: skip
"""What spreadsheets write where a formula failed."""

NUMERIC = frozenset({"integer", "number", "integers", "numbers"})
ELEMENTS: Mapping[Kind, Kind] = {
    "texts": "text",
    "integers": "integer",
    "numbers": "number",
    "booleans": "boolean",
}
"""The kinds of fields that hold numbers, and of those that hold lists with what is in them."""

_MARKS = {
    ".": re.compile(r"[+-]?\d{1,300}(?:\.\d{1,300})?"),
    ",": re.compile(r"[+-]?\d{1,300}(?:,\d{1,300})?"),
}
_DIGITS = 1_000
"""Enough for any product of two such numbers."""


@dataclass(frozen=True)
class Manner:
    """How cells are written.

    Attributes
    ----------
    missing
        Words that mean that nothing is known.
    decimal
        The decimal mark.
    dates
        How dates and times are written, as `strptime` knows it, in the order in which they are tried;
        ISO 8601 if there is none.
    zone
        The time zone of times without one.
    """

    missing: frozenset[str] = frozenset()
    decimal: str = "."
    dates: tuple[str, ...] = ()
    zone: tzinfo | None = None


def said(cell: Cell, manner: Manner) -> str | datetime:
    """What a cell says; an empty text where it says nothing.

    Raises
    ------
    ValueError
        If it cannot be read; the message says why.
    """
    if isinstance(cell, Unread):
        raise ValueError(cell.why)
    if isinstance(cell, datetime):
        return cell
    if cell in manner.missing:
        return ""
    if cell in _ERRORS:
        raise ValueError(f"it holds the error {cell} of a spreadsheet")
    if len(cell) > MAX_CELL_LENGTH:
        raise ValueError(f"it holds {len(cell):,} characters; {MAX_CELL_LENGTH:,} is the most")
    return cell


def in_words(found: str | datetime) -> str:
    """What a cell says, as a text; a moment as a date, or with its time of day where it has one."""
    if isinstance(found, str):
        return str(found)
    return found.isoformat() if _has_time(found) else found.date().isoformat()


def as_kind(found: str | datetime, kind: Kind, manner: Manner) -> str:
    """What a cell says, as reconciliation reads a value of this kind.

    Raises
    ------
    ValueError
        If it is not written as the manner says.
    """
    if kind == "instant":
        return _instant(found, manner)
    if kind == "date":
        return _date(found, manner)
    text = in_words(found)
    if kind in NUMERIC and manner.decimal == "," and not isinstance(found, Exact):
        return _plain_number(text, manner)
    if kind == "boolean" and text.casefold() in {"true", "false"}:
        return text.casefold()
    return text


def without_unit(found: str | datetime, units: Mapping[str, float], manner: Manner) -> str:
    """A number that is written with a unit, times what one of that unit is worth; exactly.

    Examples
    --------
    >>> without_unit("1.5 GB", {"GB": 1024, "MB": 1}, Manner())
    '1536'

    Raises
    ------
    ValueError
        If it is no number with one of the units behind it.
    """
    text = in_words(found)
    unit = next((unit for unit in sorted(units, key=len, reverse=True) if text.endswith(unit)), None)
    number = text.removesuffix(unit or "").rstrip()
    if unit is None or not _MARKS[manner.decimal].fullmatch(number):
        raise ValueError(f"{_shown(text)} is not a number followed by {' or '.join(units)}")
    with localcontext(Context(prec=_DIGITS, traps=[Inexact])):
        product = Decimal(number.replace(",", ".")) * Decimal(repr(units[unit]))
        whole = product == product.to_integral_value()
        return f"{product.to_integral_value() if whole else product.normalize():f}"


def _plain_number(text: str, manner: Manner) -> str:
    if not _MARKS[manner.decimal].fullmatch(text):
        raise ValueError(f"{_shown(text)} is not a number with “{manner.decimal}” as its decimal mark")
    return text.replace(",", ".")


def _instant(found: str | datetime, manner: Manner) -> str:
    moment = _moment(found, manner)
    if moment.tzinfo is None:
        moment = _in_zone(moment, found, manner.zone)
    try:
        return instant(moment)
    except OverflowError:
        raise ValueError(f"{_shown(found)} lies outside the years 1 to 9999") from None


def _in_zone(moment: datetime, found: str | datetime, zone: tzinfo | None) -> datetime:
    if zone is None:
        raise ValueError(
            f"{_shown(found)} has no time zone; a mapping can say which one is meant,"
            ' such as timezone = "Europe/Berlin"'
        )
    placed = moment.replace(tzinfo=zone)
    try:
        back = placed.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise ValueError(f"{_shown(found)} lies outside the years 1 to 9999") from None
    if back != moment:
        raise ValueError(f"{_shown(found)} does not exist in {zone}: clocks were put forward over it")
    return placed


def _date(found: str | datetime, manner: Manner) -> str:
    if isinstance(found, str) and not manner.dates:
        return found
    moment = _moment(found, manner)
    if _has_time(moment):
        raise ValueError(f"{_shown(found)} has a time of day, where a date is expected")
    return moment.date().isoformat()


def _moment(found: str | datetime, manner: Manner) -> datetime:
    if isinstance(found, datetime):
        return found
    for way in manner.dates:
        try:
            return datetime.strptime(found, way)  # noqa: DTZ007 - its zone is put in later
        except (ValueError, OverflowError):
            continue
    if manner.dates:
        raise ValueError(
            f"{_shown(found)} is not written as {' or '.join(f'“{one}”' for one in manner.dates)}"
        )
    try:
        return datetime.fromisoformat(found)
    except ValueError:
        raise ValueError(
            f"{_shown(found)} is not written like 2026-11-20T09:00:00Z; a mapping can say how dates are"
            ' written, such as dates = "%d.%m.%Y %H:%M"'
        ) from None


def _has_time(moment: datetime) -> bool:
    return moment.timetz() != datetime.combine(date.min, datetime.min.time(), moment.tzinfo).timetz()


def _shown(found: str | datetime) -> str:
    text = in_words(found).encode(errors="backslashreplace").decode()
    return f"“{text if len(text) <= 60 else text[:57] + '…'}”"
