"""Unresolved references: what sources say of items that are here and others that are not."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from cmdb.references import Reference, names_resolved, references_of
from impact.memo import once_per_picture
from impact.picture import Picture

Way = tuple[str, bool]
"""A type of relations, and whether they lead to the item in question."""


class Unresolved(NamedTuple):
    """A reference that leads nowhere.

    Attributes
    ----------
    source, place
        The numbers of the source's own item, and of the item that refers.
    """

    source: int
    place: int
    reference: Reference


@once_per_picture
def unresolved(picture: Picture) -> list[Unresolved]:
    """All references that lead nowhere, in order of the keys and of what they say.

    One for which somebody has added a relation is resolved, whether its source knows of it or not.
    """
    found: dict[int, list[Unresolved]] = defaultdict(list)
    for source in np.flatnonzero(picture.codes.is_source[picture.classes]).tolist():
        for one in references_of(picture.attributes(source)):
            place = picture.number(one.key)
            if place is not None and not picture.is_retired(place):
                found[place].append(Unresolved(source, place, one))
    some = (one for place in picture.in_order(found) for one in _left(picture, place, found[place]))
    return sorted(some, key=lambda one: (picture.rank[one.place], one.reference, picture.rank[one.source]))


def _left(picture: Picture, place: int, some: list[Unresolved]) -> list[Unresolved]:
    """Those of an item's references for which it has no relation."""
    resolved: dict[Way, set[str]] = defaultdict(set)
    for link in picture.relations_at(place):
        back = link.target == place
        other = link.source if back else link.target
        attributes = picture.relation(link).attributes
        names = names_resolved(picture.keys[other], picture.names[other], attributes)
        resolved[link.type, back] |= names
    return [one for one in some if one.reference.name not in resolved[one.reference.type, one.reference.back]]
