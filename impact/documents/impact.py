"""The impact document: an answer as plain data, the same bytes for the same question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from cmdb.harm import State
from impact.answer import Answer
from impact.documents.brief import Document, brief, head, owner_item, reason, relation
from impact.documents.data import data_part
from impact.picture import Picture
from impact.wording import headline, not_live_sentence, standing_sentence


def impact_document(answer: Answer, view: str, last_seen: Mapping[str, str]) -> Document:
    """Write an answer out.

    Parameters
    ----------
    view
        The view asked of, in its normal form.
    last_seen
        By relation uid, when a source last saw it.
    """
    picture = answer.picture
    affected = [affected_row(answer, place) for place in answer.affected]
    return {
        **head(picture, view, answer.when.at),
        "detail": headline(answer),
        "causes": [_cause(answer, place) for place in sorted(answer.causes)],
        "affected": affected,
        "already": [_already(answer, place) for place in answer.already],
        "absorbed": [_absorbed(answer, place) for place in answer.absorbed],
        "counts": _counts(answer),
        "services": [
            row for row, place in zip(affected, answer.affected, strict=True) if picture.is_service(place)
        ],
        "call": whom_to_call(answer),
        **data_part(picture, answer.when.at, last_seen),
        "limits": [
            reason(picture, place, not_live_sentence(picture, place))
            for place in sorted(answer.causes)
            if not picture.active[place]
        ],
    }


def affected_row(answer: Answer, place: int) -> Document:
    """One line of what is hit."""
    return {
        **brief(answer.picture, place),
        "state": State(answer.harm.state[place]).word,
        "before": State(answer.before.state[place]).word,
        "distance": answer.harm.distance[place],
        "tier": answer.picture.tier(place),
        "tipped_by": relation(answer.picture, answer.tipped_by(place).relation),
    }


def whom_to_call(answer: Answer) -> list[Document]:
    """Who answers for the services hit, those of the worst hit first, with how to reach them."""
    called: dict[str, list[str]] = defaultdict(list)
    for place in answer.affected:
        owner = answer.picture.items[place].attributes.get("owner")
        if answer.picture.is_service(place):
            called[str(owner or "")].append(answer.picture.items[place].key)
    return [{**_contact(answer.picture, owner), "services": keys} for owner, keys in called.items()]


def _cause(answer: Answer, place: int) -> Document:
    return {**brief(answer.picture, place), "state": answer.causes[place].word}


def _already(answer: Answer, place: int) -> Document:
    return {
        **brief(answer.picture, place),
        "state": State(answer.before.state[place]).word,
        "alone": State(answer.alone.state[place]).word,
    }


def _absorbed(answer: Answer, place: int) -> Document:
    standing = answer.standing(place)
    return {
        **brief(answer.picture, place),
        "needs": standing.needs,
        "members": standing.members,
        "up": standing.up,
        "margin": standing.margin,
        "detail": standing_sentence(standing),
    }


def _counts(answer: Answer) -> dict[str, int]:
    states = [answer.harm.state[place] for place in answer.affected]
    return {state.word: states.count(state) for state in (State.OUT, State.DEGRADED, State.AT_RISK)}


def _contact(picture: Picture, owner: str) -> Document:
    if not owner:
        return {"owner": None, "name": "no owner known", "on_call": None}
    item = owner_item(picture, owner)
    if item is None:
        return {"owner": owner, "name": owner, "on_call": None}
    return {"owner": owner, "name": item.name, "on_call": item.attributes.get("on_call")}
