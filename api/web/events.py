"""Events of a history as people read them: who, when, what changed from what to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from api.web.facts import field_words, in_words
from api.web.times import spoken
from cmdb.vocabulary import Field
from impact.wording import capital

Document = Mapping[str, Any]


class Change(NamedTuple):
    """A field that was given another value, in words."""

    field: str
    before: str
    after: str


class Line(NamedTuple):
    """One thing that happened: in words, none for a mere change, and which fields it changed."""

    text: str
    changes: tuple[Change, ...]


class Entry(NamedTuple):
    """Everything that one commit did to the item.

    Attributes
    ----------
    who
        Whose commit it was.
    only_planned
        Whether nothing was done to the item that is real already.
    """

    revision: int
    time: str
    when: str
    who: str
    identity: str
    message: str
    only_planned: bool
    lines: tuple[Line, ...]


def entries(history: Sequence[Document], fields: Mapping[str, Field], now: datetime) -> list[Entry]:
    """A history, one entry for each commit, in its order."""
    return [
        _entry(list(events), fields, now) for _, events in groupby(history, key=lambda one: one["revision"])
    ]


def changes_of(rows: Sequence[Document], fields: Mapping[str, Field], now: datetime) -> tuple[Change, ...]:
    """Changed fields in words."""
    return tuple(
        Change(
            field_words(one["field"]),
            *(in_words(one[side], fields.get(one["field"]), now) for side in ("before", "after")),
        )
        for one in rows
    )


def _entry(events: list[Document], fields: Mapping[str, Field], now: datetime) -> Entry:
    first = events[0]
    return Entry(
        first["revision"],
        first["time"],
        spoken(first["time"], now),
        first["author"],
        first["identity"],
        first["message"],
        all(one["plan"] for one in events),
        tuple(_line(one, changes_of(one["changes"], fields, now)) for one in events),
    )


def _line(event: Document, changes: tuple[Change, ...]) -> Line:
    """An event in words; the values of something new are told with it, since there is no before."""
    if event["what"] == "changed":
        return Line("", changes)
    plan = f"In the plan of {event['plan']}: " if event["plan"] else ""
    what = event["what"] if plan else capital(event["what"])
    text = f"{plan}{what}{': ' + event['relation'] if event['relation'] else ''}"
    if changes and all(one["before"] is None for one in event["changes"]):
        given = ", ".join(f"{one.field.lower()} {one.after}" for one in changes)
        return Line(f"{text} ({given})", ())
    return Line(text, changes)
