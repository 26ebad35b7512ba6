"""The ends of relations that rows name, once all items of the file are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple

from cmdb.observations import End, SeenItem

ESCAPES = str.maketrans({"\\": "\\\\", ":": "\\:"})


class Called(NamedTuple):
    """How a row calls an item: by which of its names, and of which class, if it says so."""

    name: str
    by: Literal["id", "name", "key"]
    class_name: str | None


class Everybody:
    """All items of a file, by what rows may call them."""

    def __init__(self, items: Iterable[SeenItem]) -> None:
        self._ids: dict[str, set[End]] = defaultdict(set)
        self._names: dict[str, set[End]] = defaultdict(set)
        for item in items:
            end = End(item.class_name, item.source_id)
            self._ids[item.source_id].add(end)
            if item.name:
                self._names[item.name].add(end)

    def end(self, called: Called) -> End:
        """The item a row means.

        A name that nothing in the file has is taken for an id of the source, so that it is found where the
        source brought such an item before, and listed as unresolved where it did not.

        Raises
        ------
        ValueError
            If several items are called so, or none is and the row does not say of which class it is.
        """
        if called.by == "key":
            return End(None, called.name)
        if called.by == "id" and called.class_name is not None:
            return End(called.class_name, called.name)
        among = self._ids if called.by == "id" else self._names
        found = [
            one
            for one in among.get(called.name, ())
            if called.class_name is None or one.class_name == called.class_name
        ]
        if len(found) == 1:
            return found[0]
        return _missing(called) if not found else _several(called, len(found))


def joined(parts: Iterable[str]) -> str:
    r"""An id of several parts as one text; different parts never make the same one.

    Examples
    --------
    >>> joined(["berlin", "srv:1"])
    'berlin:srv\\:1'
    """
    every = tuple(parts)
    return every[0] if len(every) == 1 else ":".join(part.translate(ESCAPES) for part in every)


def _missing(called: Called) -> End:
    if called.class_name is not None:
        return End(called.class_name, called.name)
    raise ValueError(
        f"nothing in this file has the {called.by} “{called.name[:60]}”; if it was imported before, the"
        " mapping has to say its class"
    )


def _several(called: Called, number: int) -> End:
    what = "name" if called.by == "name" else "id"
    raise ValueError(
        f"{number} items have the {what} “{called.name[:60]}”; say which one by its id and class"
    )
