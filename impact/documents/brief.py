"""The parts that every document is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cmdb.values import instant
from impact.picture import Link, Picture

Document = dict[str, Any]

FORMAT = 1


def head(picture: Picture, view: str, at: datetime) -> Document:
    """What a document starts with: of which revision, view and instant it speaks."""
    return {"format": FORMAT, "revision": picture.revision, "view": view, "at": instant(at)}


def brief(picture: Picture, place: int) -> Document:
    """An item in three words."""
    return {"key": picture.keys[place], "class": picture.class_name(place), "name": picture.names[place]}


def relation(picture: Picture, one: Link) -> Document:
    """A relation by the keys of its ends."""
    return {"source": picture.keys[one.source], "type": one.type, "target": picture.keys[one.target]}


def reason(picture: Picture, place: int, text: str | None) -> Document:
    """Something to say about an item."""
    return {"key": picture.keys[place], "reason": text}


def left_out(picture: Picture, place: int, number: int, what: str) -> list[Document]:
    """What a document's `limits` say of things that are counted and not written out; nothing for none."""
    return (
        [reason(picture, place, f"{number:,} more {what} are as short and not written out")] if number else []
    )
