"""Critical points: what takes a service out alone, and redundancy that is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cmdb.harm import State
from impact.picture import Picture
from impact.reach import upstream
from impact.sweep import Harm, sweep, undisturbed

Share = tuple[int, tuple[int, ...]]
"""What members share, and the members lost with it."""


@dataclass(frozen=True)
class Critical:
    """What is critical for some items.

    Attributes
    ----------
    points
        By item, everything that alone puts it out, itself apart, the nearest first.
    shared
        By group, what its members share, the nearest first: each item that alone leaves it fewer members
        than it needs although it has members to spare, with the members lost.
    """

    points: dict[int, tuple[int, ...]]
    shared: dict[int, tuple[Share, ...]]


def critical(picture: Picture, places: Iterable[int]) -> Critical:
    """Find single points of failure of some items, and false redundancy on the way to them.

    Parameters
    ----------
    places
        The items in question, by number; only what could hit them is tried.

    Notes
    -----
    Tries each candidate: one sweep per item upstream. x is a single point of failure of s if x out makes s
    out, with nothing else hurt.
    """
    wanted = set(places)
    candidates = [place for place in sorted(upstream(picture, wanted)) if picture.out[place]]
    points: dict[int, list[int]] = {place: [] for place in sorted(wanted)}
    shared: dict[int, list[Share]] = {}
    floor = undisturbed(picture).state
    for candidate in candidates:
        harm = sweep(picture, {candidate: State.OUT}, floor)
        for place in wanted & harm.distance.keys() - {candidate}:
            if harm.state[place] == State.OUT:
                points[place].append(candidate)
        for group, lost in _emptied(picture, candidate, harm):
            shared.setdefault(group, []).append((candidate, lost))
    return Critical(
        {place: tuple(_nearest(picture, place, found)) for place, found in points.items()},
        {group: _sorted_shares(picture, group, found) for group, found in sorted(shared.items())},
    )


def _emptied(picture: Picture, candidate: int, harm: Harm) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The groups with members to spare that lose too many of them to one item outside."""
    reached = {number for place in harm.distance for number in picture.groups_of.get(place, ())}
    for number in reached:
        group = picture.groups[number]
        lost = tuple(sorted(one for one in group.members if harm.state[one] == State.OUT))
        if candidate != number and group.spare > 0 and len(lost) > group.spare:
            yield number, lost


def _nearest(picture: Picture, place: int, points: Iterable[int]) -> list[int]:
    steps = upstream(picture, [place])
    return sorted(points, key=lambda point: (steps[point].distance, point))


def _sorted_shares(picture: Picture, group: int, found: list[Share]) -> tuple[Share, ...]:
    lost = dict(found)
    return tuple((point, lost[point]) for point in _nearest(picture, group, lost))
