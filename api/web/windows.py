"""Windows of changes in words, and how the parts of a change fit into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from api.web.times import day_of
from cmdb.changes.times import local
from cmdb.values import moment
from cmdb.words import listed

Document = Mapping[str, Any]

TO = "\N{EN DASH}"

WIDE, WORD = 1.9, 5.0
"""How many hundredths of the bar a character takes, and a number alone."""


def window_words(window: Document, now: datetime) -> str:
    """A window on the clocks of its zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> night = {"start": "2026-12-05T21:00:00Z", "end": "2026-12-05T22:00:00Z", "zone": "Europe/Berlin"}
    >>> window_words(night, datetime(2026, 11, 1, tzinfo=UTC)).replace(TO, "-")
    'Sat 5 Dec 22:00-23:00 CET'
    """
    start = local(moment(window["start"]), window["zone"])
    begins = f"{day_of(start, now)} {start:%H:%M}"
    if window["end"] is None:
        return f"from {begins} {_zone(start)}"
    end = local(moment(window["end"]), window["zone"])
    first = "" if _zone(start) == _zone(end) else f" {_zone(start)}"
    ends = f"{end:%H:%M} {_zone(end)}"
    if start.date() == end.date():
        return f"{begins}{first}{TO}{ends}"
    return f"{begins}{first} to {day_of(end, now)} {ends}"


def deadline_words(risk: Document, window: Document | None, now: datetime) -> str:
    """By when something has to be done, on the clocks of the window's zone, if there is a window."""
    there = datetime.fromisoformat(risk["local_deadline"])
    when = local(there, window["zone"]) if window else there
    return f"{day_of(when, now)} {when:%H:%M} {_zone(when)}"


def span(minutes: int) -> str:
    """How long something lasts.

    Examples
    --------
    >>> span(25), span(60), span(150)
    ('25 min', '1 h', '2 h 30 min')
    """
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours:,} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])


class Piece(NamedTuple):
    """A part of a window, drawn: its kind, what stands in it, where it starts and ends, in hundredths."""

    kind: str
    label: str
    x: float
    width: float


class Fit(NamedTuple):
    """How the parts of a change fit into its window.

    Attributes
    ----------
    told
        By when the backout starts at the latest, in words; empty if that cannot be said.
    room
        How much is spare, or missing; empty if that cannot be said.
    pieces
        What to draw; nothing if the window or the minutes are not known.
    times
        The start, the latest start of the backout, and the end, on the clocks of the zone.
    turn
        Where the backout starts, in hundredths.
    faults
        What is missing to say more.
    """

    told: str
    room: str
    pieces: Sequence[Piece]
    times: tuple[str, str, str]
    turn: float
    faults: Sequence[str]


def fit_of(change: Document) -> Fit:
    """Lay the parts of a change out in its window, the backout at its end."""
    window, plans = change["window"], change["plans"]
    faults = tuple(_missing(window, plans))
    backout = (plans["backout"] or {}).get("minutes")
    if backout is None or window is None or window["minutes"] is None:
        return Fit(told="", room="", pieces=(), times=("", "", ""), turn=0.0, faults=faults)
    start, zone = moment(window["start"]), window["zone"]
    within = _latest(window["minutes"], backout, plans["backout"]["point_of_no_return"])
    work = [(name, (plans[part] or {}).get("minutes")) for name, part in _WORK]
    spare = window["minutes"] - backout - sum(minutes or 0 for _, minutes in work)
    is_known = all(minutes is not None for _, minutes in work)
    whole = max(window["minutes"] + max(-spare, 0), 1)
    first, latest, last = (
        f"{local(start + timedelta(minutes=one), zone):%H:%M}" for one in (0, within, whole)
    )
    return Fit(
        told=latest if within >= 0 else "",
        room=_room(spare, is_known=is_known),
        pieces=tuple(_pieces([*work, ("backout", backout)], spare, is_known=is_known)),
        times=(first, latest if spare >= 0 else "", last),
        turn=round(100 * within / whole, 2),
        faults=faults,
    )


def _latest(minutes: int, backout: int, no_return: int | None) -> int:
    """How many minutes after the start of a window the backout starts at the latest."""
    within = minutes - backout
    return within if no_return is None else min(within, no_return)


_WORK = (("implement", "implementation"), ("test", "test"))


def _missing(window: Document | None, plans: Document) -> Iterator[str]:
    if plans["backout"] is None:
        yield "No backout is described."
    if window is None:
        yield "No window is set."
    elif window["minutes"] is None:
        yield "The window has no end."
    unsaid = [name for _, name in _WORK if (plans[name] or {}).get("minutes") is None]
    if plans["backout"] and plans["backout"]["minutes"] is None:
        unsaid.append("backout")
    if unsaid and (plans["backout"] or window):
        takes = "takes" if len(unsaid) == 1 else "take"
        yield f"How long {listed([f'the {name}' for name in unsaid])} {takes} is not said."


def _room(spare: int, *, is_known: bool) -> str:
    if spare < 0:
        return f"{span(-spare)} too short"
    return f"{span(spare)} spare" if is_known else ""


def _pieces(parts: Sequence[tuple[str, int | None]], spare: int, *, is_known: bool) -> Iterator[Piece]:
    """The parts one after the other, what is left before the last; to scale of all of them together."""
    left = [("spare" if is_known else "left", spare)] if spare > 0 else []
    laid = [(name, minutes) for name, minutes in [*parts[:-1], *left, parts[-1]] if minutes is not None]
    whole, at = sum(minutes for _, minutes in laid) or 1, 0
    for name, minutes in laid:
        width = 100 * minutes / whole
        label = f"{name} {minutes}"
        fits = label if width >= len(label) * WIDE else str(minutes) if width >= WORD else ""
        yield Piece(name, fits, round(100 * at / whole, 2), round(width, 2))
        at += minutes


def _zone(when: datetime) -> str:
    name = when.tzname() or "UTC"
    return name if name[0].isalpha() else f"UTC{name}"
