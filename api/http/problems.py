"""Problem documents: what any route may answer with, and what each kind means."""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from api.problems import OUTCOMES, known_problems
from cmdb.errors import NotFound

router = APIRouter(include_in_schema=False)

_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": ", ".join(kind.slug for kind, one in OUTCOMES.items() if one.status == status),
        "content": {"application/problem+json": {"schema": _SCHEMA}},
    }
    for status in sorted({one.status for one in OUTCOMES.values()})
}
"""The problem documents that any route may answer with."""


@router.get("/problems/{slug}")
def problem_page(slug: str) -> PlainTextResponse:
    """What a kind of problem means."""
    kind = known_problems().get(slug)
    if kind is None:
        raise NotFound(f"There is no problem called “{slug}”.")
    return PlainTextResponse(f"{slug}\n\n{getdoc(kind)}\n\nStatus {OUTCOMES[kind].status}.\n")
