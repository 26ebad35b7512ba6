"""Assessing a change: worked out from one revision of the graph, and worked out again at will."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from api.service.changes.beside import others_of, own_of
from api.service.changes.ground import Ground, overlay_of
from api.service.changes.prepared import Brief, Prepared
from api.service.given import SOURCE
from api.service.workspace import Workspace
from cmdb.canonical import canonical, digest
from cmdb.changes import Change
from cmdb.changes.guarding import possible
from cmdb.changes.record import STAGE
from cmdb.errors import Conflict, NotFound
from cmdb.model import Item, RelationId
from cmdb.operations import ChangeItem, Plan, Target
from cmdb.values import Value, instant, moment
from cmdb.views import View
from impact.assessing.altering import altered
from impact.assessing.assessment import Assessment
from impact.assessing.beside import steps_of
from impact.assessing.conflicts import Surroundings
from impact.assessing.holds import Case, holds
from impact.assessing.model import model_digest
from impact.context import Moment
from impact.documents.assessment import (
    altered_document,
    assessment_document,
    conflicts_document,
    likelihood_document,
)
from impact.documents.brief import FORMAT, Document

ASSESS = "assess"

REVISION = "assessed_revision"
AT = "assessed_at"
MODEL = "assessment_model"
DIGEST = "assessment_digest"
BAND = "impact_band"


@dataclass(frozen=True)
class Kept:
    """What is kept of an assessment: all that it takes to work it out again, and to compare."""

    revision: int
    at: datetime
    model: str
    digest: str
    band: str

    @classmethod
    def of(cls, change: Change) -> Kept | None:
        """The last assessment of a change, if there is one."""
        fields = change.item.attributes
        if not isinstance(fields.get(REVISION), int):
            return None
        revision, at, model, known, band = (fields.get(name) for name in (REVISION, AT, MODEL, DIGEST, BAND))
        return cls(int(str(revision)), moment(str(at)), str(model), str(known), str(band))


def assessed(ground: Ground, place: int) -> tuple[Document, Prepared]:
    """Assess a change as it is now; what is written besides is what to keep of it."""
    change = ground.change(place)
    if change.at.ended or change.item.retired:
        raise Conflict(
            f"{change.key} is {change.at.label}: there is nothing to assess."
            + possible(change.key, change.at)
        )
    now = ground.workspace.now()
    document = worked_out(ground.workspace, change.item.uid, ground.revision, now)
    stage = change.at.moves.get(ASSESS, change.stage)
    kept = {
        REVISION: ground.revision,
        AT: instant(now),
        MODEL: model_digest(),
        DIGEST: digest_of(document),
        BAND: document["impact_band"],
        **({STAGE: stage} if stage != change.stage else {}),
    }
    before = {name: change.item.attributes.get(name) for name in kept}
    record = [ChangeItem(change.item.uid, before, kept, SOURCE)]
    brief = Brief(change.key, change.title, change.type, stage)
    return document, Prepared(brief, ground.revision, f"{change.key} assessed", record)


def replayed(ground: Ground, place: int) -> Document:
    """The last assessment of a change, worked out again from what was there then.

    Raises
    ------
    NotFound
        If it was never assessed.
    """
    change = ground.change(place)
    kept = Kept.of(change)
    if kept is None:
        raise NotFound(f"{change.key} was not assessed yet. Assess it: cmdb change assess {change.key}")
    document = worked_out(ground.workspace, change.item.uid, kept.revision, kept.at)
    same = digest_of(document) == kept.digest
    return {
        **document,
        "outdated": is_outdated(ground, change, kept),
        "same": same,
        "model": kept.model,
        "replayed": _replayed(same=same, model=kept.model == model_digest()),
    }


def _replayed(*, same: bool, model: bool) -> str:
    if same:
        return "Worked out again, it is the same to the byte."
    if not model:
        return "It is another one now, because the rules or figures it rests on are others."
    return "It is another one now, although the rules and figures are the same: the program has changed."


def digest_of(document: Document) -> str:
    """Tells one assessment from another."""
    return digest(canonical(document))


def worked_out(workspace: Workspace, uid: str, revision: int, now: datetime) -> Document:
    """The assessment of a change as it was at a revision, at an instant."""
    scene = workspace.scene(str(View(revision=revision)))
    picture = scene.picture
    ground = Ground(workspace, scene)
    place = picture.number_of_uid(uid)
    if place is None:
        raise NotFound(f"There is no such change at revision {revision}.")
    change = ground.change(place)
    when = Moment(at=max(change.window.start, now) if change.window else now, known=now)
    assessment = assessment_of(ground, change, when)
    around = Surroundings(picture, own_of(ground, place), others_of(ground, place, change.window), now)
    clashes = around.at(change.window)
    runs, impact = assessment.runs, assessment.impact
    held = holds(Case(picture, change, around.footing, runs, impact, clashes.found))
    return {
        "format": FORMAT,
        "key": change.key,
        "title": change.title,
        "type": change.type,
        "revision": revision,
        "view": scene.view,
        "at": instant(when.at),
        "assessed_at": instant(now),
        **assessment_document(assessment, scene.view),
        **likelihood_document(change.type),
        "holds": [{"rule": one.rule, "detail": one.detail} for one in held],
        **conflicts_document(picture, clashes),
        "after": _after(ground, change),
        "outdated": False,
    }


def assessment_of(ground: Ground, change: Change, when: Moment) -> Assessment:
    """What a change does, to be worked out."""
    steps = steps_of(ground.picture, change)
    return Assessment(ground.picture, steps, [one.name for one in change.unregistered], when)


def _after(ground: Ground, change: Change) -> Document | None:
    """What is weaker once the change's plan has come true; why it cannot be said, where it does not fit."""
    plan = ground.plan(change.item.uid)
    if not plan:
        return None
    view = View(revision=ground.revision, overlays=(overlay_of(change.key),))
    try:
        after = ground.workspace.scene(str(view)).picture
    except Conflict as error:
        faults = [{"key": one.pointer, "reason": one.detail} for one in error.faults]
        return {"view": str(view), "conflicts": faults, "points": [], "groups": [], "broken": []}
    found = altered(ground.picture, after, sorted(_uids(plan)))
    return {"view": str(view), "conflicts": [], **altered_document(after, found)}


