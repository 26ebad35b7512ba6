"""Looking: one item, a search, a history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from api.service.history import History
from api.service.paging import next_of, page_of
from api.service.workspace import Scene, Selected, Workspace
from cmdb.errors import Unavailable
from cmdb.operations import Target
from cmdb.viewing import editions_at, locate
from cmdb.views import View, parse_view
from impact.documents.brief import FORMAT, Document, brief
from impact.documents.found import found_row
from impact.documents.item import item_part, relation_rows
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
        item, links = picture.item(place), picture.relations_at(place)
        relations = [picture.relation(link) for link in links]
        editions = self._editions(scene, [item.uid, *(one.id for one in relations)])
        return scene.answered(
            {
                "format": FORMAT,
                "revision": picture.revision,
                "view": scene.view,
                **brief(picture, place),
                **item_part(picture, place, scene.when),
                "version": item.version,
                "edition": _edition(editions, item.uid, item.version),
                "attributes": dict(item.attributes),
                "provenance": {name: origin._asdict() for name, origin in item.provenance.items()},
                "relations": [
                    {
                        **row,
                        "version": one.version,
                        "attributes": dict(one.attributes),
                        "edition": _edition(editions, one.id.uid, one.version),
                    }
                    for row, one in zip(relation_rows(picture, place, scene.when), relations, strict=True)
                ],
                "seen": self._seen(item.uid),
            }
        )

    def _editions(self, scene: Scene, targets: Collection[Target]) -> Mapping[str, str] | None:
        """By uid, the editions of those of which the view's plans say anything; `None` without the store."""
        overlays = parse_view(scene.view).overlays
        if not overlays:
            return {}
        store, view = self.workspace.store, View(scene.picture.revision, overlays=overlays)
        try:
            return editions_at(store, locate(store, self.workspace.vocabulary, view), targets)
        except Unavailable:
            return None

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
        chosen = None if select is None else scene.find_each([Selected(select)])[0]
        found = find(scene.picture, text, chosen)
        close = spelt_alike(scene.picture, text) if text and not found else []
        if chosen is not None:
            close = [place for place in close if place in chosen]
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

    def history(self, key: str, view: str = "live") -> Document:
        """Everything that ever happened to an item and its relations, newest first.

        What somebody only planned for it is told too: each such event names the plan.

        Parameters
        ----------
        view
            Where to look for the key; of a moment of the past, what came later is left out.

        Raises
        ------
        NotFound
            If nothing has the key in the view.
        """
        scene = self.workspace.scene(view)
        picture = scene.picture
        item = picture.item(scene.find(key))

        def name(uid: str) -> str | None:
            place = picture.number_of_uid(uid)
            return None if place is None else picture.name(place)

        told = History(self.workspace.store, self.workspace.vocabulary, picture.revision, name)
        return {
            "format": FORMAT,
            "view": scene.view,
            "key": item.key,
            "name": item.name,
            "version": item.version,
            "history": told.of(item),
        }


def _edition(editions: Mapping[str, str] | None, uid: str, version: int) -> str | None:
    return None if editions is None else editions.get(uid, str(version))
