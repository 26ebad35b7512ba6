"""The sentences: one wording for page, command line and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cmdb.harm import State
from cmdb.words import listed
from impact.answer import Answer, Standing
from impact.coverage import Coverage
from impact.picture import Picture
from impact.quality import Quality
from impact.reach import downstream

_WORDS = "no one two three four five six seven eight nine ten eleven twelve"
_NUMBERS = dict(enumerate(_WORDS.split()))
NAMED = 3
"""How many names a sentence gives before it counts the rest."""

TOLD = 5
"""How many causes are told of one by one."""

VERBS = {
    State.OUT: ("goes out", "go out"),
    State.DEGRADED: ("is degraded", "are degraded"),
    State.AT_RISK: ("is at risk", "are at risk"),
}
STATE_WORDS = {State.OK: "ok", State.AT_RISK: "at risk", State.DEGRADED: "degraded", State.OUT: "out"}
HURT = (State.OUT, State.DEGRADED, State.AT_RISK)


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    Examples
    --------
    >>> count(2, "service"), count(1, "service"), count(14, "box", "boxes")
    ('two services', 'one service', '14 boxes')
    """
    word = _NUMBERS.get(number, f"{number:,}")
    return f"{word} {one if number == 1 else many or one + 's'}"


def capital(text: str) -> str:
    """Text as it begins a sentence.

    Examples
    --------
    >>> capital("two services are hit")
    'Two services are hit'
    """
    return text[:1].upper() + text[1:]


def plural(word: str) -> str:
    """The plural of a class's label.

    Examples
    --------
    >>> plural("server"), plural("supply")
    ('servers', 'supplies')
    """
    return word[:-1] + "ies" if word.endswith("y") else word + "s"


def headline(answer: Answer) -> str:
    """The answer as one or two sentences: which services, how badly, how many of tier 1."""
    if answer.services:
        return f"{_worst(answer, answer.services)} {_how_many(answer.picture, answer.services)}"
    return _nothing_served_is_hit(answer)


def coverage_sentence(covered: Coverage, stale_days: int) -> str:
    """How much the map can say, in a sentence."""
    if not covered.cis:
        return "The map holds no live configuration item."
    none = len(covered.unmapped)
    parts = [f"{covered.reach_service:,} of {covered.cis:,} CIs reach a service"]
    parts.append(
        f"{none:,} {'has' if none == 1 else 'have'} no relations" if none else "none is without relations"
    )
    if covered.relations:
        parts.append(f"{_share(covered.stale_relations, covered.relations)} older than {stale_days} days")
    return ", ".join(parts) + _verified(covered) + "."


def touched_sentence(touched: Coverage, stale_days: int) -> str:
    """How much is known of what an answer touched, in a sentence."""
    if not touched.cis:
        return "It touched no live configuration item."
    cis = f"{touched.reach_service:,} of {touched.cis:,} CIs it touched reach a service"
    old = touched.stale_relations
    aged = f", {_share(old, touched.relations)} older than {stale_days} days" if old else ""
    return f"{cis}{aged}{_verified(touched)}."


def quality_sentence(found: Quality) -> str:
    """Of how many items an owner is known, and how many were verified; nothing for none."""
    if not found.cis:
        return ""
    verified = f"{found.verified:,} verified" if found.verified else "none verified yet"
    return f"{found.owned:,} of {found.cis:,} CIs have an owner; {verified}."


def _verified(covered: Coverage) -> str:
    """How many relations were verified, as it ends a sentence."""
    if not covered.relations:
        return ""
    if not covered.verified:
        return "; no relation verified yet"
    some = (
        "all" if covered.verified == covered.relations else f"{covered.verified:,} of {covered.relations:,}"
    )
    return f"; {some} relations verified"


def _share(some: int, relations: int) -> str:
    """How many of the relations."""
    if some in {0, relations}:
        return "no relation is" if not some else "all relations are"
    return f"{percent(some, relations)} % of relations are"


def percent(some: int, of: int) -> int:
    """How many in a hundred: none only for none, and a hundred only for all.

    Examples
    --------
    >>> percent(1, 1000), percent(999, 1000), percent(7, 7)
    (1, 99, 100)
    """
    return 100 * some // of if some in {0, of} else min(max(round(100 * some / of), 1), 99)


def ago(then: datetime, now: datetime) -> str:
    """How long ago something was, in words.

    Examples
    --------
    >>> now = datetime(2026, 3, 1, 10)
    >>> ago(datetime(2026, 3, 1, 8), now), ago(datetime(2026, 2, 17), now)
    ('2 h ago', '12 days ago')
    """
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} h ago"
    days = minutes // (24 * 60)
    return "1 day ago" if days == 1 else f"{days} days ago"


