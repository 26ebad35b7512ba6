"""Planning: changes that are meant for a plan become steps of it, one for each item or relation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cmdb.model import STATUS, Graph, Identity, Relation, RelationId
from cmdb.operations import (
    AddRelation,
    ChangeItem,
    ChangePlan,
    ChangeRelation,
    Changes,
    CreateItem,
    GraphOperation,
    Plan,
    RelationOperation,
    RemoveRelation,
    Step,
    Target,
    value_of,
)
from cmdb.overlay import NOT_YET
from cmdb.values import Value

_CORE = ("key", "name", "class")


@dataclass(frozen=True)
class Planner:
    """Works out the steps that take a plan to where some operations would lead.

    Attributes
    ----------
    owner
        The uid of the item that owns the plan.
    base
        The graph without this plan; what a field is there is what its step is planned from.
    aliases
        By uid of an item that the plan creates: the item that stands for it in the graph.
    """

    owner: str
    plan: Plan
    base: Graph
    aliases: Mapping[str, str]

    def steps(
        self, operations: Iterable[GraphOperation], names: Mapping[str, tuple[Identity, ...]]
    ) -> list[ChangePlan]:
        """The changes of the plan.

        An operation that gives a field the value it has without the plan takes the field out of it.

        Parameters
        ----------
        operations
            What is meant to be, told of the graph with the plan laid over it.
        names
            By uid of a new item: the names that sources know it by.
        """
        steps: dict[Target, Step | None] = dict(self.plan)
        for one in operations:
            if isinstance(one, CreateItem):
                steps[one.uid] = Step(one, names.get(one.uid, ()))
            elif isinstance(one, ChangeItem):
                self._change_item(steps, one)
            else:
                self._take_relation(steps, one)
        changed = ((self.plan.get(target), step) for target, step in steps.items())
        return [ChangePlan(self.owner, before, after) for before, after in changed if before != after]

    def _change_item(self, steps: dict[Target, Step | None], one: ChangeItem) -> None:
        made, item = steps.get(one.uid), self.base.items.get(one.uid)
        if item is None and made is not None and isinstance(made.operation, CreateItem):
            given = _given({**made.operation.after, **one.after})
            steps[one.uid] = replace(made, operation=replace(made.operation, after=given))
            return
        for uid in (uid for uid, meant in self.aliases.items() if meant == one.uid and steps.get(uid)):
            one = _of_what_is_there(one)
            steps[uid] = _without(steps[uid], one)
        step = steps.get(one.uid)
        was = step.operation if step and isinstance(step.operation, ChangeItem) else None
        if item is None:  # another plan makes it, and only together with this one it is an item of its own
            now: Changes = {**one.before, **(was.before if was else {})}
        else:
            now = {name: value_of(item, name) for name in one.after}
        before, after = _merged(was, one.after, now)
        steps[one.uid] = Step(ChangeItem(one.uid, before, after, one.source)) if after else None

    def _take_relation(self, steps: dict[Target, Step | None], one: RelationOperation) -> None:
        place = self._place(one.id, steps)
        there, step = self.base.relations.get(one.id), steps.get(place)
        was = step.operation if step else None
        steps[place] = self._relation_step(one, place, there, was)

    def _relation_step(
        self, one: RelationOperation, place: RelationId, there: Relation | None, was: GraphOperation | None
    ) -> Step | None:
        if isinstance(one, RemoveRelation):
            if there is None:
                return None
            return Step(RemoveRelation(place, dict(there.attributes), one.source))
        if there is None:
            kept = was.after if isinstance(was, AddRelation | ChangeRelation) else {}
            return Step(AddRelation(place, _given({**kept, **one.after}), one.source))
        wanted = dict(one.after)
        if isinstance(was, RemoveRelation):
            wanted = {**dict.fromkeys(there.attributes), **wanted}
        now = {name: there.attributes.get(name) for name in wanted}
        kept_step = was if isinstance(was, AddRelation | ChangeRelation) else None
        before, after = _merged(kept_step, wanted, now)
        return Step(ChangeRelation(place, before, after, one.source)) if after else None

    def _place(self, relation: RelationId, steps: Mapping[Target, Step | None]) -> RelationId:
        """Where the plan holds its step for a relation: under the uids that it gave to new ends."""
        if relation in steps:
            return relation
        mine = {meant: uid for uid, meant in self.aliases.items()}
        for source in (relation.source, mine.get(relation.source)):
            for target in (relation.target, mine.get(relation.target)):
                if source and target and RelationId(source, relation.type, target) in steps:
                    return RelationId(source, relation.type, target)
        return relation


def _merged(
    was: ChangeItem | AddRelation | ChangeRelation | None, wanted: Changes, now: Changes
) -> tuple[Changes, Changes]:
    """What a step held, with other wishes, each planned from what is there now; none for what is so."""
    before = {} if was is None or isinstance(was, AddRelation) else dict(was.before)
    after: dict[str, Value | None] = {} if was is None else dict(was.after)
    for name, value in sorted(wanted.items()):
        before[name], after[name] = now.get(name), value
        if value == now.get(name):
            del after[name]
    return {name: before.get(name) for name in after}, after


def _of_what_is_there(one: ChangeItem) -> ChangeItem:
    """What is meant for an item that the plan was to create and that is there: not that it is yet to come."""
    if one.after.get(STATUS) not in NOT_YET:
        return one
    return replace(one, after={name: value for name, value in one.after.items() if name != STATUS})


def _without(step: Step | None, one: ChangeItem) -> Step | None:
    """A creation that leaves to the graph's own item what is to be changed of it."""
    if step is None or not isinstance(step.operation, CreateItem):
        return step
    kept = {
        name: value for name, value in step.operation.after.items() if name in _CORE or name not in one.after
    }
    return replace(step, operation=replace(step.operation, after=kept))


def _given(values: Changes) -> Changes:
    return {name: value for name, value in values.items() if value is not None}
