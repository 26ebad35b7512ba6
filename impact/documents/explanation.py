"""The explanation document: why an item is hit or not, as data and as sentences."""

from __future__ import annotations

from dataclasses import dataclass

from cmdb.harm import State
from cmdb.values import instant
from impact.answer import Answer
from impact.chains import Chain
from impact.coverage import is_stale
from impact.documents.brief import Document, brief, head, left_out, relation
from impact.explain import Because, Explanation
from impact.picture import Row
from impact.wording import STATE_WORDS, ago, standing_sentence


@dataclass(frozen=True)
class _Writer:
    """Writes one explanation; it knows the answer explained.

    Its names are those of sentences, which tell items of one name apart.
    """

    answer: Answer

    def step(self, row: Row) -> Document:
        """One step from an item that is hit to what hits it, in words that read in that direction."""
        picture = self.answer.picture
        newest = picture.evidence(row.relation)
        return {
            **brief(picture, row.start),
            "name": picture.name(row.start),
            "words": picture.words(row.relation, row.end),
            "state": State(self.answer.harm.state[row.start]).word,
            "relation": relation(picture, row.relation),
            "seen": instant(newest) if newest else None,
            "seen_words": ago(newest, self.answer.when.at) if newest else "never seen",
            "stale": is_stale(picture, row.relation, self.answer.when.at),
        }

    def because(self, why: Because) -> Document:
        """The tree of reasons, from the item towards its causes."""
        return {
            **brief(self.answer.picture, why.place),
            "name": self.answer.picture.name(why.place),
            "state": State(self.answer.harm.state[why.place]).word,
            "steps": [self.step(row) for row in why.rows],
            "group": self.group(why.last) if why.members else None,
            "members": [self.because(member) for member in why.members],
            "ends": self.ends(why),
        }

    def group(self, number: int) -> Document:
        """How the group at the end of a chain stands."""
        standing = self.answer.standing(number)
        return {**standing._asdict(), "margin": standing.margin, "detail": standing_sentence(standing)}

    def ends(self, why: Because) -> str:
        """What a chain ends at: members, a cause, hurt anyway, a group told of before, or one too deep."""
        if why.cut:
            return "cut"
        if why.members:
            return "members"
        if why.last in self.answer.causes:
            return "cause"
        return "told" if why.last in self.answer.harm.distance else "context"

    def chain(self, chain: Chain) -> Document:
        """One linear chain with its sentence."""
        steps = [self.step(row) for row in chain]
        first = self.answer.picture.name(chain[0].end) if chain else ""
        sentence = first + ", which".join(f" {step['words']} {step['name']}" for step in steps)
        return {"steps": steps, "detail": f"{sentence}."}


def explanation_document(answer: Answer, explanation: Explanation, view: str) -> Document:
    """Write an explanation out."""
    writer = _Writer(answer)
    picture, place = answer.picture, explanation.place
    chains = explanation.chains
    because = writer.because(explanation.because) if explanation.because else None
    return {
        **head(picture, view, answer.when.at),
        "causes": [
            {**brief(picture, cause), "state": answer.causes[cause].word}
            for cause in picture.in_order(answer.causes)
        ],
        "item": {**brief(picture, place), "tier": picture.tier(place)},
        "state": State(answer.harm.state[place]).word,
        "before": State(answer.before.state[place]).word,
        "hit": explanation.verdict == "hit",
        "verdict": explanation.verdict,
        "detail": sentence_of(because) if because else explanation.reasons[0].sentence,
        "reasons": [
            {"verdict": one.verdict, "key": picture.keys[one.place], "detail": one.sentence}
            for one in explanation.reasons
        ],
        "because": because,
        "chains": {"total": chains.total, "shown": [writer.chain(chain) for chain in chains.shown]},
        "limits": left_out(picture, place, chains.left, "chains"),
    }


def sentence_of(because: Document) -> str:
    """The tree of reasons as one sentence."""
    state = STATE_WORDS[State.parse(because["state"])]
    return f"{because['name']} is {state}: {_told(because, 'it')}."


def _told(because: Document, subject: str) -> str:
    steps = because["steps"]
    text = subject + ", which".join(f" {step['words']} {step['name']}" for step in steps)
    link = ", which" if steps else ""
    if because["ends"] == "members":
        group = because["group"]
        members = "; and ".join(_told(member, member["name"]) for member in because["members"])
        left = f"has {group['up']} of {group['members']} left and needs {group['needs']}"
        return f"{text}{link} {left}, because {members}"
    if because["ends"] == "context":
        return f"{text}{link} is hurt anyway"
    if because["ends"] == "cut":
        return f"{text}{link} lost members that are not told of here"
    if because["ends"] == "told":
        return f"{text}{link} is told of above"
    return text if steps else f"{text} is a cause"
