"""Asking, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.items import View
from cmdb.errors import WrongUsage

router = APIRouter(tags=["impact"])

At = Annotated[str | None, Query(description="an instant in UTC with Z; now by default")]
Harm = Literal["at_risk", "degraded", "out"]


class Cause(BaseModel):
    """An item and the state it is in."""

    model_config = ConfigDict(extra="forbid")

    key: str
    state: Harm = "out"


class Question(BaseModel):
    """What follows from these causes?"""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"causes": ["db-a", {"key": "db-b", "state": "degraded"}], "view": "live", "at": None}
            ]
        },
    )

    causes: Annotated[list[str | Cause], Field(min_length=1, max_length=10_000)]
    view: str = "live"
    at: str | None = None
    graph: bool = False

    def states(self) -> dict[str, str]:
        """The state by key.

        Raises
        ------
        WrongUsage
            If a key is given two states.
        """
        states: dict[str, str] = {}
        for one in (Cause(key=cause) if isinstance(cause, str) else cause for cause in self.causes):
            if states.setdefault(one.key, one.state) != one.state:
                raise WrongUsage(f"“{one.key}” is given two states. Give it one.")
        return states


@router.post("/impact")
def impact(question: Question, service: UseCases) -> Response:
    """The blast radius of some causes."""
    return json(service.impact.impact(question.states(), question.view, question.at, graph=question.graph))


@router.get("/explain")
def explain(
    service: UseCases,
    cause: Annotated[
        list[str], Query(description="key of a cause; several are asked together", min_length=1)
    ],
    key: Annotated[str, Query(description="the item in question")],
    state: Annotated[Harm, Query(description="the state of the causes")] = "out",
    view: View = "live",
    at: At = None,
) -> Response:
    """Why an item is hit by the causes, or why not."""
    return json(service.impact.explain(dict.fromkeys(cause, state), key, view, at))


@router.get("/depends/{key}")
def depends(key: str, service: UseCases, view: View = "live") -> Response:
    """Everything an item needs."""
    return json(service.impact.depends(key, view))


@router.get("/paths")
def path(
    service: UseCases,
    start: Annotated[str, Query(alias="from", description="key of one end")],
    end: Annotated[str, Query(alias="to", description="key of the other end")],
    view: View = "live",
) -> Response:
    """The shortest ways along which harm passes between two items."""
    return json(service.impact.path(start, end, view))


@router.get("/spof")
def spof(
    service: UseCases,
    key: Annotated[list[str] | None, Query(description="keys of items; every service by default")] = None,
    view: View = "live",
) -> Response:
    """Single points of failure, and redundancy that is none."""
    return json(service.impact.spof(key or (), view))
