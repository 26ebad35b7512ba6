"""Whoever stands behind items: what they are called, and how to reach them."""

from __future__ import annotations

from typing import NamedTuple

from impact.picture import Picture


class Contact(NamedTuple):
    """A team or a person that something names; `known` if that is the key of an item."""

    key: str | None
    name: str
    on_call: str | None
    known: bool


def contact(picture: Picture, key: str | None) -> Contact:
    """Whoever has a key, or goes by a name that is nobody's key."""
    if key is None:
        return Contact(None, "no owner known", None, known=False)
    place = picture.number(key)
    if place is None:
        return Contact(key, key, None, known=False)
    told = picture.attributes(place).get("on_call")
    return Contact(key, picture.names[place], None if told is None else str(told), known=True)
