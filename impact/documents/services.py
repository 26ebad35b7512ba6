"""The document of somebody's services: how each is, what redundancy is left, what takes it out alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np

from cmdb.harm import State
from impact.answer import Answer, ask
from impact.candidates import RELATION
from impact.context import Moment
from impact.critical import Critical, critical
from impact.documents.brief import Document, brief, head
from impact.documents.critical import untried
from impact.documents.fixes import FixWriter
from impact.documents.item import ending, standing_part
from impact.documents.people import contact
from impact.endings import Ending, expiring
from impact.fixes import fixes
from impact.owning import owner_of, owners_of, whose_owner
from impact.picture import Picture
from impact.reach import Reach, upstream
from impact.rules import rules
from impact.wording import HURT, STATE_WORDS, count

CONFIRMED = 3
"""How many relations are told that are worth confirming."""


def services_of(picture: Picture, owner: str | None) -> list[int]:
    """The live services of an owner, by number; of all, if none is named."""
    mine = picture.services
    if owner is not None:
        mine = mine & whose_owner(picture, lambda one: one == owner)
    found: list[int] = np.flatnonzero(mine).tolist()
    return found


def owners_of_services(picture: Picture) -> list[Document]:
    """Everybody who owns a live service, by name, with how many; last, how many nobody owns."""
    number = Counter(owners_of(picture, np.flatnonzero(picture.services).astype(np.int32)))
    rows = [{**owner_row(picture, owner), "services": total} for owner, total in number.items()]
    return sorted(rows, key=lambda row: (row["key"] is None, row["name"].casefold(), row["key"] or ""))


def owner_row(picture: Picture, owner: str | None) -> Document:
    """An owner by key and name, with how to reach them."""
    who = contact(picture, owner)
    return {"key": who.key, "name": who.name, "on_call": who.on_call}


def services_document(picture: Picture, owner: str | None, part: slice, view: str, when: Moment) -> Document:
    """Write out how somebody's services are.

    Parameters
    ----------
    owner
        Whose; everybody's by default.
    part
        Which rows to write out, of those in order: worst state, tier, key.
    """
    answer, places = ask(picture, {}, when), services_of(picture, owner)
    states = answer.before.states
    places.sort(key=lambda place: (-int(states[place]), picture.weight(place), int(picture.rank[place])))
    ends = expiring(picture, upstream(picture, places), when.at)
    found = critical(picture, places[part])
    whose = None if owner is None else owner_row(picture, owner)
    return {
        **head(picture, view, when.at),
        "owner": whose,
        "detail": _sentence(answer, whose["name"] if whose else "Everybody", places, ends),
        "counts": {
            "services": len(places),
            **{state.word: int(np.count_nonzero(states[places] == state)) for state in HURT},
            "expiring": len(ends),
            "expired": _over(ends, when),
        },
        "soon_days": rules().expiry.soon_days,
        "total": len(places),
        "items": [_row(answer, found, place) for place in places[part]],
        "owners": owners_of_services(picture),
        "limits": untried(found),
    }


def worth_confirming(picture: Picture, owner: str, at: datetime, into: str | None) -> list[Document]:
    """The relations among what somebody's services need whose confirmation moves most answers.

    Parameters
    ----------
    into
        The plan that the commands write into, if one is.
    """
    needed = upstream(picture, services_of(picture, owner)).marks(len(picture))
    found = fixes(picture, at, needed, (RELATION,), inside=True)
    write = FixWriter(picture, into)
    return [write.row(one) for one in found.found[:CONFIRMED]]


def _row(answer: Answer, found: Critical, place: int) -> Document:
    picture, points = answer.picture, found.points[place]
    reach = upstream(picture, [place])
    ends = expiring(picture, reach, answer.when.at)
    return {
        **brief(picture, place),
        "tier": picture.tier(place),
        "owner": owner_of(picture, place),
        "state": State(answer.before.state[place]).word,
        "weakest": _weakest(answer, found, reach),
        "points": len(points),
        "first_points": [brief(picture, point) for point in points[:3]],
        "expires": ending(picture, ends[0], answer.when.at) if ends else None,
        "expiring": len(ends),
    }


def _weakest(answer: Answer, found: Critical, reach: Reach) -> Document | None:
    """Of the groups on the way to an item the one that can lose least; one without real redundancy first."""
    picture = answer.picture
    groups = reach.places[picture.groups.index[reach.places] >= 0]
    if not len(groups):
        return None
    margins = {group: one.margin for group, one in answer.standings(np.unique(groups)).items()}
    group = min(
        margins,
        key=lambda one: (
            margins[one],
            one not in found.shared,
            picture.weight(one),
            reach[one],
            int(picture.rank[one]),
        ),
    )
    shared = found.shared.get(group, ())
    return {
        **brief(picture, group),
        **standing_part(answer, [group])[group],
        "hangs_on": brief(picture, shared[0]) if shared else None,
    }


def _sentence(answer: Answer, who: str, places: Sequence[int], ends: Sequence[Ending]) -> str:
    """How they are, in one line."""
    if not places:
        return f"{who} owns no live service." if who != "Everybody" else "No live service is known."
    said = [count(len(places), "service"), *_hurt(answer, places), *_expire(ends, answer.when)]
    return f"{who}: {', '.join(said)}."


def _hurt(answer: Answer, places: Sequence[int]) -> Iterator[str]:
    states = answer.before.states[np.array(places, np.int32)]
    numbers = {state: int(np.count_nonzero(states == state)) for state in HURT}
    for state, number in numbers.items():
        if number:
            yield count(number, STATE_WORDS[state], STATE_WORDS[state])
    if not any(numbers.values()):
        yield "no harm known"


def _expire(ends: Sequence[Ending], when: Moment) -> Iterator[str]:
    within, over = f"within {rules().expiry.soon_days} days", _over(ends, when)
    if over:
        yield count(over, "thing has expired", "things have expired")
    if len(ends) > over:
        yield f"{count(len(ends) - over, 'thing expires', 'things expire')} {within}"
    if not ends:
        yield f"nothing expires {within}"


def _over(ends: Sequence[Ending], when: Moment) -> int:
    """How much of what expires soon has expired already."""
    return sum(1 for one in ends if one.at <= when.at)
