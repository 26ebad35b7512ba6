"""Items: which one an observation is about, and what it changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from cmdb.contradictions import agreed, contradiction, overruled
from cmdb.keys import key_from, numbered
from cmdb.model import STATUS, Identity, Item
from cmdb.observations import Observations, SeenItem
from cmdb.operations import ChangeItem, CreateItem, new_uid, value_of
from cmdb.reconcile.draft import Draft, given, sorted_by_identity
from cmdb.spelling import did_you_mean
from cmdb.values import Attributes, Value, normalise


class _Row(NamedTuple):
    """One description of an item."""

    identity: Identity
    seen: Observations
    item: SeenItem


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
    for told in every:
        _plan_item(draft, told, unique=often[told.item.name] == 1)
    for uid, outcome in draft.outcomes.items():
        draft.items[outcome] += draft.known.vocabulary.is_counted(draft.classes[uid])


def _by_identity(draft: Draft, seen: Sequence[Observations]) -> Iterable[list[_Row]]:
    """The descriptions that can be used, those of one item together."""
    found: dict[Identity, list[_Row]] = defaultdict(list)
    for identity, one, place in sorted_by_identity(seen, draft.rules):
        item = one.items[place]
        if _is_sound(draft, item, one):
            known = replace(identity, class_name="") if one.global_keys else identity
            found[known].append(_Row(identity, one, item))
    return found.values()


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
    try:
        normalise("text", item.source_id)
        normalise("text", item.name or "")
    except ValueError as error:
        return f"its name: {error}"
    return None


def _told(draft: Draft, rows: Sequence[_Row]) -> _Told:
    """Put the descriptions of one item together, without that in which they contradict each other."""
    identity, seen, first = rows[0]
    for row in rows:
        if _must_not_differ(first, row):
            what = f"“{first.source_id}” is described differently at {first.where}"
            draft.fault(row.seen, row.item.where, what)
    same = [row for row in rows if row.item.class_name == first.class_name]
    values, differing = agreed(_values(draft, row) for row in same)
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


def _values(draft: Draft, row: _Row) -> dict[str, Value | None]:
    """What one description says, the name among it."""
    vocabulary, item = draft.known.vocabulary, row.item
    what, fields = vocabulary.a(item.class_name), vocabulary.item_fields(item.class_name)
    name = {"name": item.name} if item.name else {}
    return {**draft.checked(row.seen, item.where, what, fields, item.attributes), **name}


def _plan_item(draft: Draft, told: _Told, *, unique: bool) -> None:
    by_key = told.seen.global_keys
    uid = draft.keys.get(told.item.source_id) if by_key else draft.uid_of(told.identity)
    if uid is None:
        uid, outcome = _create(draft, told, unique=unique), "added"
    else:
        outcome = _compare(draft, told, draft.created.get(uid) or draft.known.graph.items[uid])
    draft.see(told.identity, uid)
    draft.places.setdefault(uid, told.item.where)
    if draft.outcomes.get(uid, "unchanged") == "unchanged":
        draft.outcomes[uid] = outcome


def _create(draft: Draft, told: _Told, *, unique: bool) -> str:
    uid, key = new_uid(), _new_key(draft, told, unique=unique)
    name, class_name, values = told.item.name or key, told.item.class_name, given(told.values)
    core: Attributes = {"key": key, "class": class_name, "name": name}
    draft.operations.append(CreateItem(uid, core | values, told.identity.source))
    draft.created[uid] = Item(uid, key, class_name, name, values)
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
    if not after:
        return "unchanged"
    expected = {name: value_of(item, name) for name in after}
    draft.operations.append(ChangeItem(item.uid, expected, after, told.identity.source))
    return "changed"


def _wanted(told: _Told) -> dict[str, Value | None]:
    """The fields that an observed item speaks of."""
    name: dict[str, Value | None] = {"name": told.item.name} if told.item.name else {}
    return {**told.values, **name, "class": told.item.class_name}


def _new_key(draft: Draft, told: _Told, *, unique: bool) -> str:
    """The key of a new item: its name, else its qualified name, else with the source in front."""
    if told.seen.global_keys:
        return told.item.source_id
    qualified = ":".join(told.item.qualified or (told.item.source_id,))
    key = key_from((told.item.name or qualified) if unique else qualified)
    if key in draft.keys:
        key = key_from(f"{told.identity.source}:{key}")
    return key if key not in draft.keys else next(one for one in numbered(key) if one not in draft.keys)
