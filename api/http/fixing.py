"""Fixing what the data lacks, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.http.answers import Acting, UseCases, json
from api.http.documents.writing import EditAnswer, RelateAnswer
from api.http.items import WRITTEN, seen
from api.http.parameters import IdempotencyKey, IfMatchNeeded, Into, Key, KeyText
from api.http.problems import refusals
from api.service.fixing import Assignment, Meaning
from api.service.relating import Link
from cmdb.errors import (
    Conflict,
    NotFound,
    Rejected,
    TakesTooLong,
    Unavailable,
    Unreadable,
    VersionNeeded,
)
from cmdb.references import Reference

router = APIRouter(tags=["data"])


class NewOwner(BaseModel):
    """Who is to answer for an item."""

    model_config = ConfigDict(extra="forbid")

    owner: Annotated[str, Field(description="a team or a person, by key or by name", min_length=1)]


class Meant(BaseModel):
    """A reference that leads nowhere, as `unresolved` of the data document tells it, and what it means."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[str, Field(description="the type of the relation")]
    refers_to: Annotated[str, Field(description="what the source calls it", min_length=1)]
    back: Annotated[bool, Field(description="whether the relation leads from it to the item")] = False
    means: Annotated[KeyText, Field(description="the key of the item that it is")]


@router.post(
    "/items/{key}/relations/{type}/{target}/confirm",
    summary="Confirm a relation",
    response_model=RelateAnswer,
    responses=refusals(*WRITTEN, VersionNeeded),
)
def confirm(
    key: Key,
    type: Annotated[str, Path(description="the type of the relation")],
    target: Annotated[KeyText, Path(description="the key of the item at its other end")],
    actor: Acting,
    service: UseCases,
    if_match: IfMatchNeeded = None,
    into: Into = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Note that a relation is so: verified by whoever asks, now; it needs If-Match, with its `edition`."""
    edition = seen(if_match, into, "Send If-Match with the edition that GET gave for this relation.")
    wanted = Link(key, type, target, actor, edition, into, idempotency_key)
    return json(service.relating.confirm(wanted))


@router.put(
    "/items/{key}/owner",
    summary="Say who answers for an item",
    response_model=EditAnswer,
    responses=refusals(*WRITTEN, VersionNeeded, Unreadable),
)
def assign(
    key: Key,
    wanted: NewOwner,
    actor: Acting,
    service: UseCases,
    if_match: IfMatchNeeded = None,
    into: Into = None,
) -> Response:
    """Say who answers for an item; it needs If-Match, with the ETag of the item."""
    edition = seen(if_match, into, "Send If-Match with the ETag that GET gave for this item.")
    return json(service.fixing.assign(Assignment(key, wanted.owner, actor, edition, into)))


@router.post(
    "/items/{key}/references",
    summary="Say what a name means that leads nowhere",
    response_model=RelateAnswer,
    responses=refusals(NotFound, Conflict, Rejected, TakesTooLong, Unavailable, Unreadable),
)
def resolve(
    key: Key,
    wanted: Meant,
    actor: Acting,
    service: UseCases,
    into: Into = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say which item a source means by a name that leads nowhere: the reference becomes a relation."""
    reference = Reference(key, wanted.type, wanted.refers_to, wanted.back)
    meaning = Meaning(reference, wanted.means, actor, into, idempotency_key)
    return json(service.fixing.resolve(meaning))
