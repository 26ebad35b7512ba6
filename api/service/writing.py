"""Writing: changes become a commit, of the live graph or of somebody's plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from api.service.workspace import Workspace
from cmdb.model import Graph, Identity, Item, Sighting
from cmdb.operations import GraphOperation, Operation, Plan
from cmdb.planning import into_plan
from cmdb.viewing import laid_over, locate, plan_owner, plans_at
from cmdb.views import Overlay, View, parse_overlay


@dataclass(frozen=True)
class Ground:
    """What changes are planned on: the live graph, or the graph as a plan wants it.

    Attributes
    ----------
    graph
        What is there, or is meant to be there.
    identities
        Who is known by which name, the plan's new items among them.
    into
        The plan that takes the changes, `None` for the live graph.
    """

    graph: Graph
    identities: Mapping[Identity, str]
    into: Overlay | None = None
    owner: str = ""
    plan: Plan | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)

    def item(self, key: str) -> Item | None:
        """The item with this key, if there is one."""
        uid = self.graph.uid_of.get(key)
        return self.graph.items[uid] if uid else None

    def operations(
        self, changes: Sequence[GraphOperation], sightings: Iterable[Sighting] = ()
    ) -> Sequence[Operation]:
        """What is committed so that the changes come about here."""
        if self.plan is None:
            return changes
        names: dict[str, tuple[Identity, ...]] = {}
        for seen in sightings:
            names[seen.uid] = (*names.get(seen.uid, ()), seen.identity)
        return into_plan(self.owner, self.plan, changes, names, self.aliases)


def ground(workspace: Workspace, into: str | None = None) -> Ground:
    """Read what changes are to be planned on.

    Parameters
    ----------
    into
        The plan that takes them, as `CLASS:KEY`.

    Raises
    ------
    NotFound, WrongUsage
        If that names no plan.
    Conflict
        If the plan does not fit what is there.
    """
    store, vocabulary = workspace.store, workspace.vocabulary
    graph, known = store.read(), store.identities()
    if into is None:
        return Ground(graph, known)
    named = parse_overlay(into)
    owner: Item = plan_owner(store, vocabulary, named, graph.revision)
    place = locate(store, vocabulary, View(revision=graph.revision, overlays=(named,)))
    plans = plans_at(store, place)
    laid = laid_over(store, graph, plans, come_true=False)
    planned = {
        name: laid.aliases.get(str(target), str(target))
        for plan in plans.values()
        for target, step in plan.items()
        for name in step.identities
    }
    return Ground(laid.graph, planned | dict(known), named, owner.uid, plans[str(named)], laid.aliases)
