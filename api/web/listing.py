"""The answer's table: five tabs of rows, each row with its reason in a few words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from api.web.question import Question, TabName

Document = Mapping[str, Any]

ROWS = 50
"""How many rows are shown at once."""


class Line(NamedTuple):
    """One row: the item, its state if that is worth a chip, and why it is listed here.

    Attributes
    ----------
    badge
        Whether the item bears a tier.
    group
        For a group that held: how many members it needs, has and has up.
    more
        What tells the item from others of its name, if there are any.
    """

    key: str
    name: str
    state: str | None
    badge: bool
    tier: int | None
    reason: str
    group: Document | None = None
    more: str | None = None


class Tab(NamedTuple):
    """One tab: its name in addresses and on the page, how many rows, and what its columns are called."""

    name: TabName
    label: str
    total: int | None
    columns: tuple[str, ...]
    empty: str


@dataclass(frozen=True)
class Listing:
    """The tabs, the chosen one's rows, and where the rows before and after them start."""

    tabs: tuple[Tab, ...]
    current: Tab
    lines: tuple[Line, ...]
    total: int
    earlier: int | None
    later: int | None


def listing(document: Document, not_hit: Document | None, question: Question) -> Listing:
    """Lay the answer out in tabs; `not_hit` is asked for only when its tab is open."""
    tabs = _tabs(document)
    current = next(tab for tab in tabs if tab.name == question.tab)
    start = question.start
    if not_hit is not None:
        total, lines = not_hit["total"], tuple(map(_not_hit, not_hit["items"]))
    else:
        rows, told = list(_rows(document, question.tab)), _apart(document)
        total = len(rows)
        lines = tuple(row._replace(more=told.get(row.key)) for row in rows[start : start + ROWS])
    later = start + ROWS if start + ROWS < total else None
    return Listing(tabs, current, lines, total, max(start - ROWS, 0) if start else None, later)


def names(document: Document) -> dict[str, str]:
    """What everything the answer speaks of is called, by key, so that no two are called the same."""
    told, rows = _apart(document), _all(document)
    return {key: f"{row['name']} ({told[key]})" if key in told else row["name"] for key, row in rows}


def _apart(document: Document) -> dict[str, str]:
    """By key, the class of what shares its name, or the key if that is shared too."""
    rows = dict(_all(document))
    often = Counter(one for row in rows.values() for one in (row["name"], (row["name"], row["class"])))
    return {
        key: row["class"].replace("_", " ") if often[row["name"], row["class"]] == 1 else key
        for key, row in rows.items()
        if often[row["name"]] > 1
    }


def _all(document: Document) -> Iterator[tuple[str, Document]]:
    parts = ("already", "absorbed", "affected", "causes")
    return ((row["key"], row) for part in parts for row in document[part])


def _tabs(document: Document) -> tuple[Tab, ...]:
    service, item = ("State", "Service", "Because of"), ("State", "Item", "Because of")
    held, before = ("Margin", "Group", "How it stands"), ("State", "Item", "By itself, this")
    count = {part: len(document[part]) for part in ("services", "affected", "absorbed", "already")}
    return (
        Tab("services", "Services", count["services"], service, "No service is known to be hit."),
        Tab("all", "All hit", count["affected"], item, "Nothing is known to be hit."),
        Tab("held", "Held", count["absorbed"], held, "No group lost a member to this and held."),
        Tab("before", "Hurt before", count["already"], before, "Nothing is hurt anyway."),
        Tab("not-hit", "Not hit", None, ("Service", "Why not"), "Every service is hit."),
    )


def _rows(document: Document, tab: TabName) -> Iterator[Line]:
    if tab in ("services", "all"):
        known = names(document)
        services = {row["key"] for row in document["services"]}
        for row in document["services" if tab == "services" else "affected"]:
            yield _hit(row, known, badge=row["key"] in services)
    elif tab == "held":
        yield from map(_held, document["absorbed"])
    else:
        yield from map(_before, document["already"])


def _hit(row: Document, known: Mapping[str, str], *, badge: bool) -> Line:
    tipped = row["tipped_by"]
    other = tipped["source"] if tipped["target"] == row["key"] else tipped["target"]
    return Line(row["key"], row["name"], row["state"], badge, row["tier"], known.get(other, other))


def _held(row: Document) -> Line:
    return Line(row["key"], row["name"], None, badge=False, tier=None, reason=row["detail"], group=row)


def _before(row: Document) -> Line:
    alone = "does not reach it" if row["alone"] == "ok" else f"puts it {row['alone'].replace('_', ' ')}"
    return Line(row["key"], row["name"], row["state"], badge=False, tier=None, reason=alone)


def _not_hit(row: Document) -> Line:
    state = None if row["state"] == "ok" else row["state"]
    return Line(row["key"], row["name"], state, badge=True, tier=row["tier"], reason=row["detail"])
