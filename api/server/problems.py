"""The address of each kind of problem: a page for people, text for programs."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.problems import problem_text
from api.web.errors import is_for_a_person
from api.web.problems import problem_page

router = APIRouter(include_in_schema=False)


@router.get("/problems/{slug}")
def problem(slug: str, request: Request) -> Response:
    """What a kind of problem means, and what to do about it."""
    answer = problem_page(slug) if is_for_a_person(request) else problem_text(slug)
    answer.headers["Vary"] = "Accept"
    return answer
