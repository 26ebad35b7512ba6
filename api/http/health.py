"""Health: is the process alive, and can it answer."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.documents.estate import Live, Ready
from api.http.problems import refusals
from cmdb.errors import Unavailable

router = APIRouter(prefix="/health", tags=["health"])


@router.get(
    "/live",
    summary="Whether the process runs",
    response_model=Live,
    responses=refusals(guarded=False),
)
def live() -> Response:
    """Say that the process runs."""
    return json({"status": "live"})


@router.get(
    "/ready",
    summary="Whether it can answer",
    response_model=Ready,
    responses=refusals(Unavailable, guarded=False),
)
def ready(service: UseCases) -> Response:
    """Say whether questions can be answered."""
    scene = service.workspace.scene()
    return json({"status": "ready", "revision": scene.picture.revision, "stale": scene.stale})
