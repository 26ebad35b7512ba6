"""The document of critical points: single points of failure, and redundancy that is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from impact.critical import Critical, critical
from impact.documents.brief import Document, brief, head, reason
from impact.picture import Picture
from impact.wording import count, names_of


def spof_document(picture: Picture, places: Sequence[int], view: str, at: datetime) -> Document:
    """For each item in question what puts it out alone, and which groups on the way are no redundancy."""
    found = critical(picture, places)
    return {
        **head(picture, view, at),
        "items": [_points(picture, place, found) for place in places],
        "false_redundancy": [
            {
                **brief(picture, group),
                "needs": picture.group(group).needs,
                "members": len(picture.group(group).members),
                "shares": [
                    {**brief(picture, point), "lost": [picture.keys[one] for one in found.lost(group, point)]}
                    for point in points
                ],
                "detail": _shared(picture, group, points[0], found.lost(group, points[0])),
            }
            for group, points in found.shared.items()
        ],
        "limits": [
            reason(
                picture,
                found.untried[0],
                f"{len(found.untried):,} items as far away or farther were not tried",
            )
        ]
        if found.untried
        else [],
    }


def _points(picture: Picture, place: int, found: Critical) -> Document:
    points = found.points[place]
    name = picture.name(place)
    some = f"{count(len(points), 'single point')} of failure: {names_of(picture, points)}." if points else ""
    return {
        **brief(picture, place),
        "tier": picture.tier(place),
        "points": [brief(picture, point) for point in points],
        "detail": f"{name} has {some}" if points else f"Nothing known takes {name} out alone.",
    }


def _shared(picture: Picture, group: int, point: int, lost: Sequence[int]) -> str:
    return f"{picture.name(group)}: {names_of(picture, lost)} hang on {picture.name(point)}."
