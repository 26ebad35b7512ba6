"""The lists behind the numbers that tell how good the data is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from cmdb.values import instant
from impact.arrays.marks import Marks
from impact.coverage import stale, survey
from impact.documents.brief import Document, head, relation
from impact.documents.data import relations_at, unresolved_part
from impact.documents.fixes import FixWriter
from impact.documents.found import found_row
from impact.evidence import WAYS_OF_KNOWING, Evidence
from impact.owning import owned
from impact.picture import Picture
from impact.quality import verified
from impact.wording import ago


class _Items(NamedTuple):
    """A list of configuration items: what is said of one and of many, and which it holds."""

    one: str
    many: str
    which: Callable[[Picture], Marks]


class _Relations(NamedTuple):
    """A list of relations: what is said of them, and which it holds at an instant."""

    said: str
    which: Callable[[Evidence, datetime], Marks]


def _known(way: str) -> Callable[[Evidence, datetime], Marks]:
    code = WAYS_OF_KNOWING.index(way)
    return lambda some, _: some.known == code


def _unrelated(picture: Picture) -> Marks:
    found = np.zeros(len(picture), np.bool_)
    found[list(survey(picture).unmapped)] = True
    return found


def _ownerless(picture: Picture) -> Marks:
    return ~owned(picture, np.arange(len(picture), dtype=np.int32))


ITEMS = {
    "cis": _Items("is there", "are there", lambda picture: picture.cis),
    "unmapped": _Items("has no relations", "have no relations", _unrelated),
    "unreached": _Items("reaches no service", "reach no service", lambda picture: ~survey(picture).reached),
    "unowned": _Items("has no owner", "have no owner", _ownerless),
    "unverified": _Items("was never verified", "were never verified", lambda picture: ~verified(picture)),
}
RELATIONS = {
    "relations": _Relations("carry harm", lambda some, _: np.ones(len(some.last), np.bool_)),
    "declared": _Relations("are declared", _known("declared")),
    "observed": _Relations("are observed", _known("observed")),
    "inferred": _Relations("are only inferred", _known("inferred")),
    "unsaid": _Relations("do not say how they are known", _known("unsaid")),
    "verified": _Relations("are verified", lambda some, _: some.verified),
    "unconfirmed": _Relations("were never verified", lambda some, _: ~some.verified),
    "stale": _Relations("are stale", lambda some, at: stale(some.last, at)),
}
REFERENCES = "references"
LISTS = (*ITEMS, *RELATIONS, REFERENCES)
"""Every list: of items, of relations, and of references that lead nowhere."""


class Listed(NamedTuple):
    """What is listed.

    Attributes
    ----------
    name
        One of `LISTS`.
    among
        By number, whether an item is looked at; a relation is if one of its ends is.
    part
        Which rows are written out: of items the most important first, of relations those that nobody has
        seen for the longest time.
    """

    name: str
    among: Marks
    part: slice


def list_document(picture: Picture, view: str, at: datetime, wanted: Listed) -> Document:
    """Write out a part of one list."""
    name, among, part = wanted
    if name in ITEMS:
        said, (total, rows) = ITEMS[name], _items(picture, among & ITEMS[name].which(picture), part)
        detail = f"{total:,} live CI{'' if total == 1 else 's'} {said.one if total == 1 else said.many}."
    elif name in RELATIONS:
        every = relations_at(picture, among)
        some = every.where(RELATIONS[name].which(every, at))
        total, rows = len(some.last), _relations(picture, some, at, part)
        detail = f"{total:,} of {len(every.last):,} relations {RELATIONS[name].said}."
    else:
        found = unresolved_part(picture, among, FixWriter(picture))
        total, rows = len(found), found[part]
        detail = f"{total:,} reference{' leads' if total == 1 else 's lead'} nowhere."
    return {**head(picture, view, at), "list": name, "detail": detail, "total": total, "items": rows}


def _items(picture: Picture, marks: Marks, part: slice) -> tuple[int, list[Document]]:
    places = np.flatnonzero(picture.cis & marks)
    first = places[np.lexsort((picture.rank[places], picture.weights[places]))][part]
    return len(places), [found_row(picture, place) for place in first.tolist()]


def _relations(picture: Picture, some: Evidence, at: datetime, part: slice) -> list[Document]:
    order = np.lexsort((picture.rank[some.targets], some.types, picture.rank[some.sources], some.last))
    return [_relation(picture, some, row, at) for row in order[part].tolist()]


def _relation(picture: Picture, some: Evidence, row: int, at: datetime) -> Document:
    link, seconds = some.link(picture, row), int(some.last[row])
    newest = datetime.fromtimestamp(seconds, UTC) if seconds else None
    return {
        **relation(picture, link),
        "detail": picture.sentence(link),
        "known": WAYS_OF_KNOWING[some.known[row]],
        "verified": bool(some.verified[row]),
        "last_seen": instant(newest) if newest else None,
        "evidence": ago(newest, at) if newest else "never",
    }
