"""Keys: the unique handles people type.

At most 200 characters; no blanks, control characters, invisible characters, `/` or `+`; no leading `@` or
`-`; not `.` or `..`. That keeps a key whole in a URL, on a command line and in a view, and two keys that
look the same are the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import count

LONGEST = 200
_FORBIDDEN = frozenset("/+")
_FORBIDDEN_FIRST = frozenset("@-")
_FOLDERS = frozenset({".", ".."})
_INVISIBLE = "Cf"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,199}")
"""What nearly every key looks like, so that not each of its characters has to be looked up."""


def wrong_with(key: str) -> str | None:
    """What keeps `key` from being a key, or `None` when it is one.

    Examples
    --------
    >>> wrong_with("srv-114")
    >>> wrong_with("-rf")
    'it starts with “-”'
    """
    if _PLAIN.fullmatch(key):
        return None
    if not key:
        return "it is empty"
    if len(key) > LONGEST:
        return f"it has {len(key)} characters; {LONGEST} is the most"
    if key[0] in _FORBIDDEN_FIRST:
        return f"it starts with “{key[0]}”"
    if key in _FOLDERS:
        return f"“{key}” names a folder in an address"
    bad = next((character for character in key if _is_forbidden(character)), None)
    return None if bad is None else f"it holds {_named(bad)}"


def key_from(name: str) -> str:
    """The nearest key to a name: each forbidden character becomes `-`.

    Examples
    --------
    >>> key_from("web/shop 1")
    'web-shop-1'
    """
    key = "".join("-" if _is_forbidden(character) else character for character in name[:LONGEST])
    stripped = key.lstrip("@-")
    return "unnamed" if stripped in {"", *_FOLDERS} else stripped


def numbered(key: str) -> Iterator[str]:
    """The key with 2, 3 and so on behind it, without end; shortened where that would be too long.

    Examples
    --------
    >>> next(numbered("web"))
    'web-2'
    """
    for number in count(2):
        yield f"{key[: LONGEST - len(str(number)) - 1]}-{number}"


def _is_forbidden(character: str) -> bool:
    return (
        character in _FORBIDDEN
        or character.isspace()
        or unicodedata.category(character) in {_INVISIBLE, "Cc", "Cs", "Zl", "Zp", "Zs"}
    )


def _named(character: str) -> str:
    if character.isspace():
        return "a blank"
    if character in _FORBIDDEN:
        return f"“{character}”"
    invisible = unicodedata.category(character) == _INVISIBLE
    return "an invisible character" if invisible else "a control character"
