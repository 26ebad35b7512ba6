"""Quality: which items have an owner, were verified or reach a service, by class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from impact.arrays.marks import Marks, marked
from impact.coverage import survey
from impact.hearing import VERIFIED
from impact.memo import once_per_picture
from impact.owning import owned
from impact.picture import Picture


class Quality(NamedTuple):
    """How many configuration items there are, and of how many of them something is known."""

    cis: int
    reach_service: int
    owned: int
    verified: int


def quality(picture: Picture, among: Marks) -> Quality:
    """Count the live configuration items among some items.

    Parameters
    ----------
    among
        By number, whether the item is looked at.
    """
    cis = picture.cis & among
    return Quality(*(int(np.count_nonzero(cis & marks)) for marks in _marks(picture)))


def quality_by_class(picture: Picture, among: Marks) -> dict[str, Quality]:
    """The same for each class that has any, in order of their names."""
    cis, classes = picture.cis & among, picture.codes.classes
    columns = [
        np.bincount(picture.classes[cis & marks], minlength=len(classes)).tolist()
        for marks in _marks(picture)
    ]
    rows = (Quality(*row) for row in zip(*columns, strict=True))
    return {name: row for name, row in zip(classes, rows, strict=True) if row.cis}


@once_per_picture
def verified(picture: Picture) -> Marks:
    """By number, whether anybody ever verified the item."""
    # Inside a text of JSON a quote would have a backslash before it, so this is nothing but a field's name.
    return marked(picture.details.holding(f'"{VERIFIED}":'.encode()), len(picture))


def _marks(picture: Picture) -> tuple[Marks, ...]:
    everything = np.arange(len(picture), dtype=np.int32)
    all_of_it = np.ones(len(picture), np.bool_)
    return all_of_it, survey(picture).reached, owned(picture, everything), verified(picture)
