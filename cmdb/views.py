"""Views: the name of a state of the graph that a question is asked of.

    VIEW = (live | @REVISION | @INSTANT-Z) ('+' CLASS ':' KEY)*

`live` is what is real now; `@417` is the graph as revision 417 left it; `@2026-11-01T09:00:00Z` is the
graph as it was known at that instant. What stands behind a `+` is an item that owns a plan (a project, a
deliverable, a change): the graph as it will be once that plan has come true. Several may be laid over it, in
any order. In a URL a `+` arrives as a blank, which is read as one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from cmdb.errors import WrongUsage
from cmdb.values import instant, moment


class Overlay(NamedTuple):
    """The plan of an item, named by the item's class and key."""

    class_name: str
    key: str

    def __str__(self) -> str:
        return f"{self.class_name}:{self.key}"


@dataclass(frozen=True)
class View:
    """A parsed view: now, or one revision, or one instant; with the plans that are laid over it."""

    revision: int | None = None
    instant: str | None = None
    overlays: tuple[Overlay, ...] = ()

    def __str__(self) -> str:
        return "+".join([self._base, *map(str, self.overlays)])

    @property
    def is_present(self) -> bool:
        """Whether it starts from what is real now, and not from a moment of the past."""
        return self.revision is None and self.instant is None

    @property
    def _base(self) -> str:
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
    View(revision=417, instant=None, overlays=())
    >>> str(parse_view("live+project:apollo+change:CHG-7"))
    'live+change:CHG-7+project:apollo'
    """
    base, *plans = text.replace(" ", "+").split("+")
    overlays = tuple(sorted({_overlay(plan, text) for plan in plans}))
    if base == "live":
        return View(overlays=overlays)
    if re.fullmatch(r"@[0-9]{1,18}", base):
        return View(revision=int(base[1:]), overlays=overlays)
    if not base.startswith("@"):
        raise _not_a_view(text)
    return View(instant=parse_instant(base[1:]), overlays=overlays)


def parse_overlay(text: str) -> Overlay:
    """Read the name of a plan, `CLASS:KEY`.

    Raises
    ------
    WrongUsage
        If it is not one.
    """
    found = re.fullmatch(r"([a-z][a-z0-9_]*):(\S+)", text)
    if not found:
        raise WrongUsage(f"“{text}” does not name a plan. Write its owner's class and key: project:apollo.")
    return Overlay(found[1], found[2])


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


def _overlay(plan: str, view: str) -> Overlay:
    try:
        return parse_overlay(plan)
    except WrongUsage:
        raise _not_a_view(view) from None


def _not_a_view(text: str) -> WrongUsage:
    return WrongUsage(
        f"“{text}” is not a view. A view is: live, @REVISION or @INSTANT, such as @417, and may go on with"
        " plans, such as live+project:apollo."
    )
