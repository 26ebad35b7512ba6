"""What a source refers to that is not here: kept beyond the import, at an item for the source itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cmdb.keys import key_from, numbered
from cmdb.model import RETIRED, STATUS, Identity, Item, RelationId
from cmdb.observations import End, Observations, SeenRelation
from cmdb.operations import ChangeItem, CreateItem, new_uid
from cmdb.reconcile.draft import Draft
from cmdb.references import UNRESOLVED, Reference, names_resolved, reference, references_of

_Way = tuple[str, str, bool]
"""An item by its uid, a type of relations, and whether they lead to the item."""


def note_references(draft: Draft, seen: Sequence[Observations]) -> None:
    """Plan what the item of each source says of the references that lead nowhere.

    The item appears once there is something to say. What it says of items that this import told of is
    replaced; the rest stays as long as it leads nowhere. A relation both ends of which are missing touches
    nothing that is here, so it stands in the import's own document only.
    """
    if draft.rules.planned or draft.known.vocabulary.source_class is None:
        return
    found = _found(draft, seen)
    for source in sorted({draft.rules.source_of(one) for one in seen}):
        uid = _uid_of(draft, source)
        if uid not in draft.told:  # else the import itself tells what the source's item says
            before = _kept(draft, draft.known.graph.items[uid], source) if uid else ()
            _note(draft, source, uid, _unresolved(draft, {*before, *found[source]}))


def _note(draft: Draft, source: str, uid: str | None, references: Iterable[Reference]) -> None:
    after = sorted(map(str, references)) or None
    if uid is not None:
        before = draft.known.graph.items[uid].attributes.get(UNRESOLVED)
        if before != after:
            draft.operations.append(ChangeItem(uid, {UNRESOLVED: before}, {UNRESOLVED: after}, source))
    elif after:
        key = next(key for key in _keys(source) if key not in draft.keys)
        class_name = str(draft.known.vocabulary.source_class)
        core = {"key": key, "class": class_name, "name": _name(source)}
        uid = new_uid()
        draft.operations.append(CreateItem(uid, core | {UNRESOLVED: after}, source))
        draft.enter(uid, key, class_name)


def _uid_of(draft: Draft, source: str) -> str | None:
    """The item of a source; `None` if it has none yet."""
    items, created = draft.known.graph.items, draft.created
    for key in _keys(source):
        uid = draft.keys.get(key)
        if uid is None:
            return None
        name = created[uid].after["name"] if uid in created else items[uid].name
        if name == _name(source) and draft.known.vocabulary.is_source(draft.classes[uid]):
            return uid
    return None


def _keys(source: str) -> Iterator[str]:
    """The keys that the item of a source may have, the best first."""
    key = key_from(f"source:{source}")
    yield key
    yield from numbered(key)


def _name(source: str) -> str:
    return f"data source {source}"


def _found(draft: Draft, seen: Sequence[Observations]) -> Mapping[str, set[Reference]]:
    """By source, what it refers to in this import that is not here."""
    found: dict[str, set[Reference]] = defaultdict(set)
    places = {one.where for one in draft.unresolved}
    for one in seen if places else ():
        for relation in one.relations:
            dangling = _dangling(draft, relation, one) if relation.where in places else None
            if dangling:
                found[draft.rules.source_of(one)].add(dangling)
    return found


def _dangling(draft: Draft, relation: SeenRelation, seen: Observations) -> Reference | None:
    """The reference that a relation is of which one end is missing."""
    source, target = _end(draft, relation.source, seen), _end(draft, relation.target, seen)
    if (source is None) == (target is None) or relation.type not in draft.known.vocabulary.relations:
        return None
    if source is None:
        return reference(draft.names[str(target)], relation.type, relation.source.name, back=True)
    called = relation.target_called or relation.target.name
    return reference(draft.names[source], relation.type, called, back=False)


def _end(draft: Draft, end: End, seen: Observations) -> str | None:
    if end.class_name is None:
        return draft.keys.get(end.name)
    return draft.uid_of(Identity(draft.rules.source_of(seen), end.class_name, end.name))


def _kept(draft: Draft, item: Item, source: str) -> Iterator[Reference]:
    """What the item of a source said before of items that are still here and that this import leaves out."""
    told = {uid for identity, uid in draft.sightings.items.items() if identity.source == source}
    gone = {one.uid for one in draft.operations if isinstance(one, ChangeItem) and _retires(one)}
    items = draft.known.graph.items
    for one in references_of(item.attributes):
        uid = draft.keys.get(one.key, "")
        if uid in items and uid not in told and uid not in gone and not items[uid].retired:
            yield one


def _retires(operation: ChangeItem) -> bool:
    return operation.after.get(STATUS) == RETIRED


def _unresolved(draft: Draft, references: set[Reference]) -> set[Reference]:
    """Those for which there is no relation yet, be it that a person has added one."""
    if not references:
        return references
    resolved = _resolved(draft, {_way(draft, one) for one in references})
    return {one for one in references if one.name not in resolved[_way(draft, one)]}


def _way(draft: Draft, one: Reference) -> _Way:
    return draft.keys[one.key], one.type, one.back


def _resolved(draft: Draft, ways: set[_Way]) -> Mapping[_Way, set[str]]:
    """By way, the names that its relations stand for, now or once the import is done."""
    found: dict[_Way, set[str]] = defaultdict(set)
    for relation in (*draft.known.graph.relations, *draft.seen_relations):
        source, kind, target = relation
        for way, other in (((source, kind, False), target), ((target, kind, True), source)):
            if way in ways:
                found[way] |= _names(draft, relation, other)
    return found


def _names(draft: Draft, relation: RelationId, uid: str) -> set[str]:
    item, known = draft.known.graph.items.get(uid), draft.known.graph.relations.get(relation)
    name = item.name if item else str(draft.created[uid].after["name"])
    return names_resolved(draft.names[uid], name, known.attributes if known else {})
