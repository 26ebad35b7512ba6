"""The plan of an import: everything it would do, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cmdb.errors import Fault
from cmdb.model import Sighting
from cmdb.observations import Observations
from cmdb.operations import GraphOperation, Target
from cmdb.reconcile.draft import Draft, Kept, Known, Retiring, Rules, Unresolved, in_order, totals
from cmdb.reconcile.ends import check_new_classes
from cmdb.reconcile.items import plan_items
from cmdb.reconcile.lonely import lonely
from cmdb.reconcile.namesakes import known_elsewhere
from cmdb.reconcile.offers import offer
from cmdb.reconcile.references import note_references
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
    lonely
        Keys of configuration items that were told of and have no relation at all when this is done.
    kept
        Values that were not taken over, because a source of higher rank says otherwise.
    retiring
        Which share of its source's items is retired, if any is.
    places
        Where items and relations were told of; empty unless the rules say that it is shown.
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
    lonely: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    retiring: Retiring | None = None
    places: Mapping[Target, str] = field(default_factory=dict)


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
    whole = {rules.source_of(one) for one in seen if not one.partial}
    check_new_classes(draft, relations_ending(draft, whole))
    draft.refuse_faults()
    candidates = retire_unlisted(draft, whole)
    draft.warnings.extend(needs_all(draft))
    draft.warnings.extend(known_elsewhere(draft, seen))
    note_references(draft, seen)
    return _result(draft, seen, candidates)


def _result(draft: Draft, seen: Sequence[Observations], candidates: tuple[str, ...]) -> Plan:
    unresolved = offer(draft, sorted(draft.unresolved, key=lambda one: natural(one.where)))
    return Plan(
        source=", ".join(sorted({draft.rules.source_of(one) for one in seen})),
        formats=tuple(sorted({one.format for one in seen})),
        operations=tuple(draft.operations),
        planned_at=draft.known.graph.revision,
        sightings=draft.sightings,
        items=totals(draft.items),
        relations=totals(draft.relations),
        unresolved=tuple(unresolved),
        warnings=tuple(dict.fromkeys(draft.warnings)),
        rejected=in_order(draft.rejected),
        candidates=candidates,
        lonely=tuple(lonely(draft)),
        kept=tuple(sorted(draft.kept, key=_order)),
        retiring=draft.retiring,
        places=_places(draft),
    )


def _order(one: Kept) -> tuple[str, ...]:
    about = (one.about,) if isinstance(one.about, str) else one.about
    return (*about, "", one.field, one.offered_by)


def _places(draft: Draft) -> Mapping[Target, str]:
    """Where items and relations were told of, if somebody is to read the plan step by step."""
    if not draft.rules.shown:
        return {}
    places: dict[Target, str] = {uid: told[0].item.where for uid, told in draft.told.items()}
    places.update(draft.places)
    return places
