"""What the doors that write any item keep to where it is a change: its record is whole, its life legal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from cmdb.changes.record import AFFECTS, CLASS, STAGE, UNREGISTERED, stage_of
from cmdb.changes.rules import Stage, life, state_of
from cmdb.changes.times import zone_of
from cmdb.changes.unregistered import Unregistered
from cmdb.errors import Conflict, Fault, Rejected, WrongUsage
from cmdb.model import Graph, Item
from cmdb.operations import (
    AddRelation,
    ChangeItem,
    ChangeRelation,
    CreateItem,
    GraphOperation,
    RelationOperation,
    RemoveRelation,
    apply_to_item,
)
from cmdb.values import Value, moment
from cmdb.words import listed

Door = Literal["edit", "import", "undo"]
"""By which an item is written: by hand, as an import tells it, or as it was before."""

FROZEN = ("action", "step", "effect", "minutes")
"""What is frozen of a relation `affects`, beside that it is there."""


def check_changes(operations: Sequence[GraphOperation], before: Graph, door: Door = "edit") -> None:
    """Refuse operations that would break the record of a change.

    By hand no stage is altered, as that is for the verbs of `cmdb change`; an import may state any stage that
    there is, and an undoing puts back the one that was. What a frozen change touches is altered by none of
    them, unless the change itself is taken back.

    Parameters
    ----------
    before
        At least what the operations are about, with the items at the ends of relations.

    Raises
    ------
    Rejected
        If a change would say what cannot be: a stage that does not exist, an end before its start.
    Conflict
        If its stage does not allow it.
    """
    records = _records(operations, before)
    wrong = [fault for item in records.values() for fault in wrong_with(item)]
    if wrong:
        raise Rejected(_told(wrong), tuple(wrong))
    illegal = [*_moved(records, before, door), *_thawed(operations, records, before, door)]
    if illegal:
        raise Conflict(_told(illegal), tuple(illegal))


def wrong_with(item: Item) -> Iterator[Fault]:
    """What a change says that cannot be; whether each single value can be, the vocabulary says."""
    for field, check in _CHECKS.items():
        try:
            check(item)
        except ValueError as error:
            yield Fault(f"{item.key}: {field}", str(error))


def frozen(key: str, stage: Stage) -> str:
    """Why what a change touches cannot be altered, and what can be done."""
    return f"it is {stage.label}, so what it touches is frozen.{possible(key, stage)}"


def possible(key: str, stage: Stage) -> str:
    """A sentence that names the moves out of a stage."""
    moves = [f"cmdb change {verb} {key}" for verb in stage.moves]
    return f" Possible now: {listed(moves)}." if moves else " Nothing more can be done with it."


def _records(operations: Sequence[GraphOperation], before: Graph) -> dict[str, Item]:
    """By uid, the changes that the operations make or alter, as they are afterwards."""
    found: dict[str, Item] = {}
    for one in operations:
        if isinstance(one, CreateItem):
            if one.after["class"] == CLASS:
                found[one.uid] = apply_to_item(None, one, before.time)
        elif isinstance(one, ChangeItem):
            was = found.get(one.uid) or before.items.get(one.uid)
            if was is not None and CLASS in {was.class_name, one.after.get("class")}:
                found[one.uid] = apply_to_item(was, replace(one, before={}), before.time)
    return {uid: item for uid, item in found.items() if item.class_name == CLASS or uid in before.items}


def _moved(records: Mapping[str, Item], before: Graph, door: Door) -> Iterator[Fault]:
    for uid, item in records.items():
        was = before.items.get(uid)
        if was is None or was.class_name != CLASS:
            continue
        stage = life().stage(stage_of(was))
        if item.class_name != CLASS:
            yield Fault(was.key, "it is a change, and stays one")
        elif door == "edit" and stage_of(item) != stage_of(was):
            yield Fault(f"{was.key}: {STAGE}", f"no edit moves a change.{possible(was.key, stage)}")
        elif _is_kept(was, item, door) and was.attributes.get(UNREGISTERED) != item.attributes.get(
            UNREGISTERED
        ):
            yield Fault(f"{was.key}: {UNREGISTERED}", frozen(was.key, stage))


def _thawed(
    operations: Sequence[GraphOperation], records: Mapping[str, Item], before: Graph, door: Door
) -> Iterator[Fault]:
    for one in operations:
        if not isinstance(one, CreateItem | ChangeItem) and one.id.type == AFFECTS and _alters(one):
            was = before.items.get(one.id.source)
            if was is not None and _is_kept(was, records.get(was.uid, was), door):
                yield Fault(was.key, frozen(was.key, life().stage(stage_of(was))))


def _is_kept(was: Item, now: Item, door: Door) -> bool:
    """Whether what a change touches has to stay as it is."""
    if was.class_name != CLASS or not life().stage(stage_of(was)).frozen:
        return False
    taken_back = door == "undo" and not life().stage(stage_of(now)).frozen
    return not (now.retired or taken_back)


def _alters(one: RelationOperation) -> bool:
    if isinstance(one, ChangeRelation):
        return any(name in one.after and one.after[name] != one.before.get(name) for name in FROZEN)
    return isinstance(one, AddRelation | RemoveRelation)


def _told(faults: Sequence[Fault]) -> str:
    more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
    return f"Nothing was written. {faults[0].pointer}: {faults[0].detail}{more}"


def _check_stage(item: Item) -> None:
    fault = life().wrong_with(stage_of(item))
    if fault:
        raise ValueError(fault)


def _check_zone(item: Item) -> None:
    zone = item.attributes.get("zone")
    if zone is not None:
        zone_of(str(zone))


def _check_planned(item: Item) -> None:
    start, end = item.attributes.get("planned_start"), item.attributes.get("planned_end")
    if (start is None) != (end is None):
        raise ValueError("a planned window has a start and an end")
    _check_order(start, end)


def _check_actual(item: Item) -> None:
    start, end = item.attributes.get("actual_start"), item.attributes.get("actual_end")
    if start is None and end is not None:
        raise ValueError("what has ended has started: give actual_start too")
    _check_order(start, end)


def _check_order(start: Value | None, end: Value | None) -> None:
    if start is not None and end is not None and moment(str(end)) <= moment(str(start)):
        raise ValueError(f"it ends at {end}, and only starts at {start}")


def _check_unregistered(item: Item) -> None:
    told = item.attributes.get(UNREGISTERED)
    for text in told if isinstance(told, list) else ():
        one = Unregistered.read(str(text))
        try:
            state_of(one.action, one.effect)
        except WrongUsage as error:
            raise ValueError(error.detail) from None


_CHECKS = {
    STAGE: _check_stage,
    "zone": _check_zone,
    "planned_end": _check_planned,
    "actual_end": _check_actual,
    UNREGISTERED: _check_unregistered,
}
