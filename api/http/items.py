"""Looking, over HTTP."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from starlette.responses import Response

from api.http.answers import Acting, UseCases, json
from api.http.documents.items import HistoryAnswer, SearchAnswer, ShowAnswer
from api.http.documents.writing import EditAnswer, RelateAnswer, WithdrawAnswer
from api.http.parameters import (
    Cursor,
    IfMatch,
    IfMatchNeeded,
    Into,
    Key,
    KeyText,
    Limit,
    PlanText,
    Select,
    Values,
    View,
)
from api.http.problems import VIEWED, Responses, refusals
from api.service.editing import Edit
from api.service.relating import Link
from api.service.writing import NOT_THERE
from cmdb.errors import (
    Conflict,
    NotFound,
    Rejected,
    Stale,
    TakesTooLong,
    Unavailable,
    Unreadable,
    VersionNeeded,
    WrongUsage,
)
from cmdb.views import parse_view

router = APIRouter(tags=["items"])

WRITTEN = (NotFound, Conflict, Stale, Rejected, TakesTooLong, Unavailable)
"""What a write may be answered instead."""

BY_FIELD = "by field, the new value; null takes one away"

_TAGGED: Responses = {
    200: {
        "headers": {
            "ETag": {
                "description": "the item's edition, for If-Match; of a view of the past there is none",
                "schema": {"type": "string"},
            }
        }
    }
}


@router.get(
    "/items/{key}",
    summary="One item",
    response_model=ShowAnswer,
    responses={**_TAGGED, **refusals(*VIEWED)},
)
def show(key: Key, service: UseCases, view: View = "live") -> Response:
    """One item with its attributes and relations; of today's graph, with plans or without, the ETag too."""
    document = service.items.show(key, view)
    has_tag = parse_view(view).is_present and document["edition"] is not None
    return json(document, headers={"ETag": f'"{document["edition"]}"'} if has_tag else {})


@router.patch(
    "/items/{key}",
    summary="Give an item other values",
    response_model=EditAnswer,
    responses=refusals(*WRITTEN, VersionNeeded, Unreadable),
)
def edit(
    key: Key,
    values: Annotated[Values, Body(description=BY_FIELD)],
    actor: Acting,
    service: UseCases,
    if_match: IfMatchNeeded = None,
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
    return json(service.editing.edit(Edit(key, values, actor, edition, into)))


@router.put(
    "/items/{key}/relations/{type}/{target}",
    summary="Add or change a relation",
    response_model=RelateAnswer,
    responses=refusals(*WRITTEN, VersionNeeded, Unreadable),
)
def relate(
    key: Key,
    type: Annotated[str, Path(description="the type of the relation")],
    target: Annotated[KeyText, Path(description="the key of the item at its other end")],
    actor: Acting,
    service: UseCases,
    values: Annotated[Values | None, Body(description=BY_FIELD)] = None,
    if_match: IfMatch = None,
    into: Into = None,
) -> Response:
    """Add a relation, or give the one that is there other values; fields that are not named stay.

    To change one that is there it needs If-Match, with the relation's `edition` in the document of an item
    at its end.
    """
    edition = NOT_THERE if if_match is None else edition_of(if_match, into)
    wanted = Link(key, type, target, actor, edition, into)
    return json(service.relating.relate(wanted, values or {}))


@router.delete(
    "/items/{key}/relations/{type}/{target}",
    summary="Remove a relation",
    response_model=RelateAnswer,
    responses=refusals(*WRITTEN, VersionNeeded),
)
def unrelate(
    key: Key,
    type: Annotated[str, Path(description="the type of the relation")],
    target: Annotated[KeyText, Path(description="the key of the item at its other end")],
    actor: Acting,
    service: UseCases,
    if_match: IfMatchNeeded = None,
    into: Into = None,
) -> Response:
    """Remove a relation, or plan that it goes; it needs If-Match, with the relation's `edition`."""
    edition = seen(if_match, into, "Send If-Match with the edition that GET gave for this relation.")
    return json(service.relating.unrelate(Link(key, type, target, actor, edition, into)))


@router.delete(
    "/plans/{plan}/items/{key}",
    summary="Take an item out of a plan",
    response_model=WithdrawAnswer,
    responses=refusals(NotFound, Conflict, Stale, TakesTooLong, Unavailable),
)
def withdraw(
    plan: Annotated[PlanText, Path(description="the plan, such as project:apollo")],
    key: Key,
    actor: Acting,
    service: UseCases,
) -> Response:
    """Take everything out of a plan (`CLASS:KEY`) that is about an item, its relations included."""
    return json(service.editing.withdraw(plan, [key], actor))


@router.get(
    "/items/{key}/history",
    summary="What happened to an item",
    response_model=HistoryAnswer,
    responses=refusals(*VIEWED),
)
def history(key: Key, service: UseCases, view: View = "live") -> Response:
    """Everything that ever happened to an item, and what plans said of it: such events name the plan."""
    return json(service.items.history(key, view))


@router.get(
    "/search",
    summary="Find items",
    response_model=SearchAnswer,
    responses=refusals(*VIEWED, Rejected),
)
def search(
    service: UseCases,
    q: Annotated[str, Query(description="words that key, name or class hold")] = "",
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
