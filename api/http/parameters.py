"""Parameters that several routes share, with what their texts have to look like.

A text that follows a grammar names it as its `format`; what each means stands in the description of the API.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Header, Path, Query
from pydantic import Field, TypeAdapter

from api.http.documents.parts import Value
from api.service.paging import AT_MOST

Harm = Literal["at_risk", "degraded", "out"]

FORMATS = {
    "key": "the key of an item: at most 200 characters",
    "view": "`live`, `@REVISION` or `@INSTANT-Z`, with `+CLASS:KEY` for each plan that is laid over it",
    "instant": "a moment in UTC with `Z`, such as `2026-11-20T12:00:00Z`",
    "selection": "a key, or conditions that several items meet, such as `class:database and tier:1,2`",
    "plan": "the class and the key of whose plan it is, such as `project:apollo`",
}
"""The grammars of texts, by the name of their format."""

NEEDED = "x-needed"
"""Marks a parameter that is required although its absence has a status of its own."""


def text(format: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  whatever a schema may hold
    """What the schema of a text says besides, if it follows a grammar."""
    return {"format": format, **more}


KeyText = Annotated[str, Field(json_schema_extra=text("key"))]
ViewText = Annotated[str, Field(json_schema_extra=text("view"))]
InstantText = Annotated[str, Field(json_schema_extra=text("instant"))]
SelectionText = Annotated[str, Field(json_schema_extra=text("selection"))]
PlanText = Annotated[str, Field(json_schema_extra=text("plan"))]
TagText = Annotated[str, Field(json_schema_extra={"pattern": r'^(\*|"[0-9]{1,18}(-[0-9a-f]{16})?")$'})]
CursorText = Annotated[str, Field(json_schema_extra={"pattern": "^[0-9]{1,12}$"})]

Values = Annotated[
    dict[str, Any],
    Field(json_schema_extra={"additionalProperties": TypeAdapter(Value | None).json_schema()}),
]
"""Values by field: which of them a field may have depends on the class, and the use case says."""

Key = Annotated[KeyText, Path(description="the item's key")]
ASKED_OF = "of which state of the graph; today's by default"
View = Annotated[ViewText, Query(description=ASKED_OF)]
Into = Annotated[PlanText | None, Query(description="the plan that takes it, such as project:apollo")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", description="repeat safely under the same key", min_length=1, max_length=200
    ),
]
IfMatch = Annotated[TagText | None, Header(alias="If-Match", description="the ETag that was seen")]
IfMatchNeeded = Annotated[
    TagText | None,
    Header(alias="If-Match", description="the ETag that was seen", json_schema_extra={NEEDED: True}),
]
At = Annotated[InstantText | None, Query(description="an instant in UTC with Z; now by default")]
Causes = Annotated[list[KeyText] | None, Query(description="key of a cause; several are asked together")]
Select = Annotated[
    SelectionText | None,
    Query(description="a selection: a key, or conditions that several items meet"),
]
State = Annotated[Harm, Query(description="the state of the causes")]
Limit = Annotated[int, Query(ge=1, le=AT_MOST, description="how many rows at most")]
Cursor = Annotated[CursorText | None, Query(description="where to go on: the `next` of the answer before")]
