"""Which items of an estate are asked about: the same ones for whoever stands beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from cmdb.harm import State
from impact.picture import Picture
from impact.sweep import sweep, undisturbed

LARGE = 5_000
"""A root is large if it affects so many configuration items."""
LARGE_AT_MOST = 15
LARGE_AT_LEAST = 3
"""An estate with fewer large roots is asked about its largest ones instead."""
USUAL_AT_MOST = 400
HUBS_TRIED = 200


class Root(NamedTuple):
    """An item by its number, and how many configuration items it affects when it is out."""

    place: int
    affected: int


class Roots(NamedTuple):
    """What is asked about.

    Attributes
    ----------
    large
        Those with large blast radii, from the smallest to the largest.
    usual
        Items drawn at random from those that could hurt another.
    """

    large: Sequence[Root]
    usual: Sequence[Root]

    @property
    def typical(self) -> Root:
        """The usual root in the middle."""
        return sorted(self.usual, key=_affected)[len(self.usual) // 2]


def choose(picture: Picture, seed: int) -> Roots:
    """Choose the roots of an estate: the same ones in each run."""
    could = np.flatnonzero(picture.cis & (picture.out.count > 0))
    drawn = Random(seed).sample(could.tolist(), min(USUAL_AT_MOST, len(could)))
    hubs = could[np.argsort(-picture.out.count[could], kind="stable")][:HUBS_TRIED].tolist()
    floor = undisturbed(picture)
    found: dict[int, Root] = {}
    for place in dict.fromkeys((*drawn, *hubs)):
        hurt = sweep(picture, {place: State.OUT}, floor).hurt
        found[place] = Root(place, int(np.count_nonzero(picture.cis[hurt])) - 1)
    return Roots(_large(sorted(found.values(), key=_affected)), [found[place] for place in drawn])


def _large(ascending: Sequence[Root]) -> list[Root]:
    """The large ones, or the largest; of many some that are spread evenly by size."""
    large = [root for root in ascending if root.affected >= LARGE]
    if len(large) < LARGE_AT_LEAST:
        return list(ascending[-LARGE_AT_MOST:])
    return spread(large, LARGE_AT_MOST)


def spread(roots: Sequence[Root], most: int) -> list[Root]:
    """At most so many of some roots, the first and the last among them."""
    at = np.linspace(0, len(roots) - 1, min(most, len(roots))).round().astype(int).tolist()
    return [roots[one] for one in at]


def _affected(root: Root) -> int:
    return root.affected
