"""Pictures at hand: the newest one, and a few of the past. The only module here that remembers anything."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from cmdb.errors import Unavailable
from cmdb.stores.base import Store
from cmdb.views import LIVE, View
from cmdb.vocabulary import Vocabulary
from impact.picture import Picture, take

KEPT = 4


class Shown(NamedTuple):
    """A picture for a question, and whether the store was away so that newer revisions may exist."""

    picture: Picture
    stale: bool


class Pictures:
    """Makes pictures of a store's revisions and keeps the last few.

    Safe for use from several threads. If the store cannot be reached, questions of today are answered from
    the newest picture there is.
    """

    def __init__(self, store: Store, vocabulary: Vocabulary) -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._kept: OrderedDict[int, Picture] = OrderedDict()
        self._lock = threading.Lock()
        self._newest: Picture | None = None
        self._seen: Mapping[str, str] = {}

    def show(self, view: View) -> Shown:
        """The picture of a view.

        Raises
        ------
        NotFound
            If the view names a revision that does not exist yet.
        Unavailable
            If the store is away and there is no picture to answer from.
        """
        try:
            return Shown(self._at(self._revision(view)), stale=False)
        except Unavailable:
            if self._newest is None or view != LIVE:
                raise
            return Shown(self._newest, stale=True)

    def last_seen(self, *, stale: bool) -> Mapping[str, str]:
        """By relation uid, when a source last saw it; with a stale picture, as it was last known.

        Raises
        ------
        Unavailable
            If the store is away, and was there when the picture was shown.
        """
        try:
            self._seen = self._store.last_seen()
        except Unavailable:
            if not stale:
                raise
        return self._seen

    def _revision(self, view: View) -> int:
        if view.revision is not None:
            return view.revision
        return self._store.revision_at(view.instant) if view.instant else self._store.head().revision

    def _at(self, revision: int) -> Picture:
        with self._lock:
            if revision not in self._kept:
                self._keep(take(self._store.read(revision), self._vocabulary))
            self._kept.move_to_end(revision)
            return self._kept[revision]

    def _keep(self, picture: Picture) -> None:
        self._kept[picture.graph.revision] = picture
        if self._newest is None or picture.graph.revision > self._newest.graph.revision:
            self._newest = picture
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
