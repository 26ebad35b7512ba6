"""Templates: one environment, and what every template can use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.web import addresses, assets
from impact.wording import capital


def _words(text: str) -> str:
    """A name from a document in words: `at_risk` becomes “at risk”."""
    return text.replace("_", " ")


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["words"] = _words
    made.filters["capital"] = capital
    made.globals["asset"] = assets.address
    made.globals["item_at"] = addresses.item
    made.globals["twin_at"] = addresses.twin
    made.globals["API"] = addresses.API
    made.globals["diff_at"] = addresses.diff
    made.globals["services_at"] = addresses.services
    made.globals["data_at"] = addresses.data
    made.globals["change_at"] = addresses.change
    made.globals["changes_at"] = addresses.changes
    made.globals["in_view"] = addresses.with_view
    made.globals["all_doors"] = addresses.DOORS
    return made


_TEMPLATES = _environment()


def render(template: str, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """A page, or a part of one, as a response."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(values), status)
