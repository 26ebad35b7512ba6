"""Pictures at hand: the newest one, and a few others. The only module here that remembers anything."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cmdb.errors import Unavailable
from cmdb.patience import seconds_left
from cmdb.stores.base import Head, Store
from cmdb.values import instant
from cmdb.viewing import Place, around, locate, part_at
from cmdb.views import LIVE, View
from cmdb.vocabulary import Vocabulary
from impact.compacting import compacted, is_crowded
from impact.following import follow, take_scan
from impact.hearing import hear
from impact.picture import Picture, blank
from impact.snapshot import Snapshots, hash_at

log = logging.getLogger(__name__)

FEW = 1_000
"""So many changes are always followed; more only if they are not a quarter of all there is."""
CLOCKS_APART = timedelta(days=1)
"""How much earlier than the newest one a sighting may be told that is told later."""
KEPT = 4
"""How many pictures of other moments and of plans are kept."""


class Shown(NamedTuple):
    """A picture for a question, and whether the store was away so that newer revisions may exist."""

    picture: Picture
    stale: bool


class Pictures:
    """Makes pictures of a store's views and keeps the last few.

    The picture of today follows the commits of whoever writes to the store. Safe for use from several
    threads: a picture is never changed, and whoever asks waits for no picture but the one that is asked for.
    If the store cannot be reached, questions of today are answered from the newest picture there is.
    """

    def __init__(self, store: Store, vocabulary: Vocabulary, snapshots: Snapshots | None = None) -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._snapshots = snapshots
        self._live = blank(vocabulary)
        self._hash: str | None = None
        self._kept: OrderedDict[Place, Picture] = OrderedDict()
        self._newest: dict[View, Picture] = {}
        self._lock = threading.Lock()
        self._making: dict[Place, Future[Picture]] = {}
        self._tidying: threading.Thread | None = None

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
            picture = self._of(view)
        except Unavailable:
            if view not in self._newest:
                raise
            return Shown(self._newest[view], stale=True)
        if view.is_present:
            self._remember(view, picture)
        return Shown(picture, stale=False)

    def _of(self, view: View) -> Picture:
        head = self._store.head()
        self._forget_another_past(head)
        place = Place(head.revision) if view == LIVE else locate(self._store, self._vocabulary, view)
        if len(self._live) and head.reports != self._live.reports:
            self._hear(head)
        return self._at(place, head)

    def _forget_another_past(self, head: Head) -> None:
        """Begin anew where the store has been filled with another history since."""
        live = self._live
        if not live.revision or (head.revision, head.time) == (live.revision, live.time):
            return
        if hash_at(self._store, live.revision) != self._hash:
            log.warning("the store has another history than before; its picture is made anew")
            with self._lock:
                self._live = blank(self._vocabulary)
                self._kept.clear()
                self._newest.clear()

    def _at(self, place: Place, head: Head) -> Picture:
        """The picture of a place, made by one thread while others who want the same one wait.

        It is made to the end even if those who want it do not wait as long: so it is there for the next.
        """
        found = self._at_hand(place)
        if found is not None:
            return found
        with self._lock:
            making = self._making.get(place)
            mine = making is None
            if making is None:
                making = self._making[place] = Future()
        if mine and seconds_left() is None:
            self._make(place, head, making)
        elif mine:
            threading.Thread(target=self._make, args=(place, head, making), daemon=True).start()
        try:
            return making.result(seconds_left())
        except TimeoutError:
            raise Unavailable(
                "What this view looks like is being worked out. Ask again in a moment."
            ) from None

    def _make(self, place: Place, head: Head, making: Future[Picture]) -> None:
        """Make a picture and hand it to all who wait for it, or what went wrong."""
        try:
            found = self._at_hand(place)
            if found is None:
                found = self._laid_over(place, head) if place.owners else self._bare(place.revision, head)
                self._keep(place, found)
        except BaseException as error:  # noqa: BLE001  it is raised by those who wait
            making.set_exception(error)
        else:
            making.set_result(found)
        finally:
            with self._lock:
                del self._making[place]

    def _at_hand(self, place: Place) -> Picture | None:
        with self._lock:
            if place == Place(self._live.revision) and len(self._live):
                return self._live
            if place in self._kept:
                self._kept.move_to_end(place)
            return self._kept.get(place)

    def _keep(self, place: Place, picture: Picture) -> None:
        newer = not place.owners and picture.revision >= self._live.revision
        hashed = hash_at(self._store, picture.revision) if newer else None
        with self._lock:
            if newer and picture.revision >= self._live.revision:
                self._live, self._hash = picture, hashed
            else:
                self._kept[place] = picture
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        if is_crowded(picture) and picture is self._live and self._tidying is None:
            self._tidying = threading.Thread(target=self._tidy, name="pictures", daemon=True)
            self._tidying.start()

    def _bare(self, revision: int, head: Head) -> Picture:
        """The picture of a revision: followed from the newest one before it, or made of everything."""
        base = self._live
        if not len(base) and self._snapshots:
            base = self._snapshots.open(self._store, self._vocabulary) or base
        if len(base) and base.revision <= revision:
            followed = self._followed(base, revision)
            if followed is not None:
                return self._knowing(followed, head)
        picture = self._knowing(take_scan(self._store.scan(revision), self._vocabulary), head)
        if self._snapshots and revision > base.revision:
            self._snapshots.write(picture, self._store)
        return picture

    def _followed(self, base: Picture, revision: int) -> Picture | None:
        """The picture of a later revision; `None` if that takes longer than reading everything."""
        if base.revision == revision:
            return base
        touched = self._store.touched(base.revision, revision)
        if len(touched) > max(FEW, len(base) // 4):
            return None
        return follow(base, self._store.read(revision, touched), touched)

    def _knowing(self, picture: Picture, head: Head) -> Picture:
        """A picture that knows what sources have seen, of which it may know a part."""
        if picture.reports == head.reports:
            return picture
        since = instant(datetime.fromtimestamp(picture.heard, UTC) - CLOCKS_APART) if picture.heard else ""
        return hear(picture, self._store.last_seen(since), head.reports)

    def _laid_over(self, place: Place, head: Head) -> Picture:
        base = self._at(Place(place.revision), head)
        wanted = around(self._store, place, ())
        return follow(base, part_at(self._store, place, wanted), wanted)

    def _hear(self, head: Head) -> None:
        """Take in what sources have seen again: it is evidence for relations, whenever they are looked at."""
        live = self._knowing(self._live, head)
        with self._lock:
            if self._live.revision == live.revision:
                self._live = live
            self._kept.clear()

    def _tidy(self) -> None:
        """Put the rows of the picture of today together again, and go on from there."""
        try:
            live = self._live
            tidied = compacted(live)
            if self._snapshots:
                self._snapshots.write(tidied, self._store)
            followed = self._followed(tidied, self._live.revision)
            with self._lock:
                if (
                    followed is not None
                    and followed.revision >= self._live.revision
                    and followed.reports == self._live.reports
                ):
                    self._live = followed
        except Unavailable as error:
            log.info("the rows of the picture stay where they are: %s", error)
        finally:
            self._tidying = None

    def _remember(self, view: View, picture: Picture) -> None:
        """Keep the newest picture of a view of today, for when the store is away."""
        with self._lock:
            before = self._newest.pop(view, None)
            if before is None or before.revision <= picture.revision:
                before = picture
            self._newest[view] = before
            while len(self._newest) > KEPT:
                del self._newest[next(one for one in self._newest if one != LIVE)]
