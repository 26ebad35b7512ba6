"""Errors as people see them: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from api.problems import outcome
from api.web.rendering import render
from cmdb.errors import CmdbError, NotFound, Unavailable, WrongUsage

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_NEXT: dict[type, str] = {
    NotFound: "Check how it is written, or search for it.",
    WrongUsage: "Change the address, or ask again from the front page.",
    Unavailable: "Nothing is lost. Load this page again in a moment.",
}


class PageRoute(APIRoute):
    """A route that answers a person: an error becomes a page."""

    def get_route_handler(self) -> Handler:
        """Wrap the route."""
        handle = super().get_route_handler()

        async def page(request: Request) -> Response:
            try:
                return await handle(request)
            except CmdbError as error:
                return _page(error)

        return page


def _page(error: CmdbError) -> Response:
    advice = next((_NEXT[kind] for kind in type(error).__mro__ if kind in _NEXT), None)
    return render("error.html", outcome(error).status, title=error.title, error=error, advice=advice)
