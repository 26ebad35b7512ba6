"""What every use case works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cmdb.errors import NotFound, Unavailable, WrongUsage
from cmdb.keys import wrong_with
from cmdb.selection import Named, Selection, keys_in, meant, parse_selection
from cmdb.stores.base import Store
from cmdb.values import moment
from cmdb.views import View, parse_instant, parse_view
from cmdb.vocabulary import Vocabulary
from impact.context import Moment
from impact.documents.brief import Document
from impact.picture import Picture
from impact.pictures import Pictures
from impact.search import MOST_CLOSE, find, spelt_alike
from impact.selecting import select
from impact.warming import warm

TOLD_AT_MOST = 10
"""Of how many keys that nothing has an error tells what is close to them."""


class Selected(str):
    """The text of a selection, where any other text would be a key."""

    __slots__ = ()


@dataclass(frozen=True)
class Scene:
    """A question's ground: the view as written, its picture, and the instant."""

    view: str
    picture: Picture
    when: Moment
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
        return [place for places in self.find_each(keys) for place in places]

    def find_each(self, texts: Sequence[str]) -> list[list[int]]:
        """By key the number of its item; by `Selected` those of its items, in order of their keys, or none.

        A selection that as a whole is the key of an item means that item.

        Raises
        ------
        WrongUsage
            If a selection is malformed.
        NotFound
            If nothing has one of the keys; it names what is close to each.
        """
        read = [(text, self._read(text)) for text in texts]
        unknown = [(text, key) for text, one in read for key in keys_in(one) if not self._is_known(key)]
        if unknown:
            raise NotFound(" ".join(self._unknown(unknown)))
        return [self._numbers(one) for _, one in read]

    def find_some(self, texts: Sequence[str]) -> list[list[int]]:
        """As `find_each`, where each must mean something.

        Raises
        ------
        NotFound
            If a selection means nothing.
        """
        found = self.find_each(texts)
        empty = [text for text, places in zip(texts, found, strict=True) if not places]
        if empty:
            raise NotFound(" ".join(f"“{text}” selects nothing{self._because_empty()}" for text in empty))
        return found

    def _unknown(self, found: Sequence[tuple[str, str]]) -> Iterator[str]:
        """What is said of keys that nothing has, each with the text that it stands in.

        What is close to a key is looked for among all keys there are, so it is told of the first ones only.
        """
        for text, key in found[:TOLD_AT_MOST]:
            yield self._nothing_is_called(key) + (meant(key) if isinstance(text, Selected) else "")
        more = len(found) - TOLD_AT_MOST
        if more > 0:
            yield f"Nothing has {more:,} more of the keys either."

    def _read(self, text: str) -> Selection:
        if not isinstance(text, Selected) or self._is_known(text):
            return Named(str(text))
        try:
            return parse_selection(text, self.picture.vocabulary)
        except WrongUsage as error:  # somebody may have typed a name
            close = find(self.picture, text) if text.strip() else []
            raise WrongUsage(error.detail + self._close(close)) from None

    def _numbers(self, one: Selection) -> list[int]:
        return [self.picture.find(one.key)] if isinstance(one, Named) else select(self.picture, one)

    def _is_known(self, key: str) -> bool:
        return self.picture.number(key) is not None

    def answered(self, document: Document) -> Document:
        """A document with what every answer says of itself: nothing is hidden, and whether it is stale."""
        return {**document, "redacted": False, "stale": self.stale}

    def _nothing_is_called(self, key: str) -> str:
        if not len(self.picture):
            return f"Nothing has the key “{key}”{self._because_empty()}"
        renamed = self._renamed(key)
        if renamed is not None:
            return f"Nothing has the key “{key}” here: it was that of “{renamed}”, before it was renamed."
        close = find(self.picture, key) or spelt_alike(self.picture, key)
        return f"Nothing has the key “{key}”.{self._close(close)}"

    def _close(self, places: Sequence[int]) -> str:
        keys = ", ".join(self.picture.keys[place] for place in places[:MOST_CLOSE])
        return f" Close to it: {keys}." if keys else ""

    def _because_empty(self) -> str:
        """How a sentence ends that says something is not here: with the reason if nothing is."""
        if len(self.picture):
            return "."
        if self.picture.revision == 0 and self.view != "live":
            return ": there was nothing yet at that moment."
        return ": nothing is here yet. Import a file you already have."

    def _renamed(self, key: str) -> str | None:
        """The key that the last item which had this one has here; `None` if none ever had it."""
        if wrong_with(key):
            return None
        try:
            uids = [uid for since, uid in self.holders(key) if since <= self.picture.revision]
        except Unavailable:
            return None
        found = self.picture.number_of_uid(uids[-1]) if uids else None
        return None if found is None else self.picture.keys[found]


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

    def prepare(self) -> None:
        """Have the picture of today at hand, and all that the first question of it would wait for."""
        scene = self.scene()
        warm(scene.picture, scene.when)

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
        return Scene(str(parsed), picture, when, stale, self.store.holders)

    def _known(self, view: View, picture: Picture) -> datetime:
        if view.instant is not None:
            return moment(view.instant)
        return self.now() if view.revision is None else moment(picture.time)
