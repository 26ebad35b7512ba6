"""Folding: what says little becomes one box, in a fixed order, until the drawing fits a screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from cmdb.harm import State
from impact.drawing.counted import fold_alike, merge_counted
from impact.drawing.narrow import narrow
from impact.drawing.sheet import Box, Sheet, position

HUB_OVER = 12
WIDER_THAN_EVER = 12
"""With more columns than this, even what should stand alone is folded."""
KEPT_AT_MOST = (12, 7, 4, 2)
"""How many causes, and how many services, then still stand alone; fewer as long as they do not fit."""


def fold(sheet: Sheet) -> None:
    """Fold a sheet: passages and dead ends always, more only while it is crowded or too wide.

    Causes, groups and hit services of tier 1 and 2 are left alone as long as that leaves a drawing that fits.
    """
    for always in (_fold_passages, _fold_dead_ends):
        always(sheet)
    for more in (_fold_siblings, _fold_hubs, _fold_minor_leaves, _fold_the_rest):
        if sheet.crowded():
            more(sheet)
    if sheet.crowded() or sheet.ranks.columns > WIDER_THAN_EVER:
        _fold_the_least(sheet)
    narrow(sheet)


def _fold_passages(sheet: Sheet) -> None:
    """An item between one and one becomes the second line of what it carries."""
    for name in sorted(sheet.boxes, key=lambda name: position(sheet, name)):
        chain = [name]
        while name in sheet.boxes and _carries_one(sheet, chain[-1]):
            chain += sheet.out(chain[-1])
        if len(chain) > 1:
            last = sheet.boxes[chain[-1]]
            places = tuple(place for one in reversed(chain) for place in sheet.boxes[one].places)
            second = f"{_words(sheet, *chain[-2:])} {sheet.boxes[chain[-2]].label}"
            sheet.merge(chain, replace(last, places=places, second=second))


def _carries_one(sheet: Sheet, name: str) -> bool:
    """Whether a box stands between one and one, and what it carries hangs on nothing else and is alike."""
    box, before, after = sheet.boxes[name], sheet.into(name), sheet.out(name)
    if not (_is_one_item(box) and len(before) == len(after) == 1):
        return False
    carried = sheet.boxes[after[0]]
    return _is_one_item(carried) and carried.state == box.state and len(sheet.into(after[0])) == 1


def _is_one_item(box: Box) -> bool:
    return box.kind == "item" and box.loose


def _fold_dead_ends(sheet: Sheet) -> None:
    """Items that lead to no service, and come from one place, become one box with all that is behind them."""
    useful = _leading_to(sheet, lambda box: box.kind in {"service", "group", "members"})
    dead = [name for name, box in sheet.boxes.items() if name not in useful and not box.fixed]
    come: dict[str, frozenset[str]] = {}
    for name in sorted(dead, key=sheet.ranks.before.__getitem__):
        come[name] = frozenset().union(*(come.get(one, {one}) for one in sheet.into(name)))
    fold_alike(
        sheet,
        lambda name, box: (come[name], box.state) if name in come else None,
        "no service behind",
    )


def _fold_siblings(sheet: Sheet) -> None:
    """Items of one class and state with the same neighbours become one box."""

    def alike(name: str, box: Box) -> object:
        if not _is_one_item(box):
            return None
        class_name = sheet.answer.picture.class_name(box.places[0])
        return class_name, box.state, tuple(sheet.into(name)), tuple(sheet.out(name))

    fold_alike(sheet, alike, "")


def _fold_hubs(sheet: Sheet) -> None:
    """What hangs on a hub becomes one line with a count, the worst state first."""
    for hub in sorted(sheet.boxes, key=lambda name: position(sheet, name)):
        leaves = [] if hub not in sheet.boxes else sheet.out(hub)
        loose = [name for name in leaves if not sheet.boxes[name].fixed]
        if len(leaves) <= HUB_OVER:
            continue
        alike: dict[tuple[State, bool], list[str]] = defaultdict(list)
        for name in loose:
            alike[sheet.boxes[name].state, _serves(sheet, name)].append(name)
        for names in alike.values():
            merge_counted(sheet, names, f"behind {sheet.boxes[hub].label}")


def _fold_minor_leaves(sheet: Sheet) -> None:
    """What is only at risk, and services of tier 3 and 4, become one box per place they come from."""

    def alike(name: str, box: Box) -> object:
        weight = min(sheet.answer.picture.weight(place) for place in box.places)
        minor = box.state == State.AT_RISK or (box.kind == "service" and weight > 2)
        loose = not box.fixed and not sheet.out(name)
        return (tuple(sheet.into(name)), box.state) if minor and loose else None

    fold_alike(sheet, alike, "")


def _fold_the_rest(sheet: Sheet) -> None:
    """What need not stand alone becomes one box per column and state, services apart from items."""

    def alike(name: str, box: Box) -> object:
        return None if box.fixed else (sheet.ranks.before[name], box.state, _serves(sheet, name))

    fold_alike(sheet, alike, "")


def _fold_the_least(sheet: Sheet) -> None:
    """Where even what should stand alone is too much, only causes and the worst services do."""
    for most in KEPT_AT_MOST:
        _fold_all_but(sheet, most)
        if not (sheet.crowded() or sheet.too_wide()):
            return


def _fold_all_but(sheet: Sheet, most: int) -> None:
    in_order = sorted(sheet.boxes, key=lambda name: _rank(sheet, name))
    causes = [name for name in in_order if sheet.is_cause(name)][:most]
    services = [name for name in in_order if sheet.boxes[name].kind == "service" and name not in causes]
    kept = {*causes, *services[:most]}
    fold_alike(sheet, lambda name, _: None if name in kept else _serves(sheet, name), "")


def _serves(sheet: Sheet, name: str) -> bool:
    return all(map(sheet.answer.picture.is_service, sheet.boxes[name].places))


def _rank(sheet: Sheet, name: str) -> tuple[bool, tuple[int, int, int, int]]:
    places = sheet.boxes[name].places
    return places[0] not in sheet.answer.causes, min(map(sheet.answer.rank, places))


def _leading_to(sheet: Sheet, wanted: Callable[[Box], bool]) -> set[str]:
    found = {name for name, box in sheet.boxes.items() if wanted(box)}
    queue = list(found)
    while queue:
        for name in sheet.into(queue.pop()):
            if name not in found:
                found.add(name)
                queue.append(name)
    return found


def _words(sheet: Sheet, start: str, end: str) -> str:
    """How the box at the end of an arrow relates to the one at its start, in words."""
    row = sheet.rows(start, end)[0]
    return sheet.answer.picture.words(row.relation, row.end)
