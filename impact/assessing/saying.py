"""Saying: times, and what a change does, as a person would put them beside a change."""

from __future__ import annotations

from datetime import datetime, timedelta

from cmdb.changes import Change
from cmdb.changes.times import local
from cmdb.words import listed

NAMED = 3
"""How many things a sentence names before it counts the rest."""


_NEAR, _FAR = timedelta(days=5), timedelta(days=300)


def clock(moment: datetime, zone: str, near: datetime) -> str:
    """An instant on the clocks of a zone: by its weekday if it is near another one, else with its date.

    Examples
    --------
    >>> from datetime import UTC
    >>> saturday = datetime(2026, 10, 17, tzinfo=UTC)
    >>> clock(saturday, "+02:00", saturday), clock(saturday, "UTC", datetime(2026, 11, 1, tzinfo=UTC))
    ('Sat 02:00', 'Sat 17 Oct 00:00')
    >>> clock(saturday, "UTC", datetime(2028, 11, 1, tzinfo=UTC))
    'Sat 17 Oct 2026 00:00'
    """
    there, away = local(moment, zone), abs(moment - near)
    day = f"{there:%a}" if away < _NEAR else f"{there:%a} {there.day} {there:%b}"
    return f"{day}{f' {there.year}' if away > _FAR else ''} {there:%H:%M}"


def period(start: datetime, end: datetime, zone: str, near: datetime) -> str:
    """From when to when something is, as `clock` has it.

    Examples
    --------
    >>> from datetime import UTC
    >>> evening = datetime(2026, 10, 17, 20, tzinfo=UTC)
    >>> period(evening, evening.replace(hour=22), "UTC", evening)
    'Sat 20:00–22:00'
    >>> period(evening, evening.replace(day=18), "UTC", evening)
    'Sat 20:00–Sun 20:00'
    """
    last = local(end, zone)
    same_day = local(start, zone).date() == last.date()
    return f"{clock(start, zone, near)}–{f'{last:%H:%M}' if same_day else clock(end, zone, near)}"


def doing(change: Change) -> str:
    """What a change does, without its own name: “restarts db-a and db-b, and patches web-1”."""
    by_action: dict[str, list[str]] = {}
    for one in change.affects:
        by_action.setdefault(one.does.says, []).append(one.name)
    parts = [f"{says} {listed(names, NAMED)}" for says, names in by_action.items()]
    return ", and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
