"""The document of what is wrong now: open records, and what is hurt whatever fails next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cmdb.harm import State
from cmdb.words import listed
from impact.answer import Answer, ask
from impact.arrays.ranges import Numbers64
from impact.context import Moment, open_among, told_by
from impact.documents.brief import Document, brief, head
from impact.picture import Picture
from impact.rules import rules
from impact.wording import HURT, STATE_WORDS, capital, count, names_of, plural

WRITTEN = 50
"""How many records, and how many items that are hurt, are written out."""


def now_document(picture: Picture, view: str, when: Moment) -> Document:
    """Write out what is wrong at an instant: services first, the worst first."""
    answer, records = ask(picture, {}, when), list(open_among(picture, _records(picture), when))
    hurt = sorted(answer.already, key=lambda place: not picture.services[place])
    services = np.flatnonzero(picture.services)
    telling = _telling(picture, records)
    return {
        **head(picture, view, when.at),
        "detail": f"{_open(picture, records)} {_hurt(answer, hurt)}",
        "records": [_record(picture, place) for place in records[:WRITTEN]],
        "records_total": len(records),
        "hurt": [_row(answer, place, telling.get(place, ())) for place in hurt[:WRITTEN]],
        "counts": _counts(answer, np.flatnonzero(answer.before.states)),
        "services": {"total": len(services), **_counts(answer, services)},
    }


def _records(picture: Picture) -> list[int]:
    """Everything of a class that may say of something how it is, whether it says so or not."""
    codes = [picture.codes.class_code[name] for name in _kinds(picture)]
    found: list[int] = np.flatnonzero(np.isin(picture.classes, codes)).tolist()
    return found


def _kinds(picture: Picture) -> list[str]:
    """The classes of such records."""
    kinds = [one for one in picture.vocabulary.relations.values() if one.tells]
    return [name for kind in kinds for name in kind.source if name in picture.vocabulary.classes]


def _telling(picture: Picture, records: Sequence[int]) -> Mapping[int, list[int]]:
    """By item, the open records that say it is hurt."""
    found: dict[int, list[int]] = {}
    for record in records:
        for place, _ in told_by(picture, record):
            found.setdefault(place, []).append(record)
    return found


def _counts(answer: Answer, places: Numbers64) -> dict[str, int]:
    states = answer.before.states[places]
    return {state.word: int(np.count_nonzero(states == state)) for state in HURT}


def _record(picture: Picture, record: int) -> Document:
    fields = picture.attributes(record)
    return {
        **brief(picture, record),
        "priority": fields.get("priority"),
        "opened_at": fields.get("opened_at"),
        "hits": [{**brief(picture, place), "state": state.word} for place, state in told_by(picture, record)],
    }


def _row(answer: Answer, place: int, records: Sequence[int]) -> Document:
    picture = answer.picture
    status = picture.status(place)
    reasons = [*map(picture.name, records), *([f"in {status}"] if status in rules().status.out else [])]
    return {
        **brief(picture, place),
        "tier": picture.tier(place),
        "service": picture.is_service(place),
        "state": State(answer.before.state[place]).word,
        "because": listed(reasons),
    }


def _open(picture: Picture, records: Sequence[int]) -> str:
    """How many records are open; what kind they are is for the vocabulary to say."""
    if records:
        labels = {picture.vocabulary.classes[picture.class_name(one)].label for one in records}
        label = labels.pop() if len(labels) == 1 else "record"
        return capital(count(len(records), f"{label} is open", f"{plural(label)} are open")) + "."
    kinds = _kinds(picture)
    return f"No open {picture.vocabulary.classes[kinds[0]].label if kinds else 'record'}."


def _hurt(answer: Answer, hurt: Sequence[int]) -> str:
    """Which services are hurt: the worst by name, the others by their number."""
    services = [place for place in hurt if answer.picture.services[place]]
    if not services:
        return "No service is hurt." if hurt else "Nothing is hurt."
    alike = {state: [one for one in services if answer.before.state[one] == state] for state in HURT}
    (worst, *others) = [(state, places) for state, places in alike.items() if places]
    said = [_are(names_of(answer.picture, worst[1]), len(worst[1]), worst[0])]
    said += [_are(f"{len(places):,}", len(places), state) for state, places in others]
    return f"{capital(listed(said))}."


def _are(who: str, number: int, state: State) -> str:
    return f"{who} {'is' if number == 1 else 'are'} {STATE_WORDS[state]}"
