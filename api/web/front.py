"""The front page: how things stand, and the question not yet asked."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.service import Service
from api.service.changes import Filter
from api.web.looking import TODAY, address_of, looking_at
from api.web.question import STATES, Question
from api.web.rendering import render
from api.web.times import spoken


@dataclass(frozen=True)
class Front:
    """The front page over some use cases."""

    service: Service

    def page(self, request: Request) -> Response:
        """Offer search and the explorer's sentence, and tell what is wrong, or say how to begin."""
        view = request.query_params.get("view") or TODAY
        workspace = self.service.workspace
        if not len(workspace.scene(view).picture) and view == TODAY:
            return render("empty.html")
        present, data = self.service.present.now(view), self.service.data.coverage(view)
        now = workspace.now()
        as_of = spoken(present["at"], now)
        return render(
            "front.html",
            present=present,
            coverage=data["coverage"],
            left=sum(present["counts"].values()) - len(present["hurt"][:SHOWN]),
            shown=SHOWN,
            waiting=self.service.changes.list(Filter(stage=SUBMITTED), limit=1)["total"],
            stale=data["stale"],
            looking=looking_at(address_of(request), self.service, present["view"], as_of),
            labels={name: entry.label for name, entry in workspace.vocabulary.classes.items()},
            spoken=lambda instant: spoken(instant, now),
            states=STATES,
            kept=Question({}, present["view"]).pairs(),
            text="",
        )


SUBMITTED = "submitted"
SHOWN = 8
"""How many items that are hurt the front page tells of."""
