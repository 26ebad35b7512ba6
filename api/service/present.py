"""The present: what is wrong before anybody asks."""

from __future__ import annotations

from dataclasses import dataclass

from api.service.workspace import Workspace
from impact.documents.brief import Document
from impact.documents.now import now_document


@dataclass(frozen=True)
class Present:
    """The use case of looking at how things stand."""

    workspace: Workspace

    def now(self, view: str = "live") -> Document:
        """What is wrong now: open incidents, and what is hurt by them, by maintenance and by each other.

        Raises
        ------
        WrongUsage
            If the view is malformed.
        """
        scene = self.workspace.scene(view)
        return scene.answered(now_document(scene.picture, scene.view, scene.when))
