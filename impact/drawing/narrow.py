"""Narrowing: what makes a drawing wider than a screen is folded, the least telling first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from impact.drawing.counted import counted, merge_counted, number_of
from impact.drawing.sheet import COLUMNS_AT_MOST, Box, Sheet, position
from impact.wording import STATE_WORDS


def narrow(sheet: Sheet) -> None:
    """Fold a sheet until it fits a screen's width; what must stand alone is left, however wide."""
    for narrower in (_fold_what_hangs_on_one, _fold_into_services, _fold_ways):
        if sheet.too_wide():
            narrower(sheet)


def _fold_what_hangs_on_one(sheet: Sheet) -> None:
    """What hangs on one item alone goes into its box, the farthest first."""
    while sheet.too_wide():
        hanging = [name for name in _on_long_ways(sheet) if _hangs_on_one(sheet, name)]
        farthest = max((sheet.ranks.before[name] for name in hanging), default=None)
        by_carrier: dict[str, list[str]] = defaultdict(list)
        for name in hanging:
            if sheet.ranks.before[name] == farthest:
                by_carrier[sheet.into(name)[0]].append(name)
        if not by_carrier:
            return
        for carrier, names in by_carrier.items():
            _put_behind(sheet, carrier, names)


def _hangs_on_one(sheet: Sheet, name: str) -> bool:
    into = sheet.into(name)
    return sheet.boxes[name].loose and len(into) == 1 and sheet.boxes[into[0]].loose


def _put_behind(sheet: Sheet, carrier: str, names: list[str]) -> None:
    """Merge boxes into the one that they hang on, which keeps the name of its item."""
    boxes = [sheet.boxes[name] for name in (carrier, *names)]
    places = tuple(place for box in boxes for place in box.places)
    named = boxes[0].label == sheet.answer.picture.names[places[0]]
    label = boxes[0].label if named else counted(sheet.answer, places)
    state = max(box.state for box in boxes)
    second = f"and {len(places) - 1:,} behind it" if named else STATE_WORDS[state]
    sheet.merge([carrier, *names], Box("fold", places, label, second, state))


def _fold_into_services(sheet: Sheet) -> None:
    """Items that hit one service alone, or end behind one, go into the service's box."""
    by_service: dict[str, list[str]] = defaultdict(list)
    for name in _on_long_ways(sheet):
        service = _only_service(sheet, name)
        if service:
            by_service[service].append(name)
    for service, names in by_service.items():
        box = sheet.boxes[service]
        below = tuple(place for name in names for place in sheet.boxes[name].places)
        second = f"{box.second}, +{number_of(len(below), 'item')}"
        sheet.merge([service, *names], replace(box, places=(*box.places, *below), second=second))


def _only_service(sheet: Sheet, name: str) -> str | None:
    if not sheet.boxes[name].loose:
        return None
    beside = sheet.out(name) or sheet.into(name)
    alone = len(beside) == 1 and sheet.boxes[beside[0]].kind == "service" and not sheet.is_cause(beside[0])
    return beside[0] if alone else None


def _fold_ways(sheet: Sheet) -> None:
    """Neighbours on the longest ways become one box, as long as no other way leads from one to the other."""
    while sheet.too_wide():
        pair = next(filter(None, (_neighbours(sheet, name) for name in _on_long_ways(sheet))), None)
        if pair is None:
            return
        merge_counted(sheet, pair, "")


def _neighbours(sheet: Sheet, start: str) -> list[str] | None:
    """A box and the next on a longest way, if both need not stand alone."""
    ranks = sheet.ranks
    if sheet.boxes[start].fixed:
        return None
    for end in sheet.out(start):
        following = ranks.before[end] == ranks.before[start] + 1  # so no other way is as long as the arrow
        if following and not sheet.boxes[end].fixed and ranks.longest(end) > COLUMNS_AT_MOST:
            return [start, end]
    return None


def _on_long_ways(sheet: Sheet) -> list[str]:
    """The boxes on ways that are longer than a screen is wide, from left to right."""
    ranks = sheet.ranks
    names = sorted(sheet.boxes, key=lambda name: position(sheet, name))
    return [name for name in names if ranks.longest(name) > COLUMNS_AT_MOST]
