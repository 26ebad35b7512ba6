"""Proving, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.answers import UseCases, json

router = APIRouter(tags=["proof"])


@router.get("/verify")
def verify(
    service: UseCases,
    noted: Annotated[
        str | None, Query(description="a commit's hash, noted elsewhere; it has to be found")
    ] = None,
) -> Response:
    """Prove that history is as it was written."""
    return json(service.proof.verify(noted))
