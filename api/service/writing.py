"""Writing: changes become a commit, of the live graph or of somebody's plan."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from api.service.workspace import Workspace
from cmdb.canonical import canonical, digest
from cmdb.changes.guarding import check_changes
from cmdb.errors import Fault, NotFound, Stale, VersionNeeded
from cmdb.model import Graph, Identity, Item, Sighting
from cmdb.operations import ChangePlan, CreateItem, GraphOperation, Plan, Target
from cmdb.overlay import Overlaid, conflict
from cmdb.plan_log import ends_of, made_by_plans
from cmdb.planning import Planner
from cmdb.stores.base import Store, Transaction
from cmdb.viewing import Plans, item_with, lay, locate, names_of, plan_owner, plans_at
from cmdb.views import Overlay, View, parse_overlay

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 10
"""How often a change is planned anew because the graph has changed meanwhile."""

NOT_THERE = "0"
"""The edition of what is not there yet."""


def persistently(store: Store, attempt: Callable[[], T], tries: int = TRIES) -> T:
    """Plan a change and commit it, anew while others change the graph in between.

    Raises
    ------
    Stale
        If others kept changing it, again and again; or, at once, if it was refused and nobody did.
    """
    for _ in range(tries - 1):
        began = store.head().revision
        try:
            return attempt()
        except Stale:
            if store.head().revision == began:
                raise
            log.info("the graph changed while a change was planned; planning it again")
    return attempt()


def check_seen(who: str, seen: str | None, now: str) -> None:
    """Refuse to change what somebody has seen in another edition; where none is given, any will do.

    Raises
    ------
    VersionNeeded
        If it was seen as not there, and is.
    Stale
        If it has another edition now.
    """
    if seen in {None, now}:
        return
    if seen == NOT_THERE:
        raise VersionNeeded(f"{who}: it is there, at version {now}. Say which version of it you have seen.")
    found = "it is not there" if now == NOT_THERE else f"it is at version {now} now"
    raise Stale(f"{who}: version {seen} was expected, but {found}.")


@dataclass(frozen=True)
class Once:
    """A request that may be sent twice and is done once.

    Attributes
    ----------
    id
        Under which it may be repeated; without one, it is done as often as it is asked for.
    said
        What tells it from others: who asks for what.
    """

    id: str | None
    said: Sequence[object]

    @property
    def request_hash(self) -> str:
        """Tells two requests under one id apart."""
        return digest(canonical(list(self.said)))

    def recall(self, store: Store) -> dict[str, Any] | None:
        """What it was answered the first time; `None` if this is the first."""
        if self.id is None:
            return None
        known = store.recall(self.id, self.request_hash)
        return None if known is None else dict(known)

    def sign(self, transaction: Transaction, result: Mapping[str, Any]) -> Transaction:
        """The transaction under the request's id, with what it is to be answered."""
        if self.id is None:
            return transaction
        told = {**transaction.result, **result}
        return replace(transaction, id=self.id, request_hash=self.request_hash, result=told)


