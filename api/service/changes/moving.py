"""Moving a change on: from one stage to the next, as far as the rules and what is there allow it."""

from __future__ import annotations

from api.service.changes.ground import Ground
from api.service.changes.prepared import Brief, Prepared
from api.service.changes.standing import in_the_way
from api.service.given import SOURCE
from cmdb.changes import Change
from cmdb.changes.guarding import possible
from cmdb.changes.record import STAGE
from cmdb.changes.rules import life
from cmdb.errors import Conflict, Fault
from cmdb.operations import ChangeItem

SUBMIT = "submit"
CANCEL = "cancel"


def moved(ground: Ground, place: int, verb: str) -> Prepared:
    """Prepare a move; raises like `Changes.cancel`."""
    change = ground.change(place)
    stage = _next(change, verb)
    faults = in_the_way(ground, place, change) if verb == SUBMIT else []
    if faults:
        raise _hindered(change, stage, faults)
    before = {STAGE: change.item.attributes.get(STAGE)}
    record = [ChangeItem(change.item.uid, before, {STAGE: stage}, SOURCE)]
    brief = Brief(change.key, change.title, change.type, stage)
    return Prepared(brief, ground.revision, f"{change.key} {life().stage(stage).label}", record)


def _next(change: Change, verb: str) -> str:
    if change.item.retired:
        raise Conflict(f"{change.key} was taken back (it is retired), so it goes nowhere.")
    stage = change.at.moves.get(verb)
    if stage is None:
        told = f"{change.key} is {change.at.label}: this is no time to {verb} it."
        raise Conflict(told + possible(change.key, change.at))
    return stage


def _hindered(change: Change, stage: str, faults: list[Fault]) -> Conflict:
    number = "1 thing stands" if len(faults) == 1 else f"{len(faults)} things stand"
    told = f"{change.key} is not {life().stage(stage).label}: {number} in the way."
    return Conflict(f"{told} {faults[0].pointer}: {faults[0].detail}", tuple(faults))
