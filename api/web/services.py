"""The page of somebody's services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.service import Service
from api.web import addresses
from api.web.fixes import Row, done_in, rows_of
from api.web.looking import TODAY, looking_at
from api.web.rendering import render
from api.web.times import spoken

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Services:
    """Somebody's services over some use cases."""

    service: Service

    def page(self, request: Request) -> Response:
        """Ask whose, and show how their services are, the worst first."""
        given = dict(request.query_params)
        return self.show(given, done_in(self.service, given), actor=request.scope["state"]["actor"].name)

    def show(
        self, given: Mapping[str, str], special: Row | None, status: int = 200, *, actor: str = ""
    ) -> Response:
        """Show the page, with one of the relations worth confirming as something was done about it."""
        owner, view = (given.get("owner") or "").strip() or None, given.get("view") or TODAY
        cursor = given.get("from") or None
        document = self.service.owning.services(owner, view, cursor=cursor)
        whose = document["owner"]["key"] if document["owner"] else None
        now = self.service.workspace.now()
        as_of = spoken(document["at"], now)
        in_view = {} if view == TODAY else {"view": document["view"]}
        page = addresses.services(whose, **in_view, **({"from": cursor} if cursor else {}))
        return render(
            "services.html",
            status,
            document=document,
            fixes=rows_of(document["confirm"], special),
            actor=actor,
            page=page,
            whose=whose,
            names={one["key"]: one["name"] for one in document["owners"]},
            view=document["view"],
            as_of=as_of,
            looking=looking_at(page, self.service, document["view"], as_of),
            stale=document["stale"],
            start=int(cursor or 0),
            spoken=lambda instant: spoken(instant, now),
            later=document["next"] and addresses.services(whose, **in_view, **{"from": document["next"]}),
            twin=addresses.services(whose, addresses.API, **in_view),
        )
