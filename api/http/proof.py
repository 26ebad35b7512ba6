"""Proving, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.documents.estate import VerifyAnswer
from api.http.problems import refusals
from cmdb.errors import TakesTooLong, Unavailable

router = APIRouter(tags=["proof"])


@router.get(
    "/verify",
    summary="Whether history is as it was written",
    response_model=VerifyAnswer,
    responses=refusals(TakesTooLong, Unavailable),
)
def verify(
    service: UseCases,
    noted: Annotated[
        str | None,
        Query(
            description="a commit's hash, noted elsewhere; it has to be found",
            json_schema_extra={"pattern": "^[0-9a-f]+$"},
        ),
    ] = None,
) -> Response:
    """Prove that history is as it was written."""
    return json(service.proof.verify(noted))
