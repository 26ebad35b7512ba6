"""Laying plans over relations, and which items they may join then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cmdb.model import RelationId
from cmdb.operations import (
    AddRelation,
    ChangeItem,
    ChangeRelation,
    RelationOperation,
    RemoveRelation,
    apply_to_relation,
)
from cmdb.overlay.draft import Draft, Laid
from cmdb.overlay.wishes import Wish, Wishes, add_wishes


def relate(draft: Draft, laid: Iterable[Laid]) -> None:
    """Add, change and remove relations."""
    found: dict[RelationId, list[Laid]] = defaultdict(list)
    for one in laid:
        if isinstance(one.step.target, RelationId):
            found[draft.meant_relation(one.step.target)].append(one)
    for relation, steps in found.items():
        _relate(draft, relation, steps)


def check_ends(draft: Draft, laid: Iterable[Laid]) -> None:
    """Refuse relations between items that they may not join: those of plans, and of items they reclassify."""
    relating: dict[RelationId, str] = {}
    reclassing: dict[str, str] = {}
    for plan, step in laid:
        if isinstance(step.target, RelationId):
            relating[draft.meant_relation(step.target)] = plan
        elif isinstance(step.operation, ChangeItem) and "class" in step.operation.after:
            reclassing[draft.meant(step.target)] = plan
    there = (one for one in draft.relations if one.source in reclassing or one.target in reclassing)
    for one in {*relating, *(there if reclassing else ())} & draft.relations.keys():
        reason = _refusal(draft, one)
        if reason:
            plan = reclassing.get(one.source) or reclassing.get(one.target) or relating[one]
            draft.fault(draft.said(one), f"with the plan of {plan}: {reason}")


def _refusal(draft: Draft, one: RelationId) -> str | None:
    vocabulary = draft.known.vocabulary
    source, target = (draft.items[uid].class_name for uid in (one.source, one.target))
    if vocabulary is None or not vocabulary.knows({source, target}, {one.type}):
        return None  # of another vocabulary, as whoever looks at it is told
    return vocabulary.refusal(one.type, source, target)


def _relate(draft: Draft, one: RelationId, laid: list[Laid]) -> None:
    who = draft.said(one)
    removing = [step for step in laid if isinstance(step.operation, RemoveRelation)]
    keeping = [step for step in laid if not isinstance(step.operation, RemoveRelation)]
    if removing and keeping:
        draft.fault(who, f"{removing[0].plan} removes it and {keeping[0].plan} needs it")
    elif removing:
        _remove(draft, one, removing)
    elif one.source == one.target:
        draft.fault(who, "it would relate an item to itself")
    elif missing := {one.source, one.target} - draft.items.keys():
        for uid in missing:
            draft.fault(who, f"{keeping[0].plan} needs {draft.stranger(uid)}")
    else:
        _keep(draft, one, keeping)


def _remove(draft: Draft, one: RelationId, laid: list[Laid]) -> None:
    relation = draft.relations.get(one)
    if relation is None:
        return
    for plan, step in laid:
        before = step.operation.before if isinstance(step.operation, RemoveRelation) else {}
        if dict(before) != dict(relation.attributes):
            draft.fault(draft.said(one), f"{plan} removes it, but it has changed since")
            return
    del draft.relations[one]


def _keep(draft: Draft, one: RelationId, laid: list[Laid]) -> None:
    who, adds = draft.said(one), [step for step in laid if isinstance(step.operation, AddRelation)]
    if not adds and one not in draft.relations:
        draft.fault(who, f"{laid[0].plan} changes it, but it is not there{_apart(draft, one)}")
        return
    new: Wishes = defaultdict(list)
    altered: Wishes = defaultdict(list)
    for plan, step in laid:
        if isinstance(step.operation, AddRelation):
            for name, value in step.operation.after.items():
                new[name].append(Wish(plan, None, value, step.operation.source))
        elif isinstance(step.operation, ChangeRelation):
            add_wishes(altered, plan, step.operation)
    if one not in draft.relations:
        _put(draft, AddRelation(one, {}, adds[0].operation.source))
    for wishes in (new, altered):
        for source, after in draft.granted(who, draft.relations[one].attributes.get, wishes).items():
            _put(draft, ChangeRelation(one, {}, after, source))


def _put(draft: Draft, operation: RelationOperation) -> None:
    after = apply_to_relation(draft.relations.get(operation.id), operation, draft.graph.time)
    if after is not None:
        draft.relations[operation.id] = after


def _apart(draft: Draft, one: RelationId) -> str:
    """Why a relation is not there that was, when an item of today's graph stood for one of the plan's own."""
    own = [uid for uid in (one.source, one.target) if uid in draft.created and uid not in draft.graph.items]
    keys = " and ".join(draft.key(uid) for uid in own)
    return f": {keys} is a new item again, as what stood for it now has another key" if own else ""
