"""Pages of a long list: how many rows, and where to go on."""

from __future__ import annotations

import re

from cmdb.errors import WrongUsage

AT_MOST = 500


def page_of(limit: int, cursor: str | None) -> slice:
    """The part of a list that is asked for.

    Parameters
    ----------
    limit
        How many rows at most.
    cursor
        Where to go on: the `next` of the answer before.

    Raises
    ------
    WrongUsage
        If either is malformed.
    """
    if not 1 <= limit <= AT_MOST:
        raise WrongUsage(f"The limit is a number from 1 to {AT_MOST}.")
    if cursor is not None and not re.fullmatch(r"[0-9]{1,12}", cursor):
        raise WrongUsage(f"“{cursor}” is not a cursor. Take it from the answer before.")
    start = int(cursor or 0)
    return slice(start, start + limit)


def next_of(part: slice, total: int) -> str | None:
    """Where a list of so many rows goes on after this part, `None` at its end."""
    return str(part.stop) if part.stop < total else None
