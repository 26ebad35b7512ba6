"""From the name of a state of the graph to the state: which revision and plans a view means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cmdb.errors import NotFound, WrongUsage
from cmdb.keys import wrong_with
from cmdb.model import Graph, Identity, Item, RelationId
from cmdb.operations import ChangeItem, CreateItem, Plan, Target
from cmdb.overlay import Elsewhere, Known, Overlaid, overlay
from cmdb.plan_log import made_by_plans
from cmdb.stores.base import Store
from cmdb.views import Overlay, View
from cmdb.vocabulary import Vocabulary
from cmdb.words import listed


@dataclass(frozen=True)
class Place:
    """What a view means.

    Attributes
    ----------
    owners
        The plans laid over the revision: their names, and their owners' uids.
    vocabulary
        What the plans have to keep to; a view without plans needs none.
    """

    revision: int
    owners: tuple[tuple[str, str], ...] = ()
    vocabulary: Vocabulary | None = field(default=None, compare=False, repr=False)


class Plans(dict[str, Plan]):
    """Plans by the names that messages call them, and the vocabulary that they have to keep to."""

    def __init__(self, plans: Mapping[str, Plan], vocabulary: Vocabulary | None) -> None:
        super().__init__(plans)
        self.vocabulary = vocabulary


def locate(store: Store, vocabulary: Vocabulary, view: View) -> Place:
    """Find out what a view means now.

    The plan of a project takes in those of its deliverables, as the vocabulary says.

    Raises
    ------
    NotFound
        If nothing has the key of an overlay.
    WrongUsage
        If an overlay names an item of another class, or of a class that owns no plans.
    """
    revision = _revision(store, view)
    owners: dict[str, str] = {}
    for one in view.overlays:
        owner = plan_owner(store, vocabulary, one, revision)
        for item in (owner, *_joining(store, vocabulary, owner, revision)):
            owners[item.uid] = str(Overlay(item.class_name, item.key))
    return Place(revision, tuple(sorted((name, uid) for uid, name in owners.items())), vocabulary)


def plan_owner(store: Store, vocabulary: Vocabulary, named: Overlay, revision: int | None = None) -> Item:
    """The item whose plan an overlay names; raises like `locate`."""
    if named.class_name not in vocabulary.planning:
        kinds = listed([f"{name}:KEY" for name in vocabulary.planning])
        raise WrongUsage(f"“{named}” has no plan. Plans are named by {kinds}.")
    item = item_with(store, named.key, revision)
    if item is None:
        raise NotFound(f"Nothing has the key “{named.key}”{_before_its_rename(store, named.key, revision)}.")
    if item.class_name != named.class_name:
        raise WrongUsage(f"“{named.key}” is {vocabulary.a(item.class_name)}, not {named.class_name}.")
    return item


def item_with(store: Store, key: str, revision: int | None = None) -> Item | None:
    """The item that has a key at a revision, without reading the whole graph."""
    if wrong_with(key):
        return None
    held = store.read(revision, {uid for _, uid in store.holders(key)})
    return next((item for item in held.items.values() if item.key == key), None)


def plans_at(store: Store, place: Place) -> Plans:
    """The plans that a view lays over its revision."""
    return Plans({name: store.plan(uid, place.revision) for name, uid in place.owners}, place.vocabulary)


def lay(
    store: Store, graph: Graph, plans: Plans, names: Mapping[Identity, str], *, come_true: bool = True
) -> Overlaid:
    """Lay plans over a graph as `overlay` does; its conflicts name what only other plans make."""
    known = Known(names, plans.vocabulary)
    laid = overlay(graph, plans, known, come_true=come_true)
    if not laid.strangers:
        return laid
    known = replace(known, elsewhere=_elsewhere(store, laid.strangers, graph.revision))
    return overlay(graph, plans, known, come_true=come_true)


def laid_over(store: Store, graph: Graph, plans: Plans) -> Graph:
    """A graph with plans laid over it.

    Raises
    ------
    Conflict
        If a plan does not fit; every conflict is listed.
    """
    return _fitting(store, graph, plans).graph


def _fitting(store: Store, graph: Graph, plans: Plans) -> Overlaid:
    return _laid(store, graph, plans).fitting()


def _laid(store: Store, graph: Graph, plans: Plans) -> Overlaid:
    names = {name for _, name in names_of(plans)}
    return lay(store, graph, plans, store.identities(names) if names else {})


def _elsewhere(store: Store, uids: Collection[str], revision: int) -> dict[str, Elsewhere]:
    """What is known of items that plans need and that are not there."""
    made = made_by_plans(store, uids, revision)
    owners = store.read(revision, {one.owner for one in made.values()}).items
    names = {uid: str(Overlay(owner.class_name, owner.key)) for uid, owner in owners.items()}
    return {uid: Elsewhere(one.key, names[one.owner] if one.still else None) for uid, one in made.items()}


def names_of(plans: Mapping[str, Plan]) -> Iterator[tuple[str, Identity]]:
    """The uids of plans' new items, each with the names that sources know it by."""
    for plan in plans.values():
        for step in plan.values():
            for name in step.identities:
                yield str(step.target), name


