"""Endings: when things stop being valid, and when a status is expected to end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from cmdb.model import STATUS
from cmdb.values import moment
from impact.memo import once_per_picture
from impact.picture import Picture
from impact.reach import Reach
from impact.rules import rules

EXPIRES, UNTIL = "expires_at", "status_until"

_NAMED = rf'"(?:{EXPIRES}|{UNTIL})":'.encode()


class Ending(NamedTuple):
    """Something about an item ends at an instant: `field` tells what, its validity or its status."""

    at: datetime
    place: int
    field: str

    def is_soon(self, now: datetime) -> bool:
        """Whether it is over already, or will be within the time that the rules call soon."""
        return self.at - now <= rules().expiry.soon


@once_per_picture
def endings(picture: Picture) -> dict[int, tuple[Ending, ...]]:
    """By number, what ends of each live item of which anything is said to end."""
    told = {place: tuple(_of(picture, place)) for place in picture.details.holding(_NAMED).tolist()}
    return {place: found for place, found in told.items() if found}


def coming(picture: Picture, reach: Reach) -> list[Ending]:
    """What ends of everything that a walk came to, the next one first."""
    found = [one for place, some in endings(picture).items() if place in reach for one in some]
    return sorted(found, key=lambda one: (one.at, reach[one.place], int(picture.rank[one.place])))


def expiring(picture: Picture, reach: Reach, now: datetime) -> list[Ending]:
    """What of everything that a walk came to stops being valid soon, the next one first."""
    return [one for one in coming(picture, reach) if one.field == EXPIRES and one.is_soon(now)]


def _of(picture: Picture, place: int) -> Iterator[Ending]:
    if not picture.active[place]:
        return
    fields = picture.attributes(place)
    for name in (EXPIRES, *([UNTIL] if STATUS in fields else [])):
        if isinstance(fields.get(name), str):
            yield Ending(moment(str(fields[name])), place, name)
