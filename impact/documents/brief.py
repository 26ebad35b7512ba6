"""The parts that every document is made of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import numpy as np

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


def briefs(picture: Picture, places: Collection[int]) -> dict[int, Document]:
    """By number, each of very many items in three words."""
    numbers = np.unique(np.array([*places], np.int32))
    columns = (picture.keys.some(numbers), picture.classes[numbers].tolist(), picture.names.some(numbers))
    rows = zip(numbers.tolist(), *columns, strict=True)
    classes = picture.codes.classes
    return {place: {"key": key, "class": classes[code], "name": name} for place, key, code, name in rows}


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
