"""Fixing what the data lacks, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.http.answers import UseCases, actor_of, json
from api.http.items import seen
from api.http.parameters import IfMatch, Into
from api.service.fixing import Assignment, Meaning
from api.service.relating import Link
from cmdb.references import Reference

router = APIRouter(tags=["data"])

Key = Annotated[
    str | None, Header(description="repeat safely under the same key", min_length=1, max_length=200)
]


class Owner(BaseModel):
    """Who is to answer for an item."""

    model_config = ConfigDict(extra="forbid")

    owner: Annotated[str, Field(description="a team or a person, by key or by name", min_length=1)]


class Meant(BaseModel):
    """A reference that leads nowhere, as `unresolved` of the data document tells it, and what it means."""

    model_config = ConfigDict(extra="forbid")

    type: str
    refers_to: Annotated[str, Field(description="what the source calls it", min_length=1)]
    back: Annotated[bool, Field(description="whether the relation leads from it to the item")] = False
    means: Annotated[str, Field(description="the key of the item that it is")]


@router.post("/items/{key}/relations/{type}/{target}/confirm")
def confirm(
    key: str,
    type: str,
    target: str,
    request: Request,
    service: UseCases,
    if_match: IfMatch = None,
    into: Into = None,
    idempotency_key: Key = None,
) -> Response:
    """Note that a relation is so: verified by whoever asks, now; it needs If-Match, with its `edition`."""
    edition = seen(if_match, into, "Send If-Match with the edition that GET gave for this relation.")
    wanted = Link(key, type, target, actor_of(request), edition, into, idempotency_key)
    return json(service.relating.confirm(wanted))


@router.put("/items/{key}/owner")
def assign(
    key: str,
    wanted: Owner,
    request: Request,
    service: UseCases,
    if_match: IfMatch = None,
    into: Into = None,
) -> Response:
    """Say who answers for an item; it needs If-Match, with the ETag of the item."""
    edition = seen(if_match, into, "Send If-Match with the ETag that GET gave for this item.")
    return json(service.fixing.assign(Assignment(key, wanted.owner, actor_of(request), edition, into)))


@router.post("/items/{key}/references")
def resolve(
    key: str,
    wanted: Meant,
    request: Request,
    service: UseCases,
    into: Into = None,
    idempotency_key: Key = None,
) -> Response:
    """Say which item a source means by a name that leads nowhere: the reference becomes a relation."""
    reference = Reference(key, wanted.type, wanted.refers_to, wanted.back)
    meaning = Meaning(reference, wanted.means, actor_of(request), into, idempotency_key)
    return json(service.fixing.resolve(meaning))
