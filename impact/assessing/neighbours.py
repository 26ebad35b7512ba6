"""Neighbours: the conflicts of a change with other changes that are done at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cmdb.harm import State
from cmdb.model import RelationId
from cmdb.operations import Target
from cmdb.words import listed
from impact.arrays.ranges import Numbers
from impact.assessing.beside import Alteration, Beside, Footing, by_importance, touched_by
from impact.assessing.conflict import Conflict, Reason, conflict, named
from impact.assessing.joining import SWEEPS_AT_MOST, Joint, joint_harm
from impact.assessing.windows import Limit
from impact.context import Moment
from impact.picture import Picture
from impact.wording import HURT, VERBS


class Near(NamedTuple):
    """Another change at the same time, and everything that it touches."""

    change: Beside
    touched: Numbers


def near(picture: Picture, own: Beside, others: Iterable[Beside]) -> list[Near]:
    """Those of other changes that are done at the same time, in order of their keys."""
    found = [one for one in others if one.place != own.place and one.overlaps(own)]
    ordered = sorted(found, key=lambda one: int(picture.rank[one.place]))
    return [Near(one, touched_by(picture, one.steps)) for one in ordered]


def beside_each_other(footing: Footing, own: Beside, others: Sequence[Near]) -> Iterator[Conflict]:
    """The conflicts with each of the others alone."""
    picture = footing.picture
    for other in others:
        change = other.change
        shared = [place for place in picture.in_order(other.touched.tolist()) if place in footing.touches]
        if shared:
            yield _with(picture, own, change, "same_item", f"both touch {named(picture, shared)}")
        else:
            yield from _in_reach(footing, own, other)
        if own.implementer is not None and own.implementer == change.implementer:
            yield _with(picture, own, change, "implementer", f"{own.implementer} does both")
        both = own.alters & change.alters
        if both:
            told = f"the plans of both alter {_attributes(picture, both)}"
            yield _with(picture, own, change, "same_attribute", told)


def together_worse(
    picture: Picture, own: Beside, others: Sequence[Beside], when: Moment
) -> tuple[list[Conflict], list[Limit]]:
    """The smallest sets of others with which a change does what it does with none of fewer.

    Parameters
    ----------
    others
        Those that could add to what the change does.
    """
    by_name = {other.work.name: other for other in others}
    joined = joint_harm(picture, own.work, [other.work for other in others], when)
    found = [_joint(picture, own, [by_name[name] for name in one.others], one) for one in joined.found]
    told = f"not every combination of changes was tried: more than {SWEEPS_AT_MOST:,} would have been needed"
    return found, [] if joined.is_whole else [Limit(None, told)]


def could_add(footing: Footing, other: Near) -> bool:
    """Whether another change could do harm where this one does."""
    return any(np.any(marks[other.touched]) for marks in (footing.beside, footing.reach, footing.above))


def _in_reach(footing: Footing, own: Beside, other: Near) -> Iterator[Conflict]:
    picture = footing.picture
    services = footing.shares(other.touched)
    if services:
        told = f"both reach {named(picture, services)}"
    elif np.any(footing.reach[other.touched]):
        there = other.touched[footing.reach[other.touched]]
        told = f"{named(picture, picture.in_order(there.tolist()))} could be hurt by this one"
    elif np.any(footing.above[other.touched]):
        there = other.touched[footing.above[other.touched]]
        told = f"{named(picture, picture.in_order(there.tolist()))} could hurt what this one touches"
    else:
        return
    yield _with(picture, own, other.change, "reach", told, services=services)


def _with(  # noqa: PLR0913  a row as it is shown
    picture: Picture,
    own: Beside,
    other: Beside,
    reason: Reason,
    because: str,
    *,
    services: Sequence[int] = (),
) -> Conflict:
    detail = f"{other.doing}, {_when(own, other)}; {because}"
    return conflict(picture, reason, [other.place], detail, services=services, owners=[other.implementer])


def _when(own: Beside, other: Beside) -> str:
    return own.period(other.work.starts, other.work.ends)


def _joint(picture: Picture, own: Beside, others: Sequence[Beside], found: Joint) -> Conflict:
    outcome = _outcome(picture, found.services)
    if len(others) == 1:
        detail = f"{others[0].doing}, {_when(own, others[0])}; together {outcome}"
    else:
        detail = f"at the same time as this one; only all together {outcome}"
    places = [other.place for other in others]
    services = by_importance(picture, [*found.services])
    owners = [one.implementer for one in others]
    return conflict(picture, "joint_harm", places, detail, services=services, owners=owners)


def _outcome(picture: Picture, services: Mapping[int, tuple[State, State]]) -> str:
    """What becomes of services, the worst first: “Checkout goes out, and Loyalty is degraded”."""
    parts = []
    for state in HURT:
        alike = [place for place, (_, worst) in services.items() if worst == state]
        one, many = VERBS[state]
        if alike:
            alike = by_importance(picture, alike)
            parts.append(f"{named(picture, alike)} {one if len(alike) == 1 else many}")
    return listed(parts)


def _attributes(picture: Picture, alterations: Iterable[Alteration]) -> str:
    return listed(sorted(_attribute(picture, *one) for one in alterations))


def _attribute(picture: Picture, target: Target, field: str) -> str:
    what = _target(picture, target)
    return f"{field.replace('_', ' ')} of {what}" if field else f"whether {what}"


def _target(picture: Picture, target: Target) -> str:
    if isinstance(target, RelationId):
        ends = (_target(picture, uid) for uid in (target.source, target.target))
        return picture.vocabulary.sentence(next(ends), target.type, next(ends))
    place = picture.number_of_uid(target)
    return "an item that is only planned" if place is None else picture.name(place)
