"""Folding: what says little becomes one box, in a fixed order, until the drawing fits a screen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from cmdb.harm import State
from impact.answer import Answer
from impact.drawing.sheet import BOXES_AT_MOST, COLUMN_AT_MOST, Box, Sheet, position
from impact.wording import STATE_WORDS, plural

HUB_OVER = 12
LAST_COLUMN = 12
"""Whatever is farther away is drawn here, when everything has to be folded."""


def fold(sheet: Sheet) -> None:
    """Fold a sheet: passages and dead ends always, more only while it is crowded.

    Causes, groups and hit services of tier 1 and 2 are left alone as long as that leaves a drawing that fits.
    """
    for always in (_fold_passages, _fold_dead_ends):
        always(sheet)
    for more in (_fold_siblings, _fold_hubs, _fold_minor_leaves, _fold_the_rest, _fold_the_least):
        if sheet.crowded():
            more(sheet)


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
    if not (_is_loose_item(box) and len(before) == len(after) == 1):
        return False
    carried = sheet.boxes[after[0]]
    return _is_loose_item(carried) and carried.state == box.state and len(sheet.into(after[0])) == 1


def _is_loose_item(box: Box) -> bool:
    return box.kind == "item" and not box.fixed


def _fold_dead_ends(sheet: Sheet) -> None:
    """Items that lead to no service, and come from one place, become one box."""
    useful = _leading_to(sheet, lambda box: box.kind in {"service", "group", "members"})
    _fold_alike(
        sheet,
        lambda name, box: None if name in useful or box.fixed else (tuple(sheet.into(name)), box.state),
        "no service behind",
    )


def _fold_siblings(sheet: Sheet) -> None:
    """Items of one class and state with the same neighbours become one box."""

    def alike(name: str, box: Box) -> object:
        if not _is_loose_item(box):
            return None
        class_name = sheet.answer.picture.items[box.places[0]].class_name
        return class_name, box.state, tuple(sheet.into(name)), tuple(sheet.out(name))

    _fold_alike(sheet, alike, "")


def _fold_hubs(sheet: Sheet) -> None:
    """What hangs on a hub becomes one line with a count, the worst state first."""
    for hub in sorted(sheet.boxes, key=lambda name: position(sheet, name)):
        leaves = [] if hub not in sheet.boxes else sheet.out(hub)
        loose = [name for name in leaves if not sheet.boxes[name].fixed]
        if len(leaves) <= HUB_OVER:
            continue
        by_state: dict[State, list[str]] = defaultdict(list)
        for name in loose:
            by_state[sheet.boxes[name].state].append(name)
        for names in by_state.values():
            _merge_counted(sheet, names, f"behind {sheet.boxes[hub].label}")


def _fold_minor_leaves(sheet: Sheet) -> None:
    """What is only at risk, and services of tier 3 and 4, become one box per place they come from."""

    def alike(name: str, box: Box) -> object:
        weight = min(sheet.answer.picture.weight(place) for place in box.places)
        minor = box.state == State.AT_RISK or (box.kind == "service" and weight > 2)
        loose = not box.fixed and not sheet.out(name)
        return (tuple(sheet.into(name)), box.state) if minor and loose else None

    _fold_alike(sheet, alike, "")


def _fold_the_rest(sheet: Sheet) -> None:
    """What need not stand alone becomes one box per column and state."""
    _fold_alike(sheet, lambda _, box: None if box.fixed else (box.column, box.state), "")


def _fold_the_least(sheet: Sheet) -> None:
    """Where even what should stand alone is too much, causes and the worst do, and the rest is counted."""
    kept: set[str] = set()
    in_column: Counter[int] = Counter()
    for name in sorted(sheet.boxes, key=lambda name: _rank(sheet, name)):
        column = sheet.boxes[name].column
        if len(kept) < BOXES_AT_MOST // 2 and in_column[column] < COLUMN_AT_MOST // 2:
            kept.add(name)
            in_column[column] += 1
    _fold_alike(sheet, lambda name, box: None if name in kept else min(box.column, LAST_COLUMN), "")


def _rank(sheet: Sheet, name: str) -> tuple[bool, tuple[int, int, int, int]]:
    places = sheet.boxes[name].places
    return places[0] not in sheet.answer.causes, min(map(sheet.answer.rank, places))


def _fold_alike(sheet: Sheet, alike: Callable[[str, Box], object], second: str) -> None:
    groups: dict[object, list[str]] = defaultdict(list)
    for name in sorted(sheet.boxes, key=lambda name: position(sheet, name)):
        same = alike(name, sheet.boxes[name])
        if same is not None:
            groups[same].append(name)
    for names in groups.values():
        _merge_counted(sheet, names, second)


def _merge_counted(sheet: Sheet, names: list[str], second: str) -> None:
    if len(names) < 2:
        return
    boxes = [sheet.boxes[name] for name in names]
    places = tuple(place for box in boxes for place in box.places)
    state, column = max(box.state for box in boxes), min(box.column for box in boxes)
    label = _counted(sheet.answer, places)
    sheet.merge(names, Box("fold", places, label, second or STATE_WORDS[state], state, column))


def _counted(answer: Answer, places: Iterable[int]) -> str:
    """Items by class, the most frequent first: “4 servers, 2 virtual machines”."""
    classes = answer.picture.vocabulary.classes
    counts = Counter(classes[answer.picture.items[place].class_name].label for place in places)
    named = counts.most_common(2)
    parts = [f"{number} {plural(label) if number > 1 else label}" for label, number in named]
    left = counts.total() - sum(number for _, number in named)
    return ", ".join([*parts, f"{left} more"] if left else parts)


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
