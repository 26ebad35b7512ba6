"""Entity references: `[kind:][namespace/]name`, where context says what is not written."""

from __future__ import annotations

import re
from typing import NamedTuple

from loaders.shapes import mapping, text

DEFAULT_NAMESPACE = "default"

_REFERENCE = re.compile(r"(?:([^:/\s]+):)?(?:([^:/\s]+)/)?([^:/\s]+)")
_PART = re.compile(r"[^:/\s]+")
_LONGEST_SHOWN = 60


class Reference(NamedTuple):
    """An entity by kind, namespace and name; the first two in small letters, in which all are compared."""

    kind: str
    namespace: str
    name: str

    @property
    def id(self) -> str:
        """The same in one text, as the catalogue itself compares it.

        Examples
        --------
        >>> Reference("group", "default", "Team-A").id
        'group:default/team-a'
        """
        return f"{self.kind}:{self.namespace}/{self.name.lower()}"


def is_name(value: str | None) -> bool:
    """Whether a text can be a part of a reference."""
    return value is not None and _PART.fullmatch(value) is not None


def reference(value: object, kind: str | None, namespace: str) -> Reference:
    """Read a reference, written as text or as a mapping of its three parts.

    Parameters
    ----------
    value
        The reference.
    kind, namespace
        What it means where it does not say so itself; without a kind it has to.

    Raises
    ------
    ValueError
        If it refers to nothing; the message says why.

    Examples
    --------
    >>> reference("Team-A", "group", "shop").id
    'group:shop/team-a'
    >>> reference("User:other/Jo", "group", "shop").id
    'user:other/jo'
    """
    written_kind, written_namespace, name = _parts(value)
    kind = (written_kind or kind or "").lower()
    if not kind:
        raise ValueError(f"“{name[:_LONGEST_SHOWN]}” does not say of which kind it is: write kind:name.")
    return Reference(kind, (written_namespace or namespace).lower(), name)


def _parts(value: object) -> tuple[str | None, str | None, str]:
    if isinstance(value, dict):
        kind, namespace, name = (text(mapping(value).get(key)) for key in ("kind", "namespace", "name"))
        if name is not None and all(is_name(one) for one in (kind or name, namespace or name, name)):
            return kind, namespace, name
    found = _REFERENCE.fullmatch(text(value) or "")
    if found is None:
        shown = f"“{value[:_LONGEST_SHOWN]}”" if isinstance(value, str) else "This"
        raise ValueError(f"{shown} is no reference: write it as kind:namespace/name.")
    return found[1], found[2], found[3]
