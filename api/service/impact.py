"""Asking: what follows, why, what is needed, how things hang together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.service.paging import next_of, page_of
from api.service.workspace import Scene, Workspace
from cmdb.errors import Unavailable, WrongUsage
from cmdb.harm import State
from impact.answer import Answer, ask
from impact.documents.brief import Document
from impact.documents.critical import spof_document
from impact.documents.data import data_document
from impact.documents.explanation import explanation_document
from impact.documents.impact import impact_document
from impact.documents.not_hit import not_hit_document
from impact.documents.paths import depends_document, paths_document
from impact.drawing import drawing
from impact.explain import explain

Causes = Mapping[str, str]
"""States by key of the cause."""


@dataclass(frozen=True)
class Impact:
    """The use cases of asking what follows. All raise `NotFound` for an unknown key."""

    workspace: Workspace

    def impact(
        self, causes: Causes, view: str = "live", at: str | None = None, *, graph: bool = False
    ) -> Document:
        """The blast radius of some causes: the impact document.

        Parameters
        ----------
        causes
            By key, the state each is in: at_risk, degraded or out.
        at
            An instant in UTC with Z; now, or the view's own instant, by default.
        graph
            Whether to add `boxes` and `arrows` for drawing.

        Raises
        ------
        WrongUsage
            If there is no cause, or a state, the view or the instant is malformed.
        """
        scene = self.workspace.scene(view, at)
        answer = _ask(scene, causes)
        document = scene.answered(impact_document(answer, scene.view, scene.last_seen))
        return document | drawing(answer) if graph else document

    def explain(self, causes: Causes, key: str, view: str = "live", at: str | None = None) -> Document:
        """Why an item is hit by the causes, or why not."""
        scene = self.workspace.scene(view, at)
        answer = _ask(scene, causes)
        found = explain(answer, scene.find(key))
        return scene.answered(explanation_document(answer, found, scene.view, scene.last_seen))

    def not_hit(
        self,
        causes: Causes,
        view: str = "live",
        at: str | None = None,
        *,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Document:
        """The services that the causes do not hit, the most important first, each with the reason."""
        part = page_of(limit, cursor)
        scene = self.workspace.scene(view, at)
        answer = _ask(scene, causes)
        others = {*answer.affected, *answer.causes}
        places = [place for place in _services(scene) if place not in others]
        document = not_hit_document(answer, places, part, scene.view)
        return scene.answered({**document, "next": next_of(part, len(places))})

    def data(self, view: str = "live") -> Document:
        """How much of the estate answers can rest on, what is wrong with the rest, and who brought it when.

        Parameters
        ----------
        view
            What is judged; which sources have seen things is always told as of now.
        """
        scene = self.workspace.scene(view)
        document = data_document(scene.picture, scene.view, scene.when.at, scene.last_seen)
        return scene.answered({**document, "sources": self._sources()})

    def _sources(self) -> list[Document] | None:
        try:
            return [one._asdict() for one in self.workspace.store.sources()]
        except Unavailable:  # a stale answer cannot tell; the rest of it can
            return None

    def depends(self, key: str, view: str = "live") -> Document:
        """Everything an item needs, nearest first."""
        scene = self.workspace.scene(view)
        place = scene.find(key)
        return scene.answered(depends_document(scene.picture, place, scene.view, scene.when.at))

    def path(self, start: str, end: str, view: str = "live") -> Document:
        """The shortest ways along which harm passes between two items."""
        scene = self.workspace.scene(view)
        first, second = scene.find_all([start, end])
        return scene.answered(paths_document(scene.picture, (first, second), scene.view, scene.when.at))

    def spof(self, keys: Sequence[str] = (), view: str = "live") -> Document:
        """Single points of failure of some items, of every service by default."""
        scene = self.workspace.scene(view)
        places = scene.find_all(keys) if keys else _services(scene)
        return scene.answered(spof_document(scene.picture, places, scene.view, scene.when.at))


def _ask(scene: Scene, causes: Causes) -> Answer:
    if not causes:
        raise WrongUsage("Nothing was asked about. Name at least one item.")
    states = {key: State.parse(state) for key, state in causes.items()}
    places = scene.find_all(list(states))
    return ask(scene.picture, dict(zip(places, states.values(), strict=True)), scene.when)


def _services(scene: Scene) -> list[int]:
    picture = scene.picture
    places = (
        place for place in range(len(picture.items)) if picture.active[place] and picture.is_service(place)
    )
    return sorted(places, key=lambda place: (picture.weight(place), place))
