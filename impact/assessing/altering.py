"""Altering: what is weaker in the graph once a change's operations have come true."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from impact.critical import critical
from impact.picture import Group, Link, Picture
from impact.reach import downstream


class Weaker(NamedTuple):
    """A group that can lose fewer members than before.

    Attributes
    ----------
    group
        By number in the graph afterwards.
    before, after
        How many members it can lose; negative if it needs more than it has.
    """

    group: int
    before: int
    after: int


class Altered(NamedTuple):
    """What is weaker afterwards, by numbers in the graph afterwards.

    Attributes
    ----------
    points
        By service, what takes it out alone and did not before, the nearest first.
    groups
        Groups that lost redundancy, those that can lose least first.
    broken
        Relations by which something live rests on what is not, and did not before.
    """

    points: Mapping[int, Sequence[int]]
    groups: Sequence[Weaker]
    broken: Sequence[Link]


def altered(before: Picture, after: Picture, touched: Collection[str]) -> Altered:
    """Compare the graph as it is with the graph afterwards.

    Parameters
    ----------
    touched
        The uids of the items that the operations are about, ends of relations included: only services that
        hang on these, before or afterwards, are looked at.
    """
    services = sorted({*_services(before, touched), *_services(after, touched)})
    return Altered(
        _new_points(before, after, services),
        _weaker(before, after, touched),
        _newly_broken(before, after),
    )


def _services(picture: Picture, touched: Collection[str]) -> list[str]:
    """The uids of the live services that could feel it if any of some items were out."""
    reach = downstream(picture, _there(picture, touched).values()).marks(len(picture))
    places = np.flatnonzero(reach & picture.services).tolist()
    return [picture.uids[place] for place in places]


def _there(picture: Picture, uids: Collection[str]) -> dict[str, int]:
    """Numbers by uid, of those that are in a picture."""
    numbers = picture.numbers_of_uids(list(uids)).tolist()
    return {uid: number for uid, number in zip(uids, numbers, strict=True) if number >= 0}


def _new_points(before: Picture, after: Picture, services: Sequence[str]) -> dict[int, list[int]]:
    old = _points(before, services)
    now = _there(after, services)
    found = critical(after, [place for place in now.values() if after.services[place]]).points
    new = {
        place: [one for one in points if after.uids[one] not in old.get(after.uids[place], ())]
        for place, points in found.items()
    }
    order = sorted(new, key=lambda place: (after.weight(place), int(after.rank[place])))
    return {place: new[place] for place in order if new[place]}


def _points(picture: Picture, services: Sequence[str]) -> dict[str, set[str]]:
    places = [place for place in _there(picture, services).values() if picture.services[place]]
    found = critical(picture, places).points
    return {picture.uids[place]: {picture.uids[one] for one in points} for place, points in found.items()}


def _weaker(before: Picture, after: Picture, touched: Collection[str]) -> list[Weaker]:
    """The groups that are touched, or in which something touched counts or counted, that can lose fewer."""
    uids = set(touched)
    for picture in (before, after):
        beside = picture.groups_beside(np.array([*_there(picture, touched).values()], np.int32))
        uids |= {picture.uids[place] for place in beside.tolist()}
    now, then = _there(after, uids), _there(before, uids)
    found = [
        Weaker(now[uid], _left(before.group(then[uid])), _left(after.group(now[uid])))
        for uid in uids & now.keys() & then.keys()
        if before.is_group(then[uid]) and after.is_group(now[uid])
    ]
    weaker = [one for one in found if one.after < one.before]
    return sorted(weaker, key=lambda one: (one.after, after.weight(one.group), int(after.rank[one.group])))


def _left(group: Group) -> int:
    """How many members a group can lose, negative where it needs more than it has."""
    return -1 if group.fault else group.spare


def _newly_broken(before: Picture, after: Picture) -> list[Link]:
    known = {_named(before, link) for link in before.broken}
    return [link for link in after.broken if _named(after, link) not in known]


def _named(picture: Picture, link: Link) -> tuple[str, str, str]:
    return picture.uids[link.source], link.type, picture.uids[link.target]
