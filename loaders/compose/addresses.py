"""Names of other services in the environment of a service.

Inside a project a service is reached by its name, so an address in a variable says who is called. Only what
is clearly an address counts: many variables hold the name of a service and mean something else.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ADDRESS = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.:-]*://)?"
    r"(?:[^/\s]*@)?"
    r"(?P<host>[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?)"
    r"(?P<port>:[0-9]{1,5})?"
    r"(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_NAMES_ONE = ("ADDR", "ADDRESS", "ENDPOINT", "HOST", "HOSTNAME", "HOSTS", "SERVER", "SERVERS", "URI", "URL")
"""How the name of a variable ends that holds an address even if it looks like a word."""

_NAMES_NONE = ("IMAGE", "NO_PROXY", "ORIGIN", "ORIGINS", "TAG", "VERSION")
"""How the name of a variable ends whose value looks like an address and is none that is called."""

_LONGEST = 2_000


class Called(NamedTuple):
    """A host that a variable names.

    Attributes
    ----------
    is_one_of_several
        Whether the variable lists others beside it, as clients of a cluster are told where to begin.
    """

    host: str
    is_one_of_several: bool


def called(variable: str, value: str) -> list[Called]:
    """The hosts that a variable of the environment clearly names.

    Examples
    --------
    >>> called("CART_ADDR", "cart:7070")
    [Called(host='cart', is_one_of_several=False)]
    >>> called("DB_HOST", "db"), called("OTEL_SERVICE_NAME", "db"), called("DB_IMAGE", "db:16")
    ([Called(host='db', is_one_of_several=False)], [], [])
    """
    if len(value) > _LONGEST or variable.upper().endswith(_NAMES_NONE):
        return []
    parts = value.split(",")
    hosts = (_host(variable, part.strip()) for part in parts)
    return [Called(host, len(parts) > 1) for host in hosts if host is not None]


def _host(variable: str, value: str) -> str | None:
    found = _ADDRESS.fullmatch(value)
    if found is None:
        return None
    is_clear = found["scheme"] or found["port"] or variable.upper().endswith(_NAMES_ONE)
    return found["host"].lower() if is_clear else None
