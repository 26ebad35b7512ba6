"""The document of the data itself: how far the map can be trusted, and what is wrong with it."""

from __future__ import annotations

from datetime import datetime

from impact.coverage import Coverage, coverage, unmapped
from impact.documents.brief import Document, brief, head, reason
from impact.memo import once_per_picture
from impact.picture import Picture
from impact.rules import rules
from impact.wording import coverage_sentence


def data_document(picture: Picture, view: str, at: datetime) -> Document:
    """Coverage and everything that is wrong."""
    part = data_part(picture, at)
    return {**head(picture, view, at), "detail": part["coverage"]["detail"], **part}


def data_part(picture: Picture, at: datetime) -> Document:
    """What every answer says of the data it rests on."""
    return {**_whatever_is_asked(picture), "coverage": _coverage(coverage(picture, at))}


@once_per_picture
def _whatever_is_asked(picture: Picture) -> Document:
    faulty = picture.in_order(picture.groups.places[picture.groups.faulty].tolist())
    return {
        "unmapped": [brief(picture, place) for place in unmapped(picture)],
        "coverage": None,
        "faults": [reason(picture, place, picture.group(place).fault) for place in faulty],
        "broken": _broken(picture),
    }


def _coverage(covered: Coverage) -> Document:
    return {
        "cis": covered.cis,
        "reach_service": covered.reach_service,
        "unmapped": len(covered.unmapped),
        "relations": covered.relations,
        "stale_relations": covered.stale_relations,
        "detail": coverage_sentence(covered, rules().evidence.stale_days),
    }


def _broken(picture: Picture) -> list[Document]:
    broken, say = picture.broken, picture.vocabulary.sentence
    sources = picture.all_names([one.source for one in broken])
    targets = picture.all_names([one.target for one in broken])
    return [
        reason(picture, one.source, f"{say(source, one.type, target)}, which is {picture.status(one.target)}")
        for one, source, target in zip(broken, sources, targets, strict=True)
    ]
