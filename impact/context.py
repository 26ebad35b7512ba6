"""Context: what is hurt anyway at the instant asked about.

Items in maintenance are out; open records (incidents) put what they hit in the state they tell. Nothing of
it reaches further into the future than its stated end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from cmdb.harm import State
from cmdb.model import STATUS, Item
from cmdb.values import moment
from impact.memo import once_per_picture
from impact.picture import Picture
from impact.rules import rules


@dataclass(frozen=True)
class Moment:
    """The instant asked about, and the instant up to which things are known (the view's own, or now)."""

    at: datetime
    known: datetime

    @property
    def ahead(self) -> bool:
        """Whether the question is about the future."""
        return self.at > self.known

    def reaches(self, end: object) -> bool:
        """Whether something that holds now and is stated to end then still holds at the instant."""
        return not self.ahead or (isinstance(end, str) and self.at < moment(end))


def context(picture: Picture, when: Moment, without: Collection[int] = ()) -> Mapping[int, State]:
    """The state of what is hurt anyway, by number, the worst where several things say so.

    Parameters
    ----------
    without
        Items whose own context is left out, and records that are not heard: the causes asked about.
    """
    found: dict[int, State] = {}
    for place, state in (*_by_status_then(picture, when), *_by_records(picture, when, without)):
        if place not in without:
            found[place] = max(state, found.get(place, State.OK))
    return found


_Statuses = tuple[Moment | None, Sequence[tuple[int, State]]]


def _nothing_yet(_: Picture) -> _Statuses:
    return None, ()


_last_statuses = once_per_picture(_nothing_yet)
"""What statuses said at the instant of the question before, which is mostly that of the next one too."""


def _by_status_then(picture: Picture, when: Moment) -> Sequence[tuple[int, State]]:
    then, found = _last_statuses(picture)
    if then != when:
        found = tuple(_by_status(picture, when))
        _last_statuses.remember(picture, (when, found))
    return found


def _by_status(picture: Picture, when: Moment) -> Iterator[tuple[int, State]]:
    for place in np.flatnonzero(picture.where(STATUS, lambda status: status in rules().status.out)).tolist():
        if not when.ahead or when.reaches(picture.attributes(place).get("status_until")):
            yield place, State.OUT


def _by_records(picture: Picture, when: Moment, without: Collection[int]) -> Iterator[tuple[int, State]]:
    for place in open_records(picture, when, without):
        yield from told_by(picture, place)


def open_records(picture: Picture, when: Moment, without: Collection[int] = ()) -> Iterator[int]:
    """The records that say of something how it is and count at the instant, in order of their keys."""
    return open_among(picture, picture.tellers.difference(without), when)


def open_among(picture: Picture, records: Collection[int], when: Moment) -> Iterator[int]:
    """Those of some records that count at the instant, by number, in order of their keys."""
    return (place for place in picture.in_order(records) if is_open(picture.item(place), when))


def told_by(picture: Picture, record: int) -> Iterator[tuple[int, State]]:
    """What a record says of items: by number, the state that it puts each in."""
    for link in picture.relations_at(record):
        kind = picture.vocabulary.relations[link.type]
        if kind.tells and link.source == record:
            told = picture.relation(link).attributes.get(kind.tells, rules().record.state)
            yield link.target, State.parse(str(told))


def is_open(record: Item, when: Moment) -> bool:
    """Whether a record counts at the instant: opened, not over, and urgent or freshly confirmed."""
    fields = record.attributes
    if _since(fields.get("opened_at"), when) is False or _is_over(record, when):
        return False
    if not when.reaches(fields.get("expected_end")):
        return False
    if fields.get("priority") in rules().record.urgent_priorities:
        return True
    confirmed = fields.get("confirmed_at")
    if not isinstance(confirmed, str):
        return False
    age = when.at - moment(confirmed)
    return age.total_seconds() >= 0 and age <= rules().record.fresh


def _is_over(record: Item, when: Moment) -> bool:
    stage = record.attributes.get("stage")
    if stage in rules().record.withdrawn_stages or record.retired:
        return True
    over = _since(record.attributes.get("resolved_at"), when)
    return stage in rules().record.closed_stages if over is None else over


def _since(instant: object, when: Moment) -> bool | None:
    """Whether the instant asked about is at or after this one; `None` where there is none."""
    return when.at >= moment(instant) if isinstance(instant, str) else None
