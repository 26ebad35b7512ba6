"""The past of plans: which commits planned, changed or withdrew what is meant to be."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from cmdb.canonical import canonical
from cmdb.model import Commit, Identity
from cmdb.operations import ChangePlan, CreateItem
from cmdb.stores.base import Store
from cmdb.stores.bodies import operations_of

INTO = "into"
"""In the result of a commit: the plan it changed, `None` if none: then nobody needs to look for its steps."""


class PlanChange(NamedTuple):
    """What a commit did to one step of a plan."""

    commit: Commit
    operation: ChangePlan


class Made(NamedTuple):
    """An item that a plan makes, or made until it was withdrawn: its key, and the plan's owner."""

    key: str
    owner: str
    still: bool


def plan_changes(store: Store, words: Collection[str], upto: int) -> Iterator[PlanChange]:
    """Every change of a plan that has to do with some words, and others that stand beside them.

    Parameters
    ----------
    words
        Uids, keys or a source's names of items.
    upto
        The newest revision to look at.
    """
    needles = [canonical(word) for word in words]
    for commit in (logged.commit for logged in store.log()):
        if commit.revision > upto or commit.result.get(INTO, "unknown") is None:
            continue
        body = store.body(commit.revision)
        for one in operations_of(part for part in body if any(needle in part for needle in needles)):
            if isinstance(one, ChangePlan):
                yield PlanChange(commit, one)


def plans_about(store: Store, uid: str, key: str, names: Collection[Identity], upto: int) -> list[PlanChange]:
    """The changes of plans that are about an item or its relations, oldest first.

    An item that a plan makes is this one if it has its key, or a name that a source knows this one by.
    """
    words = {uid, key, *(name.source_id for name in names)}
    uids = {uid}
    for _, one in plan_changes(store, words, upto):
        made = _creation(one)
        if made and (key == made.after["key"] or not set(names).isdisjoint(one.step.identities)):
            uids.add(made.uid)
    return [one for one in plan_changes(store, uids, upto) if uids & ends_of(one.operation)]


def made_by_plans(store: Store, uids: Collection[str], upto: int) -> dict[str, Made]:
    """By uid, what plans last said of items that they make."""
    found: dict[str, Made] = {}
    for _, one in plan_changes(store, uids, upto) if uids else ():
        made = _creation(one)
        if made and made.uid in uids:
            found[made.uid] = Made(str(made.after["key"]), one.owner, one.after is not None)
    return found


def ends_of(one: ChangePlan) -> set[str]:
    """The uids of the item, or of the two items, that a step is about."""
    return {one.target} if isinstance(one.target, str) else {one.target.source, one.target.target}


def _creation(one: ChangePlan) -> CreateItem | None:
    return one.step.operation if isinstance(one.step.operation, CreateItem) else None
