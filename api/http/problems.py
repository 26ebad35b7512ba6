"""Problem documents: what a route may answer with instead, described once for each kind of problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from starlette.responses import PlainTextResponse

from api.problems import OUTCOMES, told_by_slug, told_of
from cmdb.errors import (
    CmdbError,
    Conflict,
    Fault,
    NotFound,
    Rejected,
    Stale,
    TakesTooLong,
    TooLarge,
    Unauthorised,
    Unavailable,
    Unreadable,
    VersionNeeded,
    WrongUsage,
)

Responses = dict[int | str, dict[str, Any]]

EXAMPLES: Mapping[type[CmdbError], CmdbError] = {
    type(one): one
    for one in (
        CmdbError("This is a fault in the program. It is in the log."),
        NotFound("Nothing has the key “chekout”. Close to it: checkout."),
        Conflict("There is an item “srv-117” already."),
        Stale("checkout: version 3 was expected, but it is at version 4 now."),
        VersionNeeded("Send If-Match with the ETag that GET gave for this item."),
        Unreadable("The body is not JSON.", (Fault("body/1", "JSON decode error"),)),
        Rejected(
            "2 values are refused.", (Fault("tier", "9 is too large"), Fault("colour", "no such field"))
        ),
        TooLarge("The request is larger than 1 MiB, the most this route takes."),
        TakesTooLong("The answer was not found in the time that there is for one over HTTP."),
        WrongUsage("This address takes no parameter “veiw”. Did you mean view?"),
        Unauthorised("Send a valid token: Authorization: Bearer TOKEN."),
        Unavailable("The store does not answer."),
    )
}
"""What a problem document of each kind may look like."""

ANYWHERE = (CmdbError, TooLarge, WrongUsage)
"""What any address may answer: a fault of ours, a body above the limit, a parameter that it does not take."""

GUARDED = (*ANYWHERE, Unauthorised, NotFound)
"""What any address but those of health may answer: no token, or a request meant for another server."""

VIEWED = (NotFound, Conflict, Unavailable)
"""What a question of a view may be answered: no such revision or key, a plan that does not fit, no store."""

_HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "how to sign in"},
    503: {"Retry-After": "after how many seconds to try again"},
}


def refusals(*kinds: type[CmdbError], guarded: bool = True) -> Responses:
    """What a route may answer with instead, by status.

    Parameters
    ----------
    kinds
        The kinds of problems of its own.
    guarded
        Whether the guard stands before it, and may refuse the request as well.
    """
    all_kinds = {*kinds, *(GUARDED if guarded else ANYWHERE)}
    order = sorted(all_kinds, key=lambda kind: (OUTCOMES[kind].status, kind.slug))
    return {
        status: _refusal(status, [*some])
        for status, some in groupby(order, key=lambda kind: OUTCOMES[kind].status)
    }


def _refusal(status: int, kinds: Sequence[type[CmdbError]]) -> dict[str, Any]:
    headers = {
        name: {"description": what, "required": True, "schema": {"type": "string"}}
        for name, what in _HEADERS.get(status, {}).items()
    }
    examples = {kind.slug: {"$ref": f"#/components/examples/{kind.slug}"} for kind in kinds}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": " ".join(f"`{kind.slug}`: {told_of(kind).meaning}" for kind in kinds),
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
        **({"headers": headers} if headers else {}),
    }


def problem_text(slug: str) -> PlainTextResponse:
    """What a kind of problem means, for programs and terminals."""
    told = told_by_slug(slug)
    leaves = f"Status {told.status}, exit code {told.exit_code}."
    parts = (told.slug, f"{told.title}.", told.meaning, told.advice, leaves)
    return PlainTextResponse("\n\n".join(parts) + "\n")
