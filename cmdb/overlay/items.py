"""Laying plans over items: what they create, and what they change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cmdb.model import STATUS, Item
from cmdb.operations import ChangeItem, CreateItem, GraphOperation, Step, apply_to_item, value_of
from cmdb.overlay.draft import NOT_YET, Draft, Laid
from cmdb.overlay.wishes import Wish, Wishes, add_wishes
from cmdb.values import Value


def create_items(draft: Draft, laid: Sequence[Laid]) -> None:
    """Add the new items, or what the plans say of those that are there already."""
    creations = [one for one in laid if isinstance(one.operation, CreateItem)]
    found: dict[str, list[Laid]] = defaultdict(list)
    for uid, one in _named(draft, creations, _freed(laid)):
        found[uid].append(one)
    draft.created |= found.keys()
    for uid, some in found.items():
        _create(draft, uid, some)


def change_items(draft: Draft, laid: Iterable[Laid]) -> None:
    """Change items, those that the plans make among them."""
    found: dict[str, Wishes] = defaultdict(lambda: defaultdict(list))
    for plan, step in laid:
        if isinstance(step.operation, ChangeItem):
            uid = draft.meant(step.operation.uid)
            if uid in draft.items:
                add_wishes(found[uid], plan, step.operation)
            else:
                draft.fault(draft.key(uid), f"{plan} changes {draft.stranger(uid)}")
    for uid, wishes in found.items():
        _fulfil(draft, uid, wishes)


def check_keys(draft: Draft) -> None:
    """Refuse two items with one key."""
    holders: dict[str, list[Item]] = defaultdict(list)
    for item in draft.items.values():
        holders[item.key].append(item)
    for key, items in holders.items():
        if len(items) > 1:
            draft.fault(key, "two items would have this key")
            for item in items:  # so that what is there can be shown, each keeps the key it has
                was = draft.graph.items.get(item.uid)
                draft.items[item.uid] = replace(item, key=was.key) if was else item


def bring_to_life(draft: Draft) -> None:
    """Make live what the plans create, once they have come true."""
    for uid in draft.created if draft.come_true else ():
        item = draft.items[uid]
        if item.attributes.get(STATUS) in NOT_YET:
            alive = {name: value for name, value in item.attributes.items() if name != STATUS}
            draft.items[uid] = replace(item, attributes=alive)


def _named(draft: Draft, creations: list[Laid], freed: set[str]) -> Iterator[tuple[str, Laid]]:
    """Each creation with the uid of the item it makes or means."""
    items = draft.graph.items
    keys = {key: uid for key, uid in draft.graph.uid_of.items() if key not in freed}
    names = {name: uid for name, uid in draft.known.names.items() if uid in items}
    for one in sorted(creations, key=lambda one: str(one.step.target)):
        uid, key = str(one.step.target), str(_after(one.operation)["key"])
        seen = (names[name] for name in one.step.identities if name in names)
        meant = uid if uid in items else keys.get(key) or next(seen, uid)
        if meant != uid:
            draft.aliases[uid] = meant
        keys.setdefault(key, meant)
        names.update({name: meant for name in one.step.identities if name not in names})
        yield meant, one


def _create(draft: Draft, uid: str, laid: list[Laid]) -> None:
    wishes: Wishes = defaultdict(list)
    is_new = uid not in draft.graph.items
    named = {name for _, step in laid if (name := _name_given(step)) is not None}
    for plan, step in laid:
        for name, value in _after(step.operation).items():
            if name == "key" and not (is_new and step.target == uid):
                continue  # the item that stands for this one keeps its key
            if name == "name" and _name_given(step) is None and (named or not is_new):
                continue  # nobody chose that name
            if name == STATUS and value in NOT_YET and not is_new:
                continue  # it is there, so that it was to come is no wish any more
            wishes[name].append(Wish(plan, None, value, step.operation.source))
    _fulfil(draft, uid, wishes)


def _fulfil(draft: Draft, uid: str, wishes: Wishes) -> None:
    item = draft.items.get(uid)
    now = {} if item is None else {name: value_of(item, name) for name in wishes}
    if uid in draft.created and draft.come_true and STATUS in wishes:
        wishes[STATUS] = [_in_life(wish) for wish in wishes[STATUS]]
        now[STATUS] = _lived(now.get(STATUS))
    granted = draft.granted(draft.key(uid) if item else _key_in(wishes), now.get, wishes, new=not item)
    time = draft.graph.time
    if item is None:
        every = {name: value for after in granted.values() for name, value in after.items()}
        item = apply_to_item(None, CreateItem(uid, every, min(granted)), time)
    for source, after in granted.items():
        item = apply_to_item(item, ChangeItem(uid, {}, after, source), time)
    draft.items[uid] = item


def _after(operation: GraphOperation) -> Mapping[str, Value | None]:
    return operation.after if isinstance(operation, CreateItem) else {}


def _name_given(step: Step) -> Value | None:
    """The name that somebody chose for a new item: one that is not its key."""
    after = _after(step.operation)
    return after["name"] if after["name"] != after["key"] else None


def _freed(laid: Iterable[Laid]) -> set[str]:
    """The keys that plans take away from items that have them."""
    return {
        str(step.operation.before["key"])
        for _, step in laid
        if isinstance(step.operation, ChangeItem) and "key" in step.operation.after
    }


def _lived(status: Value | None) -> Value | None:
    """A status as it is once plans have come true."""
    return None if status in NOT_YET else status


def _in_life(wish: Wish) -> Wish:
    return wish._replace(before=_lived(wish.before), after=_lived(wish.after))


def _key_in(wishes: Wishes) -> str:
    return str(wishes["key"][0].after)
