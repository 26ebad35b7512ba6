"""Judging the data, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.documents.estate import DataAnswer, DataListAnswer
from api.http.parameters import Cursor, Limit, Select, View
from api.http.problems import VIEWED, refusals
from cmdb.errors import Rejected
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


@router.get(
    "/data",
    summary="How far the data can be trusted",
    response_model=DataAnswer,
    responses=refusals(*VIEWED, Rejected),
)
def data(
    service: UseCases,
    view: View = "live",
    select: Select = None,
    fix: Annotated[list[Kind] | None, Query(description="which fixes to look for; all by default")] = None,
) -> Response:
    """How much of the estate answers can rest on, what is wrong with the rest, and what to fix first."""
    return json(service.data.judge(view, select=select, kinds=fix or KINDS))


@router.get(
    "/data/{list}",
    summary="What is behind a number of the data",
    response_model=DataListAnswer,
    responses=refusals(*VIEWED, Rejected),
)
def data_list(
    list: Annotated[List, Path(description="which list")],
    service: UseCases,
    view: View = "live",
    select: Select = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """What is behind one of the numbers: the items, relations or references, one by one."""
    return json(service.data.rows(list, view, select=select, limit=limit, cursor=cursor))
