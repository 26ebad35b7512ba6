"""Writing: changes become a commit, of the live graph or of somebody's plan."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from api.service.workspace import Workspace
from cmdb.errors import Stale
from cmdb.model import Graph, Identity, Item, Sighting
from cmdb.operations import ChangePlan, CreateItem, GraphOperation, Plan
from cmdb.overlay import Overlaid, conflict, overlay
from cmdb.planning import Planner
from cmdb.viewing import locate, names_of, plan_owner, plans_at
from cmdb.views import Overlay, View, parse_overlay

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 10
"""How often a change is planned anew because the graph has changed meanwhile."""


def persistently(attempt: Callable[[], T]) -> T:
    """Plan a change and commit it, anew while others change the graph in between.

    Raises
    ------
    Stale
        If others kept changing it, again and again.
    """
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except Stale:
            log.info("the graph changed while a change was planned; planning it again")
    return attempt()


@dataclass(frozen=True)
class PlanGround:
    """What changes are planned on that are meant for a plan: the graph as the plan wants it.

    Attributes
    ----------
    live
        The graph as it is.
    plans
        All plans that show with this one, it among them, by name.
    known
        Who is known by which name, the plans' new items among them.
    laid
        The graph with all of these plans laid over it; where they do not fit, as it is.
    """

    into: Overlay
    owner: str
    live: Graph
    plans: Mapping[str, Plan]
    known: Mapping[Identity, str]
    laid: Overlaid

    @property
    def plan(self) -> Plan:
        """The plan that takes the changes."""
        return self.plans[str(self.into)]

    def item(self, key: str) -> Item | None:
        """The item with this key, if there is one."""
        uid = self.laid.graph.uid_of.get(key)
        return self.laid.graph.items[uid] if uid else None

    def steps(
        self, changes: Sequence[GraphOperation], sightings: Iterable[Sighting] = ()
    ) -> list[ChangePlan]:
        """What is committed so that the changes come about in the plan.

        Raises
        ------
        Conflict, Rejected
            If the plan would not fit then where it fits now.
        """
        names: dict[str, tuple[Identity, ...]] = {}
        for seen in sightings:
            names[seen.uid] = (*names.get(seen.uid, ()), seen.identity)
        others = {name: plan for name, plan in self.plans.items() if name != str(self.into)}
        base = overlay(self.live, others, self.known, come_true=False).graph
        steps = Planner(self.owner, self.plan, base, self.laid.aliases).steps(changes, names)
        self.check(steps)
        return steps

    def check(self, steps: Iterable[ChangePlan]) -> None:
        """Refuse steps with which the plan would fit less than it does now."""
        after = dict(self.plan)
        for one in steps:
            after.pop(one.target, None)
            after |= {one.target: one.after} if one.after else {}
        plans = {**self.plans, str(self.into): after}
        there = set(overlay(self.live, self.plans, self.known).conflicts)
        found = [one for one in overlay(self.live, plans, self.known).conflicts if one not in there]
        if found:
            raise conflict("Nothing was planned", found)

    def about(self, key: str) -> list[ChangePlan]:
        """What takes everything out of the plan that is about the item with a key, its relations included."""
        uids = {item.uid for item in self.laid.graph.items.values() if item.key == key}
        for step in self.plan.values():
            if isinstance(step.operation, CreateItem) and step.operation.after["key"] == key:
                uids.add(step.operation.uid)
        uids |= {uid for uid, meant in self.laid.aliases.items() if meant in uids}
        return [
            ChangePlan(self.owner, step, None)
            for target, step in self.plan.items()
            if (target in uids if isinstance(target, str) else uids & {target.source, target.target})
        ]


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
    plans = plans_at(store, place)
    known = store.identities()
    laid = overlay(live, plans, known, come_true=False)
    planned = {name: laid.aliases.get(uid, uid) for uid, name in names_of(plans)}
    return PlanGround(named, owner.uid, live, plans, {**planned, **known}, laid)
