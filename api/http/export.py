"""Exporting, over HTTP: the file is the answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.answers import UseCases
from api.http.parameters import Select, View
from api.http.problems import VIEWED, refusals
from cmdb.errors import Rejected, TakesTooLong
from cmdb.export import FORMAT

router = APIRouter(tags=["export"])

_TYPES = {"yaml": "application/yaml", "json": "application/json"}
_NATIVE = {
    "type": "object",
    "required": ["format", "items", "relations"],
    "properties": {
        "format": {"type": "integer", "const": FORMAT},
        **{name: {"type": "array", "items": {"type": "object"}} for name in ("items", "relations")},
    },
    "additionalProperties": False,
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The native file, which an import reads again.",
        "content": {media_type: {"schema": _NATIVE} for media_type in _TYPES.values()},
        "headers": {
            "Cmdb-Relations-Cut": {
                "description": "how many relations lead out of the selection, and so are not in the file",
                "schema": {"type": "integer"},
            },
            "Cmdb-Importable": {
                "description": "whether one import reads a file as large as this; else backup and restore do",
                "schema": {"type": "string", "enum": ["yes", "no"]},
            },
        },
    }
}


@router.get(
    "/export",
    summary="A view as a file",
    response_class=Response,
    responses={**_FILE, **refusals(*VIEWED, Rejected, TakesTooLong)},
)
def export(
    service: UseCases,
    view: View = "live",
    select: Select = None,
    format: Annotated[Literal["yaml", "json"], Query(description="how the file is written")] = "yaml",
) -> Response:
    """The items and relations of a view, or of a selection, as a native file, to be saved."""
    exported = service.exports.export(view, format, select=select)
    name = f"cmdb-{exported.document['revision']}.{format}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cmdb-Relations-Cut": str(len(exported.document["cut"])),
        "Cmdb-Importable": "yes" if exported.document["importable"] else "no",
    }
    return Response(exported.data, headers=headers, media_type=_TYPES[format])
