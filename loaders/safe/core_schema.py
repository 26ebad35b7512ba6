"""What a plain scalar means in the core schema of YAML 1.2.

PyYAML follows YAML 1.1, where `NO` is false, `010` is eight and `12:30:45` a number; people who write YAML
today mean what 1.2 says. See https://yaml.org/spec/1.2.2/#103-core-schema.
"""

from __future__ import annotations

import math
import re

Resolved = str | int | float | bool | None

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_WORDS: dict[str, Resolved] = {
    **dict.fromkeys(NULLS),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **{f"{sign}{word}": math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{f"-{word}": -math.inf for word in (".inf", ".Inf", ".INF")},
}
_INTEGERS = (
    (re.compile(r"[-+]?[0-9]+"), 10),
    (re.compile(r"0o[0-7]+"), 8),
    (re.compile(r"0x[0-9a-fA-F]+"), 16),
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_MOST_DIGITS = 100
_FIRST_OF_NUMBERS = frozenset("+-.0123456789")


def resolve(text: str) -> Resolved:
    """The value of a plain scalar.

    Raises
    ------
    ValueError
        If it is a whole number of more than a hundred digits.

    Examples
    --------
    >>> [resolve(text) for text in ("NO", "12:30:45", "010", "0o17", "1e3", "~", "true")]
    ['NO', '12:30:45', 10, 15, 1000.0, None, True]
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST_OF_NUMBERS:
        return text
    return _number(text)


def _number(text: str) -> str | int | float:
    for pattern, base in _INTEGERS:
        if pattern.fullmatch(text):
            return _whole(text, base)
    return float(text) if _FLOAT.fullmatch(text) else text


def _whole(text: str, base: int) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"the number has {len(text):,} digits")
    return int(text, base)
