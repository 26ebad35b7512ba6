"""Looking, over HTTP."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from starlette.responses import Response

from api.http.answers import UseCases, actor_of, json
from api.http.parameters import Cursor, IfMatch, Into, Limit, Select, View
from api.service.editing import Edit
from api.service.relating import Link
from api.service.writing import NOT_THERE
from cmdb.errors import Stale, VersionNeeded, WrongUsage
from cmdb.views import parse_view

router = APIRouter(tags=["items"])


@router.get("/items/{key}")
def show(key: str, service: UseCases, view: View = "live") -> Response:
    """One item with its attributes and relations; of today's graph, with plans or without, the ETag too."""
    document = service.items.show(key, view)
    has_tag = parse_view(view).is_present and document["edition"] is not None
    return json(document, headers={"ETag": f'"{document["edition"]}"'} if has_tag else {})


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
    if_match: IfMatch = None,
    into: Into = None,
    view: Annotated[str | None, Query(include_in_schema=False)] = None,
) -> Response:
    """Give an item other values; a new `key` renames it.

    It needs If-Match, so that nobody undoes what they have not seen: with the ETag of the item today, or of
    the view of today with the plan that takes the change (`view=live+CLASS:KEY`). Where that view is refused
    because the plan does not fit, `If-Match: *` settles it.
    """
    if view is not None:
        raise WrongUsage("A view cannot be changed. Edit today's graph, or a plan with into=CLASS:KEY.")
    edition = seen(if_match, into, "Send If-Match with the ETag that GET gave for this item.")
    return json(service.editing.edit(Edit(key, values, actor_of(request), edition, into)))


@router.put("/items/{key}/relations/{type}/{target}")
def relate(
    key: str,
    type: str,
    target: str,
    request: Request,
    service: UseCases,
    values: Annotated[
        dict[str, Any] | None,
        Body(description="by field, the new value; null takes one away", examples=[{"known": "declared"}]),
    ] = None,
    if_match: IfMatch = None,
    into: Into = None,
) -> Response:
    """Add a relation, or give the one that is there other values; fields that are not named stay.

    To change one that is there it needs If-Match, with the relation's `edition` in the document of an item
    at its end.
    """
    edition = NOT_THERE if if_match is None else edition_of(if_match, into)
    wanted = Link(key, type, target, actor_of(request), edition, into)
    return json(service.relating.relate(wanted, values or {}))


@router.delete("/items/{key}/relations/{type}/{target}")
def unrelate(
    key: str,
    type: str,
    target: str,
    request: Request,
    service: UseCases,
    if_match: IfMatch = None,
    into: Into = None,
) -> Response:
    """Remove a relation, or plan that it goes; it needs If-Match, with the relation's `edition`."""
    edition = seen(if_match, into, "Send If-Match with the edition that GET gave for this relation.")
    return json(service.relating.unrelate(Link(key, type, target, actor_of(request), edition, into)))


@router.delete("/plans/{plan}/items/{key}")
def withdraw(plan: str, key: str, request: Request, service: UseCases) -> Response:
    """Take everything out of a plan (`CLASS:KEY`) that is about an item, its relations included."""
    return json(service.editing.withdraw(plan, [key], actor_of(request)))


@router.get("/items/{key}/history")
def history(key: str, service: UseCases, view: View = "live") -> Response:
    """Everything that ever happened to an item, and what plans said of it: such events name the plan."""
    return json(service.items.history(key, view))


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


def edition_of(tag: str, into: str | None) -> str | None:
    """The edition that an entity tag names; `None` for any, which will do for plans.

    Raises
    ------
    Stale
        If this server never gave such a tag.
    """
    if tag == "*" and into is not None:
        return None
    found = re.fullmatch(r'"([0-9]{1,18}(?:-[0-9a-f]{16})?)"', tag)
    if found is None:
        raise Stale(f"If-Match {tag} is not an ETag that was given for this. Read it again.")
    return found[1]


def seen(if_match: str | None, into: str | None, hint: str) -> str | None:
    """The edition that a request says it has seen; raises `VersionNeeded` if it says none."""
    if if_match is None:
        raise VersionNeeded(hint)
    return edition_of(if_match, into)
