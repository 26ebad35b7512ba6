"""What every use case works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cmdb.errors import Unavailable
from cmdb.stores.base import Store
from cmdb.values import moment
from cmdb.views import View, parse_instant, parse_view
from cmdb.vocabulary import Vocabulary
from impact.context import Moment
from impact.picture import Picture
from impact.pictures import Pictures


@dataclass(frozen=True)
class Scene:
    """A question's ground: the view as written, its picture, the instant, and when relations were seen."""

    view: str
    picture: Picture
    when: Moment
    last_seen: Mapping[str, str]
    stale: bool


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
        """
        parsed = parse_view(view)
        picture, stale = self.pictures.show(parsed)
        known = self._known(parsed, picture)
        when = Moment(at=moment(parse_instant(at)) if at else known, known=known)
        return Scene(str(parsed), picture, when, self._last_seen(stale=stale), stale)

    def _known(self, view: View, picture: Picture) -> datetime:
        if view.instant is not None:
            return moment(view.instant)
        return self.now() if view.revision is None else moment(picture.graph.time)

    def _last_seen(self, *, stale: bool) -> Mapping[str, str]:
        try:
            return self.store.last_seen()
        except Unavailable:
            if stale:
                return {}
            raise
