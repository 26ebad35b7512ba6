"""The rows of what is hit, told column by column: there may be very many of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import repeat

import numpy as np

from cmdb.errors import WrongUsage
from cmdb.harm import State
from cmdb.spelling import did_you_mean
from impact.answer import Answer
from impact.arrays.ranges import Numbers
from impact.documents.brief import Document
from impact.sweep import Harm
from impact.wording import standing_sentence

Columns = Mapping[str, Callable[[Answer, Numbers], Sequence[object]]]
"""By field, what it tells of some items."""

_WORDS = [state.word for state in State]


def check_fields(fields: Collection[str]) -> None:
    """Refuse fields that no row has.

    Raises
    ------
    WrongUsage
        If there is no such field, or none is wanted.
    """
    unknown = next((name for name in fields if name not in _AFFECTED), None)
    if unknown is not None or not fields:
        hint = "" if unknown is None else did_you_mean(unknown, FIELDS)
        raise WrongUsage(
            f"“{unknown or ''}” is no field of a row.{hint} The fields are: {', '.join(FIELDS)}."
        )


def affected_rows(answer: Answer, fields: Collection[str]) -> list[Document]:
    """One row for each affected item, with the fields that are wanted."""
    return _rows(answer, answer.affected, _AFFECTED, fields)


def already_rows(answer: Answer, fields: Collection[str]) -> list[Document]:
    """One row for each item that is hurt anyway, with those of the wanted fields that it has, and `alone`."""
    return _rows(answer, answer.already, _ALREADY, {*fields, "alone"})


def _rows(answer: Answer, places: Sequence[int], columns: Columns, fields: Collection[str]) -> list[Document]:
    wanted = [name for name in columns if name in fields]
    told = [columns[name](answer, np.array(places, np.int32)) for name in wanted]
    return as_rows(wanted, told)


def as_rows(names: Sequence[str], columns: Sequence[Sequence[object]]) -> list[Document]:
    """Columns as rows: for each place one dict of all names."""
    return list(map(dict, map(zip, repeat(names), zip(*columns, strict=True))))


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


def absorbed_rows(answer: Answer) -> list[Document]:
    """One row for each group that lost members and held."""
    places, standings = np.array(list(answer.absorbed), np.int32), list(answer.absorbed.values())
    names = [*_ITEM, "needs", "members", "up", "margin", "detail"]
    told = [column(answer, places) for column in _ITEM.values()]
    counts = [[standing[at] for standing in standings] for at in range(3)]
    margins = [standing.margin for standing in standings]
    return as_rows(names, [*told, *counts, margins, list(map(standing_sentence, standings))])


_ITEM: Columns = {
    "key": lambda answer, places: answer.picture.keys.some(places),
    "class": _classes,
    "name": lambda answer, places: answer.picture.names.some(places),
}

_AFFECTED: Columns = {
    **_ITEM,
    "state": lambda answer, places: _states(answer.harm, places),
    "before": lambda answer, places: _states(answer.before, places),
    "distance": lambda answer, places: answer.harm.steps[places].tolist(),
    "tier": _tiers,
    "tipped_by": _tipped_by,
}

_ALREADY: Columns = {
    **_ITEM,
    "state": lambda answer, places: _states(answer.before, places),
    "alone": lambda answer, places: _states(answer.alone, places),
}

FIELDS = tuple(_AFFECTED)
"""What a row can tell, in this order."""
