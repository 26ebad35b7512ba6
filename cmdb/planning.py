"""Planning: changes that are meant for a plan become steps of it, one for each item or relation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cmdb.model import Identity, RelationId
from cmdb.operations import (
    AddRelation,
    ChangeItem,
    ChangePlan,
    ChangeRelation,
    Changes,
    CreateItem,
    GraphOperation,
    Plan,
    RemoveRelation,
    Step,
    Target,
    target_of,
)


def into_plan(
    owner: str,
    plan: Plan,
    operations: Iterable[GraphOperation],
    names: Mapping[str, tuple[Identity, ...]],
    aliases: Mapping[str, str],
) -> list[ChangePlan]:
    """The steps that take a plan to where some operations, planned on top of it, would lead.

    Parameters
    ----------
    owner
        The uid of the item that owns the plan.
    operations
        What is to be different from the graph with the plan laid over it.
    names
        By uid of a new item: the names that sources know it by.
    aliases
        By uid of an item that the plan creates: the item that stands for it in the graph.
    """
    steps: dict[Target, Step | None] = dict(plan)
    for operation in operations:
        target = target_of(operation)
        for uid in (uid for uid, meant in aliases.items() if meant == target and steps.get(uid)):
            steps[uid] = _without(steps[uid], operation)
        place = _place(target, steps, aliases)
        steps[place] = merged(steps.get(place), operation, names.get(str(target), ()))
    changed = ((target, plan.get(target), step) for target, step in steps.items())
    return [ChangePlan(owner, before, after) for _, before, after in changed if before != after]


def merged(step: Step | None, operation: GraphOperation, names: tuple[Identity, ...] = ()) -> Step | None:
    """A step with one more operation on top; `None` if nothing is left to do."""
    if step is None:
        return Step(operation, names)
    found = _merged(step.operation, operation)
    return None if found is None else replace(step, operation=found)


def _merged(first: GraphOperation, then: GraphOperation) -> GraphOperation | None:
    if isinstance(first, CreateItem | AddRelation) and isinstance(then, ChangeItem | ChangeRelation):
        return replace(first, after=_given({**first.after, **then.after}))
    if isinstance(first, ChangeItem | ChangeRelation) and isinstance(then, ChangeItem | ChangeRelation):
        return _change(first, {**then.before, **first.before}, {**first.after, **then.after})
    if isinstance(first, AddRelation) and isinstance(then, RemoveRelation):
        return None
    if isinstance(first, ChangeRelation) and isinstance(then, RemoveRelation):
        return replace(then, before=_given({**then.before, **first.before}))
    if isinstance(first, RemoveRelation) and isinstance(then, AddRelation):
        after = {name: then.after.get(name) for name in {**first.before, **then.after}}
        return _change(ChangeRelation(then.id, {}, {}, then.source), first.before, after)
    raise ValueError(f"{type(then).__name__} cannot follow {type(first).__name__}")


def _change(kind: ChangeItem | ChangeRelation, before: Changes, after: Changes) -> GraphOperation | None:
    """A change of the fields whose value is another one in the end."""
    other = {name: value for name, value in sorted(after.items()) if before.get(name) != value}
    return replace(kind, before={name: before.get(name) for name in other}, after=other) if other else None


def _given(values: Changes) -> Changes:
    return {name: value for name, value in values.items() if value is not None}


def _without(step: Step | None, operation: GraphOperation) -> Step | None:
    """A creation that leaves to the graph's own item what is to be changed of it."""
    if step is None or not isinstance(step.operation, CreateItem) or not isinstance(operation, ChangeItem):
        return step
    core = ("key", "name", "class")
    after = {
        name: value
        for name, value in step.operation.after.items()
        if name in core or name not in operation.after
    }
    return replace(step, operation=replace(step.operation, after=after))


def _place(target: Target, steps: Mapping[Target, Step | None], aliases: Mapping[str, str]) -> Target:
    """Where the plan holds its step for a target: under the name it gave it, if it made an end of it."""
    if isinstance(target, str) or target in steps:
        return target
    for one in steps:
        if isinstance(one, RelationId):
            ends = (aliases.get(uid, uid) for uid in (one.source, one.target))
            if RelationId(next(ends), one.type, next(ends)) == target:
                return one
    return target
