"""Errors as people see them: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.problems import problem
from api.web.looking import settled
from api.web.rendering import render
from cmdb.errors import CmdbError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_NEXT = {
    404: "Check how it is written, or search for it.",
    413: "Send less at once: one file after the other, or use the command line.",
    422: "Change the address, or ask again from the front page.",
    500: "Nothing is lost. What happened stands in the server's log.",
    503: "Nothing is lost. Load this page again in a moment.",
}
"""What to do next, by status."""


class PageRoute(APIRoute):
    """A route that answers a person: an error becomes a page, a typed moment an address that says it."""

    def get_route_handler(self) -> Handler:
        """Wrap the route."""
        handle = super().get_route_handler()

        async def page(request: Request) -> Response:
            address = settled(request)
            if address:
                return RedirectResponse(address, 303)
            try:
                return await handle(request)
            except CmdbError as error:
                return error_page(request, problem(error))

        return page


def is_for_a_person(request: Request) -> bool:
    """Whether a browser asks for a page, and not a program for data."""
    data = request.scope["path"].startswith("/api/") or request.scope["path"].endswith(".json")
    return not data and "text/html" in request.headers.get("Accept", "")


def error_page(request: Request, document: Mapping[str, Any]) -> Response:
    """The page, or the part of one, that says what a problem document says."""
    status: int = document["status"]
    if "HX-Request" not in request.headers:
        return render("error.html", status, document=document, advice=_NEXT.get(status))
    if request.url.path == "/search":
        return render("parts/refused.html", status, document=document)
    # A part of a page cannot show it, so the browser is sent to the whole page, which does.
    whole = request.url.path.removesuffix("/why")
    return Response(status_code=status, headers={"HX-Redirect": f"{whole}?{request.url.query}"})
