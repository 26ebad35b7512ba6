"""Owning: how the services of a team or a person are."""

from __future__ import annotations

from dataclasses import dataclass

from api.service.data import plan_in
from api.service.paging import next_of, page_of
from api.service.workspace import Workspace
from cmdb.errors import NotFound
from cmdb.spelling import did_you_mean
from impact.documents.brief import Document
from impact.documents.services import owners_of_services, services_document, worth_confirming
from impact.picture import Picture


@dataclass(frozen=True)
class Owning:
    """The use case of looking after one's services."""

    workspace: Workspace

    def services(
        self,
        owner: str | None = None,
        view: str = "live",
        at: str | None = None,
        *,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Document:
        """How somebody's services are: state, the weakest redundancy, single points of failure, what expires.

        Of somebody's, `confirm` tells which relations among what they need are worth confirming first.

        Parameters
        ----------
        owner
            The key or the name of a team or a person; everybody's services by default.
        at
            The instant in question, as for `impact`.
        limit, cursor
            How many services to tell of at most, and where to go on.

        Raises
        ------
        NotFound
            If nobody is called so.
        """
        part = page_of(limit, cursor)
        scene = self.workspace.scene(view, at)
        whose = None if owner is None else _owner(scene.picture, owner)
        document = services_document(scene.picture, whose, part, scene.view, scene.when)
        confirm = (
            [] if whose is None else worth_confirming(scene.picture, whose, scene.when.at, plan_in(scene))
        )
        return scene.answered({**document, "confirm": confirm, "next": next_of(part, document["total"])})


def _owner(picture: Picture, text: str) -> str:
    """The key of an owner who is named by key or name."""
    owners = [one for one in owners_of_services(picture) if one["key"]]
    keys = [one["key"] for one in owners]
    place = picture.number(text)
    if text in keys or (place is not None and not picture.is_ci(place)):
        return text
    called = [one["key"] for one in owners if one["name"].casefold() == text.casefold()]
    if len(called) == 1:
        return str(called[0])
    hint = did_you_mean(text, [*keys, *(one["name"] for one in owners)])
    raise NotFound(f"Nobody called “{text}” owns a service.{hint}")
