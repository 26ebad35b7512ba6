"""Quality: which items have an owner, were verified or reach a service, and how relations are known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from impact.arrays.marks import Marks, marked
from impact.arrays.ranges import Numbers
from impact.coverage import stale, survey
from impact.evidence import WAYS_OF_KNOWING, Evidence
from impact.hearing import VERIFIED
from impact.memo import once_per_picture
from impact.owning import owned, owners_of
from impact.picture import Picture


class Quality(NamedTuple):
    """How many configuration items there are, and of how many of them something is known."""

    cis: int
    reach_service: int
    owned: int
    verified: int


class Known(NamedTuple):
    """How many relations there are, how they are known, and how many are verified or stale."""

    total: int
    unsaid: int
    declared: int
    observed: int
    inferred: int
    verified: int
    stale: int


class Grouping(NamedTuple):
    """Items in groups: by number the group that each is in, and what the groups are called."""

    groups: Numbers
    names: Sequence[str | None]


def in_one(picture: Picture) -> Grouping:
    """Everything in one group."""
    return Grouping(np.zeros(len(picture), np.int32), [""])


def by_class(picture: Picture) -> Grouping:
    """A group for each class, in order of their names."""
    return Grouping(picture.classes.astype(np.int32), picture.codes.classes)


@once_per_picture
def by_owner(picture: Picture) -> Grouping:
    """A group for each owner by key, and one for what nobody owns, which is called `None`."""
    owners = owners_of(picture, np.arange(len(picture), dtype=np.int32))
    told: dict[str | None, int] = {None: 0}
    groups = np.fromiter((told.setdefault(one, len(told)) for one in owners), np.int32, len(owners))
    return Grouping(groups, list(told))


def quality(picture: Picture, among: Marks, by: Grouping) -> list[Quality]:
    """Count the live configuration items among some items, by group.

    Parameters
    ----------
    among
        By number, whether the item is looked at.
    """
    cis = picture.cis & among
    columns = [
        np.bincount(by.groups[cis & marks], minlength=len(by.names)).tolist() for marks in _marks(picture)
    ]
    return [Quality(*row) for row in zip(*columns, strict=True)]


def known(some: Evidence, at: datetime, by: Grouping) -> list[Known]:
    """Count relations by the group of their ends; one between two groups is in both."""
    source, target = by.groups[some.sources], by.groups[some.targets]
    apart = source != target
    ways = [some.known == code for code in range(len(WAYS_OF_KNOWING))]
    every = np.ones(len(some.last), np.bool_)
    columns = [
        (
            np.bincount(source[marks], minlength=len(by.names))
            + np.bincount(target[marks & apart], minlength=len(by.names))
        ).tolist()
        for marks in (every, *ways, some.verified, stale(some.last, at))
    ]
    return [Known(*row) for row in zip(*columns, strict=True)]


@once_per_picture
def verified(picture: Picture) -> Marks:
    """By number, whether anybody ever verified the item."""
    # Inside a text of JSON a quote would have a backslash before it, so this is nothing but a field's name.
    return marked(picture.details.holding(f'"{VERIFIED}":'.encode()), len(picture))


def _marks(picture: Picture) -> tuple[Marks, ...]:
    everything = np.arange(len(picture), dtype=np.int32)
    all_of_it = np.ones(len(picture), np.bool_)
    return all_of_it, survey(picture).reached, owned(picture, everything), verified(picture)
