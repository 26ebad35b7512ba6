"""Every error as a problem document, or for somebody at a browser as the page that says the same."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from api.http.answers import HEADERS
from api.problems import problem
from api.server.watching import METHODS, route_of
from api.web.errors import error_page, is_for_a_person
from cmdb.errors import CmdbError, Fault, Rejected, Unreadable

log = logging.getLogger(__name__)

_ALSO = {
    401: {"WWW-Authenticate": 'Basic realm="cmdb", charset="UTF-8"'},
    503: {"Retry-After": "10"},
}
"""What a client is told beside the document, by status."""


def on_cmdb_error(request: Request, error: Exception) -> Response:
    """Answer one of our own errors."""
    if not isinstance(error, CmdbError):
        raise error
    return _response(request, problem(error))


def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: an unknown path, a wrong method."""
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__cause__, CmdbError):  # raised by the guard while the framework read the body
        return on_cmdb_error(request, error.__cause__)
    if error.status_code == HTTPStatus.BAD_REQUEST:  # a body nested too deep to be parsed, for one
        return _response(request, problem(Unreadable(f"The body cannot be read: {error.detail}.")))
    document = {
        "type": "about:blank",
        "title": HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
        "detail": error.detail,
    }
    if error.status_code == HTTPStatus.NOT_FOUND and is_for_a_person(request):
        document["title"], document["detail"] = "Not found", "There is no page at this address."
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request)
    return _response(request, document, headers)


def on_invalid_request(request: Request, error: Exception) -> Response:
    """Answer a request whose body or parameters have the wrong shape, without repeating its values."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = tuple(Fault("/".join(map(str, one["loc"])), one["msg"]) for one in error.errors())
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return _response(request, problem(Unreadable("The body is not JSON.", faults)))
    return _response(request, problem(Rejected("The request does not have the expected shape.", faults)))


def on_crash(request: Request, _error: Exception) -> Response:
    """Answer a fault of ours; what happened goes to the log and not to the reader."""
    log.error("%s %s failed", request.method, route_of(request.scope))
    # This answer is given outside the guard, which adds the headers to all others.
    return _response(
        request, problem(CmdbError("This is a fault in the program. It is in the log.")), HEADERS
    )


def _allowed(request: Request) -> str:
    """The methods that there are at an address; the framework tells those of one of its routes only."""
    routes = request.app.router.routes
    tried = {method: {**request.scope, "method": method} for method in METHODS}
    found = (
        method
        for method, scope in tried.items()
        if any(route.matches(scope)[0] is Match.FULL for route in routes)
    )
    return ", ".join(found)


def _response(
    request: Request, document: dict[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    """The problem document, or for somebody at a browser the page that says the same."""
    status: int = document["status"]
    headers = {**(headers or {}), **_ALSO.get(status, {})}
    if is_for_a_person(request):
        page = error_page(request, document)
        page.headers.update(headers)
        return page
    return Response(orjson.dumps(document), status, headers, media_type="application/problem+json")
