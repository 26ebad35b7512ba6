"""Precedence: which of several sources' values for a field counts.

The order of the sources stands in `precedence.toml`; here it is read, checked, and applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, model_validator

from cmdb.tables import Table, read_table
from cmdb.values import Value

EVERY_OTHER = "*"
UNLISTED = "no longer listed by "
"""What stands before a source's name where it retired an item by not listing it: no word of its own, so any
source that lists the item overrules it."""

_FILE = Path(__file__).with_name("precedence.toml")

Order = tuple[str | tuple[str, ...], ...]


class Claim(NamedTuple):
    """A source's value for a field, and where it says so; `None` says that there is none."""

    source: str
    value: Value | None
    where: str = ""


class Verdict(NamedTuple):
    """What a field shall be, whose word that is, and which claims do not count.

    Attributes
    ----------
    outranked
        Claims of lower sources, and of others that there is no value.
    overruled
        Claims of the same rank as the one that counts, made beside it.
    """

    value: Value | None
    source: str | None
    outranked: Sequence[Claim]
    overruled: Sequence[Claim]


class Precedence(Table):
    """The sources by rank, for every field and for single ones."""

    format: Literal[1]
    clears: frozenset[str] = frozenset()
    sources: Order
    fields: dict[str, Order] = Field(default={})

    @model_validator(mode="after")
    def _names_each_once(self) -> Precedence:
        if EVERY_OTHER not in _names(self.sources):
            raise ValueError(f"sources: “{EVERY_OTHER}”, for all other sources, has to stand there")
        for where, order in (("sources", self.sources), *self.fields.items()):
            names = list(_names(order))
            if twice := [name for name in names if names.count(name) > 1]:
                raise ValueError(f"{where}: “{twice[0]}” stands there twice")
        return self

    def rank(self, source: str, field: str | None = None) -> int:
        """The rank of a source, 0 the highest: for a field, or as a whole."""
        ranks = self._by_field.get(field, self._ranks) if field else self._ranks
        rank = ranks.get(source)
        if rank is None:
            return len(ranks) if source.startswith(UNLISTED) else ranks[EVERY_OTHER]
        return rank

    def judge(
        self,
        field: str,
        now: Claim | None,
        claims: Sequence[Claim],
        *,
        empty_counts: bool = False,
    ) -> Verdict:
        """Decide what a field shall be.

        Parameters
        ----------
        now
            The value that the field has, and whose it is; `None` if it has none.
        claims
            What sources say of it now, at most one value each; of one rank the first counts.
        empty_counts
            Whether everybody's word that there is no value counts as a value.
        """
        holder = now.source if now else None
        counting = [
            one
            for one in claims
            if one.value is not None or empty_counts or one.source == holder or one.source in self.clears
        ]
        best = min(counting, key=lambda one: self.rank(one.source, field), default=None)
        if best is None or (now and self.rank(now.source, field) < self.rank(best.source, field)):
            best = now
        value, source = (best.value, best.source) if best else (None, None)
        lost = [one for one in claims if one.value != value]
        limit = 0 if source is None else self.rank(source, field)
        beside = [one for one in lost if one in counting and self.rank(one.source, field) == limit]
        return Verdict(value, source, [one for one in lost if one not in beside], beside)

    def may_take_over(self, source: str) -> bool:
        """Whether there are sources below this one, whose values become its own where it says the same."""
        return self._takers.get(source, self._takers[EVERY_OTHER])

    def takes_over(self, field: str, holder: str | None, source: str) -> bool:
        """Whether a source that says the same as another answers for the value from then on."""
        return holder is not None and holder != source and self.rank(source, field) < self.rank(holder, field)

    @cached_property
    def _ranks(self) -> Mapping[str, int]:
        return _ranked(self.sources)

    @cached_property
    def _by_field(self) -> Mapping[str, Mapping[str, int]]:
        return {
            field: _ranked((*order, *_without(self.sources, order))) for field, order in self.fields.items()
        }

    @cached_property
    def _takers(self) -> Mapping[str, bool]:
        orders = [self._ranks, *self._by_field.values()]
        return {
            name: any(ranks.get(name, ranks[EVERY_OTHER]) < max(ranks.values()) for ranks in orders)
            for name in {name for ranks in orders for name in ranks}
        }


@cache
def load_precedence(path: Path = _FILE) -> Precedence:
    """Read the order of the sources; raises like `read_table`."""
    return read_table(Precedence, path)


def _names(order: Order) -> Iterator[str]:
    for one in order:
        yield from (one,) if isinstance(one, str) else one


def _without(order: Order, named: Order) -> Order:
    """The order without those who are named elsewhere."""
    names = {*_names(named)}
    ranks = (((one,) if isinstance(one, str) else one) for one in order)
    left = (tuple(one for one in rank if one not in names) for rank in ranks)
    return tuple(filter(None, left))


def _ranked(order: Order) -> dict[str, int]:
    return {
        name: rank for rank, one in enumerate(order) for name in ((one,) if isinstance(one, str) else one)
    }
