"""Overlays: the graph as it will be once some plans have come true.

Plans are laid over a graph all at once, so their order does not matter. A step is applied where the graph is
as it was when the step was planned, and done already where the graph is as the step wants it; anything else
is a conflict, between a plan and the graph or between two plans.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from cmdb.errors import Conflict, Fault
from cmdb.model import STATUS, Graph, Identity, Item, Relation, RelationId
from cmdb.operations import (
    AddRelation,
    ChangeItem,
    ChangeRelation,
    CreateItem,
    GraphOperation,
    ItemOperation,
    Plan,
    RelationOperation,
    RemoveRelation,
    Step,
    apply_to_item,
    apply_to_relation,
    value_of,
)
from cmdb.values import Value
from cmdb.wishes import Granted, Wish, Wishes, add_wishes, grant

NOT_YET = frozenset({"planned", "in_build"})
"""The status of what is not live yet, and will be."""


@dataclass(frozen=True)
class Overlaid:
    """A graph with plans laid over it.

    Attributes
    ----------
    aliases
        By uid that a plan gave to a new item: the uid of the item that stands for it, because the graph or
        another plan holds the same key or identity.
    conflicts
        Where a plan does not fit the graph or another plan. There, what is in the graph stands.
    """

    graph: Graph
    aliases: Mapping[str, str]
    conflicts: tuple[Fault, ...] = ()

    def fitting(self) -> Overlaid:
        """The same, or `Conflict` with every conflict if there is any."""
        if self.conflicts:
            raise conflict("This cannot be shown", self.conflicts)
        return self


def overlay(
    graph: Graph, plans: Mapping[str, Plan], known: Mapping[Identity, str], *, come_true: bool = True
) -> Overlaid:
    """Lay plans over a graph.

    Parameters
    ----------
    graph
        All of a graph, or at least everything that the plans are about.
    plans
        Plans by the name that messages call them.
    known
        The uids that sources know by the names of the plans' new items.
    come_true
        Whether what the plans create is live; else it keeps the status it is planned with.

    Raises
    ------
    Rejected
        If a plan gives an item a key that cannot be one.
    """
    laid = [_Laid(name, step) for name in sorted(plans) for step in plans[name].values()]
    draft = _Draft(graph, dict(graph.items), dict(graph.relations), come_true=come_true)
    changing = [one for one in laid if isinstance(one.operation, ChangeItem)]
    draft.create([one for one in laid if isinstance(one.operation, CreateItem)], changing, known)
    draft.change(changing)
    draft.check_keys()
    draft.relate(one for one in laid if not isinstance(one.operation, ItemOperation))
    draft.bring_to_life()
    conflicts = tuple(sorted(set(draft.faults), key=lambda fault: (fault.pointer, fault.detail)))
    return Overlaid(replace(graph, items=draft.items, relations=draft.relations), draft.aliases, conflicts)


def conflict(what: str, faults: Sequence[Fault]) -> Conflict:
    """The error that says what does not fit, and how that is settled."""
    number = "1 conflict" if len(faults) == 1 else f"{len(faults)} conflicts"
    cure = "Plan the value again (--into), or take it out of the plan with cmdb withdraw."
    return Conflict(f"{what}: {number}. {faults[0].pointer}: {faults[0].detail}. {cure}", tuple(faults))


class _Laid(NamedTuple):
    """A step and the name of the plan it is from."""

    plan: str
    step: Step

    @property
    def operation(self) -> GraphOperation:
        return self.step.operation


@dataclass
class _Draft:
    graph: Graph
    items: dict[str, Item]
    relations: dict[RelationId, Relation]
    come_true: bool
    aliases: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    created: set[str] = field(default_factory=set)

    def create(self, laid: list[_Laid], changing: list[_Laid], known: Mapping[Identity, str]) -> None:
        """Add the new items, or what the plans say of those that are there already."""
        found: dict[str, list[_Laid]] = defaultdict(list)
        for uid, one in self._named(laid, _freed(changing), known):
            found[uid].append(one)
        self.created |= found.keys()
        for uid, creations in found.items():
            self._create(uid, creations)

    def bring_to_life(self) -> None:
        """Make live what the plans create, once they have come true."""
        for uid in self.created if self.come_true else ():
            item = self.items[uid]
            if item.attributes.get(STATUS) in NOT_YET:
                alive = {name: value for name, value in item.attributes.items() if name != STATUS}
                self.items[uid] = replace(item, attributes=alive)

    def _named(
        self, laid: list[_Laid], freed: set[str], known: Mapping[Identity, str]
    ) -> Iterator[tuple[str, _Laid]]:
        """Each creation with the uid of the item it makes or means."""
        keys = {key: uid for key, uid in self.graph.uid_of.items() if key not in freed}
        names = {name: uid for name, uid in known.items() if uid in self.graph.items}
        for one in sorted(laid, key=lambda one: str(one.step.target)):
            uid, key = str(one.step.target), str(_after(one.operation)["key"])
            seen = (names[name] for name in one.step.identities if name in names)
            meant = uid if uid in self.graph.items else keys.get(key) or next(seen, uid)
            if meant != uid:
                self.aliases[uid] = meant
            keys.setdefault(key, meant)
            names.update({name: meant for name in one.step.identities if name not in names})
            yield meant, one

    def _create(self, uid: str, laid: list[_Laid]) -> None:
        wishes: Wishes = defaultdict(list)
        is_new = uid not in self.graph.items
        named = {name for _, step in laid if (name := _name_given(step)) is not None}
        for plan, step in laid:
            for name, value in _after(step.operation).items():
                if name == "key" and not (is_new and step.target == uid):
                    continue  # the item that stands for this one keeps its key
                if name == "name" and _name_given(step) is None and (named or not is_new):
                    continue  # nobody chose that name
                wishes[name].append(Wish(plan, None, value, step.operation.source))
        self._fulfil_item(uid, wishes)

    def change(self, laid: Iterable[_Laid]) -> None:
        """Change items, those that the plans make among them."""
        found: dict[str, Wishes] = defaultdict(lambda: defaultdict(list))
        for plan, step in laid:
            uid = self._meant(str(step.target))
            if uid not in self.items:
                self.faults.append(Fault(plan, "it changes an item that is not here: another plan made it"))
            elif isinstance(step.operation, ChangeItem):
                add_wishes(found[uid], plan, step.operation)
        for uid, wishes in found.items():
            self._fulfil_item(uid, wishes)

    def check_keys(self) -> None:
        """Refuse two items with one key."""
        holders: dict[str, list[Item]] = defaultdict(list)
        for item in self.items.values():
            holders[item.key].append(item)
        for key, items in holders.items():
            if len(items) > 1:
                self.faults.append(Fault(key, "two items would have this key"))
                for item in items:  # so that what is there can be shown, each keeps the key it has
                    was = self.graph.items.get(item.uid)
                    self.items[item.uid] = replace(item, key=was.key) if was else item

    def relate(self, laid: Iterable[_Laid]) -> None:
        """Add, change and remove relations."""
        found: dict[RelationId, list[_Laid]] = defaultdict(list)
        for one in laid:
            if isinstance(one.step.target, RelationId):
                source, type_name, target = one.step.target
                found[RelationId(self._meant(source), type_name, self._meant(target))].append(one)
        for relation, steps in found.items():
            self._relate(relation, steps)

    def _relate(self, one: RelationId, laid: list[_Laid]) -> None:
        who = f"{self._key(one.source)} → {self._key(one.target)}, {one.type}"
        removing = [step for step in laid if isinstance(step.operation, RemoveRelation)]
        keeping = [step for step in laid if not isinstance(step.operation, RemoveRelation)]
        if removing and keeping:
            self.faults.append(Fault(who, f"{removing[0].plan} removes it and {keeping[0].plan} needs it"))
        elif removing:
            self._remove(who, one, removing)
        elif one.source == one.target:
            self.faults.append(Fault(who, "it would relate an item to itself"))
        elif one.source not in self.items or one.target not in self.items:
            self.faults.append(Fault(who, f"{keeping[0].plan} needs an end of it that is not here"))
        else:
            self._keep(who, one, keeping)

    def _remove(self, who: str, one: RelationId, laid: list[_Laid]) -> None:
        relation = self.relations.get(one)
        if relation is None:
            return
        for plan, step in laid:
            before = step.operation.before if isinstance(step.operation, RemoveRelation) else {}
            if dict(before) != dict(relation.attributes):
                self.faults.append(Fault(who, f"{plan} removes it, but it has changed since"))
                return
        del self.relations[one]

    def _keep(self, who: str, one: RelationId, laid: list[_Laid]) -> None:
        adds = [step for step in laid if isinstance(step.operation, AddRelation)]
        if not adds and one not in self.relations:
            self.faults.append(Fault(who, f"{laid[0].plan} changes it, but it is not there"))
            return
        new: Wishes = defaultdict(list)
        altered: Wishes = defaultdict(list)
        for plan, step in laid:
            if isinstance(step.operation, AddRelation):
                for name, value in step.operation.after.items():
                    new[name].append(Wish(plan, None, value, step.operation.source))
            elif isinstance(step.operation, ChangeRelation):
                add_wishes(altered, plan, step.operation)
        if one not in self.relations:
            self._put(AddRelation(one, {}, adds[0].operation.source))
        for wishes in (new, altered):
            for source, after in self._granted(who, self.relations[one].attributes.get, wishes).items():
                self._put(ChangeRelation(one, {}, after, source))

    def _put(self, operation: RelationOperation) -> None:
        before = self.relations.get(operation.id)
        after = apply_to_relation(before, operation, self.graph.time)
        if after is not None:
            self.relations[operation.id] = after

    def _fulfil_item(self, uid: str, wishes: Wishes) -> None:
        item = self.items.get(uid)
        now = {} if item is None else {name: value_of(item, name) for name in wishes}
        if uid in self.created and self.come_true and STATUS in wishes:
            wishes[STATUS] = [_in_life(wish) for wish in wishes[STATUS]]
            now[STATUS] = _lived(now.get(STATUS))
        granted = self._granted(self._key(uid) if item else _key_in(wishes), now.get, wishes, new=not item)
        if item is None:
            every = {name: value for after in granted.values() for name, value in after.items()}
            item = apply_to_item(None, CreateItem(uid, every, min(granted)), self.graph.time)
        for source, after in granted.items():
            item = apply_to_item(item, ChangeItem(uid, {}, after, source), self.graph.time)
        self.items[uid] = item

    def _granted(
        self, who: str, now: Callable[[str], Value | None], wishes: Wishes, *, new: bool = False
    ) -> Granted:
        """The new values by source and field; what cannot be granted is noted as a conflict."""
        granted, faults = grant(who, now, wishes, new=new)
        self.faults += faults
        return granted

    def _meant(self, uid: str) -> str:
        return self.aliases.get(uid, uid)

    def _key(self, uid: str) -> str:
        return self.items[uid].key if uid in self.items else "an item of another plan"


def _after(operation: GraphOperation) -> Mapping[str, Value | None]:
    return operation.after if isinstance(operation, CreateItem) else {}


def _name_given(step: Step) -> Value | None:
    """The name that somebody chose for a new item: one that is not its key."""
    after = _after(step.operation)
    return after["name"] if after["name"] != after["key"] else None


def _freed(changing: Iterable[_Laid]) -> set[str]:
    """The keys that plans take away from items that have them."""
    return {
        str(step.operation.before["key"])
        for _, step in changing
        if isinstance(step.operation, ChangeItem) and "key" in step.operation.after
    }


def _lived(status: Value | None) -> Value | None:
    """A status as it is once plans have come true."""
    return None if status in NOT_YET else status


def _in_life(wish: Wish) -> Wish:
    return wish._replace(before=_lived(wish.before), after=_lived(wish.after))


def _key_in(wishes: Wishes) -> str:
    return str(wishes["key"][0].after)
