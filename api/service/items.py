"""Looking: one item, a search, a history."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from api.service.workspace import Workspace
from cmdb.errors import WrongUsage
from cmdb.model import Commit, Item, Relation
from cmdb.operations import value_of
from impact.documents.brief import FORMAT, Document, brief
from impact.documents.found import found_row
from impact.picture import Picture

MOST_FOUND = 500
MOST_CLOSE = 5


@dataclass(frozen=True)
class Items:
    """The use cases of looking at what is there."""

    workspace: Workspace

    def show(self, key: str, view: str = "live") -> Document:
        """One item with its attributes, where each came from, and its relations in words.

        Raises
        ------
        NotFound
            If nothing has the key in the view.
        """
        scene = self.workspace.scene(view)
        picture = scene.picture
        place = picture.find(key)
        item = picture.items[place]
        return {
            "format": FORMAT,
            "revision": picture.graph.revision,
            "view": scene.view,
            **brief(picture, place),
            "version": item.version,
            "attributes": dict(item.attributes),
            "provenance": {name: origin._asdict() for name, origin in item.provenance.items()},
            "relations": [
                _relation(picture, place, relation, scene.last_seen)
                for relation in picture.relations_of.get(place, ())
            ],
        }

    def search(
        self, text: str, view: str = "live", *, limit: int = 50, cursor: str | None = None
    ) -> Document:
        """Items whose key, name or class holds every word: the exact key first, then services by tier.

        Parameters
        ----------
        limit
            How many to return at most.
        cursor
            Where to go on: the `next` of the answer before.

        Raises
        ------
        WrongUsage
            If limit or cursor is malformed.
        """
        start = _position(cursor)
        if not 1 <= limit <= MOST_FOUND:
            raise WrongUsage(f"The limit is a number from 1 to {MOST_FOUND}.")
        scene = self.workspace.scene(view)
        found = _found(scene.picture, text)
        more = start + limit < len(found)
        return {
            "format": FORMAT,
            "revision": scene.picture.graph.revision,
            "view": scene.view,
            "total": len(found),
            "items": [found_row(scene.picture, place) for place in found[start : start + limit]],
            "next": str(start + limit) if more else None,
        }

    def close(self, text: str, view: str = "live") -> Document:
        """The few items whose name or key is closest to a text that nothing is called."""
        picture = self.workspace.scene(view).picture
        places = (_found(picture, text) or _spelt_alike(picture, text))[:MOST_CLOSE]
        return {"format": FORMAT, "items": [brief(picture, place) for place in places]}

    def history(self, key: str) -> Document:
        """Everything that ever happened to an item and its relations, newest first.

        Raises
        ------
        NotFound
            If nothing has the key.
        """
        picture = self.workspace.scene().picture
        item = picture.graph.item(key)
        events = [*self._item_events(item), *self._relation_events(item, picture)]
        events.sort(key=lambda event: -event["revision"])
        return {
            "format": FORMAT,
            "key": item.key,
            "name": item.name,
            "version": item.version,
            "history": events,
        }

    def _item_events(self, item: Item) -> list[Document]:
        versions = self.workspace.store.item_history(item.uid)
        created = [{**_commit(versions[0].commit), "what": "created", "changes": [], "relation": None}]
        return created + [
            {
                **_commit(now.commit),
                "what": "changed",
                "changes": _changes(before.item, now.item),
                "relation": None,
            }
            for before, now in pairwise(versions)
        ]

    def _relation_events(self, item: Item, picture: Picture) -> list[Document]:
        return [
            {
                **_commit(one.commit),
                "what": "relation removed" if one.removed else "relation added or changed",
                "changes": [],
                "relation": picture.sentence(one.relation.id),
            }
            for one in self.workspace.store.relation_history(item.uid)
        ]


def _found(picture: Picture, text: str) -> list[int]:
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


def _spelt_alike(picture: Picture, text: str) -> list[int]:
    places: dict[str, int] = {}
    for place, item in enumerate(picture.items):
        for name in (item.name, item.key):
            places.setdefault(name.casefold(), place)
    names = difflib.get_close_matches(text.casefold(), places, n=MOST_CLOSE)
    return list(dict.fromkeys(places[name] for name in names))


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not re.fullmatch(r"[0-9]{1,12}", cursor):
        raise WrongUsage(f"“{cursor}” is not a cursor. Take it from the answer before.")
    return int(cursor)


def _relation(picture: Picture, place: int, relation: Relation, last_seen: Mapping[str, str]) -> Document:
    source, target = picture.ends(relation.id)
    kind = picture.vocabulary.relations[relation.id.type]
    outward = picture.items[place].uid == source.uid
    other = target if outward else source
    return {
        "source": source.key,
        "type": relation.id.type,
        "target": target.key,
        "words": kind.label if outward else kind.inverse,
        "other": {"key": other.key, "class": other.class_name, "name": other.name},
        "carries_harm": kind.carries,
        "version": relation.version,
        "attributes": dict(relation.attributes),
        "last_seen": last_seen.get(relation.id.uid),
    }


def _commit(commit: Commit) -> Document:
    return {
        "revision": commit.revision,
        "time": commit.time,
        "author": commit.author.name,
        "identity": commit.author.identity,
        "message": commit.message,
    }


def _changes(before: Item, now: Item) -> list[Document]:
    fields = ["key", "class", "name", *sorted(before.attributes.keys() | now.attributes.keys())]
    pairs = ((field, value_of(before, field), value_of(now, field)) for field in fields)
    return [{"field": field, "before": was, "after": is_} for field, was, is_ in pairs if was != is_]
