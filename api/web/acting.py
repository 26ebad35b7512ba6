"""Who acts on a page."""

from __future__ import annotations

from starlette.requests import Request

from cmdb.model import Actor


def actor_of(request: Request) -> Actor:
    """Whom the guard at the door found to act in this request."""
    actor: Actor = request.scope["state"]["actor"]
    return actor
