"""How the texts of columns become values of fields; what cannot be right is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from cmdb.values import moment
from loaders.servicenow.rows import Row

_COUNT = re.compile(r"[0-9]{1,15}")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?: ([0-9]{2}:[0-9]{2}:[0-9]{2}))?")
_LEVEL = re.compile(r"([1-4])(?![0-9.])")
_BETWEEN = re.compile(r"[,;\s]+")


def value(row: Row, columns: Sequence[str], reading: str) -> Any:  # noqa: ANN401 - of any type a field can have
    """The value that the first of these columns to have one gives, `None` where none does."""
    if reading == "joined":
        return " ".join(filter(None, map(row.text, columns))) or None
    found = (_SHOWN(row, column) if reading == "shown" else row.text(column) for column in columns)
    first = next(filter(None, found), None)
    return None if first is None else _READINGS[reading](first)


_SHOWN = Row.shown


def count(text: str) -> int | None:
    """A whole number above 0.

    Examples
    --------
    >>> count("2048"), count("-1"), count("2,048")
    (2048, None, None)
    """
    return (int(text) or None) if _COUNT.fullmatch(text) else None


def amount(text: str) -> float | None:
    """A number above 0."""
    return (float(text) or None) if _AMOUNT.fullmatch(text) else None


def instant(text: str) -> str | None:
    """A time, which the API gives in UTC without saying so.

    Examples
    --------
    >>> instant("2026-11-20 09:00:00"), instant("2026-11-20"), instant("soon")
    ('2026-11-20T09:00:00Z', '2026-11-20T00:00:00Z', None)
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    written = f"{found[1]}T{found[2] or '00:00:00'}Z"
    try:
        moment(written)
    except ValueError:
        return None
    return written


def addresses(text: str) -> list[str]:
    """The network addresses in a text, without those that stand for none."""
    return [one for one in words(text) if _is_address(one)]


def words(text: str) -> list[str]:
    """The words of a text."""
    return list(dict.fromkeys(filter(None, _BETWEEN.split(text))))


def level(text: str) -> int | None:
    """The digit from 1 to 4 with which a text begins.

    Examples
    --------
    >>> level("1 - most critical"), level("10"), level("low")
    (1, None, None)
    """
    found = _LEVEL.match(text)
    return int(found[1]) if found else None


def _is_address(text: str) -> bool:
    try:
        return not ip_address(text).is_unspecified
    except ValueError:
        return False


_READINGS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "shown": str,
    "lower": str.lower,
    "count": count,
    "amount": amount,
    "instant": instant,
    "addresses": addresses,
    "words": words,
    "level": level,
}
