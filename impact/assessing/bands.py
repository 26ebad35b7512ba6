"""Bands: what the impact of a change is called, by what services lose. They are in `bands.toml`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from cmdb.harm import State
from cmdb.tables import Table, read_table
from impact.assessing.runs import Loss
from impact.coverage import survey
from impact.picture import Picture

_FILE = Path(__file__).with_name("bands.toml")


class Line(Table):
    """So many services of a tier get into one of some states: that is a band."""

    band: str
    tier: int = Field(ge=1, le=4)
    states: frozenset[Literal["at_risk", "degraded", "out"]] = Field(min_length=1)
    services: int = Field(ge=1)

    def holds(self, loss: Loss) -> bool:
        """Whether services lose as much."""
        return loss.of(self.tier, *map(State.parse, self.states)) >= self.services


class Bands(Table):
    """All bands, the worst first, and when each is reached."""

    format: Literal[1]
    bands: tuple[str, ...] = Field(min_length=2)
    lines: tuple[Line, ...]

    @model_validator(mode="after")
    def _known(self) -> Self:
        unknown = {line.band for line in self.lines} - set(self.bands)
        if unknown:
            raise ValueError(f"lines name bands that are not listed: {', '.join(sorted(unknown))}")
        return self

    @property
    def worst(self) -> str:
        """The band that nothing unknown could make worse."""
        return self.bands[0]

    def of(self, loss: Loss) -> str:
        """The band of what services lose."""
        reached = {line.band for line in self.lines if line.holds(loss)}
        return next((band for band in self.bands if band in reached), self.bands[-1])


@cache
def bands() -> Bands:
    """The bands in force."""
    return read_table(Bands, _FILE)


class Impact(NamedTuple):
    """What the impact of a change is called.

    Attributes
    ----------
    band
        By what is known.
    unmapped
        What the change touches that is no service and from which nothing leads to one, by number.
    unregistered
        What it touches that is not in the graph at all, by name.
    """

    band: str
    unmapped: Sequence[int]
    unregistered: Sequence[str]

    @property
    def is_unknown(self) -> bool:
        """Whether it may be worse than what is known."""
        return self.band != bands().worst and bool(self.unmapped or self.unregistered)

    @property
    def words(self) -> str:
        """As it is said.

        Examples
        --------
        >>> Impact("low", [7], []).words
        'unknown, at least low'
        """
        return f"unknown, at least {self.band}" if self.is_unknown else self.band


def impact_of(
    picture: Picture, loss: Loss, touched: Sequence[int], unregistered: Sequence[str] = ()
) -> Impact:
    """What to call the impact of a change that touches some items.

    Parameters
    ----------
    loss
        What services lose if one step fails.
    """
    places = np.array(touched, np.int32)
    leads = survey(picture).reached[places]
    return Impact(bands().of(loss), picture.in_order(places[~leads].tolist()), unregistered)
