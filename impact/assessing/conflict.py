"""A conflict: what stands against doing a change when it is planned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from cmdb.words import listed
from impact.assessing.runs import TIERS
from impact.assessing.saying import NAMED
from impact.owning import owner_of
from impact.picture import Picture

Reason = Literal[
    "joint_harm",
    "same_item",
    "freeze",
    "open_incident",
    "outside_window",
    "milestone",
    "implementer",
    "same_attribute",
    "reach",
]

ORDER: tuple[Reason, ...] = get_args(Reason)
"""What matters most comes first."""


class Conflict(NamedTuple):
    """What stands against doing a change when it is planned.

    Attributes
    ----------
    reason
        What kind of conflict it is.
    places
        What it is in conflict with, by number; several changes where only all of them together do harm.
    counterpart, owner
        Their keys, and whoever answers for them.
    detail
        What stands against it, in a sentence without a full stop that follows the counterpart.
    services
        The services concerned, by number, the most important first.
    """

    reason: Reason
    places: tuple[int, ...]
    counterpart: str
    owner: str | None
    detail: str
    services: tuple[int, ...] = ()


def conflict(  # noqa: PLR0913  a row as it is shown
    picture: Picture,
    reason: Reason,
    places: Sequence[int],
    detail: str,
    *,
    services: Sequence[int] = (),
    owners: Sequence[str | None] = (),
) -> Conflict:
    """A conflict with some items, which are named, and whose owners are found.

    Parameters
    ----------
    owners
        Who answers for each where the graph does not know.
    """
    others = [*owners, *[None] * (len(places) - len(owners))]
    told = [owner_of(picture, place) or other for place, other in zip(places, others, strict=False)]
    keys = ", ".join(picture.keys[place] for place in places)
    owner = ", ".join(dict.fromkeys(filter(None, told))) or None
    return Conflict(reason, tuple(places), keys, owner, detail, tuple(services))


def in_order(picture: Picture, found: Sequence[Conflict]) -> list[Conflict]:
    """Conflicts by what matters most: the reason, the services concerned, the counterpart."""

    def order(one: Conflict) -> tuple[int, int, list[int]]:
        tier = picture.weight(one.services[0]) if one.services else len(TIERS) + 1
        return ORDER.index(one.reason), tier, [int(picture.rank[place]) for place in one.places]

    return sorted(found, key=order)


def named(picture: Picture, places: Sequence[int]) -> str:
    """Some items as a sentence names them: the first by name, then how many more."""
    first = [picture.name(place) for place in places[: NAMED + 1]]
    return listed([*first, *[""] * (len(places) - len(first))], NAMED)
