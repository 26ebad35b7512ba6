"""The document of the data itself: how far the map can be trusted, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from impact.answer import Answer
from impact.arrays.marks import Marks, marked
from impact.candidates import KINDS
from impact.coverage import Coverage, coverage, coverage_of, stale, unmapped
from impact.documents.brief import Document, briefs, head, reason
from impact.documents.fixes import FixWriter, fixes_sentence
from impact.evidence import WAYS_OF_KNOWING, Evidence, evidence, evidence_among
from impact.fixes import Fixes, fixes
from impact.memo import once_per_picture
from impact.picture import Picture
from impact.quality import quality, quality_by_class
from impact.rules import rules
from impact.serving import TIERS
from impact.unresolved import unresolved
from impact.wording import count, coverage_sentence, quality_sentence, touched_sentence


@dataclass(frozen=True)
class Judged:
    """What is judged.

    Attributes
    ----------
    among
        The items that are looked at; `None` for all.
    kinds
        Which kinds of fixes are looked for.
    into
        The plan that fixes are to be written into; `None` for today's graph.
    """

    among: Collection[int] | None = None
    kinds: Collection[str] = KINDS
    into: str | None = None

    def marks(self, picture: Picture) -> Marks:
        """By number, whether an item is looked at."""
        if self.among is None:
            return np.ones(len(picture), np.bool_)
        return marked(np.fromiter(self.among, np.int32, len(self.among)), len(picture))


def data_document(picture: Picture, view: str, at: datetime, judged: Judged) -> Document:
    """Coverage, what is wrong, and the fixes that would change most answers."""
    among = judged.marks(picture)
    relations = _at(evidence(picture), among)
    part = data_part(picture, at) if judged.among is None else _part(picture, at, among, relations)
    whole = quality(picture, among)
    found = fixes(picture, at, among, judged.kinds)
    write = FixWriter(picture, at, judged.into)
    return {
        **head(picture, view, at),
        "detail": " ".join(filter(None, (part["coverage"]["detail"], quality_sentence(whole)))),
        **whole._asdict(),
        "relations": _relations(relations, at),
        "classes": [
            {"class": name, **one._asdict()} for name, one in quality_by_class(picture, among).items()
        ],
        "unresolved": _unresolved(picture, among, write),
        "fixes": [write.row(one) for one in found.found],
        "fixes_detail": fixes_sentence(found),
        "candidates": found.candidates,
        **part,
        "limits": _limits(picture, found),
    }


def coverage_document(picture: Picture, view: str, at: datetime) -> Document:
    """Coverage alone."""
    return {**head(picture, view, at), "coverage": _coverage(coverage(picture, at))}


def data_part(picture: Picture, at: datetime) -> Document:
    """What every answer says of the data it rests on."""
    return {**_whatever_is_asked(picture), "coverage": _coverage(coverage(picture, at))}


def touched_part(answer: Answer) -> Document:
    """What an answer says of the data it rests on, and of what it touched: its causes and what they hit."""
    picture, at = answer.picture, answer.when.at
    marks = marked([*answer.causes, *answer.affected], len(picture))
    places = np.flatnonzero(marks).astype(np.int32)
    found = coverage_of(picture, places, evidence_among(picture, places), at)
    touched = {**_counts(found), "detail": touched_sentence(found, rules().evidence.stale_days)}
    part = data_part(picture, at)
    return {**part, "coverage": {**part["coverage"], "touched": touched}}


@once_per_picture
def _whatever_is_asked(picture: Picture) -> Document:
    return _wrong(picture, np.ones(len(picture), np.bool_))


def _at(relations: Evidence, among: Marks) -> Evidence:
    """The relations that one of some items is an end of."""
    return relations.where(among[relations.sources] | among[relations.targets])


def _part(picture: Picture, at: datetime, among: Marks, relations: Evidence) -> Document:
    """What an answer about some items says of them."""
    places = np.flatnonzero(among).astype(np.int32)
    found = coverage_of(picture, places, relations, at)
    return {**_wrong(picture, among), "coverage": _coverage(found)}


def _wrong(picture: Picture, among: Marks) -> Document:
    groups = picture.groups.places[picture.groups.faulty]
    faulty = picture.in_order(groups[among[groups]].tolist())
    alone = [place for place in unmapped(picture) if among[place]]
    told = briefs(picture, alone)
    return {
        "unmapped": [told[place] for place in alone],
        "coverage": None,
        "faults": [reason(picture, place, picture.group(place).fault) for place in faulty],
        "broken": _broken(picture, among),
    }


def _coverage(covered: Coverage) -> Document:
    return {**_counts(covered), "detail": coverage_sentence(covered, rules().evidence.stale_days)}


def _counts(covered: Coverage) -> Document:
    return {
        "cis": covered.cis,
        "reach_service": covered.reach_service,
        "unmapped": len(covered.unmapped),
        "relations": covered.relations,
        "verified_relations": covered.verified,
        "stale_relations": covered.stale_relations,
    }


def _broken(picture: Picture, among: Marks) -> list[Document]:
    broken = [one for one in picture.broken if among[one.source]]
    places = [one.source for one in broken]
    keys = picture.keys.some(np.array(places, np.int32))
    targets = picture.all_names([one.target for one in broken])
    told = zip(broken, keys, picture.all_names(places), targets, strict=True)
    say, status = picture.vocabulary.sentence, picture.status
    return [
        {"key": key, "reason": f"{say(source, one.type, target)}, which is {status(one.target)}"}
        for one, key, source, target in told
    ]


def _relations(found: Evidence, at: datetime) -> Document:
    """How the relations along which harm could pass are known."""
    ways = np.bincount(found.known, minlength=len(WAYS_OF_KNOWING)).tolist()
    return {
        "total": len(found.last),
        **dict(zip(WAYS_OF_KNOWING, ways, strict=True)),
        "verified": int(np.count_nonzero(found.verified)),
        "stale": int(np.count_nonzero(stale(found.last, at))),
    }


def _unresolved(picture: Picture, among: Marks, write: FixWriter) -> list[Document]:
    some = [one for one in unresolved(picture) if among[one.place]]
    told = briefs(picture, [one.place for one in some])
    return [
        {
            **told[one.place],
            "type": one.reference.type,
            "refers_to": one.reference.name,
            "back": one.reference.back,
            "source": picture.keys[one.source],
            "detail": write.sentence(one),
        }
        for one in some
    ]


def _limits(picture: Picture, found: Fixes) -> list[Document]:
    """That not everything was tried, or that what to try first was estimated."""
    served = found.serving
    told = []
    if not served.is_whole:
        parts = zip(TIERS, served.looked, served.services, strict=True)
        some = " and ".join(f"{looked:,} of {all_:,} of tier {tier}" for tier, looked, all_ in parts)
        told.append(f"which fixes were tried first was estimated from {some} services; what is told is exact")
    if found.untried:
        told.append(f"{count(found.untried, 'more possible fix', 'more possible fixes')} were not tried")
    first = int(np.argmin(picture.rank)) if len(picture) else 0
    return [reason(picture, first, text) for text in told]
