"""The document of the data itself: how far the map can be trusted, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from impact.answer import Answer
from impact.arrays.marks import Marks, marked
from impact.candidates import KINDS
from impact.coverage import Coverage, coverage, coverage_of, unmapped
from impact.documents.brief import Document, briefs, head, reason
from impact.documents.fixes import FixWriter, fixes_sentence
from impact.documents.people import contact
from impact.evidence import Evidence, evidence, evidence_among
from impact.fixes import Fixes, fixes
from impact.memo import once_per_picture
from impact.picture import Picture
from impact.quality import Grouping, by_class, by_owner, in_one, known, quality
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
    relations = relations_at(picture, among)
    part = data_part(picture, at) if judged.among is None else _part(picture, at, among, relations)
    (whole,) = quality(picture, among, in_one(picture))
    (ways,) = known(relations, at, in_one(picture))
    found = fixes(picture, at, among, judged.kinds)
    write = FixWriter(picture, judged.into)
    return {
        **head(picture, view, at),
        "detail": " ".join(filter(None, (part["coverage"]["detail"], quality_sentence(whole)))),
        **whole._asdict(),
        "relations": ways._asdict(),
        "classes": [
            {"class": name, **told} for name, told in _by(picture, among, relations, at, by_class(picture))
        ],
        "teams": _teams(picture, _by(picture, among, relations, at, by_owner(picture))),
        "unresolved": unresolved_part(picture, among, write),
        **fixes_part(picture, found, write),
        **part,
    }


def fixes_part(picture: Picture, found: Fixes, write: FixWriter) -> Document:
    """What is to be fixed first."""
    return {
        "fixes": [write.row(one) for one in found.found],
        "fixes_detail": fixes_sentence(found),
        "candidates": found.candidates,
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


def relations_at(picture: Picture, among: Marks) -> Evidence:
    """The relations along which harm could pass that one of some items is an end of."""
    relations = evidence(picture)
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


def _by(
    picture: Picture, among: Marks, relations: Evidence, at: datetime, by: Grouping
) -> Iterator[tuple[str | None, Document]]:
    """Of each group that has live items, how much is known of them and of their relations."""
    rows = zip(by.names, quality(picture, among, by), known(relations, at, by), strict=True)
    for name, one, ways in rows:
        if one.cis:
            yield name, {**one._asdict(), "relations": ways._asdict()}


def _teams(picture: Picture, rows: Iterable[tuple[str | None, Document]]) -> list[Document]:
    """The owners by name; last, what nobody owns."""
    told = [{**_owner(picture, key), **one} for key, one in rows]
    return sorted(told, key=lambda row: (row["owner"] is None, row["name"].casefold(), row["owner"] or ""))


def _owner(picture: Picture, key: str | None) -> Document:
    who = contact(picture, key)
    return {"owner": who.key, "name": who.name, "on_call": who.on_call}


def unresolved_part(picture: Picture, among: Marks, write: FixWriter) -> list[Document]:
    """The references that lead nowhere, of some items."""
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
