"""Registering a change: its record, and the plan of what it means to alter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.service.changes.drafting import creation
from api.service.changes.ground import Ground, overlay_of
from api.service.changes.planning import NOTHING, plan_operations
from api.service.changes.prepared import Brief, Prepared
from api.service.writing import new_plan_ground
from cmdb.changes.form import PARTS
from cmdb.changes.reading import read_change
from cmdb.changes.rules import life
from cmdb.model import Actor
from cmdb.operations import new_uid
from cmdb.values import instant


def registered(ground: Ground, said: Mapping[str, Any], actor: Actor, warnings: Sequence[str]) -> Prepared:
    """Prepare a new change; raises like `Changes.new`."""
    workspace = ground.workspace
    draft = read_change(said, workspace.vocabulary, ground.item)
    uid, key = new_uid(), ground.next_key()
    planned = NOTHING
    if draft.operations:
        there = new_plan_ground(workspace, overlay_of(key), uid)
        planned = plan_operations(ground, there, draft.operations)
    brief = Brief.written(key, draft.values, life().first)
    return Prepared(
        brief,
        ground.revision,
        f"{key} registered: {brief.title}",
        creation(uid, key, draft, instant(workspace.now()), actor.name),
        planned.steps,
        [name for name in PARTS if said.get(name) is not None],
        [*warnings, *planned.warnings],
    )
