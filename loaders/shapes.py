"""Values in the shape they should have, or nothing: somebody else's file can hold anything anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def text(value: object) -> str | None:
    """A text without blanks around it, `None` where there is none.

    Examples
    --------
    >>> text(" web "), text(" "), text(7)
    ('web', None, None)
    """
    return (value.strip() or None) if isinstance(value, str) else None


def texts(value: object) -> list[str]:
    """The texts of a list, without empty ones and anything else.

    Examples
    --------
    >>> texts(["a", "", 7, "b"]), texts("a")
    (['a', 'b'], [])
    """
    found = map(text, value) if isinstance(value, list) else ()
    return [one for one in found if one]


def mapping(value: object) -> Mapping[str, Any]:
    """A mapping, empty where there is none."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[dict[str, Any]]:
    """The mappings of a list, without anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def said(**attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - of any type a field can have
    """Only the attributes that have a value: a source that is silent says nothing.

    Examples
    --------
    >>> said(owner=None, labels=[], tier=1)
    {'tier': 1}
    """
    return {name: value for name, value in attributes.items() if value not in (None, [], "")}
