"""The document of critical points: single points of failure, groups by margin, redundancy that is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from impact.answer import Standing, ask
from impact.context import Moment
from impact.critical import Critical, Lost, critical, members_lost
from impact.documents.brief import Document, brief, briefs, head, reason
from impact.documents.rows import standing_rows
from impact.picture import Picture
from impact.wording import count, names_of

OF_EACH = 100
"""How many single points of an item, items that a group's members share, and lost members are written out."""

GROUPS = 1_000
"""How many groups are written out in each list of them."""


def spof_document(picture: Picture, places: Sequence[int], view: str, when: Moment) -> Document:
    """What is critical for some items.

    Parameters
    ----------
    places
        The items in question, in this order.
    when
        The instant at which groups are looked at; what puts an item out alone is the same at any.

    Returns
    -------
    dict
        For each item in question what puts it out alone; the groups on the way to them, those that can lose
        least first; and which of the groups are no redundancy.
    """
    found = critical(picture, places)
    told = briefs(picture, {*places, *_written(found.points), *_written(found.shared)})
    standings = _standings(found, when)
    groups = _in_order(found, {group: one.margin for group, one in standings.items()})
    false = _in_order(found, dict.fromkeys(found.shared, 0))
    shared = {group: found.shared[group] for group in false[:GROUPS]}
    lost = members_lost(picture, {group: points[:OF_EACH] for group, points in shared.items()})
    return {
        **head(picture, view, when.at),
        "items": [_points(found, place, told) for place in places],
        "groups": _groups(picture, {group: standings[group] for group in groups[:GROUPS]}),
        "false_redundancy": [_false(found, group, told, lost) for group in shared],
        "totals": {"groups": len(groups), "false_redundancy": len(false)},
        "limits": [
            *untried(found),
            *_left(
                picture, "more single point of failure", "more single points of failure", found.points.items()
            ),
            *_left(picture, "more shared item", "more shared items", shared.items()),
            *_left(picture, "more lost member", "more lost members", _by_group(lost)),
            *_unwritten(picture, "more group", "more groups", groups),
            *_unwritten(picture, "more false redundancy", "more cases of false redundancy", false),
        ],
    }


def _standings(found: Critical, when: Moment) -> Mapping[int, Standing]:
    """How each group on the way stands under the context alone."""
    picture = found.picture
    groups = np.unique(found.reach.places[picture.groups.index[found.reach.places] >= 0])
    return ask(picture, {}, when).standings(groups)


def _in_order(found: Critical, margins: Mapping[int, int]) -> list[int]:
    """Groups by margin, the least first; then by tier, distance and key."""
    picture, reach = found.picture, found.reach
    return sorted(
        margins, key=lambda one: (margins[one], picture.weight(one), reach[one], int(picture.rank[one]))
    )


def _written(lists: Mapping[int, Sequence[int]]) -> Iterator[int]:
    """What is written out of some lists."""
    return (place for found in lists.values() for place in found[:OF_EACH])


def _points(found: Critical, place: int, told: Mapping[int, Document]) -> Document:
    picture, points = found.picture, found.points[place]
    name = picture.name(place)
    some = f"{count(len(points), 'single point')} of failure: {names_of(picture, points)}." if points else ""
    return {
        **told[place],
        "tier": picture.tier(place),
        "points": [told[point] for point in points[:OF_EACH]],
        "total": len(points),
        "detail": f"{name} has {some}" if points else f"Nothing known takes {name} out alone.",
    }


def _groups(picture: Picture, standings: Mapping[int, Standing]) -> list[Document]:
    rows = standing_rows(picture, standings)
    for row, group in zip(rows, standings, strict=True):
        fault = picture.group(group).fault
        row["detail"] = f"{fault}: data fault" if fault else row["detail"]
    return rows


def _false(found: Critical, group: int, told: Mapping[int, Document], lost: Lost) -> Document:
    """A group whose members share something, with the members that each shared item takes."""
    picture, groups, points = found.picture, found.picture.groups, found.shared[group]
    index = groups.index[group]
    return {
        **brief(picture, group),
        "needs": int(groups.needs[index]),
        "members": int(groups.members[index]),
        "shares": [_share(picture, told[point], lost[group, point]) for point in points[:OF_EACH]],
        "total": len(points),
        "detail": _shared(picture, group, points[0], lost[group, points[0]]),
    }


def _share(picture: Picture, point: Document, lost: Sequence[int]) -> Document:
    keys = picture.keys.some(np.array(lost[:OF_EACH], np.int32))
    return {**point, "lost": keys, "total": len(lost)}


def _shared(picture: Picture, group: int, point: int, lost: Sequence[int]) -> str:
    return f"{picture.name(group)}: {names_of(picture, lost)} hang on {picture.name(point)}."


def untried(found: Critical) -> list[Document]:
    """What `limits` say of a search that was given up."""
    if not found.untried:
        return []
    text = f"{len(found.untried):,} items as far away or farther were not tried"
    return [reason(found.picture, found.untried[0], text)]


def _left(
    picture: Picture, one: str, many: str, lists: Iterable[tuple[int, Sequence[int]]]
) -> list[Document]:
    """That some lists, each of an item, are written out in part."""
    more = [(place, len(found) - OF_EACH) for place, found in lists if len(found) > OF_EACH]
    if not more:
        return []
    first = more[0][0]
    where = f" of {picture.name(first)}" if len(more) == 1 else f", in {len(more):,} lists"
    number = sum(left for _, left in more)
    return [reason(picture, first, f"not written out: {count(number, one, many)}{where}")]


def _by_group(lost: Lost) -> Iterator[tuple[int, Sequence[int]]]:
    """What is lost, each list with its group."""
    return ((group, members) for (group, _), members in lost.items())


def _unwritten(picture: Picture, one: str, many: str, groups: Sequence[int]) -> list[Document]:
    """That not all groups are written out."""
    more = groups[GROUPS:]
    return [reason(picture, more[0], f"not written out: {count(len(more), one, many)}")] if more else []
