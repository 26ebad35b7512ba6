"""One thing told several times: what all agree on is kept, the rest is left out and said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from cmdb.words import listed, natural

V = TypeVar("V")


def agreed(each: Iterable[Mapping[str, V]]) -> tuple[dict[str, V], list[str]]:
    """The values that nobody contradicts, and the names of the others.

    Examples
    --------
    >>> agreed([{"tier": 1, "owner": "ops"}, {"tier": 2}])
    ({'owner': 'ops'}, ['tier'])
    """
    values: dict[str, V] = {}
    differing: set[str] = set()
    for one in each:
        for name, value in one.items():
            if values.setdefault(name, value) != value:
                differing.add(name)
    return {name: value for name, value in values.items() if name not in differing}, sorted(differing)


def contradiction(what: str, fields: Sequence[str], places: Iterable[str]) -> str:
    """The warning of what was left out, and where it stands."""
    where = listed(sorted(set(places), key=natural))
    left_out = f"{listed(fields)} {'is' if len(fields) == 1 else 'are'} left out"
    return f"{what} is described differently at {where}: {left_out}."


def overruled(what: str, source: str, field: str) -> str:
    """The warning of a value that does not count, because another source gave one before."""
    return f"{what}: {source} gives another {field} than a source read before it, which is kept."
