"""Offers: items that may be meant where a relation names one that was not found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from cmdb.reconcile.draft import Draft, Unresolved
from cmdb.spelling import close_to

OFFERED_AT_MOST = 5
SPELT_AMONG = 10_000
"""Close spellings are looked for in graphs of this size only: each name is compared with every other."""
_COMPARISONS = 5_000_000
"""And no more often than this in one import, which is some seconds."""

_Named = Mapping[str, Sequence[str]]
"""By a name in small letters, the uids of those who have it."""


def offer(draft: Draft, unresolved: Sequence[Unresolved]) -> Iterator[Unresolved]:
    """Add the candidates: who is called the same but for the case of letters, else who is spelt alike."""
    if not unresolved:
        return
    sought = list(dict.fromkeys(_folded(one) for one in unresolved))
    number = len(draft.names)
    spells = number <= SPELT_AMONG and number * len(sought) <= _COMPARISONS
    named = _named(draft, None if spells else {name for names in sought for name in names})
    for one in unresolved:
        names = _folded(one)
        uids = [uid for name in names for uid in named.get(name, ())]
        if not uids and spells and not names[0].isdigit():
            uids = [uid for name in close_to(names[0], named) for uid in named[name]]
        keys = [draft.names[uid] for uid in _best_first(draft, one, dict.fromkeys(uids))]
        yield replace(one, candidates=tuple(keys[:OFFERED_AT_MOST]), candidates_total=len(keys))


def _named(draft: Draft, only: Collection[str] | None) -> _Named:
    """Who has which name, or key; with `only`, none but those names."""
    found: dict[str, list[str]] = defaultdict(list)
    for uid, key in draft.names.items():
        for name in {key.casefold(), _name(draft, uid).casefold()}:
            if only is None or name in only:
                found[name].append(uid)
    return found


def _name(draft: Draft, uid: str) -> str:
    item, made = draft.known.graph.items.get(uid), draft.created.get(uid)
    return item.name if item else str(made.after["name"]) if made else draft.names[uid]


def _folded(one: Unresolved) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.casefold() for name in one.sought))


def _best_first(draft: Draft, one: Unresolved, uids: Mapping[str, None]) -> list[str]:
    """Those of the class that is asked for first, then by key."""
    return sorted(uids, key=lambda uid: (draft.classes[uid] != one.class_name, draft.names[uid]))
