"""Comparing, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.documents.estate import DiffAnswer
from api.http.parameters import ViewText
from api.http.problems import VIEWED, refusals
from cmdb.errors import Rejected, TakesTooLong

router = APIRouter(tags=["comparing"])


@router.get(
    "/diff",
    summary="What differs between two views",
    response_model=DiffAnswer,
    responses=refusals(*VIEWED, Rejected, TakesTooLong),
)
def diff(
    service: UseCases,
    before: Annotated[ViewText, Query(alias="from", description="a view")],
    after: Annotated[ViewText, Query(alias="to", description="another view")] = "live",
) -> Response:
    """What is different in one view from another."""
    return json(service.comparing.diff(before, after))
