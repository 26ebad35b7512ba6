"""A glimpse of a store: the first keys of today that begin in some way, read at once or not at all.

It is for whoever types, who waits for nothing: no store is made or brought up to the present schema, no
picture is made, and of a server that does not answer in a moment nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cmdb.errors import Unavailable
from cmdb.stores.opening import Location, Server
from cmdb.stores.sqlite.glimpse import first_keys


class Known(NamedTuple):
    """An item as it is offered to somebody who types: its key and its name."""

    key: str
    name: str


def glimpse(location: Location, beginning: str, most: int, classes: Sequence[str] = ()) -> list[Known]:
    """The first keys in a store that begin in some way, in their order, with the names of what has them.

    Parameters
    ----------
    classes
        Only items of these classes; of every class by default.

    Returns
    -------
    list
        At most `most`; none where there is no store, or it cannot be read at once.
    """
    if location is None:
        return []
    try:
        if isinstance(location, Server):
            from cmdb.stores.neo4j.glimpse import first_keys as first_on_server  # noqa: PLC0415  as in opening

            found = first_on_server(location, beginning, most, classes)
        else:
            found = first_keys(location, beginning, most, classes)
    except (Unavailable, UnicodeEncodeError):  # half characters begin no key
        return []
    return [Known(*one) for one in found]
