"""Failure rates: how often items fail by themselves, where somebody has said so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cmdb.values import Attributes
from impact.arrays.ranges import Numbers
from impact.lots import Shares
from impact.memo import once_per_picture
from impact.picture import Picture

FAILURES, RESTORE = "failures_per_year", "hours_to_restore"
HOURS = 8760
"""Hours in a year."""

_NAMED = rf'"(?:{FAILURES}|{RESTORE})":'.encode()


@dataclass(frozen=True)
class Rates:
    """What is known of how often items fail by themselves.

    Attributes
    ----------
    places
        The items with a rate, in ascending order.
    serving
        The chance that each of them is not out by itself at a moment.
    unusable
        By number, why what is said of an item gives no rate.
    """

    places: Numbers
    serving: Shares
    unusable: dict[int, str]


@once_per_picture
def rates(picture: Picture) -> Rates:
    """The rates given in a picture."""
    told = {place: picture.attributes(place) for place in picture.details.holding(_NAMED).tolist()}
    unusable = {place: why for place, fields in told.items() if (why := _wrong_with(fields))}
    usable = {place: fields for place, fields in told.items() if place not in unusable}
    serving = [1 - unavailability(_number(one, FAILURES), _number(one, RESTORE)) for one in usable.values()]
    return Rates(np.array([*usable], np.int32), np.array(serving, np.float64), unusable)


def unavailability(failures_per_year: float, hours_to_restore: float) -> float:
    """The chance that an item is out at a moment, by itself.

    Parameters
    ----------
    failures_per_year
        How often it fails in a year in which it serves.
    hours_to_restore
        How long it is out then, on average.

    Notes
    -----
    Serving and being restored take turns: an alternating renewal process. In the long run it is out for the
    share r / (m + r) of the time, where m are the hours it serves until it fails and r those until it is
    restored, whatever their distributions (Barlow and Proschan, Statistical Theory of Reliability and Life
    Testing, 1975, chapter 7). With m = 8760 / f that is f r / (f r + 8760).

    Examples
    --------
    >>> round(unavailability(2, 4), 6)
    0.000912
    >>> unavailability(0, 4), unavailability(1, 8760)
    (0.0, 0.5)
    """
    out = failures_per_year * hours_to_restore
    return 1 / (1 + HOURS / out) if out else 0.0


def _wrong_with(fields: Attributes) -> str | None:
    """Why fields that say something of a rate give none; `None` if they give one."""
    for one, other in ((FAILURES, RESTORE), (RESTORE, FAILURES)):
        if one not in fields:
            return f"has {other} and no {one}, so it counts as without a rate"
        if _number(fields, one) < 0:
            return f"has {one} {fields[one]}, so it counts as without a rate"
    return None


def _number(fields: Attributes, name: str) -> float:
    """A field as a number; what is none is below all."""
    value = fields[name]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0
