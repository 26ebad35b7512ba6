"""The document of critical points: single points of failure, and redundancy that is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cmdb.words import listed
from impact.critical import Critical, Share, critical
from impact.documents.brief import Document, brief, head, reason
from impact.picture import Picture
from impact.wording import NAMED, count


def spof_document(picture: Picture, places: Sequence[int], view: str, at: datetime) -> Document:
    """For each item in question what puts it out alone, and which groups on the way are no redundancy."""
    found = critical(picture, places)
    return {
        **head(picture, view, at),
        "items": [_points(picture, place, found) for place in places],
        "false_redundancy": [
            {
                **brief(picture, group),
                "needs": picture.groups[group].needs,
                "members": len(picture.groups[group].members),
                "shares": [
                    {**brief(picture, point), "lost": [picture.items[one].key for one in lost]}
                    for point, lost in shares
                ],
                "detail": _shared(picture, group, shares[0]),
            }
            for group, shares in found.shared.items()
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
    names = [picture.name(point) for point in points]
    some = f"{count(len(points), 'single point')} of failure: {listed(names, NAMED)}." if points else ""
    return {
        **brief(picture, place),
        "tier": picture.tier(place),
        "points": [brief(picture, point) for point in points],
        "detail": f"{name} has {some}" if points else f"Nothing known takes {name} out alone.",
    }


def _shared(picture: Picture, group: int, share: Share) -> str:
    point, lost = share
    members = listed([picture.name(one) for one in lost], NAMED)
    return f"{picture.name(group)}: {members} hang on {picture.name(point)}."
