"""Stakes: the conflicts of a change with dated points of projects that rest on what it may harm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from cmdb.tables import Table, read_table
from cmdb.values import moment
from impact.assessing.beside import Beside, Footing, by_importance
from impact.assessing.conflict import Conflict, conflict, named
from impact.assessing.windows import in_force, related
from impact.owning import owner_of
from impact.picture import Picture


class Rules(Table):
    """What a change is held against; `conflicts.toml` explains each entry."""

    format: Literal[1]
    milestone_hours: int = Field(ge=0)

    @property
    def after(self) -> timedelta:
        """How long after a change a milestone may still be threatened by it."""
        return timedelta(hours=self.milestone_hours)


@cache
def rules() -> Rules:
    """The rules in force."""
    return read_table(Rules, Path(__file__).with_name("conflicts.toml"))


def dated(picture: Picture) -> list[tuple[int, datetime]]:
    """The dated points that are not over yet, with the instant of each, in order of their keys."""
    fields = picture.vocabulary.dated
    found = []
    for place in in_force(picture, fields):
        due = picture.attributes(place).get(fields[picture.class_name(place)])
        if isinstance(due, str):
            found.append((place, moment(due)))
    return found


def threatened(footing: Footing, own: Beside) -> Iterator[Conflict]:
    """The dated points, during a change or soon after, that have a stake in anything in its reach."""
    picture, work = footing.picture, own.work
    for place, due in dated(picture):
        if not work.starts <= due <= _later(work.ends, rules().after):
            continue
        stakes = rests_on(picture, place)
        hit = [one for one in stakes if footing.reach[one]]
        if hit and own.place not in stakes:
            yield _threatened(picture, place, f"{own.clock(due)} needs", hit)


def rests_on(picture: Picture, place: int) -> set[int]:
    """What something has a stake in; where it names nothing, what the whole has that it is part of."""
    stakes = _stakes(picture, [place])
    return stakes or _stakes(picture, [*_wholes(picture, place)])


def _stakes(picture: Picture, places: Iterable[int]) -> set[int]:
    """What some items have a stake in, with what these have a stake in themselves."""
    found, waiting = set[int](), [*places]
    while waiting:
        for link in related(picture, waiting.pop(), "has_stake"):
            if link.target not in found:
                found.add(link.target)
                waiting.append(link.target)
    return found


def _wholes(picture: Picture, place: int) -> Iterator[int]:
    """Whatever an item is part of, by number, in order of their keys."""
    rows = picture.backwards.rows(np.array([place], np.int32)).rows
    sources = rows["source"][picture.codes.joins_plans[rows["type"]]]
    yield from (one for one in picture.in_order(set(sources.tolist())) if picture.active[one])


def _threatened(picture: Picture, place: int, when: str, hit: list[int]) -> Conflict:
    whole = next(_wholes(picture, place), None)
    name = picture.name(place)
    subject = name if whole is None else f"{picture.name(whole)}: {name}"
    services = by_importance(picture, [one for one in hit if picture.services[one]])
    detail = f"{subject} {when} {named(picture, services or picture.in_order(hit))}"
    owner = None if whole is None else owner_of(picture, whole)
    leads = (_leader(picture, one) for one in (place, whole) if one is not None)
    owners = [owner or next(filter(None, leads), None)]
    return conflict(picture, "milestone", [place], detail, services=services, owners=owners)


def _leader(picture: Picture, place: int) -> str | None:
    manager = picture.attributes(place).get("manager")
    return manager if isinstance(manager, str) else None


def _later(instant: datetime, by: timedelta) -> datetime:
    """An instant so much later; the last there is, where there is none."""
    last = datetime.max.replace(tzinfo=instant.tzinfo)
    return instant + by if last - instant > by else last
