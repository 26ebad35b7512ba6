"""What every use case works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cmdb.errors import NotFound, Unavailable
from cmdb.keys import wrong_with
from cmdb.stores.base import Store
from cmdb.values import moment
from cmdb.views import View, parse_instant, parse_view
from cmdb.vocabulary import Vocabulary
from impact.context import Moment
from impact.documents.brief import Document
from impact.picture import Picture
from impact.pictures import Pictures
from impact.search import MOST_CLOSE, find, spelt_alike


@dataclass(frozen=True)
class Scene:
    """A question's ground: the view as written, its picture, the instant, and when relations were seen."""

    view: str
    picture: Picture
    when: Moment
    last_seen: Mapping[str, str]
    stale: bool
    holders: Callable[[str], Sequence[tuple[int, str]]]

    def find(self, key: str) -> int:
        """The number of the item with this key."""
        return self.find_all([key])[0]

    def find_all(self, keys: Sequence[str]) -> list[int]:
        """The numbers of the items with these keys.

        Raises
        ------
        NotFound
            If nothing has one of the keys; it names what is close to each.
        """
        known = self.picture.graph.uid_of
        unknown = [key for key in keys if key not in known]
        if unknown:
            raise NotFound(" ".join(map(self._nothing_is_called, unknown)))
        return [self.picture.number[known[key]] for key in keys]

    def answered(self, document: Document) -> Document:
        """A document with what every answer says of itself: nothing is hidden, and whether it is stale."""
        return {**document, "redacted": False, "stale": self.stale}

    def _nothing_is_called(self, key: str) -> str:
        if not self.picture.items and self.picture.graph.revision == 0 and self.view != "live":
            return f"Nothing has the key “{key}”: there was nothing yet at that moment."
        if not self.picture.items:
            return f"Nothing has the key “{key}”: nothing is here yet. Import a file you already have."
        renamed = self._renamed(key)
        if renamed is not None:
            return f"Nothing has the key “{key}” here: it was that of “{renamed}”, before it was renamed."
        close = find(self.picture, key)[:MOST_CLOSE] or spelt_alike(self.picture, key)
        keys = ", ".join(self.picture.items[place].key for place in close)
        return f"Nothing has the key “{key}”." + (f" Close to it: {keys}." if keys else "")

    def _renamed(self, key: str) -> str | None:
        """The key that the last item which had this one has here; `None` if none ever had it."""
        if wrong_with(key):
            return None
        try:
            uids = [uid for since, uid in self.holders(key) if since <= self.picture.graph.revision]
        except Unavailable:
            return None
        found = self.picture.graph.items.get(uids[-1]) if uids else None
        return None if found is None else found.key


@dataclass(frozen=True)
class Workspace:
    """The store, the vocabulary, the pictures at hand, and the time."""

    store: Store
    vocabulary: Vocabulary
    pictures: Pictures
    clock: Callable[[], datetime]

    def now(self) -> datetime:
        """The present moment, to the second."""
        return self.clock().replace(microsecond=0)

    def scene(self, view: str = "live", at: str | None = None) -> Scene:
        """Set the scene for a question.

        Raises
        ------
        WrongUsage
            If the view or the instant is malformed.
        NotFound, Conflict
            If the view names what does not exist, or a plan that does not fit what is there.
        """
        parsed = parse_view(view)
        picture, stale = self.pictures.show(parsed)
        known = self._known(parsed, picture)
        when = Moment(at=moment(parse_instant(at)) if at else known, known=known)
        return Scene(
            str(parsed), picture, when, self.pictures.last_seen(stale=stale), stale, self.store.holders
        )

    def _known(self, view: View, picture: Picture) -> datetime:
        if view.instant is not None:
            return moment(view.instant)
        return self.now() if view.revision is None else moment(picture.graph.time)
