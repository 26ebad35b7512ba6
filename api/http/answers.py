"""What a route has at hand: the use cases, who acts, and how an answer leaves."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import Depends, Header, Request
from starlette.responses import Response

from api.service import Service
from cmdb.model import Actor

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""What browsers may do with any answer."""


def json(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:  # noqa: ANN401
    """A document as a response; large answers never pass through response models."""
    return Response(orjson.dumps(document), status, headers, media_type="application/json")


async def _service(request: Request) -> Service:  # else it would wait for a thread of its own
    service: Service = request.app.state.service
    return service


UseCases = Annotated[Service, Depends(_service)]
"""The use cases, as a route's parameter."""


async def _actor(
    request: Request,
    _declared: Annotated[
        str | None,
        Header(alias="Cmdb-Actor", description="who acts, where the server has no tokens"),
    ] = None,
) -> Actor:
    actor: Actor = request.scope["state"]["actor"]  # whom the guard let in
    return actor


Acting = Annotated[Actor, Depends(_actor)]
"""Who acts in this request, as a route's parameter."""
