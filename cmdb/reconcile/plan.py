"""The plan of an import: everything it would do, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmdb.errors import Fault
from cmdb.model import Sighting
from cmdb.observations import Observations
from cmdb.operations import GraphOperation
from cmdb.reconcile.draft import Draft, Known, Rules, Unresolved, in_order, totals
from cmdb.reconcile.ends import check_new_classes
from cmdb.reconcile.items import plan_items
from cmdb.reconcile.namesakes import known_elsewhere
from cmdb.reconcile.relations import needs_all, plan_relations
from cmdb.reconcile.retire import relations_ending, retire_unlisted
from cmdb.stores.base import Progress, in_silence
from cmdb.words import natural


@dataclass(frozen=True)
class Plan:
    """What an import would do.

    Attributes
    ----------
    operations, planned_at
        The changes, and the revision they were planned against.
    sightings
        What the sources were seen to see, whether or not anything changes.
    items, relations
        How many are added, changed, retired and unchanged; people and teams are left out.
    unresolved, rejected
        What could not be applied, and why, in the order of the file.
    warnings
        What a reader should know before trusting the result.
    candidates
        Keys of items that a source brought before and did not list this time, and that stay as they are.
    """

    source: str
    formats: tuple[str, ...]
    operations: tuple[GraphOperation, ...]
    planned_at: int
    sightings: Sequence[Sighting]
    items: Mapping[str, int]
    relations: Mapping[str, int]
    unresolved: tuple[Unresolved, ...]
    warnings: tuple[str, ...]
    rejected: tuple[Fault, ...]
    candidates: tuple[str, ...]


def plan(seen: Sequence[Observations], known: Known, rules: Rules, progress: Progress = in_silence) -> Plan:
    """Plan an import.

    Raises
    ------
    Rejected
        If a file that is applied as a whole has a fault (every one is listed), if an item would get a class
        that one of its relations does not allow, if more would be retired than the ceiling allows, or if
        the graph was filled with another vocabulary.
    Stale
        If somebody else imported from the same source after the graph was read.
    """
    graph = known.graph
    known.vocabulary.refuse_unknown(
        (item.class_name for item in graph.items.values()), (relation.type for relation in graph.relations)
    )
    draft = Draft(known, rules, progress)
    for one in seen:
        (draft.faults if one.all_or_nothing else draft.rejected).extend(one.rejected)
        draft.warnings.extend(one.warnings)
    plan_items(draft, seen)
    plan_relations(draft, seen)
    sources = {rules.source_of(one) for one in seen}
    check_new_classes(draft, relations_ending(draft, sources))
    draft.refuse_faults()
    candidates = retire_unlisted(draft, sources)
    draft.warnings.extend(needs_all(draft))
    draft.warnings.extend(known_elsewhere(draft, seen))
    return _result(draft, seen, sources, candidates)


def _result(
    draft: Draft, seen: Sequence[Observations], sources: set[str], candidates: tuple[str, ...]
) -> Plan:
    return Plan(
        source=", ".join(sorted(sources)),
        formats=tuple(sorted({one.format for one in seen})),
        operations=tuple(draft.operations),
        planned_at=draft.known.graph.revision,
        sightings=draft.sightings,
        items=totals(draft.items),
        relations=totals(draft.relations),
        unresolved=tuple(sorted(draft.unresolved, key=lambda one: natural(one.where))),
        warnings=tuple(dict.fromkeys(draft.warnings)),
        rejected=in_order(draft.rejected),
        candidates=candidates,
    )
