"""What a source no longer lists: retired when it speaks under its own name, else only pointed out."""

from __future__ import annotations

from cmdb.errors import Fault, Rejected
from cmdb.model import RETIRED, STATUS, Item, RelationId
from cmdb.operations import ChangeItem, RemoveRelation
from cmdb.reconcile.draft import Draft

RETIRE_AT_MOST = 0.20
"""The share of a source's live items that one import may retire without being told to."""


def retire_unlisted(draft: Draft, sources: set[str]) -> tuple[str, ...]:
    """Plan the retirement of what the named source no longer lists; return the keys of what stays.

    What another source lists too stays.

    Raises
    ------
    Rejected
        If more would be retired than the ceiling allows.
    """
    missing = _items_missing(draft, sources)
    shared = _seen_by_others(draft, sources)
    gone = [item for item in missing if item.uid not in shared]
    if gone and draft.rules.source is not None and draft.rejected:
        draft.warnings.append("Nothing was retired, because parts of what was read could not be used.")
    if draft.rules.source is None or draft.rejected:
        return tuple(item.key for item in missing)
    _check_share(draft, gone, sources)
    for item in gone:
        before = {STATUS: item.attributes.get(STATUS)}
        draft.operations.append(ChangeItem(item.uid, before, {STATUS: RETIRED}, draft.rules.source))
        draft.items["retired"] += draft.known.vocabulary.is_counted(item.class_name)
    for relation in relations_ending(draft, sources):
        before = dict(draft.known.graph.relations[relation].attributes)
        draft.operations.append(RemoveRelation(relation, before, draft.rules.source))
        draft.relations["retired"] += 1
    return tuple(item.key for item in missing if item.uid in shared)


def relations_ending(draft: Draft, sources: set[str]) -> list[RelationId]:
    """The relations that the named source brought, alone, and no longer lists."""
    if draft.rules.source is None or draft.rejected:
        return []
    brought = _missing(draft, sources) - _seen_by_others(draft, sources)
    ending = (relation for relation in draft.known.graph.relations if relation.uid in brought)
    return sorted(ending, key=draft.order)


def _missing(draft: Draft, sources: set[str]) -> set[str]:
    """The uids that these sources saw before and do not list now."""
    brought = {uid for identity, uid in draft.known.identities.items() if identity.source in sources}
    return brought - {one.uid for one in draft.sightings.values()}


def _seen_by_others(draft: Draft, sources: set[str]) -> set[str]:
    return {uid for identity, uid in draft.known.identities.items() if identity.source not in sources}


def _items_missing(draft: Draft, sources: set[str]) -> list[Item]:
    items = (draft.known.graph.items.get(uid) for uid in _missing(draft, sources))
    return sorted((item for item in items if item and not item.retired), key=lambda item: item.key)


def _check_share(draft: Draft, gone: list[Item], sources: set[str]) -> None:
    items = draft.known.graph.items
    mine = {uid for identity, uid in draft.known.identities.items() if identity.source in sources}
    live = sum(1 for uid in mine if uid in items and not items[uid].retired)
    if draft.rules.any_share or len(gone) <= RETIRE_AT_MOST * live:
        return
    raise Rejected(
        f"Nothing was imported: it would retire {len(gone)} of the {live} live items that"
        f" {draft.rules.source} brought ({len(gone) / live:.0%}); {RETIRE_AT_MOST:.0%} is the most."
        " Import everything the source holds, or allow it with --allow-retire.",
        tuple(Fault(item.key, "would be retired") for item in gone),
    )
