"""Items: which one an observation is about, and what it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from cmdb.contradictions import agreed, contradiction, overruled
from cmdb.keys import key_from, numbered
from cmdb.model import STATUS, Identity, Item
from cmdb.observations import Observations, SeenItem
from cmdb.operations import ChangeItem, CreateItem, apply_to_item, new_uid, value_of
from cmdb.progress import telling
from cmdb.reconcile.draft import Draft, given
from cmdb.spelling import did_you_mean
from cmdb.values import Attributes, Value, normalise


class _Row(NamedTuple):
    """One description of an item, and its place in its file."""

    identity: Identity
    seen: Observations
    item: SeenItem
    place: int


class _Told(NamedTuple):
    """All that a source says of one item, ready to be compared."""

    item: SeenItem
    identity: Identity
    seen: Observations
    values: dict[str, Value | None]


def plan_items(draft: Draft, seen: Sequence[Observations]) -> None:
    """Plan what the observed items create and change."""
    every = [_told(draft, rows) for rows in _by_identity(draft, seen)]
    often = Counter(told.item.name for told in every)
    for told in telling(draft.progress, "items planned", every, len(every)):
        _plan_item(draft, told, unique=often[told.item.name] == 1)
    outcomes = Counter((outcome, draft.classes[uid]) for uid, outcome in draft.outcomes.items())
    for (outcome, class_name), number in outcomes.items():
        draft.items[outcome] += number * draft.known.vocabulary.is_counted(class_name)


def _by_identity(draft: Draft, seen: Sequence[Observations]) -> Iterable[list[_Row]]:
    """The descriptions that can be used, those of one item together, in an order that files cannot change."""
    found: dict[Identity, list[_Row]] = {}
    for row in sorted(_rows(draft, seen), key=lambda row: (*row.identity, row.place)):
        if _is_sound(draft, row.item, row.seen):
            global_keys = row.seen.global_keys
            known = row.identity._replace(class_name="") if global_keys else row.identity
            found.setdefault(known, []).append(row)
    return found.values()


def _rows(draft: Draft, seen: Sequence[Observations]) -> Iterator[_Row]:
    for one in seen:
        source = draft.rules.source_of(one)
        for place, item in enumerate(one.items):
            yield _Row(Identity(source, item.class_name, item.source_id), one, item, place)


def _is_sound(draft: Draft, item: SeenItem, seen: Observations) -> bool:
    """Whether the item has a class that exists and a name and id that can be stored."""
    fault = _wrong_with(draft, item)
    if fault:
        draft.refused.add(item.source_id)
        draft.fault(seen, item.where, fault)
    return fault is None


def _wrong_with(draft: Draft, item: SeenItem) -> str | None:
    classes = draft.known.vocabulary.classes
    if item.class_name not in classes:
        hint = did_you_mean(item.class_name, classes)
        return f"there is no class “{item.class_name}”.{hint}"
    if item.name and item.name.isspace():
        return "its name holds nothing but blanks"
    try:
        normalise("text", item.source_id)
        normalise("text", item.name or "")
    except ValueError as error:
        return f"its name: {error}"
    return None


def _told(draft: Draft, rows: Sequence[_Row]) -> _Told:
    """Put the descriptions of one item together, without that in which they contradict each other."""
    identity, seen, first, _ = rows[0]
    if len(rows) == 1:
        return _Told(first, identity, seen, _attributes(draft, rows[0]))
    for row in rows:
        if _must_not_differ(first, row):
            what = f"“{first.source_id}” is described differently at {first.where}"
            draft.fault(row.seen, row.item.where, what)
    same = [row for row in rows if row.item.class_name == first.class_name]
    values, differing = agreed(_attributes(draft, row) | _name(row.item) for row in same)
    if differing and not seen.all_or_nothing:
        places = (row.item.where for row in same)
        draft.warnings.append(contradiction(f"“{first.source_id}”", differing, places))
    name = values.pop("name", None)
    qualified = min(row.item.qualified for row in same)
    item = replace(first, name=None if name is None else str(name), qualified=qualified)
    return _Told(item, identity, seen, values)


def _must_not_differ(first: SeenItem, row: _Row) -> bool:
    """Whether a description is at fault beside the first: always in its class, in some files in anything."""
    item = row.item
    if row.seen.all_or_nothing and (first.name, first.attributes) != (item.name, item.attributes):
        return True
    return first.class_name != item.class_name


def _attributes(draft: Draft, row: _Row) -> dict[str, Value | None]:
    item = row.item
    return draft.checked(row.seen, item.where, draft.item_kinds[item.class_name], item.attributes)


def _name(item: SeenItem) -> dict[str, Value | None]:
    """The name as one of the fields that an observed item speaks of, if it does."""
    return {"name": item.name} if item.name else {}


def _plan_item(draft: Draft, told: _Told, *, unique: bool) -> None:
    by_key = told.seen.global_keys
    uid = draft.keys.get(told.item.source_id) if by_key else draft.uid_of(told.identity)
    if uid is None:
        uid, outcome = _create(draft, told, unique=unique), "added"
    else:
        outcome = _compare(draft, told, _now(draft, uid))
    draft.sightings.items[told.identity] = uid
    draft.places.setdefault(uid, told.item.where)
    if draft.outcomes.get(uid, "unchanged") == "unchanged":
        draft.outcomes[uid] = outcome


def _now(draft: Draft, uid: str) -> Item:
    """An item as it is there, or as this plan creates it."""
    created = draft.created.get(uid)
    return apply_to_item(None, created, draft.rules.time) if created else draft.known.graph.items[uid]


def _create(draft: Draft, told: _Told, *, unique: bool) -> str:
    uid, key = new_uid(), _new_key(draft, told, unique=unique)
    name, class_name = told.item.name or key, told.item.class_name
    core: Attributes = {"key": key, "class": class_name, "name": name}
    operation = CreateItem(uid, core | given(told.values), told.identity.source)
    draft.operations.append(operation)
    draft.created[uid] = operation
    draft.told[uid] = _wanted(told)
    draft.enter(uid, key, class_name)
    return uid


def _compare(draft: Draft, told: _Told, item: Item) -> str:
    wanted, before = _wanted(told), draft.told.setdefault(item.uid, {})
    if item.retired:
        wanted.setdefault(STATUS, None)
    for name in sorted(wanted.keys() & before.keys()):
        if wanted[name] != before[name]:
            draft.warnings.append(overruled(item.key, told.identity.source, name))
    fresh = {name: value for name, value in sorted(wanted.items()) if name not in before}
    before.update(fresh)
    draft.enter(item.uid, item.key, str(before["class"]))
    after = {name: value for name, value in fresh.items() if value_of(item, name) != value}
    stated = fresh if draft.rules.planned else after
    if stated:
        expected = {name: value_of(item, name) for name in stated}
        draft.operations.append(ChangeItem(item.uid, expected, stated, told.identity.source))
    return "changed" if after else "unchanged"


def _wanted(told: _Told) -> dict[str, Value | None]:
    """The fields that an observed item speaks of."""
    return told.values | _name(told.item) | {"class": told.item.class_name}


def _new_key(draft: Draft, told: _Told, *, unique: bool) -> str:
    """The key of a new item: its name, else its qualified name, else with the source in front."""
    if told.seen.global_keys:
        return told.item.source_id
    qualified = ":".join(told.item.qualified or (told.item.source_id,))
    key = key_from((told.item.name or qualified) if unique else qualified)
    if key in draft.keys:
        key = key_from(f"{told.identity.source}:{key}")
    return key if key not in draft.keys else next(one for one in numbered(key) if one not in draft.keys)
