"""Barriers: the conflicts of a change with times that bar it, or that alone permit it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from cmdb.values import Attributes, moment
from impact.arrays.ranges import Numbers
from impact.assessing.beside import Beside, Footing, by_importance
from impact.assessing.conflict import Conflict, conflict, named
from impact.assessing.windows import Opening, is_open_throughout, related
from impact.owning import owner_of
from impact.picture import Picture


def barred(footing: Footing, own: Beside, barring: Sequence[Opening]) -> Iterator[Conflict]:
    """The times that bar what a change touches, or a service in its reach, without an exemption."""
    picture, work = footing.picture, own.work
    services = np.flatnonzero(footing.services).astype(np.int32)
    for opening in barring:
        if not any(opening.within(work.starts, work.ends)):
            continue
        touched, hit = (_meant(opening, places) for places in (footing.touched, services))
        if not touched and not hit:
            continue
        refused = list(_exemptions_refused(picture, opening.place, own))
        if None in refused:
            continue
        what = named(picture, picture.in_order(touched) or by_importance(picture, hit))
        about = "everything" if opening.covers is None else what
        told = "".join(f"; {why}" for why in refused if why)
        detail = f"{picture.name(opening.place)} bars changes to {about}{_until(opening, own)}{told}"
        yield conflict(picture, "freeze", [opening.place], detail, services=by_importance(picture, hit))


def outside(footing: Footing, own: Beside, permitting: Sequence[Opening]) -> Iterator[Conflict]:
    """What a change touches at another time than those in which alone it is touched."""
    picture = footing.picture
    by_windows: dict[tuple[int, ...], list[int]] = {}
    openings = {one.place: one for one in permitting}
    about = {one: opening.about(footing.touched) for one, opening in openings.items()}
    for at, place in enumerate(footing.touched.tolist()):
        some = tuple(one for one, marks in about.items() if marks[at])
        by_windows.setdefault(some, []).append(place)
    for some, places in by_windows.items():
        chosen = [openings[one] for one in some]
        if chosen and not is_open_throughout(chosen, own.work.starts, own.work.ends):
            yield _outside(picture, chosen, picture.in_order(places), own)


def _outside(picture: Picture, chosen: Sequence[Opening], places: Sequence[int], own: Beside) -> Conflict:
    kind = picture.vocabulary.classes[picture.class_name(chosen[0].place)].label
    several = "s" if len(chosen) > 1 else ""
    hours = "; ".join(_hours(one, own) for one in chosen)
    detail = f"Outside the {kind}{several} of {named(picture, places)} ({hours})"
    services = by_importance(picture, [place for place in places if picture.services[place]])
    owner = next(filter(None, (owner_of(picture, place) for place in places)), None)
    return conflict(
        picture, "outside_window", [one.place for one in chosen], detail, services=services, owners=[owner]
    )


def _meant(opening: Opening, places: Numbers) -> list[int]:
    found: list[int] = places[opening.bars(places)].tolist()
    return found


def _exemptions_refused(picture: Picture, barring: int, own: Beside) -> Iterator[str | None]:
    """Why each exemption of a change does not count; `None` for one that does."""
    for link in related(picture, barring, "exempts"):
        if link.target == own.place:
            given = picture.relation(link).attributes
            yield _refusal(picture, barring, given, own)


def _refusal(picture: Picture, barring: int, given: Attributes, own: Beside) -> str | None:
    by, at, until = (given.get(name) for name in ("given_by", "given_at", "valid_until"))
    if not isinstance(by, str) or not isinstance(at, str):
        return "its exemption does not say who gave it, and when, so it does not count"
    if not _may_exempt(picture, by, barring):
        return f"the exemption does not count, because {by} does not own this"
    if isinstance(until, str) and moment(until) < own.work.ends:
        return f"the exemption by {by} ends {own.clock(moment(until))}, before the work does"
    return None


def _may_exempt(picture: Picture, who: str, barring: int) -> bool:
    """Whether somebody is the owner, or counts as one of them; where there is no owner, anybody may."""
    owner = owner_of(picture, barring)
    giver = picture.number(who)
    if owner is None or who == owner or giver is None:
        return owner in {None, who}
    team, counts = picture.number(owner), picture.vocabulary.counts
    return any(
        link.target == team and counts(link.type, to_source=False)
        for link in picture.relations_at(giver)
        if link.source == giver
    )


def _until(opening: Opening, own: Beside) -> str:
    if opening.weekly is not None:
        return f", {_hours(opening, own)}"
    if opening.ends_ever:
        return f" until {own.clock(opening.span.ends)}"
    return ", and no end is known"


def _hours(opening: Opening, own: Beside) -> str:
    """When a window is open, in words."""
    if opening.weekly is not None:
        return str(opening.weekly).replace("-", "–")
    if opening.starts_ever and opening.ends_ever:
        return own.period(opening.span.starts, opening.span.ends)
    if opening.ends_ever:
        return f"until {own.clock(opening.span.ends)}"
    return f"from {own.clock(opening.span.starts)}" if opening.starts_ever else "always"
