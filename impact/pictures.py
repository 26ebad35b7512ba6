"""Pictures at hand: the newest one, and a few of the past. The only module here that remembers anything."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from cmdb.errors import Unavailable
from cmdb.model import Graph
from cmdb.stores.base import Store
from cmdb.viewing import Place, laid_over, locate, plans_at
from cmdb.views import LIVE, View
from cmdb.vocabulary import Vocabulary
from impact.picture import Picture, take

KEPT = 4


class Shown(NamedTuple):
    """A picture for a question, and whether the store was away so that newer revisions may exist."""

    picture: Picture
    stale: bool


class Pictures:
    """Makes pictures of a store's views and keeps the last few.

    Safe for use from several threads. If the store cannot be reached, questions of today are answered from
    the newest picture there is.
    """

    def __init__(self, store: Store, vocabulary: Vocabulary) -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._kept: OrderedDict[Place, Picture] = OrderedDict()
        self._lock = threading.Lock()
        self._newest: dict[View, Picture] = {}
        self._seen: tuple[int | None, Mapping[str, str]] = None, {}

    def show(self, view: View) -> Shown:
        """The picture of a view.

        Raises
        ------
        NotFound
            If the view names a revision that does not exist yet, or a plan whose owner does not.
        Conflict
            If a plan does not fit what is there, or another plan.
        Unavailable
            If the store is away and there is no picture to answer from.
        """
        try:
            return Shown(self._at(view), stale=False)
        except Unavailable:
            if view not in self._newest:
                raise
            return Shown(self._newest[view], stale=True)

    def last_seen(self, *, stale: bool) -> Mapping[str, str]:
        """By relation uid, when a source last saw it; with a stale picture, as it was last known.

        Raises
        ------
        Unavailable
            If the store is away, and was there when the picture was shown.
        """
        try:
            reports = self._store.head().reports
            if reports != self._seen[0]:
                self._seen = reports, self._store.last_seen()
        except Unavailable:
            if not stale:
                raise
        return self._seen[1]

    def _at(self, view: View) -> Picture:
        place = locate(self._store, self._vocabulary, view)
        with self._lock:
            if place not in self._kept:
                self._kept[place] = take(self._graph(place), self._vocabulary)
            self._kept.move_to_end(place)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            picture = self._kept[place]
            if view.is_present:
                self._remember(view, picture)
            return picture

    def _graph(self, place: Place) -> Graph:
        """A view's graph, laid over the one that is at hand where there is one."""
        if not place.owners:
            return self._store.read(place.revision)
        bare = self._kept.get(Place(place.revision))
        graph = bare.graph if bare else self._store.read(place.revision)
        return laid_over(self._store, graph, plans_at(self._store, place))

    def _remember(self, view: View, picture: Picture) -> None:
        """Keep the newest picture of a view of today, for when the store is away."""
        before = self._newest.pop(view, None)
        if before is None or before.graph.revision <= picture.graph.revision:
            before = picture
        self._newest[view] = before
        while len(self._newest) > KEPT:
            del self._newest[next(one for one in self._newest if one != LIVE)]
