"""Finding items by words: what is called so, and what is spelt alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

from cmdb.model import RETIRED, STATUS
from impact.arrays.marks import Marks, marked
from impact.picture import Picture

MOST_CLOSE = 5
CLOSE_FROM = 60
"""How alike two names are that are close, of 100."""


def find(picture: Picture, text: str, among: Sequence[int] | None = None) -> list[int]:
    """Items whose key, name or class holds every word of the text.

    An item of exactly that key or name comes first, then services by tier, then the others; what is retired
    comes last, and after that the sources that data comes from.

    Parameters
    ----------
    among
        The items that are looked at; `None` for all.
    """
    matching = np.ones(len(picture), np.bool_) if among is None else marked(among, len(picture))
    for word in text.casefold().split():
        matching &= _called(picture, re.escape(_bytes(word))) | _of_class(picture, word)
    places = np.flatnonzero(matching)
    exact = _called(picture, rb"(?<![^\n])" + re.escape(_bytes(text.casefold())) + rb"(?=\n)")
    retired = picture.where(STATUS, lambda status: status == RETIRED)
    service = picture.codes.is_service[picture.classes]
    origin = picture.codes.is_source[picture.classes]
    columns = (picture.rank, picture.weights, ~service, retired, ~exact, origin)
    found: list[int] = places[np.lexsort([column[places] for column in columns])].tolist()
    return found


def spelt_alike(picture: Picture, text: str) -> list[int]:
    """The few items whose name or key is spelt most like the text."""
    numbers = picture.order.numbers
    names = [name.casefold() for texts in (picture.names, picture.keys) for name in texts.some(numbers)]
    close = process.extract(
        text.casefold(), names, scorer=fuzz.ratio, limit=2 * MOST_CLOSE, score_cutoff=CLOSE_FROM
    )
    places = (int(numbers[at % len(numbers)]) for _, _, at in close)
    return list(dict.fromkeys(places))[:MOST_CLOSE]


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _called(picture: Picture, pattern: bytes) -> Marks:
    """By number, whether a pattern is found in an item's key or name."""
    return marked(picture.folded.holding(pattern), len(picture))


def _of_class(picture: Picture, word: str) -> Marks:
    """By number, whether the class of an item is called so."""
    classes = picture.vocabulary.classes
    fits = [word in f"{name}\n{classes[name].label}".casefold() for name in picture.codes.classes]
    return np.array(fits, np.bool_)[picture.classes]
