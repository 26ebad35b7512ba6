"""The other changes that a change may be in conflict with."""

from __future__ import annotations

from collections.abc import Iterator

from api.service.changes.ground import Ground
from cmdb.changes import CLASS, Window, change_of
from impact.assessing.beside import Beside, beside_of


def others_of(ground: Ground, place: int, during: Window | None) -> list[Beside]:
    """All changes but one that are not over.

    Parameters
    ----------
    place
        The one, by number.
    during
        When it may be done. What the others do at other times does not matter, and is not read: that of
        those is nothing.
    """
    return [*_others(ground, place, during)]


def own_of(ground: Ground, place: int) -> Beside:
    """A change itself as others see it."""
    uid = ground.picture.uids[place]
    return beside_of(ground.picture, place, ground.change(place), ground.plan(uid))


def _others(ground: Ground, place: int, during: Window | None) -> Iterator[Beside]:
    picture = ground.picture
    own = Beside(place, during, ())
    for other in ground.of_class(CLASS):
        if other == place or picture.is_retired(other):
            continue
        record = change_of(picture.item(other), ())
        one = Beside(other, record.window, ())
        if not record.at.ended:
            yield own_of(ground, other) if one.overlaps(own) else one
