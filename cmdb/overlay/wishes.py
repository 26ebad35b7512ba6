"""Wishes: what plans want the fields of one thing to become, and which of that it can have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from cmdb.errors import Fault
from cmdb.operations import ChangeItem, ChangeRelation, said
from cmdb.values import Value


class Wish(NamedTuple):
    """What a plan wants a field to become, and what it was when that was planned."""

    plan: str
    before: Value | None
    after: Value | None
    source: str


Wishes = dict[str, list[Wish]]
"""By field."""

Granted = dict[str, dict[str, Value | None]]
"""The new values, by source and field."""


def add_wishes(wishes: Wishes, plan: str, operation: ChangeItem | ChangeRelation) -> None:
    """Add what a change that is planned wants."""
    for name, value in operation.after.items():
        wishes[name].append(Wish(plan, operation.before.get(name), value, operation.source))


def grant(
    who: str, now: Callable[[str], Value | None], wishes: Wishes, *, new: bool = False
) -> tuple[Granted, list[Fault]]:
    """Work out the new values of one thing, and what cannot be granted.

    Parameters
    ----------
    who
        What faults call it.
    now
        The present value of a field.
    new
        Whether the plans make it: then it gets the first of several wishes, as it must have some value.
    """
    granted: Granted = defaultdict(dict)
    faults: list[Fault] = []
    for name, wished in wishes.items():
        first, value = wished[0], now(name)
        reason = _reason_against(wished, value)
        if reason:
            faults.append(Fault(who, f"{name}: {reason}"))
        if value != first.after and (new or not reason):
            granted[first.source][name] = first.after
    return granted, faults


def _reason_against(wished: list[Wish], value: Value | None) -> str | None:
    """Why a field cannot become what is wished; `None` if it can."""
    first = wished[0]
    other = next((wish for wish in wished if wish.after != first.after), None)
    if other:
        return f"{first.plan} plans {said(first.after)}, {other.plan} plans {said(other.after)}"
    wrong = next((wish for wish in wished if value not in (wish.before, wish.after)), None)
    if wrong:
        return f"{wrong.plan} plans from {said(wrong.before)} to {said(wrong.after)}, but it is {said(value)}"
    return None
