"""Which items a relation may join, also once the class of one of them changes."""

from __future__ import annotations

from collections.abc import Collection

from cmdb.errors import Fault
from cmdb.model import RelationId
from cmdb.reconcile.draft import Draft


def forbidden(draft: Draft, relation: RelationId) -> str | None:
    """Why the vocabulary refuses the relation, with the classes its ends will have; `None` if it does not."""
    source, target = draft.classes[relation.source], draft.classes[relation.target]
    return draft.known.vocabulary.refusal(relation.type, source, target)


def shown(draft: Draft, relation: RelationId) -> str:
    """The two ends, as a fault names them."""
    return f"{draft.names[relation.source]} → {draft.names[relation.target]}"


def check_new_classes(draft: Draft, ending: Collection[RelationId]) -> None:
    """Refuse the import where a relation that stays would join classes that it may not join.

    Parameters
    ----------
    draft
        The plan so far, with all its items and relations.
    ending
        The relations that this plan removes.
    """
    changed = _changed(draft)
    staying = draft.known.graph.relations.keys() - {*ending, *draft.forbidden} if changed else ()
    for relation in staying:
        uid = relation.source if relation.source in changed else relation.target
        reason = forbidden(draft, relation) if uid in changed else None
        if reason:
            becomes = f"{draft.names[uid]} cannot become {draft.known.vocabulary.a(draft.classes[uid])}"
            where = draft.told[uid][0].item.where
            draft.faults.append(Fault(where, f"{shown(draft, relation)}: {becomes}: {reason}"))


def _changed(draft: Draft) -> set[str]:
    """The uids of items that are there already and get another class."""
    items = draft.known.graph.items
    return {uid for uid in draft.told if uid in items and items[uid].class_name != draft.classes[uid]}
