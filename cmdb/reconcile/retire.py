"""What a source no longer lists: retired when it speaks under its own name, else only pointed out."""

from __future__ import annotations

from collections.abc import Container

from cmdb.errors import Fault, Rejected
from cmdb.model import RETIRED, STATUS, Item, RelationId
from cmdb.operations import ChangeItem, RemoveRelation
from cmdb.reconcile.draft import Draft, Retiring
from cmdb.reconcile.precedence import UNLISTED

RETIRE_AT_MOST = 0.20
"""The share of a source's live items that one import may retire without being told to."""


def retire_unlisted(draft: Draft, sources: set[str]) -> tuple[str, ...]:
    """Plan the retirement of what the named source no longer lists; return the keys of what stays.

    What another source lists too stays.

    Parameters
    ----------
    sources
        Those that told all they know: what others tell a part of is not missing because it is not here.

    Raises
    ------
    Rejected
        If more would be retired than the ceiling allows.
    """
    if draft.rules.planned:
        return ()
    missing, shared = _items_missing(draft, sources)
    gone = [item for item in missing if item.uid not in shared]
    if gone and draft.rules.source is not None and draft.rejected:
        draft.warnings.append("Nothing was retired, because parts of what was read could not be used.")
    if draft.rules.source is None or draft.rejected:
        return tuple(item.key for item in missing)
    _check_share(draft, gone, sources)
    for item in gone:
        before = {STATUS: item.attributes.get(STATUS)}
        source = f"{UNLISTED}{draft.rules.source}"
        draft.operations.append(ChangeItem(item.uid, before, {STATUS: RETIRED}, source))
        draft.items["retired"] += draft.known.vocabulary.is_counted(item.class_name)
    for relation in relations_ending(draft, sources):
        before = dict(draft.known.graph.relations[relation].attributes)
        draft.operations.append(RemoveRelation(relation, before, draft.rules.source))
        draft.relations["retired"] += 1
    return tuple(item.key for item in missing if item.uid in shared)


def relations_ending(draft: Draft, sources: set[str]) -> list[RelationId]:
    """The relations that the named source brought, alone, and no longer lists."""
    if not draft.rules.retires or draft.rejected:
        return []
    seen = draft.seen_relations
    unlisted = {one.uid: one for one in draft.known.graph.relations if one not in seen}
    mine, others = _brought(draft, unlisted, sources)
    return sorted((unlisted[uid] for uid in mine - others), key=draft.order)


def _items_missing(draft: Draft, sources: set[str]) -> tuple[list[Item], set[str]]:
    """The items that these sources saw before and do not list now; the uids of those that others saw too."""
    listed, items = set(draft.sightings.items.values()), draft.known.graph.items
    unlisted = {uid: item for uid, item in items.items() if uid not in listed and not item.retired}
    mine, others = _brought(draft, unlisted, sources)
    return sorted((unlisted[uid] for uid in mine), key=lambda item: item.key), others


def _brought(draft: Draft, uids: Container[str], sources: set[str]) -> tuple[set[str], set[str]]:
    """Which of these uids stand under a name of these sources, and which under one of others."""
    mine: set[str] = set()
    others: set[str] = set()
    for identity, uid in draft.known.identities.items():
        if uid in uids:
            (mine if identity.source in sources else others).add(uid)
    return mine, others


def _check_share(draft: Draft, gone: list[Item], sources: set[str]) -> None:
    if not gone:
        return
    mine, _ = _brought(draft, draft.known.graph.items, sources)
    live = sum(1 for uid in mine if not draft.known.graph.items[uid].retired)
    draft.retiring = Retiring(len(gone), live, RETIRE_AT_MOST)
    if draft.rules.any_share or len(gone) <= RETIRE_AT_MOST * live:
        return
    raise Rejected(
        f"Nothing was imported: it would retire {len(gone)} of the {live} live items that"
        f" {draft.rules.source} brought ({len(gone) / live:.0%}); {RETIRE_AT_MOST:.0%} is the most."
        " Import everything the source holds, or allow it to retire more (--allow-retire).",
        tuple(Fault(item.key, "would be retired") for item in gone),
    )
