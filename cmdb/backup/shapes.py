"""The shape of what commits did: a line of another shape is not even tried."""

from __future__ import annotations

from cmdb.canonical import canonical
from cmdb.model import CORE
from cmdb.operations import ChangePlan, GraphOperation, ItemOperation, Operation, Step, as_data
from cmdb.stores.bodies import operations_of


def check_part(line: bytes) -> None:
    """Refuse a line that is not a part of a body, byte for byte as a store keeps it.

    Raises
    ------
    ValueError
        If it is not.
    """
    operations = list(operations_of([line]))
    if not operations or not all(map(_is_sound, operations)) or canonical(as_data(operations)) != line:
        raise ValueError("this is not what a commit did")


def _is_sound(operation: Operation) -> bool:
    if isinstance(operation, ChangePlan):
        steps = filter(None, (operation.before, operation.after))
        return _are_texts((operation.owner,)) and all(map(_is_sound_step, steps))
    return _is_sound_graph(operation)


def _is_sound_step(step: Step) -> bool:
    return _is_sound_graph(step.operation) and all(map(_are_texts, step.identities))


def _is_sound_graph(operation: GraphOperation) -> bool:
    target = (operation.uid,) if isinstance(operation, ItemOperation) else operation.id
    changes = [getattr(operation, name, {}) for name in ("before", "after")]
    return _are_texts((*target, operation.source)) and all(map(_is_sound_change, changes))


def _is_sound_change(fields: object) -> bool:
    return isinstance(fields, dict) and all(isinstance(fields.get(name), str | None) for name in CORE)


def _are_texts(values: tuple[object, ...]) -> bool:
    return all(isinstance(one, str) for one in values)
