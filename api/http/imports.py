"""Importing, over HTTP: the file is the body."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.http.answers import Acting, UseCases, json
from api.http.documents.writing import ImportAnswer
from api.http.parameters import IdempotencyKey, Into
from api.http.problems import refusals
from api.service.imports import Import
from api.service.showing import Part, Showing
from cmdb.errors import Conflict, NotFound, Rejected, Stale, TakesTooLong, Unavailable, Unreadable, WrongUsage
from loaders.source import Source

router = APIRouter(tags=["imports"])

_BODY = {
    "requestBody": {
        "required": True,
        "description": "The file itself.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/imports",
    name="import",
    summary="Import a file",
    response_model=ImportAnswer,
    responses=refusals(NotFound, Conflict, Stale, Unreadable, Rejected, TakesTooLong, Unavailable),
    openapi_extra=_BODY,
)
async def imports(
    request: Request,
    actor: Acting,
    service: UseCases,
    name: Annotated[str, Query(description="the file's name, for messages", max_length=255)] = "upload",
    format: Annotated[str | None, Query(description="recognised from the content by default")] = None,
    source: Annotated[str | None, Query(description="in whose name; retires what it no longer lists")] = None,
    into: Into = None,
    mapping: Annotated[
        str | None, Query(description="what the columns of tables mean, as TOML", max_length=32_768)
    ] = None,
    dry_run: Annotated[bool, Query(description="only show what would change")] = False,
    only: Annotated[
        list[Part] | None, Query(description="of a dry run, these parts; each of them by default")
    ] = None,
    match: Annotated[
        str | None,
        Query(description="of a dry run, what is about keys like this, such as web-*", max_length=200),
    ] = None,
    allow_retire: Annotated[bool, Query(description="retire more than the usual share")] = False,
    seen: Annotated[
        str | None,
        Query(description="the `digest` of the plan you have read: another is not applied", max_length=64),
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Import a file as one commit, or show what importing it would do."""
    wanted = Import(
        files=(Source(name, await request.body()),),
        actor=actor,
        format=format,
        source=source,
        any_share=allow_retire,
        into=into,
        id=idempotency_key,
        mapping=None if mapping is None else Source("mapping", mapping.encode(errors="surrogatepass")),
        seen=seen,
    )
    if not dry_run:
        if only or match is not None:
            raise WrongUsage("`only` and `match` choose what a plan shows. Add dry_run=true.")
        return json(await run_in_threadpool(service.imports.apply, wanted))
    if seen is not None:
        raise WrongUsage("`seen` guards what is applied. Leave dry_run out.")
    showing = Showing(tuple(only or ()), match)
    return json(await run_in_threadpool(service.imports.plan, wanted, showing=showing))
