"""Boxes that become one, which says how many items it stands for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection

from impact.answer import Answer
from impact.drawing.sheet import Box, Sheet, position
from impact.wording import STATE_WORDS, plural

LABEL_AT_MOST = 18
"""How many characters of a count by classes fit a box."""


def fold_alike(sheet: Sheet, alike: Callable[[str, Box], object], second: str) -> None:
    """Merge the boxes for which `alike` gives the same; those for which it gives nothing stay."""
    groups: dict[object, list[str]] = defaultdict(list)
    for name in sorted(sheet.boxes, key=lambda name: position(sheet, name)):
        same = alike(name, sheet.boxes[name])
        if same is not None:
            groups[same].append(name)
    for names in groups.values():
        merge_counted(sheet, names, second)


def merge_counted(sheet: Sheet, names: list[str], second: str) -> None:
    """Merge several boxes into one; its second line is their state if there is nothing better to say."""
    if len(names) < 2:
        return
    boxes = [sheet.boxes[name] for name in names]
    places = tuple(place for box in boxes for place in box.places)
    state = max(box.state for box in boxes)
    at_worst = "" if all(box.state == state for box in boxes) else " at worst"
    second = second or f"{STATE_WORDS[state]}{at_worst}"
    sheet.merge(names, Box("fold", places, counted(sheet.answer, places), second, state))


def counted(answer: Answer, places: Collection[int]) -> str:
    """Items by class if that is short, else how many: “4 servers, 2 VMs”, “68 items”."""
    short = answer.picture.vocabulary.short
    counts = Counter(short(answer.picture.class_name(place)) for place in places)
    label = ", ".join(number_of(number, one) for one, number in counts.most_common())
    if len(counts) == 1 or len(label) <= LABEL_AT_MOST:
        return label
    return number_of(len(places), "service" if all(map(answer.picture.is_service, places)) else "item")


def number_of(number: int, one: str) -> str:
    """A number in digits with its noun.

    Examples
    --------
    >>> number_of(1, "server"), number_of(2400, "supply")
    ('1 server', '2,400 supplies')
    """
    return f"{number:,} {one if number == 1 else plural(one)}"