def part_at(store: Store, place: Place, wanted: Collection[Target]) -> Graph:
    """The part of a view's graph that `around` names; raises like `laid_over`."""
    graph, plans = store.read(place.revision, wanted), plans_at(store, place)
    return laid_over(store, graph, plans) if plans else graph


def laid_at(store: Store, place: Place, also: Mapping[str, Plan] | None = None) -> Overlaid:
    """The part of the graph that a view's plans are about, with them laid over it, whether they fit or not.

    Parameters
    ----------
    also
        Further plans to lay over it, by name.
    """
    plans = Plans({**(also or {}), **plans_at(store, place)}, place.vocabulary)
    return _laid(store, store.read(place.revision, _around(store, plans, ())), plans)


def editions_at(store: Store, place: Place, targets: Collection[Target]) -> Mapping[str, str]:
    """By uid, what names the states of those items and relations of which a view's plans say anything."""
    if not place.owners:
        return {}
    graph = store.read(place.revision, around(store, place, targets))
    return _fitting(store, graph, plans_at(store, place)).editions


def around(store: Store, place: Place, targets: Collection[Target]) -> set[Target]:
    """Items and relations with all that a view's plans do, the items they may mean, and relations' ends.

    A part of the graph that holds these shows the targets as the whole graph does; its cost follows their
    number and that of the plans' steps.
    """
    return _around(store, plans_at(store, place), targets)


def _around(store: Store, plans: Mapping[str, Plan], targets: Collection[Target]) -> set[Target]:
    wanted: set[Target] = {*targets, *(target for plan in plans.values() for target in plan)}
    meant = _could_mean(store, plans)
    for uid in _reclassed(plans):
        same = {uid} | meant.get(uid, set())
        wanted.update(one.relation.id for each in same for one in store.relation_history(each))
    for relation in [one for one in wanted if isinstance(one, RelationId)]:
        sources, ends = (meant.get(uid, set()) | {uid} for uid in (relation.source, relation.target))
        wanted |= {RelationId(source, relation.type, end) for source in sources for end in ends}
        wanted |= sources | ends
    return wanted.union(*meant.values())


def _could_mean(store: Store, plans: Mapping[str, Plan]) -> dict[str, set[str]]:
    """By uid that plans are about: the items that have, or ever had, a key or name that they give to it."""
    known = store.identities({name for _, name in names_of(plans)}) if any(names_of(plans)) else {}
    found: dict[str, set[str]] = {}
    for uid, name in names_of(plans):
        found.setdefault(uid, set()).update({known[name]} if name in known else ())
    for step in (step for plan in plans.values() for step in plan.values()):
        operation = step.operation
        if isinstance(operation, CreateItem | ChangeItem) and "key" in operation.after:
            held = {uid for _, uid in store.holders(str(operation.after["key"]))}
            found.setdefault(operation.uid, set()).update(held)
    return found


def _reclassed(plans: Mapping[str, Plan]) -> set[str]:
    """The items that get another class, which all of their relations have to allow."""
    operations = (step.operation for plan in plans.values() for step in plan.values())
    return {one.uid for one in operations if isinstance(one, ChangeItem) and "class" in one.after}


def _before_its_rename(store: Store, key: str, revision: int | None) -> str:
    """What became of a key that something had."""
    uids = [] if wrong_with(key) else [uid for _, uid in store.holders(key)]
    found = store.read(revision, uids[-1:]).items.values() if uids else ()
    return "".join(f": it was that of “{item.key}”, before it was renamed" for item in found)


def _revision(store: Store, view: View) -> int:
    if view.revision is not None:
        return view.revision
    return store.revision_at(view.instant) if view.instant else store.head().revision


def _joining(store: Store, vocabulary: Vocabulary, owner: Item, revision: int) -> Iterator[Item]:
    """The items whose plans are part of this one's, directly or by others."""
    found, waiting = {owner.uid}, [owner.uid]
    while waiting:
        uids = set(_joined(store, vocabulary, waiting.pop(), revision)) - found
        items = store.read(revision, uids).items.values() if uids else ()
        for item in items:
            if item.class_name in vocabulary.planning:
                found.add(item.uid)
                waiting.append(item.uid)
                yield item


def _joined(store: Store, vocabulary: Vocabulary, uid: str, revision: int) -> list[str]:
    last: dict[RelationId, bool] = {}
    for commit, relation, removed in store.relation_history(uid):
        type_name = relation.id.type
        joins = type_name in vocabulary.relations and vocabulary.relations[type_name].joins_plans
        if commit.revision <= revision and joins and relation.id.source == uid:
            last[relation.id] = not removed
    return [one.target for one, there in last.items() if there]
