"""Likelihood: how likely a change is to fail, as far as anybody can say; see `likelihood.toml`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from cmdb.tables import Table, read_table

_FILE = Path(__file__).with_name("likelihood.toml")


class Prior(Table):
    """What share of changes of a type fail, where nothing else is known."""

    value: float = Field(gt=0, lt=1)
    low: float = Field(gt=0, lt=1)
    high: float = Field(gt=0, lt=1)
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError("its value has to lie between low and high")
        return self


class LikelihoodBands(Table):
    """What a likelihood is called."""

    names: tuple[str, ...] = Field(min_length=2)
    under: tuple[float, ...]

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if len(self.under) != len(self.names) - 1 or list(self.under) != sorted(self.under):
            raise ValueError("`under` gives one limit for each band but the last, in ascending order")
        return self

    def of(self, value: float) -> str:
        """The band of a likelihood."""
        return self.names[bisect_right(self.under, value)]


class Likelihoods(Table):
    """What is taken for granted about how changes fail."""

    format: Literal[1]
    priors: Mapping[str, Prior]
    bands: LikelihoodBands


@cache
def likelihoods() -> Likelihoods:
    """The figures in force."""
    return read_table(Likelihoods, _FILE)
