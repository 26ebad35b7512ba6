"""Watching requests: each has an id, is counted, and leaves one line in the log without any of its values."""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from time import perf_counter
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.server.metrics import Metrics

ID_HEADER = "X-Request-ID"
NO_ROUTE = "none"
"""What stands in for the route where no route took the request."""

API = "/api/v1"
"""Where all routes are that answer with data."""

log = logging.getLogger(__name__)
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""That of the request being answered."""

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Those that are counted each for itself."""


def route_of(scope: Scope) -> str:
    """The template of the address that a request was for, which holds no values."""
    template: str | None = getattr(scope.get("route"), "path", None)
    if template is None:
        return NO_ROUTE
    # A router that is included under a prefix does not know it.
    is_bare = scope["path"].startswith(f"{API}/") and not template.startswith(API)
    return f"{API}{template}" if is_bare else template


class Watch:
    """Gives every request an id, or keeps the one that it came with, and tells how it ended."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get(ID_HEADER, "")
        own = told if _ID.fullmatch(told) else uuid4().hex
        token = request_id.set(own)
        begun, status = perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[ID_HEADER] = own
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._tell(scope, status, perf_counter() - begun)
            request_id.reset(token)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._metrics.count(method, route, status, seconds)
        log.info(
            "request",
            extra={"method": method, "route": route, "status": status, "ms": round(1_000 * seconds, 1)},
        )
