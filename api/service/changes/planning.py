"""The plan of a change: what its operations make of the graph, as steps committed with its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from api.service.changes.ground import Ground, made_by
from api.service.given import SOURCE
from api.service.writing import PlanGround
from cmdb.changes.planned import read_operations
from cmdb.changes.reading import refused
from cmdb.errors import Rejected, Stale
from cmdb.model import RelationId
from cmdb.operations import ChangePlan, Plan, Step, Target
from cmdb.reconcile import Known, Rules, plan
from cmdb.values import instant


class Planned(NamedTuple):
    """The steps that lead to a plan, and what a reader should know of it."""

    steps: Sequence[ChangePlan]
    warnings: Sequence[str]


NOTHING = Planned((), ())


def plan_operations(now: Ground, ground: PlanGround, said: Sequence[object]) -> Planned:
    """Plan what a change means to alter, in the place of all that its plan intended until now.

    Raises
    ------
    Rejected
        If an operation cannot be; every fault is listed.
    Conflict
        If the plan would not fit what is there; every conflict is listed.
    Stale
        If somebody has written since the ground was looked at.
    """
    if ground.live.revision != now.revision:
        raise Stale("Somebody else has written meanwhile.")
    workspace = now.workspace
    empty = ground.emptied()
    wanted = read_operations(said, empty.laid.graph, SOURCE)
    if wanted.faults:
        raise refused(wanted.faults)
    rules = Rules(instant(workspace.now()), planned=True)
    try:
        found = plan([wanted.observations], Known(empty.laid.graph, empty.known, workspace.vocabulary), rules)
    except Rejected as error:
        raise refused(error.faults) if error.faults else error from None
    steps = empty.steps([*found.operations, *wanted.removals], found.sightings)
    after = _known_again({one.target: one.step for one in steps}, ground.plan)
    return Planned([*_altered(ground, after)], found.warnings)


def _altered(ground: PlanGround, after: Plan) -> list[ChangePlan]:
    """What leads from the plan that there is to another one."""
    before = ground.plan
    targets = dict.fromkeys([*before, *after])
    return [
        ChangePlan(ground.owner, before.get(target), after.get(target))
        for target in targets
        if before.get(target) != after.get(target)
    ]


def _known_again(after: Plan, before: Plan) -> Plan:
    """A plan in which an item that was to be made before, by its key, is the same one."""
    there = {key: uid for uid, key in made_by(before).items()}
    same = {uid: there[key] for uid, key in made_by(after).items() if key in there}
    return {_target(target, same): _step(step, same) for target, step in after.items()}


def _step(step: Step, same: Mapping[str, str]) -> Step:
    operation, target = step.operation, _target(step.target, same)
    who = {"uid": target} if isinstance(target, str) else {"id": target}
    return replace(step, operation=replace(operation, **who))


def _target(target: Target, same: Mapping[str, str]) -> Target:
    if isinstance(target, str):
        return same.get(target, target)
    source, end = (same.get(uid, uid) for uid in (target.source, target.target))
    return RelationId(source, target.type, end)