@dataclass(frozen=True)
class PlanGround:
    """What changes are planned on that are meant for a plan: the graph as the plan wants it.

    Attributes
    ----------
    live
        The graph as it is.
    plans
        All plans that show with this one, it among them, by name.
    names
        Who is known by which name today.
    laid
        The graph with all of these plans laid over it; where they do not fit, as it is.
    """

    store: Store
    into: Overlay
    owner: str
    live: Graph
    plans: Plans
    names: Mapping[Identity, str]
    laid: Overlaid

    @property
    def known(self) -> Mapping[Identity, str]:
        """Who is known by which name, the plans' new items among them."""
        new = {name: self.laid.aliases.get(uid, uid) for uid, name in names_of(self.plans)}
        return {**new, **self.names}

    @property
    def plan(self) -> Plan:
        """The plan that takes the changes."""
        return self.plans[str(self.into)]

    def item(self, key: str) -> Item | None:
        """The item with this key, if there is one."""
        uid = self.laid.graph.uid_of.get(key)
        return self.laid.graph.items[uid] if uid else None

    def emptied(self) -> PlanGround:
        """The same, as if the plan intended nothing."""
        every = {**self.plans, str(self.into): {}}
        return replace(self, plans=Plans(every, self.plans.vocabulary), laid=self._with({}, come_true=False))

    def steps(
        self, changes: Sequence[GraphOperation], sightings: Iterable[Sighting] = ()
    ) -> list[ChangePlan]:
        """What is committed so that the changes come about in the plan.

        Raises
        ------
        Conflict, Rejected
            If the plan would not fit then where it fits now, or would alter what is no matter of plans.
        """
        check_changes(changes, self.laid.graph)
        names: dict[str, tuple[Identity, ...]] = {}
        for seen in sightings:
            names[seen.uid] = (*names.get(seen.uid, ()), seen.identity)
        base = self._with(None, come_true=False).graph
        steps = Planner(self.owner, self.plan, base, self.laid.aliases).steps(changes, names)
        self.check(steps)
        return steps

    def check(self, steps: Iterable[ChangePlan]) -> None:
        """Refuse steps with which the plan would fit less than it does now."""
        plan = dict(self.plan)
        for one in steps:
            plan.pop(one.target, None)
            plan |= {one.target: one.after} if one.after else {}
        before, after = self._with(self.plan), self._with(plan)
        faults = [one for one in after.conflicts if one not in before.conflicts]
        made = {uid for name, one in self.plans.items() for uid in (plan if name == str(self.into) else one)}
        faults += _parted(before, after, made)
        if faults:
            raise conflict("Nothing was planned", faults)

    def about(self, key: str) -> list[ChangePlan]:
        """What takes everything out of the plan that is about the item with a key, its relations included."""
        uids = {item.uid for item in self.laid.graph.items.values() if item.key == key}
        for step in self.plan.values():
            if isinstance(step.operation, CreateItem) and step.operation.after["key"] == key:
                uids.add(step.operation.uid)
        uids |= {uid for uid, meant in self.laid.aliases.items() if meant in uids}
        made = made_by_plans(self.store, self.laid.strangers, self.live.revision)
        uids |= {uid for uid, one in made.items() if one.key == key}
        steps = (ChangePlan(self.owner, step, None) for step in self.plan.values())
        return [one for one in steps if uids & ends_of(one)]

    def _with(self, plan: Plan | None, *, come_true: bool = True) -> Overlaid:
        """The graph with all plans laid over it, this one as given or left out."""
        others = {name: one for name, one in self.plans.items() if name != str(self.into)}
        every = others if plan is None else {**others, str(self.into): plan}
        return lay(
            self.store, self.live, Plans(every, self.plans.vocabulary), self.names, come_true=come_true
        )


def _parted(before: Overlaid, after: Overlaid, made: Collection[Target]) -> list[Fault]:
    """Where an item that plans make would no longer be one with what stands for it now."""
    reason = (
        "today's stands for one of this key that a plan makes; with another key they would be two."
        " Rename it in today's graph, or withdraw it from the plan first"
    )
    lost = [uid for uid in before.aliases if uid in made and uid not in after.aliases]
    return [Fault(before.graph.items[before.aliases[uid]].key, reason) for uid in lost]


def find_item(workspace: Workspace, key: str, into: PlanGround | None) -> Item:
    """The item with a key, in the live graph or as a plan wants it; raises `NotFound`."""
    found = item_with(workspace.store, key) if into is None else into.item(key)
    if found is None:
        workspace.scene().find(key)  # which says what is close to it
        raise NotFound(f"Nothing has the key “{key}”.")
    return found


def plan_ground(workspace: Workspace, into: str) -> PlanGround:
    """Read what changes are to be planned on.

    Parameters
    ----------
    into
        The plan that takes them, as `CLASS:KEY`.

    Raises
    ------
    NotFound, WrongUsage
        If that names no plan.
    """
    store, vocabulary = workspace.store, workspace.vocabulary
    live, named = store.read(), parse_overlay(into)
    owner = plan_owner(store, vocabulary, named, live.revision)
    place = locate(store, vocabulary, View(revision=live.revision, overlays=(named,)))
    return _ground(store, live, named, owner.uid, plans_at(store, place))


def new_plan_ground(workspace: Workspace, into: Overlay, owner: str) -> PlanGround:
    """Read what a plan is to be begun on whose owner is made by the same commit.

    Parameters
    ----------
    owner
        The uid that the owner will have.
    """
    plans = Plans({str(into): {}}, workspace.vocabulary)
    return _ground(workspace.store, workspace.store.read(), into, owner, plans)


def _ground(store: Store, live: Graph, into: Overlay, owner: str, plans: Plans) -> PlanGround:
    names = store.identities()
    laid = lay(store, live, plans, names, come_true=False)
    return PlanGround(store, into, owner, live, plans, names, laid)
