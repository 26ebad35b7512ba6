"""The document of an assessment: what a change does in three runs, what that is called, what is weaker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from cmdb.harm import State
from impact.answer import Answer
from impact.assessing.advising import Advice, advice
from impact.assessing.altering import Altered
from impact.assessing.assessment import Assessment
from impact.assessing.conflicts import Conflicts
from impact.assessing.exposing import exposed
from impact.assessing.likelihood import likelihoods
from impact.assessing.runs import Run
from impact.documents.brief import Document, brief, briefs, relation
from impact.documents.impact import impact_document
from impact.documents.people import Contact, contact
from impact.owning import owners_of
from impact.picture import Picture
from impact.wording import VERBS, capital, count, names_of

POINTS = 10
"""How many single points of failure of a service are written out."""


def assessment_document(assessment: Assessment, view: str) -> Document:
    """Write out what a change does.

    Parameters
    ----------
    view
        The view that the change is done to.
    """
    runs, picture = assessment.runs, assessment.picture
    return {
        "detail": headline(assessment),
        "planned": _run(runs.planned, view),
        "credible": _run(runs.credible, view),
        "worst": _run(runs.worst, view),
        "services": _services(assessment),
        "impact_band": assessment.impact.words,
        "unknown": {
            "unmapped": [brief(picture, place) for place in assessment.impact.unmapped],
            "unregistered": list(assessment.impact.unregistered),
        },
        "exposed": _exposed(assessment),
        "advice": [_advice(assessment, one) for one in advice(assessment)],
    }


def headline(assessment: Assessment) -> str:
    """The assessment as one or two sentences: what goes wrong if a step fails, and what is not known."""
    run, picture = assessment.runs.credible, assessment.picture
    return " ".join(filter(None, (_loss(picture, run), _not_known(assessment))))


def _loss(picture: Picture, run: Run) -> str:
    step = "it" if run.step is None else f"step {run.step + 1}"
    return f"{_worst_hit(picture, run) or 'No service is hit'} if {step} fails."


def _worst_hit(picture: Picture, run: Run) -> str:
    """What becomes of the services that are hit worst; nothing if none is hit."""
    services, states = run.answer.services, run.answer.harm.state
    if not services:
        return ""
    worst = State(states[services[0]])
    alike = [place for place in services if states[place] == worst]
    one, many = VERBS[worst]
    return f"{names_of(picture, alike)} {one if len(alike) == 1 else many}"


def _not_known(assessment: Assessment) -> str:
    number = len(assessment.impact.unmapped) + len(assessment.impact.unregistered)
    if not number:
        return ""
    them = "it touches leads" if number == 1 else "it touches lead"
    return f"{capital(count(number, 'thing'))} {them} to no service on the map: what that hits is unknown."


def _run(run: Run, view: str) -> Document:
    return {
        **impact_document(run.answer, view),
        "step": None if run.step is None else run.step + 1,
    }


def _services(assessment: Assessment) -> list[Document]:
    """Every service that any run hits, by tier, then as badly as it gets, with its state in each."""
    picture, runs = assessment.picture, assessment.runs
    named = {"planned": runs.planned.answer, "credible": runs.credible.answer, "worst": runs.worst.answer}
    places = {place for answer in named.values() for place in answer.services}
    order = sorted(places, key=lambda place: _rank(picture, named.values(), place))
    owners = owners_of(picture, np.array(order, np.int32))
    known = {owner: contact(picture, owner) for owner in set(owners)}
    rows = zip(order, owners, strict=True)
    return [_service(picture, named, place, known[owner]) for place, owner in rows]


def _rank(picture: Picture, answers: Iterable[Answer], place: int) -> tuple[int, ...]:
    states = [-int(answer.harm.state[place]) for answer in answers]
    return picture.weight(place), states[1], states[2], states[0], int(picture.rank[place])


def _service(picture: Picture, named: Mapping[str, Answer], place: int, who: Contact) -> Document:
    fields = picture.attributes(place)
    return {
        **brief(picture, place),
        "tier": picture.tier(place),
        "users": fields.get("users"),
        "users_unit": fields.get("users_unit"),
        "owner": who.key,
        "on_call": who.on_call,
        **{name: State(answer.harm.state[place]).word for name, answer in named.items()},
    }


def _exposed(assessment: Assessment) -> list[Document]:
    picture, states = assessment.picture, assessment.runs.credible.answer.harm.states
    found = exposed(assessment)
    told = briefs(picture, {place for one in found for place in one})
    return [
        {
            "project": told[one.project]["key"],
            "item": told[one.item]["key"],
            "kind": told[one.item]["class"],
            "state": State(states[one.place]).word,
            "because": told[one.place]["key"],
        }
        for one in found
    ]


def _advice(assessment: Assessment, one: Advice) -> Document:
    picture = assessment.picture
    what = "Do one item after the other" if one.place is None else f"Leave {picture.name(one.place)} out"
    then = _worst_hit(picture, one.run) or "No service is hit"
    return {
        "way": one.way,
        "key": None if one.place is None else picture.keys[one.place],
        "impact_band": one.impact.words,
        "services": [picture.keys[place] for place in one.run.answer.services],
        "detail": f"{what}. {then} if a step fails then: impact {one.impact.words}.",
    }


def altered_document(after: Picture, found: Altered) -> Document:
    """What is weaker in the graph once the change has come true."""
    return {
        "points": [
            {
                **brief(after, service),
                "tier": after.tier(service),
                "points": [brief(after, point) for point in points[:POINTS]],
                "total": len(points),
            }
            for service, points in found.points.items()
        ],
        "groups": [
            {**brief(after, one.group), "before": one.before, "after": one.after} for one in found.groups
        ],
        "broken": [
            {
                **relation(after, link),
                "detail": f"{after.sentence(link)}, which is {after.status(link.target)}",
            }
            for link in found.broken
        ],
    }


def conflicts_document(picture: Picture, found: Conflicts) -> Document:
    """What stands against doing a change when it is planned, and against how many things it was held."""
    return {
        "conflicts": [
            {
                "reason": one.reason,
                "with": one.counterpart,
                "owner": one.owner,
                "detail": one.detail,
                "services": [picture.keys[place] for place in one.services],
            }
            for one in found.found
        ],
        "checked": found.checked._asdict(),
        "limits": [
            {"key": None if one.place is None else picture.keys[one.place], "reason": one.reason}
            for one in found.limits
        ],
    }


def likelihood_document(type_name: str) -> Document:
    """How likely a change of a type is to fail, as far as its type alone says."""
    known = likelihoods()
    prior = known.priors[type_name]
    return {
        "p_fail": {
            "value": prior.value,
            "low": prior.low,
            "high": prior.high,
            "base_rate": prior.value,
            "basis": f"Typical for its type, about {prior.value * 100:.0f} %.",
            "factors": [],
        },
        "p_band": known.bands.of(prior.value),
    }
