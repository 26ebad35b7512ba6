"""Times as people say them."""

from __future__ import annotations

from datetime import datetime

from cmdb.values import moment


def spoken(instant: str, now: datetime) -> str:
    """An instant in words, with its year only if that is not this one.

    Examples
    --------
    >>> from datetime import UTC
    >>> spoken("2026-10-17T02:00:00Z", datetime(2026, 11, 1, tzinfo=UTC))
    'Sat 17 Oct 02:00 UTC'
    >>> spoken("2025-10-17T02:00:00Z", datetime(2026, 11, 1, tzinfo=UTC))
    'Fri 17 Oct 2025 02:00 UTC'
    """
    when = moment(instant)
    return f"{day_of(when, now)} {when:%H:%M} UTC"


def day_of(when: datetime, now: datetime) -> str:
    """The day of a moment, on the clocks that it is told by."""
    year = "" if when.year == now.year else f" {when.year}"
    return f"{when:%a} {when.day} {when:%b}{year}"


def given_instant(text: str | None) -> str | None:
    """The instant as typed, or as a form's field for date and time sends it, which says no zone."""
    return f"{text}Z" if text and len(text) in {16, 19} and text[-1].isdigit() else text or None
