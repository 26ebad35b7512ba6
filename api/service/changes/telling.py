"""A change as its document tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from api.service.changes.ground import Ground, made_by, overlay_of
from api.service.steps import Before, steps
from cmdb.changes import Affected, Change, NotDoing, Procedure, Work
from cmdb.changes.record import said, stage_of
from cmdb.changes.times import local
from cmdb.errors import Fault
from cmdb.model import Item, RelationId
from cmdb.operations import Plan, Target
from cmdb.plan_log import made_by_plans
from cmdb.views import View
from impact.documents.brief import FORMAT, Document


def tell(ground: Ground, place: int, plan: Plan | None, conflicts: Sequence[Fault] | None) -> Document:
    """The document of a change; without its plan, which the store knows, it tells no edition either."""
    change, uid = ground.change(place), ground.picture.uids[place]
    known = plan is not None
    return ground.scene.answered(
        {
            "format": FORMAT,
            "revision": ground.revision,
            "key": change.key,
            "title": change.title,
            "type": change.type,
            "stage": change.stage,
            "moves": [*change.at.moves],
            "reason": change.reason,
            "risk_of_not_doing": _risk(change),
            "affects": [*_affected(ground, change)],
            "window": window(change.window),
            "actual": window(change.actual),
            "plans": {
                "implementation": _procedure(change.plans.implementation),
                "test": _procedure(change.plans.test),
                "backout": _backout(change.plans.backout),
            },
            "view": str(View(overlays=(overlay_of(change.key),))) if plan else None,
            "operations": None if plan is None else _operations(ground, plan),
            "conflicts": conflicts and [{"key": one.pointer, "reason": one.detail} for one in conflicts],
            "requester": change.requester,
            "implementer": change.implementer,
            "outcome": change.outcome,
            "review": change.review,
            "version": change.item.version,
            "edition": None if plan is None else ground.edition(place, plan),
            "history": [*_history(ground, uid)] if known else None,
        }
    )


def window(one: Work | None) -> Document | None:
    """When something is planned, or was done."""
    if one is None:
        return None
    return {
        "start": said(one.start),
        "end": said(one.end),
        "zone": one.zone,
        "local_start": one.local_start.isoformat(timespec="minutes"),
        "local_end": one.local_end and one.local_end.isoformat(timespec="minutes"),
        "minutes": one.minutes,
    }


def _risk(change: Change) -> Document | None:
    one = change.risk_of_not_doing
    if one == NotDoing(None, None):
        return None
    there = one.deadline and local(one.deadline, change.zone)
    return {
        "text": one.text,
        "deadline": said(one.deadline),
        "local_deadline": there and there.isoformat(timespec="minutes"),
    }


def _affected(ground: Ground, change: Change) -> Iterator[Document]:
    picture = ground.picture
    for turn, some in enumerate(change.steps, start=1):
        for one in some:
            place = None if one.uid is None else picture.number_of_uid(one.uid)
            yield {
                "key": one.key,
                "class": None if place is None else picture.class_name(place),
                "name": one.name,
                "tier": None if place is None else picture.tier(place),
                "retired": place is not None and picture.is_retired(place),
                **_done(one),
                "turn": turn,
            }


def _done(one: Affected) -> Document:
    return {
        "action": one.action,
        "step": one.step,
        "effect": one.effect,
        "minutes": one.minutes,
        "state": one.state.word,
        "shared": one.does.shared,
        "ends": one.does.ends,
    }


def _procedure(one: Procedure) -> Document | None:
    if one == Procedure():
        return None
    return {"text": one.text, "evidence": one.evidence, "minutes": one.minutes}


def _backout(one: Procedure) -> Document | None:
    told = _procedure(one)
    return told and {**told, "tested": one.tested, "point_of_no_return": one.point_of_no_return}


def _operations(ground: Ground, plan: Plan) -> list[Document]:
    """What a change means to alter, step by step."""
    store = ground.workspace.store
    graph = store.read(ground.revision, _about(plan))
    ends = {uid for uid in _about(plan) if isinstance(uid, str)} - graph.items.keys() - made_by(plan).keys()
    elsewhere = made_by_plans(store, ends, ground.revision)  # by plans that this one goes together with
    items = {**graph.items, **{uid: Item(uid, one.key, "", one.key) for uid, one in elsewhere.items()}}
    before = Before(items, graph.relations)
    return [one.document(before) for one in steps((step.operation for step in plan.values()), before)]


def _about(plan: Plan) -> set[Target]:
    """What a plan is about, with the items at the ends of relations."""
    ends = {uid for one in plan if isinstance(one, RelationId) for uid in (one.source, one.target)}
    return {*plan, *ends}


def _history(ground: Ground, uid: str) -> Iterator[Document]:
    """Who brought the change to which stage, oldest first."""
    last = None
    for commit, item in ground.workspace.store.item_history(uid):
        if commit.revision <= ground.revision and stage_of(item) != last:
            last = stage_of(item)
            yield {
                "stage": last,
                "revision": commit.revision,
                "time": commit.time,
                "author": commit.author.name,
                "identity": commit.author.identity,
                "message": commit.message,
            }
