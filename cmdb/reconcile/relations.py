"""Relations: which items they join, whether they may, and what they change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cmdb.contradictions import agreed, contradiction, overruled
from cmdb.model import Identity, RelationId
from cmdb.observations import NOTHING, End, Observations, SeenRelation
from cmdb.operations import AddRelation, ChangeRelation, RemoveRelation
from cmdb.progress import telling
from cmdb.reconcile.draft import Draft, Unresolved, given
from cmdb.reconcile.ends import forbidden, shown
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
    draft.seen_relations = said.keys()
    in_order = sorted(said, key=draft.order)
    for found in telling(draft.progress, "relations planned", in_order, len(in_order)):
        if found in again:
            _plan_repeated(draft, found, [said[found], *again[found]])
        else:
            _plan_relation(draft, found, said[found].values, [draft.rules.source_of(said[found].seen)])


def _checked(draft: Draft, relation: SeenRelation, seen: Observations) -> _Values:
    if not relation.attributes:
        return NOTHING
    return draft.checked(seen, relation.where, draft.relation_kinds[relation.type], relation.attributes)


def _plan_repeated(draft: Draft, found: RelationId, every: Sequence[_Said]) -> None:
    """Plan what a relation that stands in several places adds and changes."""
    said: dict[str, list[_Said]] = defaultdict(list)
    for one in every:
        said[draft.rules.source_of(one.seen)].append(one)
    _plan_relation(draft, found, _values(draft, found, said), sorted(said))


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


def _values(draft: Draft, found: RelationId, said: Mapping[str, list[_Said]]) -> _Values:
    """What the sources say of a relation; where they differ, the first in order of names is kept."""
    values: dict[str, Value | None] = {}
    for source in sorted(said):
        for name, value in _values_of_one(draft, found, said[source]).items():
            if values.setdefault(name, value) != value:
                draft.warnings.append(overruled(shown(draft, found), source, name))
    return values


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
    return draft.uid_of(Identity(draft.rules.source_of(seen), end.class_name, end.name))


def _note_missing(
    draft: Draft, relation: SeenRelation, uids: tuple[str | None, str | None], seen: Observations
) -> None:
    ends = (relation.source, relation.target)
    if not seen.all_or_nothing:
        source, target = (draft.names[uid] if uid else end.name for uid, end in zip(uids, ends, strict=True))
        draft.unresolved.append(Unresolved(source, relation.type, target, relation.where))
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


def _plan_relation(draft: Draft, one: RelationId, values: _Values, sources: list[str]) -> None:
    for source in sources:
        draft.sightings.see(source, one)
    now = draft.known.graph.relations.get(one)
    if now is None:
        draft.operations.append(AddRelation(one, given(values), sources[0]))
        draft.relations["added"] += 1
        return
    after = {name: value for name, value in sorted(values.items()) if now.attributes.get(name) != value}
    stated = dict(sorted(values.items())) if draft.rules.planned else after
    if stated:
        before = {name: now.attributes.get(name) for name in stated}
        draft.operations.append(ChangeRelation(one, before, stated, sources[0]))
    draft.relations["changed" if after else "unchanged"] += 1
