"""Windows: times that bar changes to what they cover, and times in which alone it is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

import numpy as np

from cmdb.changes.times import zone_of
from cmdb.errors import CmdbError
from cmdb.selection import parse_selection
from cmdb.values import Attributes, moment
from cmdb.weekly import Hours, Weekly
from impact.arrays.marks import Marks
from impact.arrays.ranges import Numbers
from impact.memo import once_per_picture
from impact.picture import Link, Picture
from impact.rules import rules
from impact.selecting import select

_ALWAYS = Hours(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Opening:
    """When a window is open, and for what.

    Attributes
    ----------
    place
        The window, by number.
    span
        From when to when it holds.
    weekly
        The hours of each week in which it is open meanwhile; `None` means all.
    zone
        On whose clocks these are.
    covers
        What it is about, as numbers in order; `None` if it names nothing.
    """

    place: int
    span: Hours
    weekly: Weekly | None
    zone: tzinfo
    covers: Numbers | None

    @property
    def starts_ever(self) -> bool:
        """Whether it is known from when it holds."""
        return self.span.starts != _ALWAYS.starts

    @property
    def ends_ever(self) -> bool:
        """Whether it is known until when it holds."""
        return self.span.ends != _ALWAYS.ends

    def about(self, places: Numbers) -> Marks:
        """Whether it is about each of some places; about none, if it names nothing."""
        if self.covers is None or not len(self.covers):
            return np.zeros(len(places), np.bool_)
        at = np.minimum(np.searchsorted(self.covers, places), len(self.covers) - 1)
        found: Marks = self.covers[at] == places
        return found

    def bars(self, places: Numbers) -> Marks:
        """Whether it would bar a change to each of some places: to all, if it names nothing."""
        return np.ones(len(places), np.bool_) if self.covers is None else self.about(places)

    def within(self, start: datetime, end: datetime) -> Iterator[Hours]:
        """When it is open between two instants; of more than a week, the first week."""
        since, until = max(start, self.span.starts), min(end, self.span.ends)
        if since >= until:
            return
        if self.weekly is None:
            yield self.span
            return
        for hours in self.weekly.openings(since, until, self.zone):
            yield Hours(max(hours.starts, self.span.starts), min(hours.ends, self.span.ends))


class Limit(NamedTuple):
    """What could not be taken into account, and why."""

    place: int | None
    reason: str


class Windows(NamedTuple):
    """All windows in force, in order of their keys.

    Attributes
    ----------
    barring
        Those that bar changes.
    permitting
        Those outside which what they cover is not worked on.
    limits
        What could not be read. A window that bars and whose scope cannot be read bars everything.
    """

    barring: Sequence[Opening]
    permitting: Sequence[Opening]
    limits: Sequence[Limit]


@once_per_picture
def windows(picture: Picture) -> Windows:
    """Read the windows of a picture."""
    vocabulary, limits = picture.vocabulary, list[Limit]()
    barring, permitting = (
        [opening for place in in_force(picture, names) if (opening := _read(picture, place, limits))]
        for names in (vocabulary.barring, vocabulary.permitting)
    )
    return Windows(barring, permitting, limits)


def in_force(picture: Picture, classes: Iterable[str]) -> list[int]:
    """The items of some classes that are not over, by number, in order of their keys."""
    codes = [picture.codes.class_code[name] for name in classes]
    found = np.flatnonzero(np.isin(picture.classes, codes) & picture.active)
    return [place for place in picture.in_order(found.tolist()) if not _is_closed(picture.attributes(place))]


def is_open_throughout(openings: Sequence[Opening], start: datetime, end: datetime) -> bool:
    """Whether at each instant from a start to an end any of some windows is open."""
    at = start
    while at < end:
        hours = [one for opening in openings for one in opening.within(at, end)]
        ends = [one.ends for one in hours if one.starts <= at]
        if not ends:
            return False
        at = max(ends)
    return True


def related(picture: Picture, place: int, flag: str) -> list[Link]:
    """The relations from an item whose types have a flag in the vocabulary, in order."""
    types = picture.vocabulary.relations
    return [
        link
        for link in picture.relations_at(place)
        if link.source == place and getattr(types[link.type], flag)
    ]


def _read(picture: Picture, place: int, limits: list[Limit]) -> Opening | None:
    fields = picture.attributes(place)
    try:
        weekly, zone = _hours(fields)
    except ValueError as error:
        limits.append(Limit(place, f"its hours cannot be read, so it is left out: {error}"))
        return None
    span = _span(fields)
    if span.starts >= span.ends:
        limits.append(Limit(place, "it ends before it starts, so it is left out"))
        return None
    return Opening(place, span, weekly, zone, _scope(picture, place, fields, limits))


def _hours(fields: Attributes) -> tuple[Weekly | None, tzinfo]:
    weekly, zone = fields.get("weekly"), fields.get("zone")
    return (
        Weekly.read(weekly) if isinstance(weekly, str) else None,
        zone_of(zone if isinstance(zone, str) else None),
    )


def _span(fields: Attributes) -> Hours:
    starts, ends = fields.get("starts_at"), fields.get("ends_at")
    return Hours(
        moment(starts) if isinstance(starts, str) else _ALWAYS.starts,
        moment(ends) if isinstance(ends, str) else _ALWAYS.ends,
    )


def _scope(picture: Picture, place: int, fields: Attributes, limits: list[Limit]) -> Numbers | None:
    """What a window is about, as its relations and its selection say; `None` if neither says anything."""
    found = {link.target for link in related(picture, place, "covers")}
    text = fields.get("scope")
    if isinstance(text, str):
        try:
            found.update(select(picture, parse_selection(text, picture.vocabulary)))
        except CmdbError as error:
            limits.append(Limit(place, f"what it is about cannot be read: {error}"))
            return None
    return np.array(sorted(found), np.int32) if found or isinstance(text, str) else None


def _is_closed(fields: Mapping[str, object]) -> bool:
    return fields.get("stage") in rules().record.closed_stages
