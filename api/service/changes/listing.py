"""Changes in a list."""

from __future__ import annotations

from dataclasses import dataclass

from api.service.changes.assessing import BAND
from api.service.changes.ground import Ground
from api.service.changes.telling import window
from api.service.paging import next_of, page_of
from cmdb.changes import AFFECTS, CLASS, Change
from cmdb.changes.rules import life
from cmdb.errors import WrongUsage
from cmdb.spelling import did_you_mean
from cmdb.words import natural
from impact.documents.brief import FORMAT, Document


@dataclass(frozen=True)
class Filter:
    """Which changes are to be listed.

    Attributes
    ----------
    stage, type
        Only those in this stage, of this type.
    affects
        Only those that touch the item with this key.
    """

    stage: str | None = None
    type: str | None = None
    affects: str | None = None


def listing(ground: Ground, wanted: Filter, limit: int, cursor: str | None) -> Document:
    """A page of changes, the newest number first; raises like `Changes.list`."""
    part = page_of(limit, cursor)
    _check(ground, wanted)
    picture = ground.picture
    places = ground.of_class(CLASS) if wanted.affects is None else _touching(ground, wanted.affects)
    there = (ground.change(place) for place in places if not picture.is_retired(place))
    found = [one for one in there if wanted.stage in {None, one.stage} and wanted.type in {None, one.type}]
    found.sort(key=lambda one: natural(one.key), reverse=True)
    return ground.scene.answered(
        {
            "format": FORMAT,
            "revision": picture.revision,
            "total": len(found),
            "items": [_row(one) for one in found[part]],
            "next": next_of(part, len(found)),
        }
    )


def _check(ground: Ground, wanted: Filter) -> None:
    if wanted.stage is not None:
        fault = life().wrong_with(wanted.stage)
        if fault:
            raise WrongUsage(fault[0].upper() + fault[1:])
    types = ground.workspace.vocabulary.fields["change_type"].one_of or ()
    if wanted.type is not None and wanted.type not in types:
        hint = did_you_mean(wanted.type, map(str, types))
        raise WrongUsage(f"There is no type “{wanted.type}”, only {', '.join(map(str, types))}.{hint}")


def _touching(ground: Ground, key: str) -> list[int]:
    """The changes that touch an item."""
    picture, place = ground.picture, ground.scene.find(key)
    links = picture.relations_at(place)
    ends = [one.source for one in links if one.type == AFFECTS and one.target == place]
    return [one for one in ends if picture.class_name(one) == CLASS]


def _row(one: Change) -> Document:
    return {
        "key": one.key,
        "title": one.title,
        "type": one.type,
        "stage": one.stage,
        "window": window(one.window),
        "actual": window(one.actual),
        "affects": [item.key for item in one.affects if item.key],
        "unregistered": [item.name for item in one.unregistered],
        "requester": one.requester,
        "implementer": one.implementer,
        "outcome": one.outcome,
        "impact_band": one.item.attributes.get(BAND),
    }
