"""The impact document: an answer as plain data, the same bytes for the same question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from cmdb.harm import State
from impact.answer import Answer
from impact.coverage import Coverage, coverage
from impact.documents.brief import Document, brief, head, reason, relation
from impact.picture import Picture
from impact.rules import rules
from impact.wording import coverage_sentence, headline, not_live_sentence, standing_sentence


def impact_document(
    answer: Answer, view: str, last_seen: Mapping[str, str], *, stale: bool = False
) -> Document:
    """Write an answer out.

    Parameters
    ----------
    view
        The view asked of, in its normal form.
    last_seen
        By relation uid, when a source last saw it.
    stale
        Whether the store was away, so that newer revisions may exist.
    """
    picture = answer.picture
    covered = coverage(picture, answer.when.at, last_seen)
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
        "unmapped": [brief(picture, place) for place in covered.unmapped],
        "coverage": coverage_part(covered),
        "faults": [
            reason(picture, place, group.fault)
            for place, group in sorted(picture.groups.items())
            if group.fault
        ],
        "broken": broken_rows(picture),
        "limits": [
            reason(picture, place, not_live_sentence(picture, place))
            for place in sorted(answer.causes)
            if not picture.active[place]
        ],
        "redacted": False,
        "stale": stale,
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


def broken_rows(picture: Picture) -> list[Document]:
    """Live items that rest on something that is not live."""
    return [
        reason(
            picture,
            picture.number[one.source],
            f"{picture.sentence(one)}, which is {picture.status(picture.number[one.target])}",
        )
        for one in picture.broken
    ]


def coverage_part(covered: Coverage) -> Document:
    """How much of the estate an answer can rest on."""
    return {
        "cis": covered.cis,
        "reach_service": covered.reach_service,
        "unmapped": len(covered.unmapped),
        "relations": covered.relations,
        "stale_relations": covered.stale_relations,
        "detail": coverage_sentence(covered, rules().evidence.stale_days),
    }


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
    uid = picture.graph.uid_of.get(owner)
    if uid is None:
        return {"owner": owner, "name": owner, "on_call": None}
    item = picture.graph.items[uid]
    return {"owner": owner, "name": item.name, "on_call": item.attributes.get("on_call")}
