"""Altering a change: other values of its record, other things that it touches, another plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.service.changes.drafting import affects_edited, record_edited
from api.service.changes.ground import Ground, overlay_of
from api.service.changes.planning import NOTHING, Planned, plan_operations
from api.service.changes.prepared import Brief, Prepared
from api.service.writing import plan_ground
from cmdb.changes import Change
from cmdb.changes.form import AFFECTS_PART, FORM, OPERATIONS_PART, PARTS, fields_of, merged, parts_of, written
from cmdb.changes.guarding import frozen, possible
from cmdb.changes.reading import Draft, read_change, refused
from cmdb.changes.record import UNREGISTERED
from cmdb.errors import Conflict, Fault
from cmdb.operations import ChangeItem, GraphOperation
from cmdb.values import Value
from cmdb.words import listed

_LISTS = (AFFECTS_PART, OPERATIONS_PART)


def altered(ground: Ground, place: int, said: Mapping[str, Any], warnings: Sequence[str]) -> Prepared:
    """Prepare what is to be other in a change; raises like `Changes.edit`."""
    change = ground.change(place)
    if change.at.ended:
        raise Conflict(
            f"{change.key} is {change.at.label}, and stays as it is.{possible(change.key, change.at)}"
        )
    draft = _draft(ground, change, said)
    record: list[GraphOperation] = list(record_edited(change, draft.values))
    touched = affects_edited(ground, place, draft.affects) if AFFECTS_PART in said else []
    if change.at.frozen and (touched or _alters(record)):
        raise Conflict(f"{change.key}: {frozen(change.key, change.at)}")
    planned = _planned(ground, change, draft) if OPERATIONS_PART in said else NOTHING
    parts = [name for name in PARTS if name in said]
    return Prepared(
        Brief.written(change.key, draft.values, change.stage),
        ground.revision,
        f"{change.key}: {listed(parts)} edited",
        [*record, *touched],
        planned.steps,
        parts,
        [*warnings, *planned.warnings],
    )


def _draft(ground: Ground, change: Change, said: Mapping[str, Any]) -> Draft:
    """The change as it is to be: what is said, upon what was written; its lists only where they are said.

    What it touches may have been retired since, which is no matter of whoever alters the title.
    """
    faults: list[Fault] = []
    for _ in parts_of(said, faults):  # which finds the parts that there are not, also those to be taken away
        continue
    if faults:
        raise refused(faults)
    whole = {name: value for name, value in merged(written(change), said).items() if name not in _LISTS}
    whole |= {name: said[name] for name in _LISTS if said.get(name) is not None}
    draft = read_change(whole, ground.workspace.vocabulary, ground.item)
    values: dict[str, Value | None] = {**dict.fromkeys(fields_of(FORM)), **draft.values}
    if AFFECTS_PART not in said:
        del values[UNREGISTERED]
    return replace(draft, values=values)


def _alters(record: Sequence[GraphOperation]) -> bool:
    return any(isinstance(one, ChangeItem) and UNREGISTERED in one.after for one in record)


def _planned(ground: Ground, change: Change, draft: Draft) -> Planned:
    there = plan_ground(ground.workspace, str(overlay_of(change.key)))
    return plan_operations(ground, there, draft.operations or ())
