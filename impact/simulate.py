"""How likely each service is out at a moment: simulated from the failure rates that are given.

Only *out* is simulated, from what fails by itself and what is put out for the question. Nothing of the
context of a moment counts, such as open incidents: rates tell how things are over the years.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from cmdb.harm import State
from impact.arrays.marks import Marks, marked
from impact.arrays.ranges import Numbers, Numbers64
from impact.kernels.casting import cast
from impact.kernels.compiling import FEW_ROWS
from impact.kernels.counting import count_needs
from impact.lots import BLOCK, draw_lots, streams
from impact.picture import Picture
from impact.rates import rates
from impact.reach import upstream

ROWS_AT_MOST = 4_000_000_000
"""How many rows of harm one simulation looks at, again and again, before it stops and says so."""

_Z = 1.959963984540054
"""Of a normally distributed number, 95 % lie so many standard deviations around the mean."""


class Interval(NamedTuple):
    """Where a chance lies with a confidence of 95 %."""

    low: float
    high: float


class Draws(NamedTuple):
    """How often to draw, and which draws."""

    number: int
    seed: int


@dataclass(frozen=True)
class Estimate:
    """What the draws say of one item.

    Attributes
    ----------
    hits, draws
        In how many draws it was out, of how many.
    certain
        Whether it is out in every draw, because of what is put out for the question.
    given, needs
        Of how many items that can help to put it out, itself included, a rate is given, and how many there
        are. Those without a rate never fail in the draws; so unless there are none, it is out more often.
    """

    hits: int
    draws: int
    certain: bool
    given: int
    needs: int

    @property
    def share(self) -> float:
        """In which share of the draws it was out."""
        return 1.0 if self.certain else self.hits / self.draws

    @property
    def interval(self) -> Interval:
        """Where the chance that the draws estimate lies."""
        return Interval(1.0, 1.0) if self.certain else wilson(self.hits, self.draws)


@dataclass(frozen=True)
class Simulation:
    """What was simulated.

    Attributes
    ----------
    draws
        How often was drawn, and from which seed.
    wanted
        How many draws were asked for.
    out
        What was put out for the question.
    estimates
        By number, of every item asked about of which anything can be said, the most often out first.
    silent
        Those of which nothing can be said, since nothing that can help to put them out has a rate; in order
        of their keys.
    asleep
        Those whose status carries no harm, in order of their keys.
    unusable
        By number, why what is said of an item that matters gives no rate.
    """

    picture: Picture
    draws: Draws
    wanted: int
    out: Sequence[int]
    estimates: Mapping[int, Estimate]
    silent: Sequence[int]
    asleep: Sequence[int]
    unusable: Mapping[int, str]


def simulate(picture: Picture, places: Collection[int], out: Collection[int], draws: Draws) -> Simulation:
    """Estimate the chance that each of some items is out at a moment.

    Parameters
    ----------
    places
        The items in question, by number.
    out
        What is out in every draw.

    Notes
    -----
    In each draw every item with a rate is out with its own chance (`impact.rates.unavailability`),
    independently of the others: what fails together does so because of what the graph says it shares. Then
    harm spreads. Whatever is out is decided by what is out, so the first pass of a sweep is exact; and only
    what can help to put the items in question out is looked at.
    """
    asleep = [place for place in places if not picture.active[place]]
    asked = np.array(picture.in_order(set(places) - set(asleep)), np.int32)
    region = upstream(picture, asked.tolist(), felt=State.OUT).marks(len(picture))
    ground = _Ground(picture, region, marked(asked, len(picture)), np.array([*out], np.int32))
    drawn, hits, certain = _draw(ground, draws)
    counted = _count_needs(ground, asked)
    unusable = rates(picture).unusable
    estimates = {
        place: Estimate(int(hits[place]), drawn, bool(certain[place]), given, needs)
        for place, (needs, given) in zip(asked.tolist(), counted.tolist(), strict=True)
        if given or certain[place]
    }
    order = sorted(estimates, key=lambda one: (-estimates[one].share, picture.weight(one), picture.rank[one]))
    return Simulation(
        picture,
        Draws(drawn, draws.seed),
        draws.number,
        picture.in_order(out),
        {place: estimates[place] for place in order},
        [place for place in asked.tolist() if place not in estimates],
        picture.in_order(set(asleep)),
        {place: unusable[place] for place in picture.in_order(unusable) if ground.open_[place]},
    )


def wilson(hits: int, draws: int) -> Interval:
    """The score interval of a share, with a confidence of 95 %.

    References
    ----------
    Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.

    Examples
    --------
    >>> low, high = wilson(10, 100)
    >>> round(low, 4), round(high, 4)
    (0.0552, 0.1744)
    >>> low, high = wilson(0, 100)
    >>> low, round(high, 4)
    (0.0, 0.037)
    """
    share, weight = hits / draws, _Z * _Z / draws
    middle = share + weight / 2
    reach = sqrt(weight * (share * (1 - share) + weight / 4))
    return Interval(
        (middle - reach) / (1 + weight) if hits else 0.0,
        (middle + reach) / (1 + weight) if hits < draws else 1.0,
    )


@dataclass(frozen=True)
class _Ground:
    """Where harm spreads: what is looked at, what is counted, and what is out in every draw."""

    picture: Picture
    open_: Marks
    wanted: Marks
    out: Numbers

    def spread(self, first: Numbers64, places: Numbers, budget: int) -> tuple[int, int, Numbers64, Marks]:
        """Spread what is out in some draws.

        Returns
        -------
        tuple
            How many draws were spread, how many rows looked at, in how many draws each item counted was out,
            and what is out in every draw.
        """
        picture, groups, rows = self.picture, self.picture.groups, self.picture.out

        def arguments() -> tuple[Any, ...]:
            return (
                *(rows.start, picture.special, rows.stop, rows.pool["end"], rows.pool["code"]),
                *(picture.codes.actions, self.open_, groups.index, groups.spare),
                *(budget, self.wanted, self.out, first, places),
                *(np.zeros(len(picture), np.uint8), np.empty(len(picture), np.int32)),
                *(np.zeros(len(groups.places), np.int32), np.zeros(len(picture), np.int64)),
                np.zeros(2, np.int64),
            )

        made, (*_, out, _, _, hits, counts) = cast(FEW_ROWS + 1, arguments)
        return made, int(counts[1]), hits, out.astype(np.bool_)


def _draw(ground: _Ground, draws: Draws) -> tuple[int, Numbers64, Marks]:
    """How many draws were made, in how many each item counted was out, and what is out in every draw."""
    picture, known = ground.picture, rates(ground.picture)
    failing = ground.open_[known.places] & (known.serving < 1)
    places, serving = known.places[failing], known.serving[failing]
    starts = streams(picture.keys.some(places), draws.seed)
    _, looked, hits, certain = ground.spread(np.zeros(1, np.int64), places, ROWS_AT_MOST)
    if not len(places):
        return draws.number, hits, certain
    done = 0
    for block in range(-(-draws.number // BLOCK)):
        lots = draw_lots(starts, serving, block, min(BLOCK, draws.number - done))
        made, rows, some, _ = ground.spread(lots.first, places[lots.items], ROWS_AT_MOST - looked)
        done, looked, hits = done + made, looked + rows, hits + some
        if looked > ROWS_AT_MOST:
            break
    return done, hits, certain


def _count_needs(ground: _Ground, asked: Numbers) -> Numbers:
    """Shape (asked, 2): how many items can help to put each out, and of how many of them there is a rate."""
    picture, into = ground.picture, ground.picture.into
    rated = marked(rates(picture).places, len(picture))

    def arguments() -> tuple[Any, ...]:
        return (
            *(into.start, into.stop, into.pool["start"], into.pool["code"], picture.codes.needed),
            *(ground.open_, rated, asked, np.zeros(len(picture), np.int32)),
            *(np.empty(len(picture), np.int32), np.zeros(2 * len(asked), np.int32)),
        )

    found: Numbers
    _, (*_, found) = count_needs(FEW_ROWS + 1, arguments)
    return found.reshape(-1, 2)
