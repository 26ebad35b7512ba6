"""Hours that come again every week, such as `Tue, Sun 01:00-05:00`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_WEEK = timedelta(days=7)
_FORM = re.compile(r"(.+?)\s+(\d\d):(\d\d)\s*[-–]\s*(\d\d):(\d\d)", re.ASCII)


class Hours(NamedTuple):
    """From when to when something is open."""

    starts: datetime
    ends: datetime


class Weekly(NamedTuple):
    """On some days of the week, from one time of the day to another.

    Attributes
    ----------
    days
        By their place in the week, from Monday on, in order.
    opens, closes
        Times on the clock; where the second is not later than the first, it is one of the next day.
    """

    days: tuple[int, ...]
    opens: time
    closes: time

    @classmethod
    def read(cls, text: str) -> Weekly:
        """Read such hours.

        Raises
        ------
        ValueError
            If the text is not of that form.

        Examples
        --------
        >>> str(Weekly.read("sun, tue 01:00-05:00")), str(Weekly.read("Fri-Mon 22:00 – 24:00"))
        ('Tue, Sun 01:00-05:00', 'Mon, Fri, Sat, Sun 22:00-00:00')
        """
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise ValueError(_no_hours(text))
        try:
            days = {day for part in found[1].split(",") for day in _days(part.strip())}
            return cls(tuple(sorted(days)), _time(found[2], found[3]), _time(found[4], found[5]))
        except ValueError:
            raise ValueError(_no_hours(text)) from None

    def __str__(self) -> str:
        days = ", ".join(DAYS[day] for day in self.days)
        return f"{days} {self.opens:%H:%M}-{self.closes:%H:%M}"

    def openings(self, start: datetime, end: datetime, zone: tzinfo) -> list[Hours]:
        """When it is open between two instants, in order; of more than a week only the first week.

        Parameters
        ----------
        zone
            The time zone on whose clocks it opens and closes.
        """
        try:
            first = start.astimezone(zone).date() - timedelta(days=1)
            days = (min(end - start, _WEEK) + timedelta(days=2)).days
            hours = [self._on(first + timedelta(days=after), zone) for after in range(days + 1)]
        except OverflowError:  # the calendar ends there, and nothing is open beyond it
            return []
        return [one for one in hours if one and one.starts < end and start < one.ends]

    def _on(self, day: date, zone: tzinfo) -> Hours | None:
        if day.weekday() not in self.days:
            return None
        closing = day if self.closes > self.opens else day + timedelta(days=1)
        starts, ends = datetime.combine(day, self.opens, zone), datetime.combine(closing, self.closes, zone)
        return Hours(starts.astimezone(UTC), ends.astimezone(UTC))


def _days(part: str) -> Iterator[int]:
    """The days that one part names: one, or all from one to another."""
    first, *rest = (DAYS.index(name.strip().capitalize()) for name in part.split("-"))
    if len(rest) > 1:
        raise ValueError(part)
    last = rest[0] if rest else first
    for day in range(first, (last if last >= first else last + len(DAYS)) + 1):
        yield day % len(DAYS)


def _time(hour: str, minute: str) -> time:
    return time(0, 0) if (hour, minute) == ("24", "00") else time(int(hour), int(minute))


def _no_hours(text: str) -> str:
    return f"“{text}” is not hours of a week; write them like Tue, Sun 01:00-05:00 or Mon-Fri 22:00-24:00"