def until(then: datetime, now: datetime) -> str:
    """How far ahead an instant is, in words; of one that is over, how long ago it was.

    Examples
    --------
    >>> now = datetime(2026, 3, 1, 10)
    >>> until(datetime(2026, 3, 10, 11), now), until(datetime(2026, 3, 1, 12), now)
    ('in 9 days', 'in 2 h')
    >>> until(datetime(2026, 2, 28), now)
    '1 day ago'
    """
    if then <= now:
        return ago(then, now)
    minutes = int((then - now).total_seconds() // 60)
    if minutes < 60:
        return f"in {max(minutes, 1)} min"
    if minutes < 24 * 60:
        return f"in {minutes // 60} h"
    days = minutes // (24 * 60)
    return f"in {days} day{'' if days == 1 else 's'}"


def standing_sentence(standing: Standing) -> str:
    """How a group stands, and what it can still lose."""
    short = f"{standing.up} of {standing.members} left, needs {standing.needs}"
    if standing.margin < 0:
        return f"{short}, {-standing.margin} short"
    if standing.margin == 0:
        return f"{short}. Nothing left to lose"
    return f"{short}, can lose {standing.margin} more"


def _worst(answer: Answer, services: Sequence[int]) -> str:
    state = State(answer.harm.state[services[0]])
    alike = [place for place in services if answer.harm.state[place] == state]
    singular, plural = VERBS[state]
    return f"{names_of(answer.picture, alike)} {singular if len(alike) == 1 else plural}."


def names_of(picture: Picture, places: Sequence[int]) -> str:
    """The first names of some items, and how many more there are."""
    counted = [""] * (len(places) - NAMED - 1)  # their names are not looked up, since they are not said
    return listed([*map(picture.name, places[: NAMED + 1]), *counted], NAMED)


def _how_many(picture: Picture, services: Sequence[int]) -> str:
    first = sum(1 for place in services if picture.tier(place) == 1)
    hit = capital(count(len(services), "service is hit", "services are hit"))
    if not first:
        return f"{hit}, none of them known to be tier 1." if len(services) > 1 else f"{hit}."
    if len(services) == 1:
        return f"{hit}, and it is tier 1."
    return f"{hit}, {_NUMBERS.get(first, first)} of them tier 1."


def _nothing_served_is_hit(answer: Answer) -> str:
    """Say which kind of empty the answer is; each kind reads differently."""
    if answer.absorbed:
        held, standing = next(iter(answer.absorbed.items()))
        return f"No service is hit: {answer.picture.name(held)} holds. {standing_sentence(standing)}."
    causes = answer.picture.in_order(answer.causes)
    told = [_why_harmless(answer, cause) for cause in (causes if len(causes) <= TOLD else causes[:NAMED])]
    rest = len(causes) - len(told)
    more = (
        [capital(count(rest, "more cause hits", "more causes hit")) + " no service either."] if rest else []
    )
    return " ".join(told + more)


def _why_harmless(answer: Answer, cause: int) -> str:
    picture = answer.picture
    name = picture.name(cause)
    if not picture.active[cause]:
        return not_live_sentence(picture, cause)
    if not picture.rows_from(cause):
        return nothing_leaves_sentence(picture, cause)
    reached = [place for place in downstream(picture, [cause]) if place != cause]
    if not any(picture.is_service(place) for place in reached):
        unknown = "" if picture.is_service(cause) else " Impact is unknown."
        return f"{name} reaches {count(len(reached), 'item')}, none of them a service.{unknown}"
    if any(answer.before.state[place] for place in reached if picture.is_service(place)):
        return f"{name} hits no service that is not as badly hurt already."
    return f"No service is hit: what {name} does to others is softened away before it reaches one."


def not_live_sentence(picture: Picture, place: int) -> str:
    """Why an item hits nothing: it does not serve yet, or no longer."""
    return f"{picture.name(place)} is {picture.status(place)}. It hits nothing today."


def nothing_leaves_sentence(picture: Picture, place: int) -> str:
    """Why nothing can be hit by an item: no relations, none that carries harm, or nothing live needs it."""
    unknown = unconnected_sentence(picture, place, "What it hits")
    return unknown or f"Nothing live needs {picture.name(place)}: harm runs towards it, not from it."


def unconnected_sentence(picture: Picture, place: int, what: str) -> str | None:
    """That an item has no relations, or none that carries harm; `None` if it has one that does."""
    name = picture.name(place)
    relations = picture.relations_at(place)
    if not relations:
        return f"{name} has no relations. {what} is unknown, not nothing."
    if picture.has_rows(place):
        return None
    words = ", ".join(sorted({picture.words(one, place) for one in relations}))
    return (
        f"{name} has {count(len(relations), 'relation')}, none of a kind that carries harm ({words})."
        " If one is a dependency, change it."
    )
