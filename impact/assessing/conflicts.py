"""Conflicts: everything that stands against doing a change when it is planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from cmdb.changes import Window
from cmdb.changes.record import UTC_ZONE
from cmdb.values import moment
from cmdb.words import listed
from impact.assessing.barriers import barred, outside
from impact.assessing.beside import Beside, Footing, by_importance
from impact.assessing.conflict import Conflict, conflict, in_order
from impact.assessing.neighbours import beside_each_other, could_add, near, together_worse
from impact.assessing.saying import NAMED, clock
from impact.assessing.stakes import dated, threatened
from impact.assessing.windows import Limit, Windows, windows
from impact.context import Moment, open_records, told_by
from impact.picture import Picture
from impact.wording import STATE_WORDS


class Checked(NamedTuple):
    """Against how many of each a change was held."""

    changes: int
    freezes: int
    windows: int
    incidents: int
    milestones: int


class Conflicts(NamedTuple):
    """What was found.

    Attributes
    ----------
    found
        What matters most comes first.
    limits
        What could not be taken into account.
    checked
        Against how many it was held.
    """

    found: Sequence[Conflict]
    limits: Sequence[Limit]
    checked: Checked


def conflicts(picture: Picture, own: Beside, others: Sequence[Beside], known: datetime) -> Conflicts:
    """What stands against doing a change when it is planned.

    Parameters
    ----------
    others
        All other changes that are not over; those at another time are left out here. A change without a
        window is at no other's time, and is held against open incidents alone.
    known
        The instant up to which things are known.
    """
    return Surroundings(picture, own, others, known).at(own.window)


@dataclass(frozen=True)
class Surroundings:
    """What a change may be in conflict with, whenever it is done.

    Attributes
    ----------
    own, others, known
        As for `conflicts`.
    """

    picture: Picture
    own: Beside
    others: Sequence[Beside]
    known: datetime

    @cached_property
    def footing(self) -> Footing:
        """What the change stands on."""
        return Footing(self.picture, self.own.steps)

    def at(self, window: Window | None) -> Conflicts:
        """What stands against doing it in a window."""
        own = replace(self.own, window=window)
        found = [*self._incidents(window)]
        limits = [*self._windows.limits]
        if window is not None and own.is_timed:
            timed, more = self._timed(own, window)
            found, limits = [*found, *timed], [*limits, *more]
        return Conflicts(in_order(self.picture, found), limits, self._checked)

    def _timed(self, own: Beside, window: Window) -> tuple[list[Conflict], list[Limit]]:
        footing, beside = self.footing, near(self.picture, own, self.others)
        adding = [one.change for one in beside if could_add(footing, one)]
        when = Moment(max(window.start, self.known), self.known)
        worse, limits = together_worse(self.picture, own, adding, when)
        found = [
            *worse,
            *beside_each_other(footing, own, beside),
            *barred(footing, own, self._windows.barring),
            *outside(footing, own, self._windows.permitting),
            *threatened(footing, own),
        ]
        return found, limits

    def _incidents(self, window: Window | None) -> Iterator[Conflict]:
        """Open incidents that put anything in reach in a state, and are not stated to be over by then."""
        for record in self._open:
            hit = {
                place: state for place, state in told_by(self.picture, record) if self.footing.reach[place]
            }
            ends = self.picture.attributes(record).get("expected_end")
            over = window is not None and isinstance(ends, str) and moment(ends) <= window.start
            if hit and not over:
                zone = window.zone if window else UTC_ZONE
                places = by_importance(self.picture, [*hit])
                states = [f"{self.picture.name(one)} is {STATE_WORDS[hit[one]]}" for one in places]
                detail = f"{self.picture.names[record]}{self._since(record, zone)}: {listed(states, NAMED)}"
                services = [one for one in places if self.picture.services[one]]
                yield conflict(self.picture, "open_incident", [record], detail, services=services)

    def _since(self, record: int, zone: str) -> str:
        opened = self.picture.attributes(record).get("opened_at")
        told = clock(moment(opened), zone, self.known) if isinstance(opened, str) else ""
        return told and f", open since {told}"

    @cached_property
    def _windows(self) -> Windows:
        """The windows that are not over yet: one that is over tells nothing of when else to work."""
        there = windows(self.picture)
        barring, permitting = (
            [one for one in some if one.span.ends > self.known] for some in (there.barring, there.permitting)
        )
        return Windows(barring, permitting, there.limits)

    @cached_property
    def _open(self) -> list[int]:
        now = Moment(self.known, self.known)
        return [*open_records(self.picture, now)]

    @cached_property
    def _checked(self) -> Checked:
        there = self._windows
        others = sum(1 for one in self.others if one.place != self.own.place)
        milestones = len(dated(self.picture))
        return Checked(others, len(there.barring), len(there.permitting), len(self._open), milestones)
