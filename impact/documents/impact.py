"""The impact document: an answer as plain data, the same bytes for the same question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import numpy as np

from cmdb.harm import State
from impact.answer import Answer
from impact.documents.brief import Document, brief, head, reason
from impact.documents.data import touched_part
from impact.documents.people import contact
from impact.documents.rows import FIELDS, affected_rows, already_rows, check_fields, standing_rows
from impact.owning import owners_of
from impact.picture import Picture
from impact.wording import headline, not_live_sentence


def impact_document(answer: Answer, view: str, fields: Collection[str] = FIELDS) -> Document:
    """Write an answer out.

    Parameters
    ----------
    view
        The view asked of, in its normal form.
    fields
        What is told of each item.

    Raises
    ------
    WrongUsage
        If there is no such field.
    """
    check_fields(fields)
    picture = answer.picture
    affected = affected_rows(answer, fields)
    by_place = dict(zip(answer.affected, affected, strict=True)) if answer.services else {}
    return {
        **head(picture, view, answer.when.at),
        "detail": headline(answer),
        "causes": [_cause(answer, place) for place in picture.in_order(answer.causes)],
        "affected": affected,
        "already": already_rows(answer, fields),
        "absorbed": standing_rows(picture, answer.absorbed),
        "counts": _counts(answer),
        "services": [by_place[place] for place in answer.services],
        "call": whom_to_call(answer),
        **touched_part(answer),
        "limits": [
            reason(picture, place, not_live_sentence(picture, place))
            for place in picture.in_order(answer.causes)
            if not picture.active[place]
        ],
    }


def whom_to_call(answer: Answer) -> list[Document]:
    """Who answers for the services hit, those of the worst hit first, with how to reach them."""
    picture, places = answer.picture, np.array(answer.services, np.int32)
    called: dict[str | None, list[str]] = defaultdict(list)
    for owner, key in zip(owners_of(picture, places), picture.keys.some(places), strict=True):
        called[owner].append(key)
    return [{**_contact(picture, owner), "services": keys} for owner, keys in called.items()]


def _cause(answer: Answer, place: int) -> Document:
    return {**brief(answer.picture, place), "state": answer.causes[place].word}


def _counts(answer: Answer) -> dict[str, int]:
    number = np.bincount(answer.harm.states[np.array(answer.affected, np.int32)], minlength=len(State))
    return {state.word: int(number[state]) for state in (State.OUT, State.DEGRADED, State.AT_RISK)}


def _contact(picture: Picture, owner: str | None) -> Document:
    who = contact(picture, owner)
    return {"owner": who.key, "name": who.name, "on_call": who.on_call}
