"""A graph with plans laid over it, and where they do not fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cmdb.canonical import canonical, digest
from cmdb.errors import Conflict, Fault
from cmdb.model import Graph, RelationId
from cmdb.operations import Plan, step_as_data, text_of
from cmdb.overlay.draft import Draft, Known, Laid
from cmdb.overlay.items import bring_to_life, change_items, check_keys, create_items
from cmdb.overlay.relations import check_ends, relate


@dataclass(frozen=True)
class Overlaid:
    """A graph with plans laid over it.

    Attributes
    ----------
    aliases
        By uid that a plan gave to a new item: the uid of the item that stands for it, because the graph or
        another plan holds the same key or identity.
    conflicts
        Where a plan does not fit the graph or another plan. There, what is in the graph stands.
    editions
        By uid of an item or relation that the plans say anything of: a text that is another one whenever it
        has another version in the graph, or the plans say something else of it.
    strangers
        The uids of items that the plans need and that are not here.
    """

    graph: Graph
    aliases: Mapping[str, str]
    conflicts: tuple[Fault, ...]
    editions: Mapping[str, str]
    strangers: frozenset[str]

    def edition(self, uid: str, version: int) -> str:
        """What names the state of an item or relation: its version, where no plan says anything of it."""
        return self.editions.get(uid, str(version))

    def fitting(self) -> Overlaid:
        """The same, or `Conflict` with every conflict if there is any."""
        if self.conflicts:
            raise conflict("This cannot be shown", self.conflicts)
        return self


def overlay(
    graph: Graph, plans: Mapping[str, Plan], known: Known | None = None, *, come_true: bool = True
) -> Overlaid:
    """Lay plans over a graph.

    An item that a plan makes is matched with what the graph holds each time it is looked at: by its key,
    else by a name that a source knows it by. So if what stands for it gets another key, the two are apart
    again, unless a source knows both by one name.

    Parameters
    ----------
    graph
        All of a graph, or at least everything that the plans are about.
    plans
        Plans by the name that messages call them.
    known
        What is known beside the graph.
    come_true
        Whether what the plans create is live; else it keeps the status it is planned with.

    Raises
    ------
    Rejected
        If a plan gives an item a key that cannot be one.
    """
    laid = [Laid(name, step) for name in sorted(plans) for step in plans[name].values()]
    draft = Draft(graph, known or Known(), come_true)
    create_items(draft, laid)
    change_items(draft, laid)
    check_keys(draft)
    relate(draft, laid)
    check_ends(draft, laid)
    bring_to_life(draft)
    return Overlaid(
        replace(graph, items=draft.items, relations=draft.relations),
        draft.aliases,
        tuple(sorted(set(draft.faults), key=lambda fault: (fault.pointer, fault.detail))),
        _editions(draft, laid),
        frozenset(draft.strangers),
    )


def conflict(what: str, faults: Sequence[Fault]) -> Conflict:
    """The error that says what does not fit, and how that is settled."""
    number = "1 conflict" if len(faults) == 1 else f"{len(faults)} conflicts"
    cure = "Plan the value again (--into), or take it out of the plan with cmdb withdraw."
    return Conflict(f"{what}: {number}. {faults[0].pointer}: {faults[0].detail}. {cure}", tuple(faults))


def _editions(draft: Draft, laid: Iterable[Laid]) -> dict[str, str]:
    told: dict[str, list[Any]] = defaultdict(list)
    for plan, step in sorted(laid, key=lambda one: (one.plan, text_of(one.step.target))):
        told[text_of(draft.meant_target(step.target))].append([plan, step_as_data(step)])
    return {uid: f"{_version(draft, uid)}-{digest(canonical(said))[:16]}" for uid, said in told.items()}


def _version(draft: Draft, uid: str) -> int:
    """The version in the graph without plans; 0 of what is not there."""
    relation = RelationId.of(uid)
    there = draft.graph.relations.get(relation) if relation else draft.graph.items.get(uid)
    return there.version if there else 0
