"""Looking at: which moment or plan a page shows, how another is chosen, and that it is not today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request

from api.service import Service
from api.web.times import given_instant
from cmdb.views import Overlay, parse_view
from cmdb.words import listed

TODAY = "live"

PLANS = 50
"""How many plans are offered."""


class Choice(NamedTuple):
    """A moment or a plan that a form offers: its view, and what people call it."""

    view: str
    words: str


class Looking(NamedTuple):
    """What a page looks at, and what is needed to look at something else.

    Attributes
    ----------
    words
        What is looked at, after “Looking at”.
    band
        That it is not today, if it is not.
    path, kept
        The page itself, and the parameters of its address that stay.
    plans
        The plans that can be looked at as if they were carried out.
    """

    view: str
    words: str
    band: str | None
    path: str
    kept: tuple[tuple[str, str], ...]
    plans: tuple[Choice, ...]

    @property
    def today(self) -> str:
        """The same page, looking at today and now."""
        left = [pair for pair in self.kept if pair[0] != "at"]
        return f"{self.path}?{urlencode(left)}" if left else self.path


def looking_at(page: str, service: Service, view: str, as_of: str, at: str | None = None) -> Looking:
    """What a page looks at, by its address: a view, as of an instant in words; `at` if told."""
    names = called(service, parse_view(view).overlays)
    words = _after(names) if names else "today" if view == TODAY else as_of
    told = band(view, at, as_of, names)
    return Looking(view, words, told, urlsplit(page).path, kept(page), tuple(plans(service)))


def address_of(request: Request) -> str:
    """The address of a page as it was asked for, on this server."""
    return f"{request.url.path}?{request.url.query}"


def kept(page: str) -> tuple[tuple[str, str], ...]:
    """What stays of an address when something else is looked at: everything but the moment and the row."""
    pairs = parse_qsl(urlsplit(page).query, keep_blank_values=True)
    return tuple(pair for pair in pairs if pair[0] not in {"view", "as_of", "from"})


def settled(request: Request) -> str | None:
    """Where a page is that was asked for by a typed moment; `None` if it was not."""
    typed = given_instant(request.query_params.get("as_of"))
    if typed is None:
        return None
    return f"{request.url.path}?{urlencode([*kept(address_of(request)), ('view', f'@{typed}')])}"


def plans(service: Service) -> list[Choice]:
    """The plans that can be looked at."""
    planning = ",".join(service.workspace.vocabulary.planning)
    if not planning:
        return []
    found = service.items.search("", select=f"class:{planning}", limit=PLANS)["items"]
    return [
        Choice(f"live+{one['class']}:{one['key']}", _after([one["name"]]))
        for one in found
        if not one["retired"]
    ]


def called(service: Service, planned: Sequence[Overlay]) -> list[str]:
    """The names of the owners of plans, their keys where today's map has them no more."""
    picture = service.workspace.scene().picture
    found = ((one.key, picture.number(one.key)) for one in planned)
    return [key if place is None else picture.names[place] for key, place in found]


def band(view: str, at: str | None, as_of: str, names: Sequence[str] = ()) -> str | None:
    """What the page is looking at, if not at today and now.

    Parameters
    ----------
    at
        The instant that was asked for, if one was.
    as_of
        The instant that is answered for, in words.
    names
        What the owners of the view's plans are called; their keys by default.
    """
    planned = parse_view(view).overlays
    if planned:
        after = f"You are looking at the map {_after(names or [one.key for one in planned])}"
        return f"{after}, asked about {as_of}, not at today." if at else f"{after}, not at today."
    if view != TODAY and at:
        return f"You are looking at an earlier map, asked about {as_of}, not at today."
    if view != TODAY:
        return f"You are looking at the map as of {as_of}, not at today."
    return f"You are asking about {as_of}, not about now." if at else None


def _after(names: Sequence[str]) -> str:
    return f"after go-live of {listed(names)}"
