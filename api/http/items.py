"""Looking, over HTTP."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Request
from starlette.responses import Response

from api.http.answers import UseCases, actor_of, json
from api.http.parameters import Cursor, Into, Limit, Select, View
from api.service.editing import Edit
from cmdb.errors import Stale, VersionNeeded, WrongUsage

router = APIRouter(tags=["items"])


@router.get("/items/{key}")
def show(key: str, service: UseCases, view: View = "live") -> Response:
    """One item with its attributes and relations; in today's graph, the ETag is its version."""
    document = service.items.show(key, view)
    tag = {"ETag": f'"{document["version"]}"'} if document["view"] == "live" else {}
    return json(document, headers=tag)


@router.patch("/items/{key}")
def edit(
    key: str,
    values: Annotated[
        dict[str, Any],
        Body(
            description="by field, the new value; null takes one away", examples=[{"tier": 1, "owner": None}]
        ),
    ],
    request: Request,
    service: UseCases,
    if_match: Annotated[str | None, Header(description="the ETag that was seen")] = None,
    into: Into = None,
) -> Response:
    """Give an item other values; a new `key` renames it.

    A change of the live graph needs If-Match, so that nobody undoes what they have not seen.
    """
    if "view" in request.query_params:
        raise WrongUsage("A view cannot be changed. Edit today's graph, or a plan with into=CLASS:KEY.")
    if if_match is None and into is None:
        raise VersionNeeded("Send If-Match with the ETag that GET gave for this item.")
    version = None if if_match is None else version_of(if_match)
    return json(service.editing.edit(Edit(key, values, actor_of(request), version, into)))


@router.delete("/plans/{plan}/items/{key}")
def withdraw(plan: str, key: str, request: Request, service: UseCases) -> Response:
    """Take everything out of a plan (`CLASS:KEY`) that is about an item, its relations included."""
    return json(service.editing.withdraw(plan, [key], actor_of(request)))


@router.get("/items/{key}/history")
def history(key: str, service: UseCases) -> Response:
    """Everything that ever happened to an item."""
    return json(service.items.history(key))


@router.get("/search")
def search(
    service: UseCases,
    q: Annotated[str, Query(description="words that key, name or class hold", examples=["checkout"])] = "",
    select: Select = None,
    view: View = "live",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Items by key, name or class, or those of a selection."""
    return json(service.items.search(q, view, select=select, limit=limit, cursor=cursor))


def version_of(tag: str) -> int:
    """The version that an entity tag names; one that this server never gave names none."""
    found = re.fullmatch(r'"([0-9]{1,18})"', tag)
    if found is None:
        raise Stale(f"If-Match {tag} is not an ETag that was given for this item. Read it again.")
    return int(found[1])
