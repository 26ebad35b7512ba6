"""Whoever stands behind items: what they are called, how to reach them, and what they answer for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from cmdb.words import listed
from impact.documents.brief import Document
from impact.memo import once_per_picture
from impact.owning import owner_of, owners_of
from impact.picture import Picture

ASKED = 5
"""How many people are named who may know."""

NEIGHBOURS = 50
"""Of how many items beside one without an owner the owners are looked at."""


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


@once_per_picture
def people(picture: Picture) -> dict[str, Contact]:
    """Everybody who can own something, by key: the teams and persons, and whoever owns something already."""
    owners = Counter(owners_of(picture, np.flatnonzero(picture.cis).astype(np.int32)))
    vocabulary = picture.vocabulary
    is_person = np.array([vocabulary.family(name).people for name in picture.codes.classes], np.bool_)
    places = np.flatnonzero(is_person[picture.classes]).tolist()
    here = [picture.keys[place] for place in places if not picture.is_retired(place)]
    return {key: contact(picture, key) for key in dict.fromkeys((*owners, *here)) if key is not None}


def asked(picture: Picture, places: Sequence[int]) -> list[Document]:
    """Whom to ask about some items: who owns or supports them, else who owns what is beside them.

    At most `ASKED`, with how to reach them and why they may know.
    """
    found: dict[str, list[str]] = {}
    told = [*_owners(picture, places), *_supporters(picture, places)]
    for key, why in told or _owners(picture, _beside(picture, places)):
        found.setdefault(key, []).append(why)
    rows = [(contact(picture, key), whys) for key, whys in [*found.items()][:ASKED]]
    return [
        {"key": one.key, "name": one.name, "on_call": one.on_call, "why": listed(whys, ASKED)}
        for one, whys in rows
    ]


def _owners(picture: Picture, places: Sequence[int]) -> Iterator[tuple[str, str]]:
    for place in places:
        owner = owner_of(picture, place)
        if owner:
            yield owner, f"owns {picture.name(place)}"


def _supporters(picture: Picture, places: Sequence[int]) -> Iterator[tuple[str, str]]:
    for place in places:
        team = picture.attributes(place).get("support_group")
        if team:
            yield str(team), f"supports {picture.name(place)}"


def _beside(picture: Picture, places: Sequence[int]) -> list[int]:
    """The items that are related to some."""
    links = [link for place in places for link in picture.relations_at(place)[:NEIGHBOURS]]
    ends = dict.fromkeys(end for link in links for end in (link.source, link.target))
    return [end for end in ends if end not in places]
