"""Judging the data, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.parameters import Cursor, Limit, Select, View
from impact.candidates import KINDS

router = APIRouter(tags=["data"])

Kind = Literal["relation", "reference", "owner"]
List = Literal[
    "cis",
    "unmapped",
    "unreached",
    "unowned",
    "unverified",
    "relations",
    "declared",
    "observed",
    "inferred",
    "unsaid",
    "verified",
    "unconfirmed",
    "stale",
    "references",
]


@router.get("/data")
def data(
    service: UseCases,
    view: View = "live",
    select: Select = None,
    fix: Annotated[list[Kind] | None, Query(description="which fixes to look for; all by default")] = None,
) -> Response:
    """How much of the estate answers can rest on, what is wrong with the rest, and what to fix first."""
    return json(service.data.judge(view, select=select, kinds=fix or KINDS))


@router.get("/data/{list}")
def rows(
    list: List,
    service: UseCases,
    view: View = "live",
    select: Select = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """What is behind one of the numbers: the items, relations or references, one by one."""
    return json(service.data.rows(list, view, select=select, limit=limit, cursor=cursor))
