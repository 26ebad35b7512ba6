"""Which items a selection means in a picture, and the part of the graph that they are.

This is the only module that knows both selections and pictures.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

import numpy as np

from cmdb.model import STATUS, Graph
from cmdb.selection import Both, Condition, Either, Named, Others, Selection, Walk
from impact.arrays.marks import Marks, marked
from impact.owning import OWNER, whose_owner
from impact.picture import FACETS, Link, Picture
from impact.reach import FARTHEST, downstream, upstream
from impact.rules import rules


class Part(NamedTuple):
    """A part of a graph: some items with the relations among them, and the relations that lead out of it."""

    graph: Graph
    cut: list[Link]


def select(picture: Picture, selection: Selection) -> list[int]:
    """The numbers of the items that a selection means, in order of their keys.

    Raises
    ------
    NotFound
        If it names a key that nothing has.
    """
    return picture.in_order(np.flatnonzero(_meant(picture, selection)).tolist())


def part(picture: Picture, places: Collection[int]) -> Part:
    """The part of the graph that some items are; what is cut comes in order."""
    inside = set(places)
    links = {link for place in inside for link in picture.relations_at(place)}
    cut = [link for link in links if not {link.source, link.target} <= inside]
    return Part(picture.graph(inside), sorted(cut, key=picture.link_order))


def _meant(picture: Picture, selection: Selection) -> Marks:
    match selection:
        case Named(key):
            return marked([picture.find(key)], len(picture))
        case Condition():
            return _meeting(picture, selection)
        case Walk():
            return _reached(picture, selection)
        case Others(than):
            return ~_meant(picture, than)
        case Both(parts):
            return reduce(and_, (_meant(picture, one) for one in parts))
        case Either(parts):
            return reduce(or_, (_meant(picture, one) for one in parts))


def _reached(picture: Picture, walk: Walk) -> Marks:
    """What a walk comes to, its start included."""
    way = upstream if walk.direction == "upstream" else downstream
    starts = np.flatnonzero(_meant(picture, walk.start)).tolist()
    within = FARTHEST if walk.within is None else walk.within
    return way(picture, starts, within).marks(len(picture))


def _meeting(picture: Picture, condition: Condition) -> Marks:
    """Every item that meets a condition; each value is looked at once."""
    name, accepts, classes = condition.field, condition.accepts, picture.codes.classes
    if name == OWNER:
        return whose_owner(picture, accepts)
    if name in FACETS:
        absent = rules().status.absent if name == STATUS else None
        return picture.where(name, lambda value: accepts(absent if value is None else str(value)))
    if name in {"class", "family"}:
        called = classes if name == "class" else [picture.vocabulary.classes[one].family for one in classes]
        return np.array([accepts(one) for one in called], np.bool_)[picture.classes]
    texts = picture.keys if name == "key" else picture.names
    return np.array([accepts(text) for text in texts.all()], np.bool_)
