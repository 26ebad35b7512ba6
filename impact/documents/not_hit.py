"""The document of what is not hit: which services, and why not."""

from __future__ import annotations

from collections.abc import Sequence

from cmdb.harm import State
from impact.answer import Answer
from impact.documents.brief import Document, brief, head
from impact.explain import explain
from impact.wording import capital, count


def not_hit_document(answer: Answer, places: Sequence[int], part: slice, view: str) -> Document:
    """Items that the causes do not hit, each with its first reason.

    Parameters
    ----------
    places
        All of them, in order.
    part
        Which of them are written out.
    """
    services = capital(count(len(places), "service is", "services are"))
    return {
        **head(answer.picture, view, answer.when.at),
        "detail": f"{services} not hit.",
        "total": len(places),
        "items": [_row(answer, place) for place in places[part]],
    }


def _row(answer: Answer, place: int) -> Document:
    why = explain(answer, place).reasons[0]
    return {
        **brief(answer.picture, place),
        "tier": answer.picture.tier(place),
        "state": State(answer.harm.state[place]).word,
        "verdict": why.verdict,
        "detail": why.sentence,
    }
