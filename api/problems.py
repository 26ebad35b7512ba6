"""Errors as people and programs see them: one table to status and exit codes, one problem document.

Problem documents follow RFC 9457.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cmdb import errors
from cmdb.spelling import did_you_mean


class Outcome(NamedTuple):
    """How an error leaves: its HTTP status and the command line's exit code."""

    status: int
    exit_code: int


SAID_NO = 4
"""The exit code of a command that was asked yes or no, with --exit-code, and answers no."""

OUTCOMES: dict[type[errors.CmdbError], Outcome] = {
    errors.CmdbError: Outcome(500, 1),
    errors.NotFound: Outcome(404, 1),
    errors.Conflict: Outcome(409, 1),
    errors.Stale: Outcome(412, 1),
    errors.VersionNeeded: Outcome(428, 1),
    errors.Unreadable: Outcome(400, 1),
    errors.Rejected: Outcome(422, 1),
    errors.TooLarge: Outcome(413, 1),
    errors.TakesTooLong: Outcome(422, 1),
    errors.WrongUsage: Outcome(422, 2),
    errors.Unauthorised: Outcome(401, 1),
    errors.Unavailable: Outcome(503, 3),
}


def outcome(error: errors.CmdbError) -> Outcome:
    """Look an error up by its class, or the nearest class above it."""
    return next(OUTCOMES[kind] for kind in type(error).__mro__ if kind in OUTCOMES)


def problem(error: errors.CmdbError) -> dict[str, Any]:
    """The problem document of an error."""
    document: dict[str, Any] = {
        "type": f"/problems/{error.slug}",
        "title": error.title,
        "status": outcome(error).status,
        "detail": _sendable(error.detail),
    }
    if error.faults:
        document["errors"] = [
            {"pointer": _sendable(one.pointer), "detail": _sendable(one.detail)} for one in error.faults
        ]
    return document


def known_problems() -> dict[str, type[errors.CmdbError]]:
    """Every kind of problem by its slug."""
    return {kind.slug: kind for kind in OUTCOMES}


class Told(NamedTuple):
    """What there is to say of a kind of problem."""

    slug: str
    title: str
    meaning: str
    advice: str
    status: int
    exit_code: int


def told_of(kind: type[errors.CmdbError]) -> Told:
    """What a kind is called, what it means and what to do, as its docstring has it, and how it leaves."""
    title, meaning, advice = (" ".join(part.split()) for part in (kind.__doc__ or "").split("\n\n"))
    return Told(kind.slug, title.rstrip("."), meaning, advice, *OUTCOMES[kind])


def told_by_slug(slug: str) -> Told:
    """What there is to say of the problem with a slug.

    Raises
    ------
    NotFound
        If there is none.
    """
    kind = known_problems().get(slug)
    if kind is None:
        hint = did_you_mean(slug, known_problems())
        raise errors.NotFound(f"There is no problem called “{slug}”.{hint}")
    return told_of(kind)


def _sendable(text: str) -> str:
    """Text without half characters: what was asked for may hold them, and no encoding can send them."""
    return text.encode(errors="replace").decode()
