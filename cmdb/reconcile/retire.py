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

    Raises
    ------
    Rejected
        If more would be retired than the ceiling allows.
    """
    gone = _items_gone(draft, sources)
    if gone and draft.rules.source is not None and draft.rejected:
        draft.warnings.append("Nothing was retired, because parts of what was read could not be used.")
    if draft.rules.source is None or draft.rejected:
        return tuple(item.key for item in gone)
    _check_share(draft, gone, sources)
    for item in gone:
        before = {STATUS: item.attributes.get(STATUS)}
        draft.operations.append(ChangeItem(item.uid, before, {STATUS: RETIRED}, draft.rules.source))
        draft.items["retired"] += draft.known.vocabulary.is_counted(item.class_name)
    for relation in _relations_gone(draft, sources):
        before = dict(draft.known.graph.relations[relation].attributes)
        draft.operations.append(RemoveRelation(relation, before, draft.rules.source))
        draft.relations["retired"] += 1
    return ()


def _brought(draft: Draft, sources: set[str]) -> set[str]:
    """The uids that these sources have seen and no other has."""
    identities = draft.known.identities.items()
    others = {uid for identity, uid in identities if identity.source not in sources}
    return {uid for identity, uid in identities if identity.source in sources} - others


def _items_gone(draft: Draft, sources: set[str]) -> list[Item]:
    listed = {one.uid for one in draft.sightings.values()}
    items = (draft.known.graph.items.get(uid) for uid in _brought(draft, sources) - listed)
    return sorted((item for item in items if item and not item.retired), key=lambda item: item.key)


def _relations_gone(draft: Draft, sources: set[str]) -> list[RelationId]:
    listed = {one.uid for one in draft.sightings.values()}
    brought = _brought(draft, sources) - listed
    gone = (relation for relation in draft.known.graph.relations if relation.uid in brought)
    return sorted(gone, key=lambda one: (draft.names[one.source], one.type, draft.names[one.target]))


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
