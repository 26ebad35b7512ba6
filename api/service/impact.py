"""Asking: what follows, why, what is needed, how things hang together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from api.service.paging import next_of, page_of
from api.service.workspace import Scene, Workspace
from cmdb.errors import TooLarge, WrongUsage
from cmdb.harm import State
from impact.answer import Answer, ask
from impact.documents.brief import Document
from impact.documents.critical import spof_document
from impact.documents.explanation import explanation_document
from impact.documents.impact import impact_document
from impact.documents.not_hit import not_hit_document
from impact.documents.paths import depends_document, paths_document
from impact.documents.rows import FIELDS
from impact.documents.simulation import simulation_document
from impact.drawing import drawing
from impact.explain import explain
from impact.rules import rules
from impact.simulate import Draws, simulate

Causes = Mapping[str, str]
"""States by key of the cause, or by `Selected` of several."""

CAUSES_AT_MOST = 10_000
"""How many items one question takes as causes."""

DRAWS_AT_MOST = 1_000_000
"""How many draws one simulation makes."""

SEED_AT_MOST = 2**53 - 1
"""The last seed that a simulation can have."""


@dataclass(frozen=True)
class Impact:
    """The use cases of asking what follows.

    All raise `NotFound` for an unknown key, and for a selection that means nothing.
    """

    workspace: Workspace

    def impact(
        self,
        causes: Causes,
        view: str = "live",
        at: str | None = None,
        *,
        graph: bool = False,
        fields: Collection[str] = FIELDS,
    ) -> Document:
        """The blast radius of some causes: the impact document.

        Parameters
        ----------
        causes
            By key, the state each is in: at_risk, degraded or out; by `Selected`, the state of all it means.
        at
            An instant in UTC with Z; now, or the view's own instant, by default.
        graph
            Whether to add `boxes` and `arrows` for drawing.
        fields
            What to tell of each item that is hit: fewer fields are told faster.

        Raises
        ------
        WrongUsage
            If there is no cause, one is given two states, or anything is malformed: a state, a selection, the
            view, the instant.
        TooLarge
            If there are more than 10,000 causes.
        """
        scene = self.workspace.scene(view, at)
        answer = _ask(scene, causes)
        document = scene.answered(impact_document(answer, scene.view, fields))
        return document | drawing(answer) if graph else document

    def explain(self, causes: Causes, key: str, view: str = "live", at: str | None = None) -> Document:
        """Why an item is hit by the causes, or why not."""
        scene = self.workspace.scene(view, at)
        answer = _ask(scene, causes)
        found = explain(answer, scene.find(key))
        return scene.answered(explanation_document(answer, found, scene.view))

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

    def spof(self, keys: Sequence[str] = (), view: str = "live", at: str | None = None) -> Document:
        """Single points of failure of items, by key or `Selected`, and the groups on the way to them.

        Parameters
        ----------
        keys
            The items in question; every service by default.
        at
            The instant at which groups are looked at, as for `impact`.
        """
        scene = self.workspace.scene(view, at)
        places = list(dict.fromkeys(chain(*scene.find_some(keys)))) if keys else _services(scene)
        return scene.answered(spof_document(scene.picture, places, scene.view, scene.when))

    def simulate(
        self,
        keys: Sequence[str] = (),
        view: str = "live",
        *,
        out: Sequence[str] = (),
        draws: int | None = None,
        seed: int | None = None,
    ) -> Document:
        """How much of the time items are out, by key or `Selected`, as far as failure rates are given.

        Parameters
        ----------
        keys
            The items in question; every service by default.
        out
            What is out all the time, by key or `Selected`: what if it were?
        draws, seed
            How many states of the estate to draw, and which; as the rules say by default.

        Raises
        ------
        WrongUsage
            If a number is none that can be drawn with, or anything is malformed.
        """
        usual = rules().simulation
        wanted = Draws(usual.draws if draws is None else draws, usual.seed if seed is None else seed)
        if not 1 <= wanted.number <= DRAWS_AT_MOST:
            raise WrongUsage(f"The number of draws is a number from 1 to {DRAWS_AT_MOST:,}.")
        if not 0 <= wanted.seed <= SEED_AT_MOST:
            raise WrongUsage(f"The seed is a number from 0 to {SEED_AT_MOST:,}.")
        scene = self.workspace.scene(view)
        places = list(dict.fromkeys(chain(*scene.find_some(keys)))) if keys else _services(scene)
        found = simulate(scene.picture, places, set(chain(*scene.find_some(out))), wanted)
        return scene.answered(simulation_document(found, scene.view, scene.when.at))


def _ask(scene: Scene, causes: Causes) -> Answer:
    if not causes:
        raise WrongUsage("Nothing was asked about. Name at least one item.")
    given = [State.parse(state) for state in causes.values()]
    states: dict[int, State] = {}
    for places, state in zip(scene.find_some(list(causes)), given, strict=True):
        for place in places:
            if states.setdefault(place, state) != state:
                raise WrongUsage(f"“{scene.picture.keys[place]}” is given two states. Give it one.")
    if len(states) > CAUSES_AT_MOST:
        raise TooLarge(
            f"{len(states):,} causes are too many for one question; {CAUSES_AT_MOST:,} is the most."
            " Narrow the selection, such as by tier or environment."
        )
    return ask(scene.picture, states, scene.when)


def _services(scene: Scene) -> list[int]:
    picture = scene.picture
    places = np.flatnonzero(picture.services).tolist()
    return sorted(places, key=lambda place: (picture.weight(place), picture.rank[place]))
