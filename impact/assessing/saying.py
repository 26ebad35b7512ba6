"""Saying: times, and what a change does, as a person would put them beside a change."""

from __future__ import annotations

from datetime import datetime

from cmdb.changes import Change
from cmdb.changes.times import local
from cmdb.words import listed

NAMED = 3
"""How many things a sentence names before it counts the rest."""


def period(start: datetime, end: datetime, zone: str) -> str:
    """From when to when something is, on the clocks of a zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> period(datetime(2026, 10, 17, 0, 45, tzinfo=UTC), datetime(2026, 10, 17, 2, tzinfo=UTC), "+02:00")
    'Sat 17 Oct 02:45–04:00'
    >>> period(datetime(2026, 10, 17, 20, tzinfo=UTC), datetime(2026, 10, 18, 1, tzinfo=UTC), "UTC")
    'Sat 17 Oct 20:00–Sun 18 Oct 01:00'
    """
    last = local(end, zone)
    same_day = local(start, zone).date() == last.date()
    return f"{day_and_time(start, zone)}–{f'{last:%H:%M}' if same_day else day_and_time(end, zone)}"


def day_and_time(moment: datetime, zone: str) -> str:
    """An instant on the clocks of a zone."""
    there = local(moment, zone)
    return f"{there:%a} {there.day} {there:%b} {there:%H:%M}"


def doing(change: Change) -> str:
    """What a change does, without its own name: “restarts db-a and db-b, and patches web-1”."""
    by_action: dict[str, list[str]] = {}
    for one in change.affects:
        by_action.setdefault(one.does.says, []).append(one.name)
    parts = [f"{says} {listed(names, NAMED)}" for says, names in by_action.items()]
    return ", and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
