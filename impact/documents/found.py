"""What a search shows of an item: whose it is, and the one fact that tells most."""

from __future__ import annotations

from impact.documents.brief import Document, brief
from impact.picture import Picture
from impact.wording import count


def found_row(picture: Picture, place: int) -> Document:
    """An item as a search lists it."""
    return {
        **brief(picture, place),
        "tier": picture.tier(place),
        "ci": picture.is_ci(place),
        "service": picture.is_service(place),
        "retired": picture.is_retired(place),
        "owner": _owner(picture, place),
        "fact": _fact(picture, place),
    }


def _owner(picture: Picture, place: int) -> str | None:
    owner = picture.owner(place)
    item = None if owner is None else picture.number(owner)
    return owner if item is None else picture.names[item]


def _fact(picture: Picture, place: int) -> str:
    if not picture.is_ci(place):
        return ""
    if not picture.active[place]:
        return picture.status(place)
    if picture.is_group(place):
        group = picture.group(place)
        return f"{count(len(group.members), 'member')}, needs {group.needs}"
    if not picture.is_related(place):
        return "no relations"
    needing = len({row.end for row in picture.rows_from(place)})
    return f"{count(needing, 'thing')} {'needs' if needing == 1 else 'need'} it" if needing else ""
