"""How a change stands to what is there: what no longer fits, and what keeps it from being submitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from api.service.changes.ground import Ground, overlay_of
from cmdb.changes import CLASS, Change
from cmdb.changes.form import AFFECTS_PART
from cmdb.changes.record import STAGE
from cmdb.changes.rules import life
from cmdb.errors import Fault
from cmdb.operations import Plan, RemoveRelation, text_of
from cmdb.viewing import laid_at, locate
from cmdb.views import Overlay, View
from impact.rules import rules


def in_the_way(ground: Ground, place: int, change: Change) -> list[Fault]:
    """What keeps a change from being submitted."""
    faults = [
        Fault(one.key or one.name, "it is retired, and cannot be changed")
        for one in change.affects
        if one.uid and ground.picture.is_retired(ground.picture.find(one.key or ""))
    ]
    if not change.affects:
        faults.append(Fault(AFFECTS_PART, "it touches nothing yet; name what it touches, and what it does"))
    return [*faults, *conflicts_with_live(ground, change.key, ground.plan(ground.picture.uids[place]))]


def conflicts_of(ground: Ground, place: int, plan: Plan) -> list[Fault]:
    """Where what a change means to alter no longer fits the graph, or what others mean to alter in it."""
    key = ground.picture.keys[place]
    own = conflicts_with_live(ground, key, plan)
    found = dict.fromkeys(own)
    for name, other in _others(ground, key, plan):
        both = _laid(ground, overlay_of(key), {str(name): other})
        alone = {*own, *_laid(ground, name)}
        found.update(dict.fromkeys(one for one in both if one not in alone))
    return list(found)


def conflicts_with_live(ground: Ground, key: str, plan: Plan) -> list[Fault]:
    """Where what a change means to alter no longer fits the graph."""
    return list(_laid(ground, overlay_of(key))) if plan else []


def _laid(ground: Ground, whose: Overlay, also: Mapping[str, Plan] | None = None) -> tuple[Fault, ...]:
    store, view = ground.workspace.store, View(revision=ground.revision, overlays=(whose,))
    return laid_at(store, locate(store, ground.workspace.vocabulary, view), also).conflicts


def _others(ground: Ground, key: str, plan: Plan) -> Iterator[tuple[Overlay, Plan]]:
    """The plans of others, not over yet, that are about anything that this one is about."""
    marks = _marks(plan)
    for name, uid in _planners(ground) if plan else ():
        if name.key != key:
            other = ground.plan(uid)
            if not marks.isdisjoint(_marks(other)):
                yield name, other


def _planners(ground: Ground) -> Iterator[tuple[Overlay, str]]:
    """Whoever can own a plan and is not over yet."""
    picture = ground.picture
    for class_name in ground.workspace.vocabulary.planning:
        for place in ground.of_class(class_name):
            stage = picture.attributes(place).get(STAGE)
            is_change = class_name == CLASS and life().stage(str(stage or life().first)).ended
            over = is_change or stage in rules().record.closed_stages or picture.is_retired(place)
            if not over:
                yield Overlay(class_name, picture.keys[place]), picture.uids[place]


def _marks(plan: Plan) -> set[str]:
    """What a plan is about: items and relations, and keys that it gives."""
    found = {text_of(target) for target in plan}
    for step in plan.values():
        if not isinstance(step.operation, RemoveRelation) and "key" in step.operation.after:
            found.add(f"key {step.operation.after['key']}")
    return found
