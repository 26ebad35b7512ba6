"""Exposure: which projects have a stake in what a change touches or may hit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from impact.assessing.assessment import Assessment
from impact.picture import Picture


class Exposed(NamedTuple):
    """Something that a project is to bring about, and what threatens it.

    Attributes
    ----------
    project
        The project, or the item itself where it is part of none.
    item
        The project, deliverable or milestone that has a stake.
    place
        What it has a stake in.
    """

    project: int
    item: int
    place: int


def exposed(assessment: Assessment) -> list[Exposed]:
    """Whatever has a stake in what is touched, or hit if one step fails; in order of keys."""
    picture, hit = assessment.picture, assessment.runs.credible.answer.affected
    places = np.array(sorted({*assessment.touched, *hit}), np.int32)
    owner, rows = picture.backwards.rows(places)
    told = picture.codes.has_stake[rows["type"]] & picture.active[rows["source"]]
    pairs = set(zip(rows["source"][told].tolist(), owner[told].tolist(), strict=True))
    order = sorted(pairs, key=lambda pair: (int(picture.rank[pair[0]]), int(picture.rank[pair[1]])))
    return [Exposed(_whole(picture, item), item, place) for item, place in order]


def _whole(picture: Picture, item: int) -> int:
    """The outermost of the things whose plan an item's plan is part of; the first in order of several."""
    seen, place = set[int](), item
    while place not in seen:
        seen.add(place)
        rows = picture.backwards.rows(np.array([place], np.int32)).rows
        above = rows["source"][picture.codes.joins_plans[rows["type"]]]
        plans = [one for one in picture.in_order(set(above.tolist())) if _has_plan(picture, one)]
        if not plans or not _has_plan(picture, place):
            return place
        place = plans[0]
    return item


def _has_plan(picture: Picture, place: int) -> bool:
    return picture.vocabulary.classes[picture.class_name(place)].plans
