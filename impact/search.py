"""Finding items by words: what is called so, and what is spelt alike."""

from __future__ import annotations

import difflib

from cmdb.model import Item
from impact.picture import Picture

MOST_CLOSE = 5


def find(picture: Picture, text: str) -> list[int]:
    """Items whose key, name or class holds every word of the text.

    An item of exactly that key or name comes first, then services by tier, then the others; what is retired
    comes last.
    """
    words = text.casefold().split()

    def matches(item: Item) -> bool:
        label = picture.vocabulary.classes[item.class_name].label
        hay = f"{item.key}\n{item.name}\n{item.class_name}\n{label}".casefold()
        return all(word in hay for word in words)

    def rank(place: int) -> tuple[bool, bool, bool, int, int]:
        item = picture.items[place]
        exact = text.casefold() in (item.key.casefold(), item.name.casefold())
        return not exact, item.retired, not picture.is_service(place), picture.weight(place), place

    return sorted((place for place, item in enumerate(picture.items) if matches(item)), key=rank)


def spelt_alike(picture: Picture, text: str) -> list[int]:
    """The few items whose name or key is spelt most like the text."""
    places: dict[str, int] = {}
    for place, item in enumerate(picture.items):
        for name in (item.name, item.key):
            places.setdefault(name.casefold(), place)
    names = difflib.get_close_matches(text.casefold(), places, n=MOST_CLOSE)
    return list(dict.fromkeys(places[name] for name in names))
