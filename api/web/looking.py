"""Looking at: which moment or plan a page shows, said at its top, if it is not today."""

from __future__ import annotations

from cmdb.views import parse_view
from cmdb.words import listed

TODAY = "live"


def band(view: str, at: str | None, as_of: str) -> str | None:
    """What the page is looking at, if not at today and now.

    Parameters
    ----------
    at
        The instant that was asked for, if one was.
    as_of
        The instant that is answered for, in words.
    """
    planned = parse_view(view).overlays
    if planned:
        after = f"You are looking at the map after go-live of {listed([one.key for one in planned])}"
        return f"{after}, asked about {as_of}, not at today." if at else f"{after}, not at today."
    if view != TODAY and at:
        return f"You are looking at an earlier map, asked about {as_of}, not at today."
    if view != TODAY:
        return f"You are looking at the map as of {as_of}, not at today."
    return f"You are asking about {as_of}, not about now." if at else None
