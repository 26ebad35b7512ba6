"""What the words of NetBox mean here: roles of devices, and statuses."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_FILE = Path(__file__).with_suffix(".toml")
_WORD = re.compile(r"[a-z0-9]+")


class Role(NamedTuple):
    """What devices of a role are.

    Attributes
    ----------
    class_name
        The class they become.
    level
        How near to the outside world they stand; `None` where nobody knows.
    """

    class_name: str
    level: int | None


UNKNOWN = Role("network_device", None)
"""The role of devices that have none, or one of which the table knows nothing."""


def role_called(name: str) -> Role:
    """The role with this slug or name.

    Examples
    --------
    >>> role_called("application-server")
    Role(class_name='server', level=0)
    >>> role_called("Kaffeemaschine")
    Role(class_name='network_device', level=None)
    """
    words = frozenset(_WORD.findall(name.lower()))
    found = (role for needed, role in _roles() if needed <= words)
    return next(found, UNKNOWN)


def life_cycle(status: str) -> str | None:
    """The status that a word of NetBox means here, `None` where it says nothing of a life cycle."""
    meaning: str | None = _tables()["status"].get(status.lower())
    return meaning


@cache
def _roles() -> list[tuple[frozenset[str], Role]]:
    return [
        (frozenset(words.split()), Role(entry["class"], entry["level"]))
        for entry in _tables()["role"]
        for words in entry["words"]
    ]


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
