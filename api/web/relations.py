"""An item's relations as its page shows them: what it needs, what needs it, what carries no harm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cmdb.harm import State

Document = Mapping[str, Any]

SHOWN = 25
"""How many relations a list shows at once."""

FOLDED = 200
"""How many more it holds behind a fold."""

_UNCLASSIFIED = 2


class Shown(NamedTuple):
    """One list of relations: the first, those behind a fold, how many are left out, how many there are."""

    rows: Sequence[Document]
    folded: Sequence[Document]
    left: int
    total: int
    stale: int


class Related(NamedTuple):
    """An item's relations.

    Attributes
    ----------
    needs, needed
        Those over which harm comes to it, and over which it leaves it; the worst first, then the oldest.
    harmless
        Those that carry none.
    """

    needs: Shown
    needed: Shown
    harmless: Shown


def arranged(relations: Sequence[Document], false: Mapping[str, Document]) -> Related:
    """Put an item's relations in order, each in one list.

    Parameters
    ----------
    false
        By key, the groups that are no redundancy.
    """
    told = [{**one, "false": false.get(one["other"]["key"])} for one in relations]
    harmful = sorted((one for one in told if one["carries_harm"]), key=_order)
    needs = [one for one in harmful if _is_need(one)]
    return Related(
        _shown(needs),
        _shown([one for one in harmful if not _is_need(one)]),
        _shown([one for one in told if not one["carries_harm"]]),
    )


def _is_need(one: Document) -> bool:
    """Whether harm comes over it; where it goes both ways, the source of the relation is who needs."""
    both = one["needs"] and one["is_needed"]
    return bool(one["source"] != one["other"]["key"] if both else one["needs"])


def _order(one: Document) -> tuple[Any, ...]:
    other = one["other"]
    group = other["group"] or {"margin": 1}
    return (
        other["live"],
        -State.parse(other["state"]) if other["state"] != "ok" else 0,
        min(group["margin"], 1),
        one["false"] is None,
        not one["stale"],
        other["tier"] or _UNCLASSIFIED,
        other["key"],
    )


def _shown(rows: Sequence[Document]) -> Shown:
    return Shown(
        rows[:SHOWN],
        rows[SHOWN : SHOWN + FOLDED],
        max(len(rows) - SHOWN - FOLDED, 0),
        len(rows),
        sum(1 for one in rows if one["stale"]),
    )
