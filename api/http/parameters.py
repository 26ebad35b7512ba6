"""Parameters that several routes share."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Header, Query

from api.service.paging import AT_MOST

Harm = Literal["at_risk", "degraded", "out"]

View = Annotated[
    str,
    Query(
        description="live, @REVISION or @INSTANT-Z, and plans laid over it",
        examples=["live", "@417", "live+project:apollo"],
    ),
]
Into = Annotated[str | None, Query(description="the plan that takes it, such as project:apollo")]
IfMatch = Annotated[str | None, Header(description="the ETag that was seen")]
At = Annotated[str | None, Query(description="an instant in UTC with Z; now by default")]
Causes = Annotated[list[str] | None, Query(description="key of a cause; several are asked together")]
Select = Annotated[
    str | None,
    Query(
        description="a selection: a key, or conditions that several items meet",
        examples=["class:database and tier:1,2", "upstream(checkout) within 2"],
    ),
]
State = Annotated[Harm, Query(description="the state of the causes")]
Limit = Annotated[int, Query(ge=1, le=AT_MOST, description="how many rows at most")]
Cursor = Annotated[str | None, Query(description="where to go on: the `next` of the answer before")]
