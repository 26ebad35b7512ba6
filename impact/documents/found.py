"""What a search shows of an item: whose it is, and the one fact that tells most."""

from __future__ import annotations

from impact.documents.brief import Document, brief
from impact.documents.people import contact
from impact.owning import owner_of
from impact.picture import Picture
from impact.wording import count


def found_row(picture: Picture, place: int) -> Document:
    """An item as a search lists it."""
    owner = owner_of(picture, place)
    return {
        **brief(picture, place),
        "tier": picture.tier(place),
        "ci": picture.is_ci(place),
        "service": picture.is_service(place),
        "retired": picture.is_retired(place),
        "owner": None if owner is None else contact(picture, owner).name,
        "fact": _fact(picture, place),
    }


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
