"""Health: is the process alive, and can it answer."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.http.answers import UseCases, json

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
def live() -> Response:
    """Say that the process runs."""
    return json({"status": "live"})


@router.get("/ready")
def ready(service: UseCases) -> Response:
    """Say whether questions can be answered."""
    scene = service.workspace.scene()
    return json({"status": "ready", "revision": scene.picture.revision, "stale": scene.stale})
