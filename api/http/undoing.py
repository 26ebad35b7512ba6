"""Undoing, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.responses import Response

from api.http.answers import UseCases, actor_of, json
from api.service.undoing import Undo

router = APIRouter(tags=["revisions"])


@router.post("/revisions/{revision}/undo")
def undo(
    revision: Annotated[int, Path(ge=1, le=2**63 - 1, description="of the commit that is taken back")],
    request: Request,
    service: UseCases,
    dry_run: Annotated[bool, Query(description="only show what would change")] = False,
    idempotency_key: Annotated[
        str | None, Header(description="repeat safely under the same key", min_length=1, max_length=200)
    ] = None,
) -> Response:
    """Take a commit back by another; refused where somebody has changed since what it changed."""
    wanted = Undo(revision, actor_of(request), idempotency_key)
    return json(service.undoing.plan(wanted) if dry_run else service.undoing.undo(wanted))
