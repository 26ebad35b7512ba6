"""Times as people plan them: an instant with its offset, or a local time in a named zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from cmdb.spelling import did_you_mean
from cmdb.values import instant

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LAST_MINUTE = "T23:59"


def zone_of(name: str | None) -> tzinfo:
    """The time zone with a name such as Europe/Berlin, or an offset such as +01:00; UTC by default.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> str(zone_of("+01:00")), str(zone_of("Europe/Berlin"))
    ('UTC+01:00', 'Europe/Berlin')
    """
    if name in {None, "UTC", "Z"}:
        return UTC
    found = _OFFSET.fullmatch(name or "")
    if found:
        return _fixed(*found.groups())
    try:
        return ZoneInfo(name or "")
    except (KeyError, OSError, ValueError):  # no such name; or that of a folder, or of none
        hint = did_you_mean(name or "", available_timezones())
        raise ValueError(
            f"“{name}” is not a time zone; write a name like Europe/Berlin, or an offset like +01:00.{hint}"
        ) from None


def time_in(text: str, zone: str | None) -> str:
    """Read a planned time as an instant in UTC.

    Parameters
    ----------
    text
        With an offset or `Z` it is an instant; without one it is the time on the clocks of the zone.
    zone
        A name, or an offset; `None` if none is given.

    Raises
    ------
    ValueError
        If it is no time, lacks a zone, or the clocks of the zone show it never or twice.

    Examples
    --------
    >>> time_in("2026-12-01T22:00", "Europe/Berlin")
    '2026-12-01T21:00:00Z'
    """
    found = _parsed(text)
    if found.tzinfo is not None:
        return _utc(text, found)
    if zone is None:
        raise ValueError(
            f"“{text}” has no time zone; write an offset behind it, such as +01:00 or Z, or give the zone"
        )
    return _utc(text, _on_the_clock(text, found, zone))


def deadline_in(text: str, zone: str | None) -> str:
    """Read a deadline: a time as `time_in` reads it, or a day, which means the last minute of it.

    Examples
    --------
    >>> deadline_in("2026-12-31", None)
    '2026-12-31T23:59:00Z'
    """
    return time_in(text + _LAST_MINUTE, zone or "UTC") if _DAY.fullmatch(text) else time_in(text, zone)


def offset_in(text: str) -> str | None:
    """The offset behind a time, as a zone is named; `None` if there is none.

    Examples
    --------
    >>> offset_in("2026-12-01T22:00+01:00"), offset_in("2026-12-01T22:00Z"), offset_in("2026-12-01T22:00")
    ('+01:00', 'UTC', None)
    """
    try:
        shift = _parsed(text).utcoffset()
    except ValueError:
        return None
    if shift is None or shift.seconds % 60:
        return None
    return _called(shift)


def local(moment: datetime, zone: str) -> datetime:
    """A moment on the clocks of a zone; in UTC where the zone is not known here, or no clock goes so far."""
    try:
        return moment.astimezone(zone_of(zone))
    except (OverflowError, ValueError):
        return moment.astimezone(UTC)


def _parsed(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(_no_time(text)) from None
    if _DAY.fullmatch(text) or len(text) <= len("20261201"):
        raise ValueError(f"“{text}” is a day without a time; write it like 2026-12-01T22:00")
    return found


def _no_time(text: str) -> str:
    return f"“{text}” is not a time; write it like 2026-12-01T22:00 with a zone, or 2026-12-01T22:00+01:00"


def _on_the_clock(text: str, naive: datetime, zone: str) -> datetime:
    """The one moment at which the clocks of a zone show a time."""
    there = zone_of(zone)
    first, second = (naive.replace(tzinfo=there, fold=fold) for fold in (0, 1))
    try:
        shown = first.astimezone(UTC).astimezone(there).replace(tzinfo=None)
    except OverflowError:
        raise ValueError(_no_time(text)) from None
    if first.utcoffset() == second.utcoffset():
        return first
    offsets = " or ".join(_called(one.utcoffset() or timedelta()) for one in (first, second))
    if shown != naive:
        raise ValueError(
            f"“{text}” does not exist in {zone}: the clocks are put forward over it; take a time before or"
            f" after, or write the offset that is meant, {offsets}"
        )
    raise ValueError(
        f"“{text}” comes twice in {zone}: the clocks are put back over it; write which is meant by its"
        f" offset, {offsets}"
    )


def _utc(text: str, found: datetime) -> str:
    try:
        return instant(found)
    except OverflowError:
        raise ValueError(_no_time(text)) from None


def _fixed(sign: str, hours: str, minutes: str) -> tzinfo:
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        return timezone(-shift if sign == "-" else shift)
    except ValueError:
        raise ValueError(f"“{sign}{hours}:{minutes}” is not an offset: it is a day or more") from None


def _called(shift: timedelta) -> str:
    minutes = int(shift.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else "UTC"
