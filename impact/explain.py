"""Why an item is hit, or why it is not: each reason is an answer of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from cmdb.harm import State
from impact.answer import Answer
from impact.chains import NO_CHAINS, Chains, chains_of_harm
from impact.picture import Row
from impact.reach import leading_to, way_over
from impact.wording import (
    STATE_WORDS,
    not_live_sentence,
    standing_sentence,
    unconnected_sentence,
)

Verdict = Literal[
    "hit",
    "cause",
    "already",
    "absorbed",
    "softened",
    "not_live",
    "no_path",
    "no_relations",
    "nothing_carries_harm",
]

NESTED_AT_MOST = 50
"""How deep an explanation follows groups within groups."""

_BLOCKERS = ("absorbed", "softened", "already")
"""Where harm stopped for several reasons, the order in which they are given."""


class Reason(NamedTuple):
    """One reason why harm did not arrive: its kind, the sentence, and the item where it stopped."""

    verdict: Verdict
    sentence: str
    place: int


@dataclass(frozen=True)
class Because:
    """Why an item is in its state, from the item back towards a cause.

    Attributes
    ----------
    place
        The item.
    rows
        The chain from it: each row ends where the one before it starts.
    members
        Where the chain ends at a group that its members tipped, why each of the lost ones is lost. Empty
        where it ends at a cause, at something hurt anyway, or at a group told of before.
    cut
        Whether it ends at a group nested so deep that its members are not told of.
    """

    place: int
    rows: tuple[Row, ...]
    members: tuple[Because, ...] = ()
    cut: bool = False

    @property
    def last(self) -> int:
        """Where the chain ends."""
        return self.rows[-1].start if self.rows else self.place


@dataclass(frozen=True)
class Explanation:
    """What was found about one item."""

    place: int
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    because: Because | None = None
    chains: Chains = NO_CHAINS


def explain(answer: Answer, place: int) -> Explanation:
    """Say why an item is hit by the answer's causes, or why not."""
    if answer.hits(place):
        return Explanation(
            place, "hit", because=_because(answer, place, set()), chains=chains_of_harm(answer, place)
        )
    reasons = tuple(_reasons(answer, place))
    return Explanation(place, reasons[0].verdict, reasons)


def _because(answer: Answer, place: int, told: set[int], depth: int = 0) -> Because:
    rows: list[Row] = []
    here = place
    while answer.harm.distance.get(here, 0) > 0:
        if here in told:
            return Because(place, tuple(rows))
        row = answer.deciding(here)[0]
        if row.counted:
            if depth == NESTED_AT_MOST:
                return Because(place, tuple(rows), cut=True)
            told.add(here)
            members = (_because(answer, one, told, depth + 1) for one in _fallen(answer, here))
            return Because(place, tuple(rows), tuple(members))
        rows.append(row)
        here = row.start
    return Because(place, tuple(rows))


def _fallen(answer: Answer, number: int) -> list[int]:
    """The members whose loss brought a group to its state, as bad as it or worse, in order of distance."""
    state, steps = answer.harm.state[number], answer.harm.distance[number]
    found = [
        member
        for member in answer.picture.group(number).members
        if answer.harm.state[member] >= state and answer.harm.distance.get(member, 0) < steps
    ]
    rank = answer.picture.rank
    return sorted(found, key=lambda member: (answer.harm.distance.get(member, 0), rank[member]))


def _reasons(answer: Answer, place: int) -> Iterator[Reason]:
    picture = answer.picture
    name = picture.name(place)
    if place in answer.causes:
        state = STATE_WORDS[answer.causes[place]]
        yield Reason("cause", f"{name} is what was set to {state}; nothing makes it worse.", place)
    elif not picture.active[place]:
        yield Reason("not_live", f"{name} is {picture.status(place)}. Nothing hits it today.", place)
    elif answer.does_alone(place):
        yield _already(answer, place)
    else:
        yield from _where_it_stopped(answer, place)


def _where_it_stopped(answer: Answer, place: int) -> Iterator[Reason]:
    picture = answer.picture
    stops = {_stop(answer, row) for row in _frontier(answer, place)}
    if stops:
        yield from sorted(
            stops,
            key=lambda stop: (_BLOCKERS.index(stop.verdict), picture.rank[stop.place], stop.sentence),
        )
    else:
        yield from (_no_way(answer, cause, place) for cause in picture.in_order(answer.causes))


def _frontier(answer: Answer, place: int) -> list[Row]:
    """The rows on a way from the causes to an item that harm came to and did not pass."""
    picture = answer.picture
    causes = [cause for cause in answer.causes if picture.active[cause]]
    if not answer.ahead[place]:
        return []
    between = leading_to(picture, place, causes, over=answer.ahead).marks(len(picture))
    stays = between.copy()
    stays[causes] = stays[answer.harm.hurt] = False
    hit = np.flatnonzero(between & ~stays).astype(np.int32)
    return picture.rows_between(hit, stays)


def _stop(answer: Answer, row: Row) -> Reason:
    picture = answer.picture
    start, end = picture.name(row.start), picture.name(row.end)
    state = STATE_WORDS[State(answer.harm.state[row.start])]
    if row.counted and not answer.before.state[row.end]:
        standing = standing_sentence(answer.standing(row.end))
        return Reason("absorbed", f"{end} absorbs that {start} is {state}: {standing}.", row.end)
    if row.counted or row.transfer[answer.harm.state[row.start]]:
        return _already(answer, row.end)
    sentence = f"{picture.sentence(row.relation)}, which passes nothing on when {start} is {state}."
    return Reason("softened", sentence, row.end)


def _already(answer: Answer, place: int) -> Reason:
    name, state = answer.picture.name(place), STATE_WORDS[State(answer.before.state[place])]
    alone = answer.does_alone(place)
    without = f" By itself the cause would put it {STATE_WORDS[alone]}." if alone else ""
    return Reason("already", f"{name} is {state} already, whatever happens here.{without}", place)


def _no_way(answer: Answer, cause: int, place: int) -> Reason:
    picture = answer.picture
    if not picture.active[cause]:
        return Reason("not_live", not_live_sentence(picture, cause), cause)
    asleep = _asleep_between(answer, cause, place)
    if asleep:
        names = ", ".join(f"{picture.name(one)} ({picture.status(one)})" for one in asleep)
        sentence = f"The only way leads through what is not live: {names}."
        return Reason("not_live", sentence, asleep[0])
    for one, what in ((cause, "What it hits"), (place, "What hits it")):
        unconnected = unconnected_sentence(picture, one, what)
        if unconnected:
            verdict: Verdict = "nothing_carries_harm" if picture.is_related(one) else "no_relations"
            return Reason(verdict, unconnected, one)
    start, end = picture.name(cause), picture.name(place)
    return Reason("no_path", f"No path along which harm passes leads from {start} to {end}.", cause)


def _asleep_between(answer: Answer, cause: int, place: int) -> list[int]:
    """The items that are not live on a shortest way that would exist if everything were."""
    picture = answer.picture
    way = way_over(picture, answer.if_all_were_live(cause), place)
    return [one for one in way if not picture.active[one] and one != place]
