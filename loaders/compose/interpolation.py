"""Variables in the texts of a compose file: `${TAG:-latest}`, `$HOST`, `$$`.

Only what the file itself says is used, which is the defaults. A variable without one is set where the project
is started, so a text that needs it has no value here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<escaped>\$\$)"
    r"|\$\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?P<operator>:?[-?+])?"
    r"|\$(?P<bare>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<end>\})"
    r"|(?P<plain>[^$}]+|\$)"
)
_DEFAULTS = frozenset({"-", ":-"})
_LONGEST = 2_000


class Filled(NamedTuple):
    """A text with its variables filled in.

    Attributes
    ----------
    text
        `None` where a variable has no value in the file.
    missing
        Those variables.
    """

    text: str | None
    missing: tuple[str, ...] = ()


@dataclass
class _Part:
    """The text put together so far, of the whole or of a default: `None` once a variable is missing."""

    variable: str = ""
    operator: str | None = None
    pieces: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def filled(self) -> Filled:
        """The text as far as the file says it."""
        return Filled(None if self.missing else "".join(self.pieces), tuple(self.missing))

    @property
    def as_variable(self) -> Filled:
        """What stands for the variable that this is the default of."""
        return self.filled if self.operator in _DEFAULTS else Filled(None, (self.variable,))

    def add(self, found: Filled) -> None:
        """Put a piece behind the others."""
        self.pieces.append(found.text or "")
        self.missing += found.missing


def filled(text: str) -> Filled:
    """Fill in the variables of a text.

    Examples
    --------
    >>> filled("postgres:${TAG:-16}")
    Filled(text='postgres:16', missing=())
    >>> filled("${REPO:-${HUB}/shop}:${TAG}")
    Filled(text=None, missing=('HUB', 'TAG'))
    >>> filled("a$$b")
    Filled(text='a$b', missing=())
    """
    if "$" not in text:
        return Filled(text)
    open_parts = [_Part()]
    for token in _TOKEN.finditer(text[:_LONGEST]):
        _take(token, open_parts)
    whole = len(open_parts) == 1 and len(text) <= _LONGEST
    return open_parts[0].filled if whole else Filled(None)


def _take(token: re.Match[str], open_parts: list[_Part]) -> None:
    if token["braced"]:
        open_parts.append(_Part(token["braced"], token["operator"]))
    elif token["end"] and len(open_parts) > 1:
        found = open_parts.pop().as_variable
        open_parts[-1].add(found)
    elif token["bare"]:
        open_parts[-1].add(Filled(None, (token["bare"],)))
    else:
        open_parts[-1].add(Filled("$" if token["escaped"] else token[0]))
