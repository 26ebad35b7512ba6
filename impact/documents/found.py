"""What a search shows of an item: whose it is, and the one fact that tells most."""

from __future__ import annotations

from impact.documents.brief import Document, brief, owner_item
from impact.picture import Picture
from impact.wording import count


def found_row(picture: Picture, place: int) -> Document:
    """An item as a search lists it."""
    return {
        **brief(picture, place),
        "tier": picture.tier(place),
        "ci": picture.is_ci(place),
        "service": picture.is_service(place),
        "retired": picture.items[place].retired,
        "owner": _owner(picture, place),
        "fact": _fact(picture, place),
    }


def _owner(picture: Picture, place: int) -> str | None:
    owner = picture.items[place].attributes.get("owner")
    if owner is None:
        return None
    item = owner_item(picture, str(owner))
    return item.name if item else str(owner)


def _fact(picture: Picture, place: int) -> str:
    if not picture.is_ci(place):
        return ""
    if not picture.active[place]:
        return picture.status(place)
    if place in picture.groups:
        group = picture.groups[place]
        return f"{count(len(group.members), 'member')}, needs {group.needs}"
    if place not in picture.relations_of:
        return "no relations"
    needing = len({row.end for row in picture.out[place]})
    return f"{count(needing, 'thing')} {'needs' if needing == 1 else 'need'} it" if needing else ""
