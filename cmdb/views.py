"""Views: the name of a state of the graph that a question is asked of.

    VIEW = live | @REVISION | @INSTANT-Z

`live` is what is real now; `@417` is the graph as revision 417 left it; `@2026-11-01T09:00:00Z` is the
graph as it was known at that instant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cmdb.errors import WrongUsage
from cmdb.values import instant, moment


@dataclass(frozen=True)
class View:
    """A parsed view: now, or one revision, or one instant."""

    revision: int | None = None
    instant: str | None = None

    def __str__(self) -> str:
        if self.revision is not None:
            return f"@{self.revision}"
        return f"@{self.instant}" if self.instant else "live"


LIVE = View()


def parse_view(text: str) -> View:
    """Read a view.

    Raises
    ------
    WrongUsage
        If the text is not a view.

    Examples
    --------
    >>> parse_view("@417")
    View(revision=417, instant=None)
    >>> str(parse_view("live"))
    'live'
    """
    if text == "live":
        return LIVE
    if re.fullmatch(r"@[0-9]{1,18}", text):
        return View(revision=int(text[1:]))
    return View(instant=parse_instant(text[1:])) if text.startswith("@") else _not_a_view(text)


def parse_instant(text: str) -> str:
    """Read an instant in UTC, written with `Z`.

    Raises
    ------
    WrongUsage
        If it is not one.
    """
    try:
        if text.endswith("Z"):
            return instant(moment(text))
    except ValueError:
        pass
    raise WrongUsage(f"“{text}” is not an instant. Write it in UTC with Z: 2026-11-01T09:00:00Z.")


def _not_a_view(text: str) -> View:
    raise WrongUsage(f"“{text}” is not a view. A view is: live, @REVISION or @INSTANT, such as @417.")
