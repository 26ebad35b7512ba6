"""Items: which one an observation is about, and what it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from cmdb.contradictions import agreed, contradiction
from cmdb.keys import key_from, numbered
from cmdb.model import Identity
from cmdb.observations import Observations, SeenItem
from cmdb.operations import new_uid
from cmdb.progress import telling
from cmdb.reconcile.comparing import compare, create
from cmdb.reconcile.draft import Draft, Told
from cmdb.reconcile.matching import Matches, match
from cmdb.spelling import did_you_mean
from cmdb.values import Value, normalise


class _Row(NamedTuple):
    """One description of an item, and its place in its file."""

    identity: Identity
    seen: Observations
    item: SeenItem
    place: int


def plan_items(draft: Draft, seen: Sequence[Observations]) -> None:
    """Plan what the observed items create and change."""
    _resolve(draft, _in_order(draft, (_told(draft, rows) for rows in _by_identity(draft, seen))))
    outcomes: Counter[tuple[str, str]] = Counter()
    items, told = draft.known.graph.items, draft.told
    for uid, each in telling(draft.progress, "items planned", told.items(), len(told)):
        item = items.get(uid)
        if item is None:
            create(draft, uid, each)
        outcome = compare(draft, item, each) if item else "added"
        outcomes[outcome, draft.classes[uid]] += 1
    for (outcome, class_name), number in outcomes.items():
        draft.items[outcome] += number * draft.known.vocabulary.is_counted(class_name)


def _in_order(draft: Draft, every: Iterable[Told]) -> list[Told]:
    """The highest source first, but what names keys of the whole graph last: others make such keys."""
    rank = draft.rules.precedence.rank
    return sorted(every, key=lambda told: (told.seen.global_keys, rank(told.identity.source)))


def _resolve(draft: Draft, every: Sequence[Told]) -> None:
    """Find out who is meant by what is told, and give those who are new their keys."""
    uids = [_known(draft, told) for told in every]
    matches = match(draft, every, uids)
    draft.keys.update({key: uid for uid, key in matches.keys.items()})
    often = _often(every, matches)
    for told, known in zip(every, uids, strict=True):
        if told.identity not in matches.ambiguous:
            uid = known or matches.uids.get(told.identity) or _known(draft, told) or new_uid()
            if uid not in draft.names:
                key = matches.keys.get(uid) or _new_key(draft, told, unique=often[told.item.name] == 1)
                draft.enter(uid, key, told.item.class_name)
            draft.sightings.items[told.identity] = uid
            draft.told[uid] = (*draft.told[uid], told) if uid in draft.told else (told,)


def _known(draft: Draft, told: Told) -> str | None:
    """Who is meant by the name that a source has for an item: a key, or one that only it understands."""
    return draft.keys.get(told.item.source_id) if told.seen.global_keys else draft.uid_of(told.identity)


def _often(every: Sequence[Told], matches: Matches) -> Counter[str | None]:
    """How many items have a name in these files; what several tell of, once."""
    often = Counter(told.item.name for told in every if not told.seen.global_keys)
    again: set[tuple[str, str | None]] = set()
    for told in every if matches.uids else ():
        uid = matches.uids.get(told.identity)
        if uid is not None:
            often[told.item.name] -= (uid, told.item.name) in again
            again.add((uid, told.item.name))
    return often


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


def _told(draft: Draft, rows: Sequence[_Row]) -> Told:
    """Put the descriptions of one item together, without that in which they contradict each other."""
    identity, seen, first, _ = rows[0]
    if len(rows) == 1:
        return Told(first, identity, seen, _attributes(draft, rows[0]))
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
    return Told(item, identity, seen, values)


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


def _new_key(draft: Draft, told: Told, *, unique: bool) -> str:
    """The key of a new item: its name, else its qualified name, else with the source in front."""
    if told.seen.global_keys:
        return told.item.source_id
    qualified = ":".join(told.item.qualified or (told.item.source_id,))
    key = key_from((told.item.name or qualified) if unique else qualified)
    if key in draft.keys:
        key = key_from(f"{told.identity.source}:{key}")
    return key if key not in draft.keys else next(one for one in numbered(key) if one not in draft.keys)
