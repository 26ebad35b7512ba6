"""Exporting, over HTTP: the file is the answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.answers import UseCases
from api.http.parameters import View

router = APIRouter(tags=["export"])

_TYPES = {"yaml": "application/yaml", "json": "application/json"}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The native file, which an import reads again.",
        "content": {media_type: {"schema": {}} for media_type in _TYPES.values()},
    }
}


@router.get("/export", response_class=Response, responses=_FILE)
def export(
    service: UseCases,
    view: View = "live",
    format: Annotated[Literal["yaml", "json"], Query(description="how the file is written")] = "yaml",
) -> Response:
    """The items and relations of a view as a native file, to be saved."""
    exported = service.exports.export(view, format)
    name = f"cmdb-{exported.document['revision']}.{format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(exported.data, headers=headers, media_type=_TYPES[format])
