"""A next picture's items."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from impact.arrays.growing import Number
from impact.arrays.texts import Texts, Words
from impact.picture import FACETS, Picture

TEXTS = ("keys", "names", "details", "folded")


@dataclass
class ItemNews:
    """Items as they are now: what goes into each column, in order of their arrival."""

    places: list[int] = field(default_factory=list)
    texts: dict[str, Words] = field(default_factory=lambda: {name: Words() for name in TEXTS})
    called: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    facets: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in FACETS})
    versions: list[int] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)


def with_items(before: Picture, news: ItemNews, new: list[str]) -> Picture:
    """The picture with its items as they are now.

    Parameters
    ----------
    new
        The uids of those that were not there, in order of their numbers.
    """
    if not news.places:
        return before
    first, length = len(before), len(before) + len(new)
    places = np.array(news.places, np.int32)
    added, is_new = np.arange(first, length, dtype=np.int32), places >= first

    def column(name: str, old: NDArray[Number], values: list[int]) -> NDArray[Number]:
        told = np.array(values, old.dtype)
        if np.array_equal(old[places[~is_new]], told[~is_new]):
            found = before.room.longer(name, old, length)
            found[places[is_new]] = told[is_new]
        else:
            found = before.room.changed(name, old, length, places[~is_new])
            found[places] = told
        return found

    def texts(name: str) -> Texts:
        old: Texts = getattr(before, name)
        return old.replaced(places, news.texts[name], length)

    keys = texts("keys")
    renamed = places[before.keys.changed(places, news.texts["keys"])]
    return replace(
        before,
        uids=before.uids.replaced(added, Words(uid.encode() for uid in new), length),
        keys=keys,
        names=texts("names"),
        details=texts("details"),
        folded=texts("folded"),
        called=column("called", before.called, news.called),
        classes=column("classes", before.classes, news.classes),
        facets={name: column(name, before.facets[name], values) for name, values in news.facets.items()},
        versions=column("versions", before.versions, news.versions),
        origins=column("origins", before.origins, news.origins),
        order=before.order.replaced(renamed, keys),
        index=before.index.with_more(new, first),
    )
