"""Events of a history as people read them: who, when, what changed from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from api.web.facts import field_words, in_words
from api.web.times import spoken
from cmdb.vocabulary import Field
from impact.wording import capital, count

Document = Mapping[str, Any]

MANY = 3
"""How many relations to which the same happened are counted instead of told one by one."""

VERIFYING = {"verified_at", "verified_by"}
_RELATION = "relation"


class Change(NamedTuple):
    """A field that was given another value, in words."""

    field: str
    before: str
    after: str


class Line(NamedTuple):
    """One thing that happened: in words, none for a mere change, and which fields it changed.

    Attributes
    ----------
    each
        Where the words count several of a kind, what happened to each.
    """

    text: str
    changes: tuple[Change, ...] = ()
    each: tuple[Line, ...] = ()


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
        tuple(_lines(events, fields, now)),
    )


def _lines(events: list[Document], fields: Mapping[str, Field], now: datetime) -> Iterator[Line]:
    """Events in words; of many relations to which the same happened, how many there are."""
    for (plan, what), alike in groupby(sorted(events, key=_kind), key=_kind):
        lines = tuple(_line(one, plan, what, changes_of(one["changes"], fields, now)) for one in alike)
        if len(lines) < MANY or not what.startswith(_RELATION):
            yield from lines
        else:
            said = count(len(lines), what, what.replace(_RELATION, "relations", 1))
            yield Line(f"{plan}{said if plan else capital(said)}", each=lines)


def _kind(event: Document) -> tuple[str, str]:
    """In whose plan something happened, and what; a relation of which only that is new was verified."""
    fields = {one["field"] for one in event["changes"]}
    verified = event["what"] == "relation changed" and fields <= VERIFYING
    plan = f"In the plan of {event['plan']}: " if event["plan"] else ""
    return plan, "relation verified" if verified else event["what"]


def _line(event: Document, plan: str, what: str, changes: tuple[Change, ...]) -> Line:
    """An event in words; the values of something new are told with it, since there is no before."""
    if what == "changed":
        return Line("", changes)
    text = f"{plan}{what if plan else capital(what)}{': ' + event['relation'] if event['relation'] else ''}"
    if changes and all(one["before"] is None for one in event["changes"]):
        given = ", ".join(f"{one.field.lower()} {one.after}" for one in changes)
        return Line(f"{text} ({given})")
    return Line(text, changes)