def is_outdated(ground: Ground, change: Change, kept: Kept) -> bool:
    """Whether the change itself, or the graph in its reach, has changed since it was assessed."""
    store, uid = ground.workspace.store, change.item.uid
    since = kept.revision
    if since + 1 >= ground.revision:
        return False
    touched = store.touched(since + 1, ground.revision)
    if _says(store.read(since, {uid}).items.get(uid)) != _says(change.item):
        return True
    touched.discard(uid)
    ends = set(_ends(touched))
    if uid in ends or store.plan(uid, since) != ground.plan(uid):
        return True
    scope = assessment_of(ground, change, Moment(kept.at, kept.at)).scope
    numbers = ground.picture.numbers_of_uids(sorted(ends))
    return bool(np.any(scope[numbers[numbers >= 0]]))


def _says(item: Item | None) -> dict[str, Value] | None:
    """What is written of a change, whatever its stage is and however it was assessed."""
    if item is None:
        return None
    left_out = {STAGE, REVISION, AT, MODEL, DIGEST, BAND}
    said = {name: value for name, value in item.attributes.items() if name not in left_out}
    return {"name": item.name, **said}


def _ends(touched: AbstractSet[Target]) -> Iterator[str]:
    for one in touched:
        yield from (one.source, one.target) if isinstance(one, RelationId) else (one,)


def _uids(plan: Plan) -> set[str]:
    return set(_ends(plan.keys()))
