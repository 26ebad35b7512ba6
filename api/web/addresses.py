"""Addresses of pages about one item, and of their JSON twins."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlencode

from api.web.looking import TODAY

API = "/api/v1"


class Door(NamedTuple):
    """A page that stands in the top bar: what it is called, and the key that opens it after `g`."""

    name: str
    address: str
    key: str


DOORS = (
    Door("Changes", "/changes", "c"),
    Door("My services", "/services", "s"),
    Door("Data", "/data", "d"),
)


def item(key: str, view: str = TODAY, part: str = "", *, root: str = "") -> str:
    """Where an item is shown, or with `part` something of it.

    Parameters
    ----------
    root
        In front of it; that of the API gives the JSON twin.

    Examples
    --------
    >>> item("a b", "@417", "/history")
    '/items/a%20b/history?view=%40417'
    """
    return with_view(f"{root}/items/{quote(key, safe='')}{part}", view)


def twin(key: str, view: str = TODAY, part: str = "") -> str:
    """Where the same is had as data."""
    return item(key, view, part, root=API)


def with_view(address: str, view: str = TODAY) -> str:
    """An address without parameters, asked of a view."""
    return address if view == TODAY else f"{address}?{urlencode({'view': view})}"


def services(owner: str | None = None, root: str = "", **more: str) -> str:
    """Where the services of somebody are shown, or of everybody."""
    given = {"owner": owner, **more} if owner else more
    return f"{root}/services?{urlencode(given)}" if given else f"{root}/services"


def diff(before: str, after: str, root: str = "") -> str:
    """Where two views are compared."""
    return f"{root}/diff?{urlencode({'from': before, 'to': after})}"


def data(part: str = "", root: str = "", **given: str | None) -> str:
    """Where the data is judged, or with `part` what is behind one of its numbers.

    Examples
    --------
    >>> data("/unowned", view="live", select="class:server")
    '/data/unowned?select=class%3Aserver'
    """
    asked = {name: value for name, value in given.items() if value and (name, value) != ("view", TODAY)}
    return f"{root}/data{part}" + (f"?{urlencode(asked)}" if asked else "")


def change(key: str, part: str = "", root: str = "") -> str:
    """Where a change is shown, or with `part` something is done with it.

    Examples
    --------
    >>> change("CHG-1", "/submit")
    '/changes/CHG-1/submit'
    """
    return f"{root}/changes/{quote(key, safe='')}{part}"


def changes(root: str = "", /, **given: str | None) -> str:
    """Where the changes are listed, as far as the filters that are given let them be.

    Examples
    --------
    >>> changes(stage="new", type=None)
    '/changes?stage=new'
    """
    asked = {name: value for name, value in given.items() if value}
    return f"{root}/changes" + (f"?{urlencode(asked)}" if asked else "")
