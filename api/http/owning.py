"""Owning, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.documents.estate import ServicesAnswer
from api.http.parameters import At, Cursor, Limit, View
from api.http.problems import VIEWED, refusals
from cmdb.errors import Rejected

router = APIRouter(tags=["owning"])


@router.get(
    "/services",
    summary="How somebody's services are",
    response_model=ServicesAnswer,
    responses=refusals(*VIEWED, Rejected),
)
def services(
    service: UseCases,
    owner: Annotated[
        str | None,
        Query(description="key or name of a team or a person; everybody's by default"),
    ] = None,
    view: View = "live",
    at: At = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """How somebody's services are: state, weakest redundancy, single points of failure, what expires."""
    return json(service.owning.services(owner, view, at, limit=limit, cursor=cursor))
