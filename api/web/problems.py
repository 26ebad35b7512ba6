"""What a kind of problem means, as a page."""

from __future__ import annotations

from starlette.responses import Response

from api.problems import told_by_slug
from api.web.rendering import render


def problem_page(slug: str) -> Response:
    """Say what happened when something was refused for this reason, and what to do."""
    return render("problem.html", told=told_by_slug(slug))
