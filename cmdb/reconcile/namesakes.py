"""New items that another source knows by the very same names: probably the same things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cmdb.model import Identity
from cmdb.observations import Observations
from cmdb.reconcile.draft import Draft


def known_elsewhere(draft: Draft, seen: Sequence[Observations]) -> Iterator[str]:
    """Warn, once, of created items whose class and id stand under another source's name already."""
    made = {(identity.class_name, identity.source_id) for identity in _made(draft, seen)}
    sources = {draft.rules.source_of(one) for one in seen}
    others = Counter(
        identity.source
        for identity in (draft.known.identities if made else ())
        if identity.source not in sources and (identity.class_name, identity.source_id) in made
    )
    if others:
        other, number = min(others.items(), key=lambda one: (-one[1], one[0]))
        yield _warning(other, number, len(made), is_default=other in {one.format for one in seen})


def _made(draft: Draft, seen: Sequence[Observations]) -> Iterator[Identity]:
    """The names of created items; not those that are keys, for which no source's name matters."""
    for one in seen:
        for item in () if one.global_keys else one.items:
            identity = Identity(draft.rules.source_of(one), item.class_name, item.source_id)
            if draft.sightings.items.get(identity) in draft.created:
                yield identity


def _warning(other: str, number: int, made: int, *, is_default: bool) -> str:
    are, those = ("is", "it") if number == 1 else ("are", "those")
    which = f"{number} of these items {are}" if made > 1 else "This item is"
    default = ", the name that imports without --source have" if is_default else ""
    return (
        f"{which} known already from {other} under the same {'name' if number == 1 else 'names'}."
        f" To update {those}, import with --source {other}{default}."
    )
