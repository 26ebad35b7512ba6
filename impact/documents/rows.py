"""The rows of what is hit, told column by column: there may be very many of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np

from cmdb.errors import WrongUsage
from cmdb.harm import State
from cmdb.spelling import did_you_mean
from impact.answer import Answer
from impact.arrays.ranges import Numbers
from impact.documents.brief import Document
from impact.sweep import Harm

_WORDS = [state.word for state in State]


def rows(answer: Answer, places: Sequence[int], fields: Collection[str]) -> list[Document]:
    """One row for each of some affected items, with the fields that are wanted.

    Raises
    ------
    WrongUsage
        If there is no such field, or none is wanted.
    """
    unknown = next((name for name in fields if name not in _COLUMNS), None)
    if unknown is not None or not fields:
        hint = "" if unknown is None else did_you_mean(unknown, FIELDS)
        raise WrongUsage(
            f"“{unknown or ''}” is no field of a row.{hint} The fields are: {', '.join(FIELDS)}."
        )
    wanted = [name for name in FIELDS if name in fields]
    columns = [_COLUMNS[name](answer, np.array(places, np.int32)) for name in wanted]
    return [dict(zip(wanted, values, strict=True)) for values in zip(*columns, strict=True)]


def _states(harm: Harm, places: Numbers) -> list[str]:
    return [_WORDS[state] for state in harm.states[places].tolist()]


def _classes(answer: Answer, places: Numbers) -> list[str]:
    names = answer.picture.codes.classes
    return [names[code] for code in answer.picture.classes[places].tolist()]


def _tiers(answer: Answer, places: Numbers) -> list[int | None]:
    tiers = answer.picture.tiers
    return [tiers[code] for code in answer.picture.facets["tier"][places].tolist()]


def _tipped_by(answer: Answer, places: Numbers) -> list[Document]:
    links = answer.all_tipped_by(places.tolist())
    ends = np.unique(np.array([(link.source, link.target) for link in links], np.int32))
    keys = dict(zip(ends.tolist(), answer.picture.keys.some(ends), strict=True))
    return [{"source": keys[source], "type": kind, "target": keys[target]} for source, kind, target in links]


_COLUMNS: Mapping[str, Callable[[Answer, Numbers], Sequence[object]]] = {
    "key": lambda answer, places: answer.picture.keys.some(places),
    "class": _classes,
    "name": lambda answer, places: answer.picture.names.some(places),
    "state": lambda answer, places: _states(answer.harm, places),
    "before": lambda answer, places: _states(answer.before, places),
    "distance": lambda answer, places: answer.harm.steps[places].tolist(),
    "tier": _tiers,
    "tipped_by": _tipped_by,
}

FIELDS = tuple(_COLUMNS)
"""What a row can tell, in this order."""
