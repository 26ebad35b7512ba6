"""Comparing, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.answers import UseCases, json

router = APIRouter(tags=["comparing"])


@router.get("/diff")
def diff(
    service: UseCases,
    before: Annotated[str, Query(alias="from", description="a view", examples=["@417"])],
    after: Annotated[str, Query(alias="to", description="another view")] = "live",
) -> Response:
    """What is different in one view from another."""
    return json(service.comparing.diff(before, after))
