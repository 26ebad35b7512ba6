"""What the page of a change says of its two numbers: the impact in sentences, the likelihood as a range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Document = Mapping[str, Any]

FAILS = " fails. "
"""Where the sentence ends that says what goes wrong."""

SCALE = 0.25
"""How far the line reaches on which a likelihood is drawn, if nothing is likelier than that."""

HELD = 3
"""How many groups that hold are told of."""


class Said(NamedTuple):
    """The impact in sentences: what goes wrong, what is not known, what holds."""

    first: str
    then: str
    held: tuple[str, ...]


class Chance(NamedTuple):
    """A likelihood: in words, and where it and its range stand on a line, in hundredths of that.

    Attributes
    ----------
    value
        The number in words, or what it rests on where the type of the change alone says it.
    """

    value: str
    basis: str
    between: str
    low: float
    dot: float
    high: float
    typical: float


def said_of(assessment: Document) -> Said:
    """What the impact of a change comes to, sentence by sentence."""
    first, fails, then = assessment["detail"].partition(FAILS)
    held = (f"{one['name']}: {one['detail']}." for one in assessment["credible"]["absorbed"])
    return Said(f"{first}{fails}".strip(), then, (*held,)[:HELD])


def chance_of(p_fail: Document) -> Chance:
    """How a likelihood is shown."""
    low, high = p_fail["low"], p_fail["high"]
    whole = max(SCALE, min(1.0, high * 1.25))
    places = (round(100 * p_fail[name] / whole, 2) for name in ("low", "value", "high", "base_rate"))
    from_type = not p_fail["factors"]
    value = p_fail["basis"].rstrip(".") if from_type else f"{percent(p_fail['value'])} %"
    return Chance(
        value.replace(" %", "\N{NO-BREAK SPACE}%"),
        "" if from_type else p_fail["basis"],
        f"{percent(low)} to {percent(high)} %",
        *places,
    )


def percent(share: float) -> str:
    """A likelihood without decimals, which would claim more than is known.

    Examples
    --------
    >>> percent(0.05), percent(0.004)
    ('5', 'under 1')
    """
    return f"{share * 100:.0f}" if share >= 0.005 else "under 1"
