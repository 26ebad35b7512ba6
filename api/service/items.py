"""Looking: one item, a search, a history."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from api.service.paging import next_of, page_of
from api.service.workspace import Selected, Workspace
from cmdb.diff import changed_fields
from cmdb.errors import Unavailable
from cmdb.model import Commit, Item
from cmdb.values import instant
from impact.documents.brief import FORMAT, Document, brief
from impact.documents.brief import relation as keys_of
from impact.documents.found import found_row
from impact.picture import Link, Picture
from impact.search import find, spelt_alike


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
        place = scene.find(key)
        item = picture.item(place)
        return scene.answered(
            {
                "format": FORMAT,
                "revision": picture.revision,
                "view": scene.view,
                **brief(picture, place),
                "version": item.version,
                "attributes": dict(item.attributes),
                "provenance": {name: origin._asdict() for name, origin in item.provenance.items()},
                "relations": [_relation(picture, place, link) for link in picture.relations_at(place)],
                "seen": self._seen(item.uid),
            }
        )

    def _seen(self, uid: str) -> list[Document] | None:
        """Which sources know the item by which name, and when each last saw it; `None` without the store."""
        try:
            sightings = self.workspace.store.sightings(uid)
        except Unavailable:
            return None
        return [
            {"source": name.source, "class": name.class_name, "id": name.source_id, "last_seen": time}
            for name, _, time in sightings
        ]

    def search(
        self,
        text: str,
        view: str = "live",
        *,
        select: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Document:
        """Items whose key, name or class holds every word: the exact one first, then services by tier.

        Where nothing is found, `close` lists what is spelt alike.

        Parameters
        ----------
        select
            A selection; only its items are looked at.
        limit
            How many to return at most.
        cursor
            Where to go on: the `next` of the answer before.

        Raises
        ------
        WrongUsage
            If limit, cursor or selection is malformed.
        NotFound
            If the selection names a key that nothing has.
        """
        part = page_of(limit, cursor)
        scene = self.workspace.scene(view)
        found = find(scene.picture, text)
        close = [] if found else spelt_alike(scene.picture, text)
        if select is not None:
            chosen = set(scene.find_each([Selected(select)])[0])
            found, close = ([place for place in places if place in chosen] for places in (found, close))
        return scene.answered(
            {
                "format": FORMAT,
                "revision": scene.picture.revision,
                "view": scene.view,
                "total": len(found),
                "items": [found_row(scene.picture, place) for place in found[part]],
                "next": next_of(part, len(found)),
                "close": [found_row(scene.picture, place) for place in close],
            }
        )

    def history(self, key: str) -> Document:
        """Everything that ever happened to an item and its relations, newest first.

        Raises
        ------
        NotFound
            If nothing has the key.
        """
        scene = self.workspace.scene()
        picture = scene.picture
        item = picture.item(scene.find(key))
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
                "changes": [one._asdict() for one in changed_fields(before.item, now.item)],
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
                "relation": picture.sentence(picture.link(one.relation.id)),
            }
            for one in self.workspace.store.relation_history(item.uid)
        ]


def _relation(picture: Picture, place: int, link: Link) -> Document:
    relation, seen = picture.relation(link), picture.evidence(link)
    return {
        **keys_of(picture, link),
        "words": picture.words(link, place),
        "other": brief(picture, link.target if link.source == place else link.source),
        "carries_harm": picture.vocabulary.relations[link.type].carries,
        "version": relation.version,
        "attributes": dict(relation.attributes),
        "last_seen": instant(seen) if seen else None,
    }


def _commit(commit: Commit) -> Document:
    return {
        "revision": commit.revision,
        "time": commit.time,
        "author": commit.author.name,
        "identity": commit.author.identity,
        "message": commit.message,
    }
