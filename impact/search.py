"""Finding items by words: what is called so, and what is spelt alike."""

from __future__ import annotations

import difflib
import re

import numpy as np
from numpy.typing import NDArray

from impact.memo import once_per_picture
from impact.picture import Picture

MOST_CLOSE = 5


def find(picture: Picture, text: str) -> list[int]:
    """Items whose key, name or class holds every word of the text.

    An item of exactly that key or name comes first, then services by tier, then the others; what is retired
    comes last.
    """
    matching = np.ones(len(picture), np.bool_)
    for word in text.casefold().split():
        matching &= _called(picture, word) | _of_class(picture, word)
    places = np.flatnonzero(matching).tolist()
    wanted = text.casefold()

    def rank(place: int) -> tuple[bool, bool, bool, int, int]:
        exact = wanted in (picture.keys[place].casefold(), picture.names[place].casefold())
        service, weight = picture.is_service(place), picture.weight(place)
        return not exact, picture.is_retired(place), not service, weight, int(picture.rank[place])

    return sorted(places, key=rank)


def spelt_alike(picture: Picture, text: str) -> list[int]:
    """The few items whose name or key is spelt most like the text."""
    places: dict[str, int] = {}
    for place in picture.order.numbers.tolist():
        for name in (picture.names[place], picture.keys[place]):
            places.setdefault(name.casefold(), place)
    names = difflib.get_close_matches(text.casefold(), places, n=MOST_CLOSE)
    return list(dict.fromkeys(places[name] for name in names))


@once_per_picture
def _hay(picture: Picture) -> tuple[bytes, NDArray[np.int64]]:
    """The keys and names of all items, casefolded, and where those of each start."""
    hay = [
        f"{key}\n{name}\n".casefold().encode()
        for key, name in zip(picture.keys.all(), picture.names.all(), strict=True)
    ]
    lengths = np.fromiter(map(len, hay), np.int64, len(hay))
    return b"".join(hay), np.cumsum(lengths) - lengths


def _called(picture: Picture, word: str) -> NDArray[np.bool_]:
    """By number, whether an item's key or name holds the word."""
    hay, starts = _hay(picture)
    places = [one.start() for one in re.finditer(re.escape(word.encode(errors="surrogatepass")), hay)]
    found = np.zeros(len(picture), np.bool_)
    found[np.searchsorted(starts, places, side="right") - 1] = True
    return found


def _of_class(picture: Picture, word: str) -> NDArray[np.bool_]:
    """By number, whether the class of an item is called so."""
    classes = picture.vocabulary.classes
    fits = [word in f"{name}\n{classes[name].label}".casefold() for name in picture.codes.classes]
    return np.array(fits, np.bool_)[picture.classes]
