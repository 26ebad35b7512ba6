"""Looking, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.parameters import Cursor, Limit, View

router = APIRouter(tags=["items"])


@router.get("/items/{key}")
def show(key: str, service: UseCases, view: View = "live") -> Response:
    """One item with its attributes and relations; the ETag is its version."""
    document = service.items.show(key, view)
    return json(document, headers={"ETag": f'"{document["version"]}"'})


@router.get("/items/{key}/history")
def history(key: str, service: UseCases) -> Response:
    """Everything that ever happened to an item."""
    return json(service.items.history(key))


@router.get("/search")
def search(
    service: UseCases,
    q: Annotated[str, Query(description="words that key, name or class hold", examples=["checkout"])] = "",
    view: View = "live",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Items by key, name or class."""
    return json(service.items.search(q, view, limit=limit, cursor=cursor))
