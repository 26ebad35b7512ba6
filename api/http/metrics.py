"""Figures for those who watch over the server."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from api.http.problems import refusals

router = APIRouter(tags=["health"])

_TEXT = "text/plain; version=0.0.4"


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    response_description="The figures, as text.",
    responses=refusals(),
)
def metrics(request: Request) -> Response:
    """Tell how many requests were answered, how long they took and how large the graph is, for Prometheus."""
    return Response(request.app.state.metrics.told(), media_type=_TEXT)
