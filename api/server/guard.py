"""The guard at the door: who may ask, how much they may send, and what browsers may do with our pages."""

from __future__ import annotations

import asyncio
import binascii
import re
import secrets
from base64 import b64decode
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.answers import HEADERS
from api.server.errors import on_cmdb_error
from api.settings import LOOPBACK, system_user
from cmdb.errors import CmdbError, NotFound, Rejected, TooLarge, Unauthorised, Unreadable
from cmdb.model import Actor
from cmdb.patience import patience, seconds_left
from loaders.source import MAX_BYTES

BODY_AT_MOST = 1024 * 1024
UPLOAD_AT_MOST = MAX_BYTES
QUESTION_SECONDS = 10.0
"""How long a request may take, its body included, before it is answered that it takes too long."""
UPLOAD_SECONDS = 600.0
"""The same for an upload."""
UPLOADS = ("/api/v1/imports", "/import")
OPEN_PATHS = ("/health/",)
ACTOR_HEADER = "Cmdb-Actor"
READING = frozenset({"GET", "HEAD", "OPTIONS"})

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:/@\[\]]+)(:\d*)?", re.IGNORECASE)


class Guard:
    """Checks every request before it reaches a route.

    With tokens, each request must carry one (`Authorization: Bearer TOKEN`, or Basic with the token as the
    password) and acts in its name. Without, requests must be addressed to this machine itself, and say who
    acts in the header `Cmdb-Actor`. Pages of other sites may not make a browser write here.
    """

    def __init__(self, app: ASGIApp, tokens: Mapping[str, str]) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        send = _with_headers(send)
        try:
            scope.setdefault("state", {})["actor"] = self._actor(request)
            _check_origin(request)
            uploads = scope["path"] in UPLOADS
            limit = UPLOAD_AT_MOST if uploads else BODY_AT_MOST
            _check_length(request, limit)
            with patience(UPLOAD_SECONDS if uploads else QUESTION_SECONDS):
                await self._app(scope, _limited(receive, limit), send)
        except CmdbError as error:
            await on_cmdb_error(request, error)(scope, receive, send)

    def _actor(self, request: Request) -> Actor:
        if request.scope["path"].startswith(OPEN_PATHS):
            return Actor("nobody")
        if self._tokens:
            return Actor(self._name_of(_token(request)), "authenticated")
        if _host_name(request.headers) not in LOOPBACK:
            raise NotFound("This server answers for 127.0.0.1 and localhost only.")
        return Actor(_declared(request.headers) or system_user())

    def _name_of(self, token: str) -> str:
        for known, name in self._tokens.items():
            if secrets.compare_digest(known.encode(), token.encode()):
                return name
        raise Unauthorised("Send a valid token: Authorization: Bearer TOKEN.")


def _host_name(headers: Headers) -> str:
    found = _HOST.fullmatch(headers.get("Host", ""))
    return found["name"].strip("[]").lower() if found else ""


def _declared(headers: Headers) -> str:
    """The declared actor; headers travel as Latin-1, but what people type is UTF-8."""
    text = headers.get(ACTOR_HEADER, "")
    try:
        return text.encode("latin-1").decode()
    except UnicodeDecodeError:
        return text


def _check_origin(request: Request) -> None:
    """Refuse a write that a page of another site made the browser send: it would act in its user's name."""
    if request.method in READING:
        return
    headers = request.headers
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    if site is not None:
        foreign = site not in {"same-origin", "none"}
    else:
        foreign = origin is not None and origin.partition("://")[2] != headers.get("Host")
    if foreign:
        raise Rejected("This was sent by a page of another site, and such pages may not write here.")


def _token(request: Request) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return value if scheme.lower() == "bearer" else ""


def _check_length(request: Request, limit: int) -> None:
    length = request.headers.get("Content-Length", "0")
    if length.isdecimal() and (len(length) > 18 or int(length) > limit):
        raise _too_large(limit)


def _limited(receive: Receive, limit: int) -> Receive:
    """Pass the body on, unless it exceeds the limit, whatever was announced, or does not come in time."""
    seen, whole = 0, False

    async def counted() -> Message:
        nonlocal seen, whole
        if whole:  # from here on is waited until the client goes away
            return await receive()
        try:
            async with asyncio.timeout(seconds_left()):
                message = await receive()
        except TimeoutError:
            raise Unreadable("The body of the request did not arrive in time. Send it again.") from None
        whole = not message.get("more_body", False)
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return counted


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request is larger than {limit // (1024 * 1024)} MiB, the most this route takes.")


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
