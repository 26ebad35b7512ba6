"""The rows of what is hit, told column by column: there may be very many of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import repeat

import numpy as np

from cmdb.errors import WrongUsage
from cmdb.harm import State
from cmdb.spelling import did_you_mean
from impact.answer import Answer, Standing
from impact.arrays.ranges import Numbers
from impact.documents.brief import Document
from impact.picture import Picture
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


def _classes(picture: Picture, places: Numbers) -> list[str]:
    names = picture.codes.classes
    return [names[code] for code in picture.classes[places].tolist()]


def _tiers(answer: Answer, places: Numbers) -> list[int | None]:
    tiers = answer.picture.tiers
    return [tiers[code] for code in answer.picture.facets["tier"][places].tolist()]


def _tipped_by(answer: Answer, places: Numbers) -> list[Document]:
    links = answer.all_tipped_by(places.tolist())
    ends = np.unique(np.array([(link.source, link.target) for link in links], np.int32))
    keys = dict(zip(ends.tolist(), answer.picture.keys.some(ends), strict=True))
    return [{"source": keys[source], "type": kind, "target": keys[target]} for source, kind, target in links]


def standing_rows(picture: Picture, standings: Mapping[int, Standing]) -> list[Document]:
    """One row for each of some groups: how it stands."""
    places, found = np.array(list(standings), np.int32), list(standings.values())
    item = picture.keys.some(places), _classes(picture, places), picture.names.some(places)
    counts = [[standing[at] for standing in found] for at in range(len(Standing._fields))]
    margins = [standing.margin for standing in found]
    names = ["key", "class", "name", *Standing._fields, "margin", "detail"]
    return as_rows(names, [*item, *counts, margins, list(map(standing_sentence, found))])


_ITEM: Columns = {
    "key": lambda answer, places: answer.picture.keys.some(places),
    "class": lambda answer, places: _classes(answer.picture, places),
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
