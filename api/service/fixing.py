"""Fixing: who answers for an item, and what a name means that leads nowhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from api.service.editing import Edit, Editing
from api.service.relating import Link, Relating
from api.service.workspace import Scene, Workspace
from cmdb.errors import Conflict, NotFound
from cmdb.model import Actor
from cmdb.references import RESOLVES, Reference
from cmdb.spelling import did_you_mean
from impact.documents.brief import Document
from impact.documents.people import Contact, people
from impact.evidence import DECLARED, KNOWN
from impact.owning import OWNER
from impact.picture import Picture
from impact.unresolved import unresolved


@dataclass(frozen=True)
class Assignment:
    """Who is to answer for an item.

    Attributes
    ----------
    owner
        A team or a person, by key or by name.
    edition, into, id
        As of an `Edit`.
    """

    key: str
    owner: str
    actor: Actor
    edition: str | None = None
    into: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class Meaning:
    """What a source's reference means that leads nowhere.

    Attributes
    ----------
    reference
        The item that is here, the type of relation, and what the source calls the other end.
    means
        The key of the item that it is.
    into, id
        As of a `Link`.
    """

    reference: Reference
    means: str
    actor: Actor
    into: str | None = None
    id: str | None = None

    @property
    def link(self) -> Link:
        """The relation that the source speaks of."""
        key, kind, _, back = self.reference
        ends = (self.means, kind, key) if back else (key, kind, self.means)
        return Link(*ends, self.actor, into=self.into, id=self.id)


@dataclass(frozen=True)
class Fixing:
    """The use cases of mending what the data lacks; `Relating.confirm` is the third."""

    workspace: Workspace

    def assign(self, wanted: Assignment) -> Document:
        """Say who answers for an item. It raises like `Editing.edit`.

        Raises
        ------
        NotFound
            If nobody is called so, by key or by name, and nobody of this name owns anything yet.
        """
        picture = _scene(self.workspace, wanted.into).picture
        owner = _meant(picture, wanted.key, wanted.owner)
        place = picture.number(wanted.key)
        name = wanted.key if place is None else picture.names[place]
        edit = Edit(wanted.key, {OWNER: owner.key}, wanted.actor, wanted.edition, wanted.into, wanted.id)
        message = f"{name} belongs to {owner.name}"
        return Editing(self.workspace).edit(replace(edit, message=message))

    def resolve(self, wanted: Meaning) -> Document:
        """Say which item a source means by a name, so that the reference becomes a relation.

        It raises like `Relating.relate`.

        Raises
        ------
        NotFound
            If no source refers to such a name, or nothing has the key.
        Conflict
            If the relation that it would be stands for another name already.
        """
        scene, (key, kind, name, back) = _scene(self.workspace, wanted.into), wanted.reference
        known = unresolved(scene.picture)
        relating, link = Relating(self.workspace), wanted.link
        values = {KNOWN: DECLARED, RESOLVES: name}
        earlier = link.once("relate", values).recall(self.workspace.store)
        if earlier is not None:
            return earlier
        scene.find_all([key, wanted.means])
        if not any(one.reference == wanted.reference for one in known):
            way = f"“{name}” {kind} {key}" if back else f"{key} {kind} “{name}”"
            raise NotFound(f"No source says {way} and leaves it open.")
        self._check_free(scene.picture, link, name)
        return relating.relate(link, values)

    def _check_free(self, picture: Picture, link: Link, name: str) -> None:
        """Refuse a relation that stands for another name: that one would lead nowhere again."""
        place = picture.find(link.source)
        for one in picture.relations_at(place):
            if (one.source, one.type, one.target) == (place, link.type, picture.find(link.target)):
                stands_for = picture.relation(one).attributes.get(RESOLVES)
                if stands_for not in {None, name}:
                    raise Conflict(f"{picture.sentence(one)} stands for “{stands_for}” already.")


def _scene(workspace: Workspace, into: str | None) -> Scene:
    return workspace.scene(f"live+{into}" if into else "live")


def _meant(picture: Picture, key: str, text: str) -> Contact:
    """Who is meant by a key or a name."""
    known = people(picture)
    if text in known:
        return known[text]
    called = [one for one in known.values() if one.name.casefold() == text.casefold()]
    if len(called) == 1:
        return called[0]
    if called:
        keys = ", ".join(key for key, one in known.items() if one in called)
        raise NotFound(f"“{text}” is the name of several: {keys}. Give the key of one of them.")
    hint = did_you_mean(text, [*known, *(one.name for one in known.values())])
    raise NotFound(
        f"Nobody is called “{text}”.{hint} Somebody who is not here yet: cmdb edit {key} {OWNER}=NAME."
    )
