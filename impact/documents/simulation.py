"""The document of a simulation: how much of the time each item is out, as far as failure rates are given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from impact.documents.brief import Document, brief, head, reason
from impact.rates import FAILURES, HOURS, RESTORE
from impact.rules import rules
from impact.simulate import Estimate, Simulation
from impact.wording import capital, count, names_of

UNUSABLE = 100
"""How many items whose rate cannot be used are written out."""


def simulation_document(found: Simulation, view: str, at: datetime) -> Document:
    """Write a simulation out.

    Items of which nothing can be said have no row; `without_rates` counts them, and a sentence tells so.
    """
    picture = found.picture
    return {
        **head(picture, view, at),
        "detail": " ".join(_headline(found)),
        "draws": found.draws.number,
        "seed": found.draws.seed,
        "out": [brief(picture, place) for place in found.out],
        "items": [_row(found, place, one) for place, one in found.estimates.items()],
        "without_rates": len(found.silent),
        "limits": _limits(found),
    }


def _row(found: Simulation, place: int, one: Estimate) -> Document:
    interval = one.interval
    return {
        **brief(found.picture, place),
        "tier": found.picture.tier(place),
        "p_out": one.share or None,
        "low": interval.low,
        "high": interval.high,
        "hits": one.hits,
        "certain": one.certain,
        "wide": _is_wide(one),
        "rates": {"given": one.given, "needs": one.needs},
        "detail": _sentence(found, place, one),
    }


def _is_wide(one: Estimate) -> bool:
    return one.hits > 0 and one.interval.high > rules().simulation.wide * one.interval.low


def _headline(found: Simulation) -> Iterator[str]:
    """What is out most often, and of how many nothing can be said."""
    if not found.estimates and not found.silent:
        yield "Nothing that was asked about is live."
    if found.estimates:
        place, one = next(iter(found.estimates.items()))
        number = len(found.estimates)
        yield f"Most often out of {count(number, 'item')}: " * (number > 1) + _sentence(found, place, one)
    if found.silent:
        number = len(found.silent)
        them = "it" if number == 1 else "them"
        yield (
            f"{capital(count(number, 'item is', 'items are'))} not shown: nothing that can help to put {them}"
            f" out has {FAILURES} and {RESTORE}."
        )


def _sentence(found: Simulation, place: int, one: Estimate) -> str:
    name = found.picture.name(place)
    if one.certain:
        if place in found.out:
            return f"{name} is out: that was asked."
        return f"{name} is out as long as {names_of(found.picture, found.out)}" + (
            " is." if len(found.out) == 1 else " are."
        )
    if_out = f"With {names_of(found.picture, found.out)} out, " if found.out else ""
    partly = "" if one.given == one.needs else f" {_partly(one)}"
    if not one.hits:
        most = f"less than {percent(one.interval.high)} of the time, less than {a_year(one.interval.high)}"
        what = "what has a rate puts it out" if partly else "it is out"
        return f"{if_out}{name} was out in none of {one.draws:,} draws: {what} {most}.{partly}"
    least = "at least " if partly else ""
    share = f"{least}{percent(one.share)} of the time ({between(*one.interval)}), about {a_year(one.share)}"
    vague = f" That is vague, from {count(one.hits, 'draw')} of {one.draws:,}; more draws tell it better."
    return f"{if_out}{name} is out {share}.{partly}{vague if _is_wide(one) else ''}"


def _partly(one: Estimate) -> str:
    rated = f"{one.given:,} {'has a rate' if one.given == 1 else 'have rates'}"
    return f"Of {one.needs:,} items that can help to put it out, {rated}; the others may add to it."


def percent(share: float) -> str:
    """A share in words, with the digits that tell something.

    Examples
    --------
    >>> percent(0.00132), percent(0.0534), percent(0.4567), percent(0.99999), percent(0.0000034)
    ('0.13 %', '5.3 %', '46 %', '99 %', '0.00034 %')
    """
    if share >= 0.1:
        return f"{100 if share == 1 else min(round(100 * share), 99)} %"
    return f"{Decimal(f'{100 * share:.2g}'):f} %"


def a_year(share: float) -> str:
    """A share of the time as the time that it is in a year, to the minute, hour or day.

    Examples
    --------
    >>> a_year(0.00132), a_year(0.00001), a_year(0.05), a_year(0.0000001)
    ('12 hours a year', '5 minutes a year', '18 days a year', '1 minute a year')
    """
    minutes = max(round(60 * HOURS * share), 1)
    number, unit = (minutes, "minute") if minutes < 60 else (round(minutes / 60), "hour")
    if number >= 48 and unit == "hour":
        number, unit = round(minutes / 60 / 24), "day"
    return f"{number} {unit}{'' if number == 1 else 's'} a year"


def between(low: float, high: float) -> str:
    """An interval of shares in words.

    Examples
    --------
    >>> between(0.0005, 0.0012)
    '0.05 to 0.12 %'
    """
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def _limits(found: Simulation) -> list[Document]:
    picture, first = found.picture, next(iter(found.estimates), 0)
    asleep = [(place, f"is {picture.status(place)}, so it is not simulated") for place in found.asleep]
    asleep += [
        (place, f"is {picture.status(place)}, so it puts nothing out")
        for place in found.out
        if not picture.active[place]
    ]
    unusable = [*found.unusable.items()]
    told = [*asleep, *unusable[:UNUSABLE]]
    more = unusable[UNUSABLE:]
    if more:
        told.append((more[0][0], f"not written out: {count(len(more), 'more item')} without a usable rate"))
    if found.draws.number < found.wanted:
        told.append((first, f"the draws took too long: {found.draws.number:,} of {found.wanted:,} were made"))
    return [reason(picture, place, text) for place, text in told]
