"""How things stand, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.documents.estate import NowAnswer
from api.http.parameters import View
from api.http.problems import VIEWED, refusals

router = APIRouter(tags=["impact"])


@router.get(
    "/now",
    summary="What is wrong now",
    response_model=NowAnswer,
    responses=refusals(*VIEWED),
)
def now(service: UseCases, view: View = "live") -> Response:
    """What is wrong now: open incidents, and what is hurt by them, by maintenance and by each other."""
    return json(service.present.now(view))
