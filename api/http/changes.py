"""Changes, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import Field
from starlette.responses import Response

from api.http.answers import Acting, UseCases, json
from api.http.documents.assessment import AssessmentAnswer, AssessmentReplayed
from api.http.documents.changes import ChangeAnswer, ChangesAnswer, ChangeWritten, StageName, Type, sent
from api.http.items import edition_of, seen
from api.http.parameters import Cursor, IdempotencyKey, IfMatch, IfMatchNeeded, Key, KeyText, Limit
from api.http.problems import Responses, refusals
from api.service.changes import EditChange, Filter, Move, NewChange
from cmdb.errors import (
    Conflict,
    NotFound,
    Rejected,
    Stale,
    TakesTooLong,
    Unavailable,
    Unreadable,
    VersionNeeded,
)

router = APIRouter(tags=["changes"])

Sent = Annotated[dict[str, Any], Field(json_schema_extra=sent()), Body()]

_TAGGED: Responses = {
    200: {
        "headers": {
            "ETag": {
                "description": "the change's edition, for If-Match; none while the store is away",
                "schema": {"type": "string"},
            }
        }
    }
}


@router.post(
    "/changes",
    summary="Register a change",
    response_model=ChangeWritten,
    responses=refusals(Conflict, Stale, Rejected, TakesTooLong, Unavailable, Unreadable),
)
def change_new(
    said: Sent, actor: Acting, service: UseCases, idempotency_key: IdempotencyKey = None
) -> Response:
    """Register a change: its record and its plan, as one commit, under the next number."""
    return json(service.changes.new(NewChange(said, actor, idempotency_key)))


@router.get(
    "/changes",
    summary="All changes",
    response_model=ChangesAnswer,
    responses=refusals(NotFound, Rejected, Unavailable),
)
def change_list(
    service: UseCases,
    stage: Annotated[StageName | None, Query(description="only those in this stage")] = None,
    type: Annotated[Type | None, Query(description="only those of this type")] = None,
    affects: Annotated[KeyText | None, Query(description="only those that touch this item")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The changes, the newest number first."""
    return json(service.changes.list(Filter(stage, type, affects), limit=limit, cursor=cursor))


@router.get(
    "/changes/{key}",
    summary="One change",
    response_model=ChangeAnswer,
    responses={**_TAGGED, **refusals(NotFound, Unavailable)},
)
def change_show(key: Key, service: UseCases) -> Response:
    """One change: its record, what it touches turn by turn, its plan, what conflicts, and its way so far."""
    document = service.changes.show(key)
    edition = document["edition"]
    return json(document, headers={} if edition is None else {"ETag": f'"{edition}"'})


@router.patch(
    "/changes/{key}",
    summary="Alter a change",
    response_model=ChangeWritten,
    responses=refusals(
        NotFound, Conflict, Stale, Rejected, TakesTooLong, Unavailable, VersionNeeded, Unreadable
    ),
)
def change_edit(
    key: Key, said: Sent, actor: Acting, service: UseCases, if_match: IfMatchNeeded = None
) -> Response:
    """Alter what is written of a change: only the parts that are sent; null takes one away.

    A list replaces the one that was there; `operations` replace its whole plan. It needs If-Match, with the
    ETag of the change.
    """
    edition = seen(if_match, None, "Send If-Match with the ETag that GET gave for this change.")
    return json(service.changes.edit(EditChange(key, said, actor, edition)))


@router.post(
    "/changes/{key}/submit",
    summary="Submit a change",
    response_model=ChangeWritten,
    responses=refusals(NotFound, Conflict, Stale, Rejected, Unavailable),
)
def change_submit(
    key: Key,
    actor: Acting,
    service: UseCases,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Submit a change: from then on what it touches is frozen."""
    return json(service.changes.submit(key, _move(actor, if_match, idempotency_key)))


@router.post(
    "/changes/{key}/cancel",
    summary="Cancel a change",
    response_model=ChangeWritten,
    responses=refusals(NotFound, Conflict, Stale, Rejected, Unavailable),
)
def change_cancel(
    key: Key,
    actor: Acting,
    service: UseCases,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Cancel a change: it stays as it is, and its plan is held against nobody any more."""
    return json(service.changes.cancel(key, _move(actor, if_match, idempotency_key)))


@router.post(
    "/changes/{key}/assess",
    summary="Assess a change",
    response_model=AssessmentAnswer,
    responses=refusals(NotFound, Conflict, Stale, Unavailable),
)
def change_assess(key: Key, actor: Acting, service: UseCases, if_match: IfMatch = None) -> Response:
    """Work out what a change does: as planned, if one of its steps fails, and if all of it fails.

    What it was worked out from is kept with the change; a submitted change is assessed from then on.
    """
    return json(service.changes.assess(key, _move(actor, if_match, None)))


@router.get(
    "/changes/{key}/assessment",
    summary="The last assessment of a change",
    response_model=AssessmentReplayed,
    responses=refusals(NotFound, Unavailable),
)
def change_replay(key: Key, service: UseCases) -> Response:
    """The last assessment of a change, worked out again from what was there then."""
    return json(service.changes.replay(key))


def _move(actor: Acting, if_match: str | None, idempotency_key: str | None) -> Move:
    edition = None if if_match is None else edition_of(if_match, None)
    return Move(actor, edition, idempotency_key)
