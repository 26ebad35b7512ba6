"""Serving: how many important services could be hit if an item were out, for all items at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from impact.arrays.ranges import Numbers, Numbers64
from impact.kernels.serving import BITS, serve
from impact.memo import once_per_picture
from impact.picture import Picture

TIERS = (1, 2)
"""The tiers of important services; an empty one counts as the rules say."""

ROWS_AT_MOST = 6_000_000
"""How many rows of harm are looked at, again and again, before the rest is estimated."""


class Serving(NamedTuple):
    """How many services of each important tier an item could hit, itself included.

    Attributes
    ----------
    counts
        By tier, shape (items,): how many; never less than the services that the item being out hits, unless
        only some services were looked at.
    looked, services
        By tier, how many services were looked at, and how many there are.
    """

    counts: tuple[Numbers64, ...]
    looked: tuple[int, ...]
    services: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every service was looked at."""
        return self.looked == self.services


@once_per_picture
def serving(picture: Picture) -> Serving:
    """Count for every item the important services that it could hit.

    Notes
    -----
    What an item out could do follows every way together with the state that arrives, as `impact.reach` has
    it, backwards from 63 services at a time: a number's bits say which of them. In a very large estate that
    takes too long for all of its services. Then some are looked at that lie evenly among them, and what was
    found is taken to hold for the others: good enough to choose what to look at first, but no bound.
    """
    left, looked, services = ROWS_AT_MOST, [], []
    counts: list[Numbers64] = []
    for tier in TIERS:
        places = np.flatnonzero(picture.services & (picture.weights == tier)).astype(np.int32)
        budget = left // (len(TIERS) - len(counts))
        number, done, rows = _count(picture, _strewn(places), budget)
        left -= rows
        counts.append(number if done == len(places) else number * len(places) // done)
        looked.append(done)
        services.append(len(places))
    return Serving(tuple(counts), tuple(looked), tuple(services))


def _strewn(places: Numbers) -> Numbers:
    """The same in another order: however many come first, they lie evenly among all."""
    blocks = max(len(places) // BITS, 1)
    return np.concatenate([places[first::blocks] for first in range(blocks)]) if blocks > 1 else places


def _count(picture: Picture, services: Numbers, budget: int) -> tuple[Numbers64, int, int]:
    """By number, how many of some services it could hit; how many were looked at, and over how many rows."""
    found, done, rows = np.zeros(len(picture), np.int64), 0, 0
    while done < len(services) and (rows <= budget or not done):
        looked, mask = _masks(picture, services[done : done + BITS])
        found += np.bitwise_count(mask[3::4])
        done, rows = min(done + BITS, len(services)), rows + looked
    return found, done, rows


def _masks(picture: Picture, services: Numbers) -> tuple[int, Numbers64]:
    into, length = picture.into, len(picture)

    def arguments() -> tuple[Any, ...]:
        return (
            *(into.start, into.stop, into.pool["start"], into.pool["code"], picture.codes.arriving),
            *(picture.active, services, np.zeros(4 * length, np.int64)),
            *(np.empty(length, np.int32), np.zeros(length, np.uint8)),
        )

    looked, (*_, mask, _, _) = serve(into.live, arguments)
    return looked, mask
