"""The parts that every document is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cmdb.model import Item, RelationId
from cmdb.values import instant
from impact.picture import Picture

Document = dict[str, Any]

FORMAT = 1


def head(picture: Picture, view: str, at: datetime) -> Document:
    """What a document starts with: of which revision, view and instant it speaks."""
    return {"format": FORMAT, "revision": picture.graph.revision, "view": view, "at": instant(at)}


def brief(picture: Picture, place: int) -> Document:
    """An item in three words."""
    item = picture.items[place]
    return {"key": item.key, "class": item.class_name, "name": item.name}


def relation(picture: Picture, one: RelationId) -> Document:
    """A relation by the keys of its ends."""
    source, target = picture.ends(one)
    return {"source": source.key, "type": one.type, "target": target.key}


def reason(picture: Picture, place: int, text: str | None) -> Document:
    """Something to say about an item."""
    return {"key": picture.items[place].key, "reason": text}


def left_out(picture: Picture, place: int, number: int, what: str) -> list[Document]:
    """What a document's `limits` say of things that are counted and not written out; nothing for none."""
    return (
        [reason(picture, place, f"{number:,} more {what} are as short and not written out")] if number else []
    )


def owner_item(picture: Picture, owner: str) -> Item | None:
    """The team or person an owner's name stands for, where the graph knows one."""
    uid = picture.graph.uid_of.get(owner)
    return picture.graph.items[uid] if uid else None
