"""Relations: which items they join, whether they may, and what they change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cmdb.contradictions import agreed, contradiction
from cmdb.model import Identity, RelationId
from cmdb.observations import ANY_CLASS, NOTHING, End, Observations, SeenRelation
from cmdb.operations import RemoveRelation
from cmdb.progress import telling
from cmdb.reconcile.draft import Draft, Unresolved
from cmdb.reconcile.ends import forbidden, shown
from cmdb.reconcile.relating import Heard, relate
from cmdb.spelling import did_you_mean
from cmdb.values import Value

_HINTS = 10
_HINTS_AMONG = 10_000
"""A hint compares with every key there is: only for the first faults, and only in graphs of this size."""

_Values = Mapping[str, Value | None]


class _Said(NamedTuple):
    """What one place says of a relation."""

    where: str
    seen: Observations
    values: _Values


def plan_relations(draft: Draft, seen: Sequence[Observations]) -> None:
    """Plan what the observed relations add and change."""
    said: dict[RelationId, _Said] = {}
    again: dict[RelationId, list[_Said]] = defaultdict(list)
    every = ((relation, one) for one in seen for relation in one.relations)
    total = sum(len(one.relations) for one in seen)
    for relation, one in telling(draft.progress, "relations understood", every, total):
        found = _found(draft, relation, one)
        if found is not None:
            told = _Said(relation.where, one, _checked(draft, relation, one))
            if said.setdefault(found, told) is not told:
                again[found].append(told)
            if draft.rules.shown:
                draft.places.setdefault(found, relation.where)
    draft.seen_relations = said.keys()
    in_order = sorted(said, key=draft.order)
    for found in telling(draft.progress, "relations planned", in_order, len(in_order)):
        if found in again:
            relate(draft, found, _heard(draft, found, [said[found], *again[found]]))
        else:
            where, one, values = said[found]
            relate(draft, found, [Heard(draft.rules.source_of(one), values, where)])


def _checked(draft: Draft, relation: SeenRelation, seen: Observations) -> _Values:
    if not relation.attributes:
        return NOTHING
    return draft.checked(seen, relation.where, draft.relation_kinds[relation.type], relation.attributes)


def _heard(draft: Draft, found: RelationId, every: Sequence[_Said]) -> list[Heard]:
    """What each source says of a relation that stands in several places, the highest source first."""
    said: dict[str, list[_Said]] = defaultdict(list)
    for one in every:
        said[draft.rules.source_of(one.seen)].append(one)
    rank = draft.rules.precedence.rank
    return [
        Heard(source, _values_of_one(draft, found, said[source]), said[source][0].where)
        for source in sorted(said, key=lambda one: (rank(one), one))
    ]


def needs_all(draft: Draft) -> Iterator[str]:
    """Warn of items that several relations of one kind make depend on all their targets."""
    vocabulary, before = draft.known.vocabulary, draft.known.graph.relations
    strict = {name for name, kind in vocabulary.relations.items() if kind.all_needed}
    removed = {one.id for one in draft.operations if isinstance(one, RemoveRelation)}
    touched = Counter((one.source, one.type) for one in draft.seen_relations if one.type in strict)
    number = touched.copy()
    for one in before:
        there = (one.source, one.type)
        if there in touched and one not in removed and one not in draft.seen_relations:
            number[there] += 1
    several = [there for there in touched if number[there] > 1]
    for uid, type_name in sorted(several, key=lambda one: (draft.names[one[0]], one[1])):
        yield (
            f"{draft.names[uid]} {vocabulary.relations[type_name].label} {number[uid, type_name]} items,"
            " so it needs all of them. If they stand in for each other, put them into a group."
        )


def _values_of_one(draft: Draft, found: RelationId, said: Sequence[_Said]) -> _Values:
    """What one source says of a relation, without that in which it contradicts itself."""
    for where, seen, values in said:
        if seen.all_or_nothing and values != said[0].values:
            draft.fault(seen, where, "the same relation is given before, with other values")
    agree, differing = agreed(one.values for one in said)
    if differing:
        source, target = draft.names[found.source], draft.names[found.target]
        what = draft.known.vocabulary.sentence(source, found.type, target)
        draft.warnings.append(contradiction(f"That {what}", differing, (one.where for one in said)))
    return agree


def _found(draft: Draft, relation: SeenRelation, seen: Observations) -> RelationId | None:
    """The relation with its ends resolved; `None` where it cannot be, which is noted."""
    vocabulary = draft.known.vocabulary
    if relation.type not in vocabulary.relations:
        hint = did_you_mean(relation.type, vocabulary.relations)
        draft.fault(seen, relation.where, f"there is no relation type “{relation.type}”.{hint}")
        return None
    source, target = _end(draft, relation.source, seen), _end(draft, relation.target, seen)
    if source is None or target is None:
        _note_missing(draft, relation, (source, target), seen)
        return None
    found = RelationId(source, relation.type, target)
    fault = _wrong_ends(draft, found)
    if fault:
        draft.fault(seen, relation.where, fault)
        draft.forbidden.update([found] if seen.all_or_nothing else [])
    return None if fault else found


def _end(draft: Draft, end: End, seen: Observations) -> str | None:
    if end.class_name is None:
        return draft.keys.get(end.name)
    if end.class_name == ANY_CLASS:
        return draft.only_of(draft.rules.source_of(seen), end.name)
    return draft.uid_of(Identity(draft.rules.source_of(seen), end.class_name, end.name))


def _note_missing(
    draft: Draft, relation: SeenRelation, uids: tuple[str | None, str | None], seen: Observations
) -> None:
    ends = (relation.source, relation.target)
    if not seen.all_or_nothing:
        source, target = (draft.names[uid] if uid else end.name for uid, end in zip(uids, ends, strict=True))
        missing = tuple(what for what, uid in zip(("source", "target"), uids, strict=True) if uid is None)
        end = relation.target if uids[1] is None else relation.source
        called = (relation.target_called,) if uids[1] is None and relation.target_called else ()
        sought = (*called, end.name)
        draft.unresolved.append(
            Unresolved(source, relation.type, target, relation.where, missing, sought, end.class_name)
        )
        return
    for uid, end in zip(uids, ends, strict=True):
        if uid is None and end.name not in draft.refused:
            worth = len(draft.faults) < _HINTS and len(draft.keys) <= _HINTS_AMONG
            hint = did_you_mean(end.name, draft.keys) if worth else ""
            draft.fault(seen, relation.where, f"nothing has the key “{end.name}”.{hint}")


def _wrong_ends(draft: Draft, relation: RelationId) -> str | None:
    if relation.source == relation.target:
        return f"{draft.names[relation.source]} cannot be related to itself"
    reason = forbidden(draft, relation)
    return reason and f"{shown(draft, relation)}: {reason}"
