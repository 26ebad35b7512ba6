"""Undoing, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.http.answers import Acting, UseCases, json
from api.http.documents.writing import UndoAnswer
from api.http.parameters import IdempotencyKey
from api.http.problems import refusals
from api.service.undoing import Undo
from cmdb.errors import Conflict, NotFound, Rejected, Stale, TakesTooLong, Unavailable

router = APIRouter(tags=["revisions"])


@router.post(
    "/revisions/{revision}/undo",
    summary="Take a commit back",
    response_model=UndoAnswer,
    responses=refusals(NotFound, Conflict, Stale, Rejected, TakesTooLong, Unavailable),
)
def undo(
    revision: Annotated[int, Path(ge=1, le=2**53 - 1, description="of the commit that is taken back")],
    actor: Acting,
    service: UseCases,
    dry_run: Annotated[bool, Query(description="only show what would change")] = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take a commit back by another; refused where somebody has changed since what it changed."""
    wanted = Undo(revision, actor, idempotency_key)
    return json(service.undoing.plan(wanted) if dry_run else service.undoing.undo(wanted))
