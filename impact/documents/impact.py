"""The impact document: an answer as plain data, the same bytes for the same question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import numpy as np

from cmdb.harm import State
from impact.answer import Answer, Standing
from impact.documents.brief import Document, brief, head, reason
from impact.documents.data import data_part
from impact.documents.rows import FIELDS, affected_rows, already_rows, check_fields
from impact.picture import Picture
from impact.wording import headline, not_live_sentence, standing_sentence


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
        "absorbed": [_absorbed(picture, place, standing) for place, standing in answer.absorbed.items()],
        "counts": _counts(answer),
        "services": [by_place[place] for place in answer.services],
        "call": whom_to_call(answer),
        **data_part(picture, answer.when.at),
        "limits": [
            reason(picture, place, not_live_sentence(picture, place))
            for place in picture.in_order(answer.causes)
            if not picture.active[place]
        ],
    }


def whom_to_call(answer: Answer) -> list[Document]:
    """Who answers for the services hit, those of the worst hit first, with how to reach them."""
    called: dict[str, list[str]] = defaultdict(list)
    for place in answer.services:
        called[answer.picture.owner(place) or ""].append(answer.picture.keys[place])
    return [{**_contact(answer.picture, owner), "services": keys} for owner, keys in called.items()]


def _cause(answer: Answer, place: int) -> Document:
    return {**brief(answer.picture, place), "state": answer.causes[place].word}


def _absorbed(picture: Picture, place: int, standing: Standing) -> Document:
    return {
        **brief(picture, place),
        "needs": standing.needs,
        "members": standing.members,
        "up": standing.up,
        "margin": standing.margin,
        "detail": standing_sentence(standing),
    }


def _counts(answer: Answer) -> dict[str, int]:
    number = np.bincount(answer.harm.states[np.array(answer.affected, np.int32)], minlength=len(State))
    return {state.word: int(number[state]) for state in (State.OUT, State.DEGRADED, State.AT_RISK)}


def _contact(picture: Picture, owner: str) -> Document:
    if not owner:
        return {"owner": None, "name": "no owner known", "on_call": None}
    place = picture.number(owner)
    if place is None:
        return {"owner": owner, "name": owner, "on_call": None}
    return {
        "owner": owner,
        "name": picture.names[place],
        "on_call": picture.attributes(place).get("on_call"),
    }
