"""What is said of a text that is no selection: where, what, and what to do."""

from __future__ import annotations

from typing import cast

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from cmdb.errors import WrongUsage

_SHOWN = 60
"""How many characters of a selection a message repeats."""

_JOIN = "Join selections with “and” or “or”; what holds a blank goes in quotes"
_ADVICE = {
    "&": "Write “and”; a key that holds “&” goes in quotes",
    "|": "Write “or”; a key that holds “|” goes in quotes",
    ",": "A comma joins values of one field, as in tier:1,2; how far to go is: upstream a within 2",
    "'": "A quote is closed by the same quote; what holds one goes in the other kind of quotes",
}
_ADVICE['"'] = _ADVICE["'"]


def refused(text: str, place: int, what: str) -> WrongUsage:
    """The error for what is wrong at a place in a selection."""
    start = max(0, min(place - _SHOWN // 2, len(text) - _SHOWN))
    shown = text[start : start + _SHOWN]
    before, after = "…" if start else "", "…" if start + _SHOWN < len(text) else ""
    return WrongUsage(f"In the selection “{before}{shown}{after}”, at column {place + 1}: {what}")


def unexpected(error: UnexpectedInput, text: str) -> WrongUsage:
    """The error for a text that the grammar stops at."""
    token = error.token if isinstance(error, UnexpectedToken) else None
    if token is not None and token.type == "$END":
        return refused(text, len(text), _at_the_end(error))
    place = cast("int", error.pos_in_stream)
    found = str(token) if token is not None else text[place]
    return refused(text, place, f"“{found}” does not fit there. {_advice(found, error)}.")


def _at_the_end(error: UnexpectedInput) -> str:
    expected = _expected(error)
    if "RPAR" in expected:
        return "a parenthesis is not closed."
    if expected <= {"WORD", "QUOTED"}:
        return "a value is missing."
    return "a key, a condition or a parenthesis is missing."


def _advice(found: str, error: UnexpectedInput) -> str:
    if found[0] in _ADVICE:
        return _ADVICE[found[0]]
    expected = _expected(error)
    if expected & {"_AND", "_OR", "$END"}:
        return "There is no parenthesis to close" if found == ")" else _JOIN
    if expected == {"WORD"}:
        return "“within” takes a number of steps, as in: upstream checkout within 2"
    if expected <= {"WORD", "QUOTED"}:
        return "A value was due; a word of the language goes in quotes as a value"
    return "A key, a condition or a parenthesis was due; a word of the language goes in quotes as a key"


def _expected(error: UnexpectedInput) -> set[str]:
    """The kinds of words that could have stood there."""
    if isinstance(error, UnexpectedToken):
        return set(error.expected)
    return set(error.allowed or ()) if isinstance(error, UnexpectedCharacters) else set()
