"""The front page: the question not yet asked."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from api.service import Service
from api.web.question import STATES
from api.web.rendering import render


@dataclass(frozen=True)
class Front:
    """The front page over some use cases."""

    service: Service

    def page(self) -> Response:
        """Offer search and the explorer's sentence, or say how to begin."""
        if not self.service.items.search("", limit=1)["total"]:
            return render("empty.html")
        data = self.service.data.coverage()
        return render(
            "front.html", coverage=data["coverage"], stale=data["stale"], states=STATES, kept=[], text=""
        )
