"""Items: which one an observation is about, and what it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from cmdb.keys import key_from, numbered
from cmdb.model import STATUS, Identity, Item
from cmdb.observations import Observations, SeenItem
from cmdb.operations import ChangeItem, CreateItem, new_uid, value_of
from cmdb.reconcile.draft import Draft, given, sorted_by_identity
from cmdb.spelling import did_you_mean
from cmdb.values import Attributes, Value, normalise


class _Told(NamedTuple):
    """One observed item, ready to be compared."""

    item: SeenItem
    identity: Identity
    seen: Observations
    values: dict[str, Value | None]
    unique: bool


def plan_items(draft: Draft, seen: Sequence[Observations]) -> None:
    """Plan what the observed items create and change."""
    rows = sorted_by_identity(seen, draft.rules)
    often = Counter(name for name, _ in {(one.items[place].name, identity) for identity, one, place in rows})
    first: dict[Identity, SeenItem] = {}
    for identity, one, place in rows:
        item = one.items[place]
        if not _is_sound(draft, item, one) or _told_before(draft, first, identity, item, one):
            continue
        vocabulary = draft.known.vocabulary
        fields = vocabulary.item_fields(item.class_name)
        values = draft.checked(one, item.where, vocabulary.a(item.class_name), fields, item.attributes)
        _plan_item(draft, _Told(item, identity, one, values, unique=often[item.name] == 1))
    for uid, outcome in draft.outcomes.items():
        draft.items[outcome] += draft.known.vocabulary.is_counted(draft.classes[uid])


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


def _told_before(
    draft: Draft, first: dict[Identity, SeenItem], identity: Identity, item: SeenItem, seen: Observations
) -> bool:
    known = Identity(identity.source, "", identity.source_id) if seen.global_keys else identity
    before = first.setdefault(known, item)
    if before is item:
        return False
    if (before.class_name, before.name, before.attributes) != (item.class_name, item.name, item.attributes):
        draft.fault(seen, item.where, f"“{item.source_id}” is described differently at {before.where}")
    return True


def _plan_item(draft: Draft, told: _Told) -> None:
    by_key = told.seen.global_keys
    uid = draft.keys.get(told.item.source_id) if by_key else draft.uid_of(told.identity)
    if uid is None:
        uid, outcome = _create(draft, told), "added"
    else:
        outcome = _compare(draft, told, draft.created.get(uid) or draft.known.graph.items[uid])
    draft.see(told.identity, uid)
    if draft.outcomes.get(uid, "unchanged") == "unchanged":
        draft.outcomes[uid] = outcome


def _create(draft: Draft, told: _Told) -> str:
    uid, key = new_uid(), _new_key(draft, told)
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
            draft.warnings.append(
                f"{item.key}: {told.identity.source} gives another {name} than a source read before it,"
                " which is kept."
            )
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


def _new_key(draft: Draft, told: _Told) -> str:
    """The key of a new item: its name, else its qualified name, else with the source in front."""
    if told.seen.global_keys:
        return told.item.source_id
    qualified = ":".join(told.item.qualified or (told.item.source_id,))
    key = key_from((told.item.name or qualified) if told.unique else qualified)
    if key in draft.keys:
        key = key_from(f"{told.identity.source}:{key}")
    return key if key not in draft.keys else next(one for one in numbered(key) if one not in draft.keys)
