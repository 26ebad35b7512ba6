"""What is told of one item beside its attributes: its state, its people, what ends, its relations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np

from cmdb.harm import State
from cmdb.model import STATUS
from cmdb.values import instant, moment
from impact.answer import Answer, ask
from impact.context import Moment, context
from impact.coverage import is_stale
from impact.documents.brief import Document, brief
from impact.documents.brief import relation as keys_of
from impact.documents.explanation import explanation_document
from impact.documents.people import contact
from impact.endings import UNTIL, Ending, coming
from impact.explain import explain
from impact.owning import OWNER, owner_of
from impact.picture import Link, Picture
from impact.reach import upstream
from impact.rules import rules
from impact.wording import ago, capital, standing_sentence, until

PEOPLE = (OWNER, "support_group", "change_group")
"""The fields that name who stands behind an item."""

ENDINGS = 100
"""How many endings are written out."""


def item_part(picture: Picture, place: int, when: Moment) -> Document:
    """What is told of an item itself, at an instant."""
    answer = ask(picture, {}, when)
    ends = coming(picture, upstream(picture, [place])) if picture.active[place] else []
    return {
        "at": instant(when.at),
        "tier": picture.tier(place),
        "status": picture.status(place),
        "live": bool(picture.active[place]),
        "ci": picture.is_ci(place),
        "service": picture.is_service(place),
        "state": State(answer.before.state[place]).word,
        "because": _because(answer, place),
        "group": standing_part(answer, [place]).get(place),
        "people": list(_people(picture, place)),
        "coming": [ending(picture, one, when.at) for one in ends[:ENDINGS]],
        "coming_total": len(ends),
    }


def relation_rows(picture: Picture, place: int, when: Moment) -> list[Document]:
    """The relations of an item, as read from it: in words, how each matters, how old it is."""
    answer, links = ask(picture, {}, when), picture.relations_at(place)
    others = [link.target if link.source == place else link.source for link in links]
    standings = standing_part(answer, others)
    return [
        {
            **keys_of(picture, link),
            "words": picture.words(link, place),
            "other": {**_other(answer, other), "group": standings.get(other)},
            **_harm(picture, link, place),
            **_evidence(picture, link, when.at),
        }
        for link, other in zip(links, others, strict=True)
    ]


def standing_part(answer: Answer, places: Sequence[int]) -> dict[int, Document]:
    """By number, how those of some items stand that are groups."""
    picture = answer.picture
    groups = np.unique(np.array([place for place in places if picture.is_group(place)], np.int32))
    found = {}
    for group, one in answer.standings(groups).items() if len(groups) else ():
        fault = picture.group(group).fault
        detail = f"{fault}: data fault" if fault else standing_sentence(one)
        found[group] = {**one._asdict(), "margin": one.margin, "detail": detail}
    return found


def ending(picture: Picture, one: Ending, now: datetime) -> Document:
    """Something that ends, with when that is in words."""
    return {
        **brief(picture, one.place),
        "field": one.field,
        "at": instant(one.at),
        "soon": one.is_soon(now),
        "words": until(one.at, now),
        "detail": _ending(picture, one, now),
    }


def _ending(picture: Picture, one: Ending, now: datetime) -> str:
    name, when, over = picture.name(one.place), until(one.at, now), one.at <= now
    if one.field == UNTIL:
        return (
            f"{capital(picture.status(one.place))} of {name} {'was to end' if over else 'is to end'} {when}"
        )
    return f"{name} {'expired' if over else 'expires'} {when}"


def _because(answer: Answer, place: int) -> str | None:
    """Why an item is hurt today, in a sentence; `None` if no harm is known."""
    picture, when = answer.picture, answer.when
    if not answer.before.state[place]:
        return None
    causes = context(picture, when)
    if place in causes:
        return None
    found = ask(picture, causes, when)
    why = explain(found, place)
    told: str = explanation_document(found, why, "")["detail"]
    last = why.because.last if why.because and not why.because.members else None
    if last is None or picture.value(STATUS, last) not in rules().status.out:
        return told
    return f"{told.removesuffix('.')}, which is in {picture.status(last)}."


def _people(picture: Picture, place: int) -> Iterator[Document]:
    fields = {**picture.attributes(place), OWNER: owner_of(picture, place)}
    for role in PEOPLE:
        if fields.get(role):
            who = contact(picture, str(fields[role]))
            yield {"role": role, "key": who.key, "known": who.known, "name": who.name, "on_call": who.on_call}


def _other(answer: Answer, place: int) -> Document:
    picture = answer.picture
    return {
        **brief(picture, place),
        "tier": picture.tier(place),
        "service": picture.is_service(place),
        "live": bool(picture.active[place]),
        "status": picture.status(place),
        "state": State(answer.before.state[place]).word,
    }


def _harm(picture: Picture, link: Link, place: int) -> Document:
    """Whether harm comes along a relation to this item, and whether it leaves over it."""
    kind = picture.vocabulary.relations[link.type]
    here, there = (
        (kind.to_source, kind.to_target) if link.source == place else (kind.to_target, kind.to_source)
    )
    return {"carries_harm": kind.carries, "needs": here != "none", "is_needed": there != "none"}


def _evidence(picture: Picture, link: Link, now: datetime) -> Document:
    newest, fields = picture.evidence(link), picture.relation(link).attributes
    verified = fields.get("verified_at")
    if isinstance(verified, str) and newest is not None and moment(verified) >= newest:
        by = f" by {fields['verified_by']}" if fields.get("verified_by") else ""
        words = f"verified {ago(moment(verified), now)}{by}"
    else:
        words = f"seen {ago(newest, now)}" if newest else "never seen"
    return {
        "last_seen": instant(newest) if newest else None,
        "evidence": words,
        "stale": is_stale(picture, link, now),
    }
