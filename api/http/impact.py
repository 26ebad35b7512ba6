"""Asking, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from api.http.answers import UseCases, json
from api.http.documents.impact import (
    DependsAnswer,
    ExplainAnswer,
    ImpactAnswer,
    NotHitAnswer,
    PathAnswer,
    SimulateAnswer,
    SpofAnswer,
)
from api.http.parameters import (
    ASKED_OF,
    At,
    Causes,
    Cursor,
    Harm,
    InstantText,
    Key,
    KeyText,
    Limit,
    Select,
    SelectionText,
    State,
    View,
    ViewText,
)
from api.http.problems import VIEWED, refusals
from api.service import Selected
from api.service.impact import CAUSES_AT_MOST, DRAWS_AT_MOST, SEED_AT_MOST
from cmdb.errors import Rejected, Unreadable, WrongUsage
from impact.documents.rows import FIELDS

router = APIRouter(tags=["impact"])


SENT = ConfigDict(extra="forbid", strict=True)
"""A body holds what is named and nothing else, and a number is no text and no truth value."""


def _whole(value: object) -> object:
    """A number without a fraction as an integer: to JSON, 3.0 is one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


NumberOfDraws = Annotated[int, Field(ge=1, le=DRAWS_AT_MOST), BeforeValidator(_whole)]
Seed = Annotated[int, Field(ge=0, le=SEED_AT_MOST), BeforeValidator(_whole)]

Row = Literal["key", "class", "name", "state", "before", "distance", "tier", "tipped_by"]


class Cause(BaseModel):
    """An item and the state it is in."""

    model_config = SENT

    key: KeyText
    state: Harm = "out"


class Selection(BaseModel):
    """Some items and the state that each of them is in."""

    model_config = SENT

    select: SelectionText
    state: Harm = "out"


class Question(BaseModel):
    """What follows from these causes?"""

    model_config = SENT

    causes: Annotated[
        list[KeyText | Cause | Selection],
        Field(
            min_length=1,
            max_length=CAUSES_AT_MOST,
            description="keys of what is out; or a key, or a selection, with the state of what it means",
        ),
    ]
    view: Annotated[ViewText, Field(description=ASKED_OF)] = "live"
    at: Annotated[InstantText | None, Field(description="an instant in UTC with Z; now by default")] = None
    graph: Annotated[bool, Field(description="whether to add boxes and arrows for drawing")] = False
    fields: Annotated[
        list[Row] | None,
        Field(min_length=1, description="what to tell of each item that is hit; all by default"),
    ] = None

    def states(self) -> dict[str, str]:
        """The state by key or selection.

        Raises
        ------
        WrongUsage
            If one of them is given two states.
        """
        states: dict[str, str] = {}
        for cause in (Cause(key=one) if isinstance(one, str) else one for one in self.causes):
            name = cause.key if isinstance(cause, Cause) else Selected(cause.select)
            if states.setdefault(name, cause.state) != cause.state:
                raise WrongUsage(f"“{name}” is given two states. Give it one.")
        return states


class Chosen(BaseModel):
    """Some items by what they have in common."""

    model_config = SENT

    select: SelectionText


class Simulation(BaseModel):
    """How much of the time are these items out?"""

    model_config = SENT

    items: Annotated[
        list[KeyText | Chosen],
        Field(max_length=CAUSES_AT_MOST, description="the items in question; every service by default"),
    ] = []
    out: Annotated[
        list[KeyText | Chosen],
        Field(max_length=CAUSES_AT_MOST, description="what is out all the time: what if it were?"),
    ] = []
    view: Annotated[ViewText, Field(description=ASKED_OF)] = "live"
    draws: Annotated[NumberOfDraws | None, Field(description="how many to make")] = None
    seed: Annotated[Seed | None, Field(description="another one draws others")] = None


@router.post(
    "/impact",
    summary="What breaks",
    response_model=ImpactAnswer,
    responses=refusals(*VIEWED, Rejected, Unreadable),
)
def impact(question: Question, service: UseCases) -> Response:
    """The blast radius of some causes."""
    return json(
        service.impact.impact(
            question.states(),
            question.view,
            question.at,
            graph=question.graph,
            fields=question.fields or FIELDS,
        )
    )


@router.get(
    "/explain",
    summary="Why an item is hit, or why not",
    response_model=ExplainAnswer,
    responses=refusals(*VIEWED, Rejected),
)
def explain(
    service: UseCases,
    key: Annotated[KeyText, Query(description="the item in question")],
    cause: Causes = None,
    select: Select = None,
    state: State = "out",
    view: View = "live",
    at: At = None,
) -> Response:
    """Why an item is hit by the causes, or why not."""
    return json(service.impact.explain(dict.fromkeys(_names(cause, select), state), key, view, at))


@router.get(
    "/depends/{key}",
    summary="What an item needs",
    response_model=DependsAnswer,
    responses=refusals(*VIEWED),
)
def depends(key: Key, service: UseCases, view: View = "live") -> Response:
    """Everything an item needs."""
    return json(service.impact.depends(key, view))


@router.get(
    "/paths",
    summary="How two items hang together",
    response_model=PathAnswer,
    responses=refusals(*VIEWED, Rejected),
)
def path(
    service: UseCases,
    start: Annotated[KeyText, Query(alias="from", description="key of one end")],
    end: Annotated[KeyText, Query(alias="to", description="key of the other end")],
    view: View = "live",
) -> Response:
    """The shortest ways along which harm passes between two items."""
    return json(service.impact.path(start, end, view))


@router.get(
    "/spof",
    summary="Single points of failure",
    response_model=SpofAnswer,
    responses=refusals(*VIEWED),
)
def spof(
    service: UseCases,
    key: Annotated[list[KeyText] | None, Query(description="keys of items; every service by default")] = None,
    select: Select = None,
    view: View = "live",
    at: At = None,
) -> Response:
    """Single points of failure, groups by how many members they can lose, and redundancy that is none."""
    return json(service.impact.spof(_names(key, select), view, at))


@router.post(
    "/simulate",
    summary="How much of the time items are out",
    response_model=SimulateAnswer,
    responses=refusals(*VIEWED, Rejected, Unreadable),
)
def simulate(question: Simulation, service: UseCases) -> Response:
    """How much of the time items are out, as far as failure rates are given."""
    asked, out = (
        [one if isinstance(one, str) else Selected(one.select) for one in some]
        for some in (question.items, question.out)
    )
    return json(
        service.impact.simulate(asked, question.view, out=out, draws=question.draws, seed=question.seed)
    )


@router.get(
    "/not-hit",
    summary="Which services are not hit, and why",
    response_model=NotHitAnswer,
    responses=refusals(*VIEWED, Rejected),
)
def not_hit(
    service: UseCases,
    cause: Causes = None,
    select: Select = None,
    state: State = "out",
    view: View = "live",
    at: At = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Which services the causes do not hit, each with the reason."""
    causes = dict.fromkeys(_names(cause, select), state)
    return json(service.impact.not_hit(causes, view, at, limit=limit, cursor=cursor))


def _names(keys: list[str] | None, select: str | None) -> list[str]:
    """What an address names: items by key, and by a selection."""
    return [*(keys or ()), *([] if select is None else [Selected(select)])]
