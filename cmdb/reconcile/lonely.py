"""Lonely items: no harm can ever reach them or come from them, as nothing hangs together with them."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from cmdb.model import RETIRED, STATUS, RelationId
from cmdb.operations import RemoveRelation
from cmdb.reconcile.draft import Draft

_SOURCE, _TARGET = attrgetter("source"), attrgetter("target")


def lonely(draft: Draft) -> list[str]:
    """Keys of configuration items in use that an import tells of and leaves without any relation."""
    vocabulary = draft.known.vocabulary
    cis = {name for name in vocabulary.classes if vocabulary.is_ci(name)}
    alone = {uid for uid in draft.told if draft.classes[uid] in cis}
    _take_out(alone, draft.seen_relations)
    removed = {one.id for one in draft.operations if isinstance(one, RemoveRelation)} if alone else set()
    staying = draft.known.graph.relations.keys()
    _take_out(alone, staying - removed if removed else staying)
    return sorted(draft.names[uid] for uid in alone if not _is_retired(draft, uid))


def _take_out(alone: set[str], relations: Iterable[RelationId]) -> None:
    for end in (_SOURCE, _TARGET) if alone else ():
        alone.difference_update(map(end, relations))


def _is_retired(draft: Draft, uid: str) -> bool:
    return any(told.values.get(STATUS) == RETIRED for told in draft.told[uid])
