"""The values an attribute can hold, the same in every store.

Text, 64-bit integers, finite floats, booleans, lists of one kind, and dates, instants and durations as
checked text. A value is normalised once, when it comes in, so that equal values are equal bytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Literal

from cmdb.weekly import Weekly

Scalar = str | int | float | bool
Value = Scalar | list[str] | list[int] | list[float] | list[bool]
Attributes = dict[str, Value]

Kind = Literal[
    "text",
    "integer",
    "number",
    "boolean",
    "date",
    "instant",
    "duration",
    "needs",
    "weekly",
    "texts",
    "integers",
    "numbers",
    "booleans",
]

_DURATION = re.compile(r"P(?=\d|T\d)(\d+W|(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)", re.ASCII)
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,6})?%", re.ASCII)


def normalise(kind: Kind, value: object) -> Value:
    """Check a value against its kind and return its one normal form.

    Raises
    ------
    ValueError
        If the value is not of this kind; the message says what is wrong with it.

    Examples
    --------
    >>> normalise("instant", "2026-11-20T10:00:00+01:00")
    '2026-11-20T09:00:00Z'
    >>> normalise("needs", "50%")
    '50%'
    """
    return _KINDS[kind](value)


def from_text(kind: Kind, text: str | list[str]) -> object:
    """What somebody typed, as a value of this kind, still to be normalised; a list has commas between.

    A list that is in its parts already is taken as it is.

    Examples
    --------
    >>> from_text("integer", "3"), from_text("texts", "old, big"), from_text("text", "3")
    (3, ['old', 'big'], '3')
    """
    if kind in _LISTS:
        parts = text if isinstance(text, list) else text.split(",")
        return [from_text(_LISTS[kind], part.strip()) for part in parts if part.strip()]
    if isinstance(text, list):
        return text
    if kind in {"integer", "number", "boolean", "needs"}:
        return _TYPED[text] if text in _TYPED else _number_in(text)
    return text


def _number_in(text: str) -> object:
    for read in (int, float):
        try:
            return read(text) if "_" not in text else text
        except ValueError:
            continue
    return text


_TYPED = {"true": True, "false": False}
_LISTS: dict[Kind, Kind] = {
    "texts": "text",
    "integers": "integer",
    "numbers": "number",
    "booleans": "boolean",
}


def instant(moment: datetime) -> str:
    """Write a moment as an instant: UTC, with `Z`, microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def timestamp(moment: datetime) -> str:
    """Write a moment as an instant of fixed length, so that the texts sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Read an instant (any offset; a missing one is an error) as an aware UTC datetime.

    Raises
    ------
    ValueError
        If `text` is not an ISO 8601 instant with a time zone.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"“{text}” has no time zone; write it like 2026-11-20T09:00:00Z")
    return found.astimezone(UTC)


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{_shown(value)} is not text")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("the number is not finite")
    try:
        text = str(value)
    except ValueError:
        raise ValueError("the number has too many digits") from None
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("the text holds half a character (a lone surrogate) and cannot be stored") from None
    return text


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{_shown(value)} is not a whole number")
    if not -(2**63) <= value < 2**63:
        raise ValueError("the number does not fit 64 bits")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{_shown(value)} is not a number")
    try:
        number = float(value) + 0.0  # which makes -0.0 the 0.0 it equals
    except OverflowError:
        raise ValueError("the number is too large") from None
    if not math.isfinite(number):
        raise ValueError("the number is not finite")
    return number


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{_shown(value)} is neither true nor false")
    return value


def _date(value: object) -> str:
    try:
        return date.fromisoformat(_text(value)).isoformat()
    except ValueError:
        raise ValueError(f"{_shown(value)} is not a date; write it like 2026-11-20") from None


def _instant(value: object) -> str:
    try:
        return instant(moment(_text(value)))
    except (ValueError, OverflowError):
        raise ValueError(f"{_shown(value)} is not an instant; write it like 2026-11-20T09:00:00Z") from None


def _duration(value: object) -> str:
    text = _text(value)
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{_shown(value)} is not a duration; write it like PT30M, PT4H or P1D")
    return text


def _needs(value: object) -> int | str:
    if isinstance(value, str) and _PERCENT.fullmatch(value):
        return value
    try:
        count = _integer(value)
    except ValueError:
        raise ValueError(
            f"{_shown(value)} is neither a number of members nor a percentage like 50%"
        ) from None
    if count < 1:
        raise ValueError("a group needs at least 1 member")
    return count


def _weekly(value: object) -> str:
    return str(Weekly.read(_text(value)))


def _list_of(one: Callable[[object], Any]) -> Callable[[object], list[Any]]:
    def check(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError(f"{_shown(value)} is not a list")
        return [one(item) for item in value]

    return check


def _shown(value: object) -> str:
    """The value as an error tells it: shortened, text in quotes, and nothing that cannot be printed."""
    try:
        text = str(value).encode(errors="backslashreplace").decode()
    except ValueError:
        return "a number with too many digits"
    short = text if len(text) <= 60 else text[:57] + "…"
    return f"the text “{short}”" if isinstance(value, str) else short


_KINDS: dict[str, Callable[[object], Value]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "instant": _instant,
    "duration": _duration,
    "needs": _needs,
    "weekly": _weekly,
    "texts": _list_of(_text),
    "integers": _list_of(_integer),
    "numbers": _list_of(_number),
    "booleans": _list_of(_boolean),
}
