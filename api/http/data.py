"""Judging the data, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.documents.estate import DataAnswer
from api.http.parameters import Select, View
from api.http.problems import VIEWED, refusals
from cmdb.errors import Rejected
from impact.candidates import KINDS

router = APIRouter(tags=["data"])

Kind = Literal["relation", "reference", "owner"]


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
