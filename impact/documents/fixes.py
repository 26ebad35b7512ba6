"""The rows of what is to be fixed: what to do, by which command, and why."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from impact.arrays.uids import text_hash
from impact.candidates import OWNERSHIP, Score
from impact.documents.brief import Document, brief, relation
from impact.documents.people import asked
from impact.fixes import Doubt, Fix, Fixes
from impact.picture import Picture
from impact.rules import rules
from impact.unresolved import Unresolved
from impact.wording import capital, count

COMPARED = 20_000
"""Up to so many items, all are compared with the name of one that is missing."""

OFFERED = 3
"""How many items are offered for one that is missing."""

ALIKE = 80
"""How alike two names are, of 100, if one may be meant by the other."""


@dataclass(frozen=True)
class FixWriter:
    """Writes fixes.

    Attributes
    ----------
    into
        The plan that the commands write into; `None` for today's graph.
    """

    picture: Picture
    into: str | None = None

    def row(self, fix: Fix) -> Document:
        """One fix."""
        match fix.about:
            case Doubt():
                part = self._relation(fix.about)
            case Unresolved():
                part = self._reference(fix.about)
            case place:
                part = self._ownerless(place)
        return {
            "kind": fix.kind,
            "what": part["what"],
            "question": part["question"],
            "items": part["items"],
            "cause": part.get("cause", part["items"][0]),
            "relation": part.get("relation"),
            "reference": part.get("reference"),
            "version": part.get("version"),
            "meant": part.get("meant", []),
            "ask": part["ask"],
            "tier_1": fix.score.tier_1,
            "tier_2": fix.score.tier_2,
            "unclassified": fix.unclassified,
            "command": part["command"],
            "otherwise": part.get("otherwise"),
            "why": f"{part['why']} {_worth(fix)}",
        }

    def _relation(self, doubt: Doubt) -> Document:
        picture, link = self.picture, doubt.link
        ends = (picture.keys[link.source], link.type, picture.keys[link.target])
        harm_from = picture.vocabulary.relations[link.type].to_source == "none"
        return {
            "what": f"Confirm or remove: {picture.sentence(link)}.",
            "question": f"{picture.sentence(link)}?",
            "items": [ends[0], ends[2]],
            "cause": ends[0] if harm_from else ends[2],
            "relation": relation(picture, link),
            "version": picture.relation(link).version,
            "ask": asked(picture, [link.source, link.target]),
            "command": self._command("confirm", *ends),
            "otherwise": self._command("unrelate", *ends),
            "why": _doubts(doubt),
        }

    def _reference(self, one: Unresolved) -> Document:
        picture, (key, kind, name, back) = self.picture, one.reference
        like = self._alike(one)
        meant = f" Is it {picture.name(like[0])}?" if like else ""
        other = picture.keys[like[0]] if like else "KEY"
        backwards = ["--back"] if back else []
        return {
            "what": f"Say what “{name}” is: {self.sentence(one)}.{meant}",
            "question": f"What is “{name}”? {self.sentence(one)}.",
            "items": [key, other] if like else [key],
            "reference": {"key": key, "type": kind, "refers_to": name, "back": back},
            "meant": [brief(picture, place) for place in like],
            "ask": asked(picture, [one.place]),
            "command": self._command("resolve", key, kind, name, other, *backwards),
            "why": f"{picture.names[one.source].capitalize()} refers to it, and it is not here.",
        }

    def sentence(self, one: Unresolved) -> str:
        """A reference in words."""
        name, ours = f"“{one.reference.name}”", self.picture.name(one.place)
        kinds, kind = self.picture.vocabulary.relations, one.reference.type
        ends = (name, ours) if one.reference.back else (ours, name)
        label = kinds[kind].label if kind in kinds else kind.replace("_", " ")
        return f"{ends[0]} {label} {ends[1]}"

    def _ownerless(self, place: int) -> Document:
        picture, key = self.picture, self.picture.keys[place]
        return {
            "what": f"Say who answers for {picture.name(place)}.",
            "question": f"Who owns {picture.name(place)}?",
            "items": [key],
            "version": picture.item(place).version,
            "ask": asked(picture, [place]),
            "command": self._command("assign", key, "TEAM"),
            "why": "It has no owner.",
        }

    def _command(self, *words: str) -> str:
        return shlex.join(["cmdb", *words, *(["--into", self.into] if self.into else [])])

    def _alike(self, one: Unresolved) -> list[int]:
        """The items that may be meant by a name: those that are called so, or those spelt most like it."""
        found = self._called(one.reference.name) or self._spelt_like(one.reference.name)
        return [place for place in dict.fromkeys(found) if self._may_be_meant(one, place)][:OFFERED]

    def _called(self, name: str) -> Sequence[int]:
        place = self.picture.number(name)
        same = np.flatnonzero(self.picture.called == np.uint64(text_hash(name))).tolist()
        return self.picture.in_order({*same, *([] if place is None else [place])})

    def _spelt_like(self, name: str) -> Sequence[int]:
        picture = self.picture
        if len(picture) > COMPARED:
            return ()
        names = [*map(str.casefold, picture.names.all()), *map(str.casefold, picture.keys.all())]
        close = process.extract(name.casefold(), names, scorer=fuzz.ratio, limit=5, score_cutoff=ALIKE)
        return [at % len(picture) for _, _, at in close]

    def _may_be_meant(self, one: Unresolved, place: int) -> bool:
        picture, ours, other = self.picture, one.place, place
        classes = picture.class_name(ours), picture.class_name(other)
        source, target = classes[::-1] if one.reference.back else classes
        allowed = picture.vocabulary.allows(one.reference.type, source, target)
        return allowed and place != ours and not picture.is_retired(place)


def fixes_sentence(found: Fixes) -> str:
    """What there is to fix, or which kind of nothing."""
    total = sum(found.candidates.values())
    if found.found:
        possible = count(total, "possible fix", "possible fixes")
        if total == 1:
            return f"{capital(possible)}."
        return f"{len(found.found):,} of {possible}, those that move most answers first."
    if not any(found.serving.services):
        return "No fix can be weighed: no live service of tier 1 or 2 is known."
    if total:
        return f"None of {total:,} possible fixes moves an answer about a service of tier 1 or 2."
    return (
        "Nothing to fix on the way to services of tier 1 and 2: all relations are verified, everything has an"
        " owner, and every reference leads somewhere."
    )


def _services(score: Score) -> str:
    told = [f"{number:,} of tier {tier}" for tier, number in enumerate(score, start=1) if number]
    return " and ".join(told)


def _worth(fix: Fix) -> str:
    """What a fix is worth, as a sentence."""
    moves = "It is needed by" if fix.kind == OWNERSHIP else "It moves answers about"
    unclassified = f", {fix.unclassified:,} unclassified" if fix.unclassified else ""
    return f"{moves} {count(sum(fix.score), 'service')}: {_services(fix.score)}{unclassified}."


def _doubts(doubt: Doubt) -> str:
    found = []
    if doubt.known == "inferred":
        found.append("It was only inferred.")
    if doubt.stale:
        found.append(f"Nobody has seen or verified it for {rules().evidence.stale_days} days.")
    elif not doubt.verified:
        found.append("Nobody has verified it yet.")
    return " ".join(found)
