"""The inverse of a commit: what puts back what it changed, as far as nobody has changed it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cmdb.errors import Fault
from cmdb.model import CORE, RETIRED, STATUS, Graph, Item, Provenance, RelationId
from cmdb.operations import (
    AddRelation,
    ChangeItem,
    ChangePlan,
    ChangeRelation,
    Changes,
    CreateItem,
    GraphOperation,
    ItemOperation,
    Plan,
    RelationOperation,
    RemoveRelation,
    Target,
    said,
    target_of,
    value_of,
)
from cmdb.values import Value

_Values = dict[str, Value | None]


@dataclass
class Inverse:
    """What undoes some operations, and what stands in the way.

    What is as it was before is left as it is. Values are put back in the name of the source that they came
    from; an item that was made is retired, in the name of who made it.

    Attributes
    ----------
    before, live
        What the operations are about, as it was before them and as it is now, with the items at the ends of
        relations.
    operations
        What undoes them.
    faults
        What was changed since, and by whom.
    """

    before: Graph
    live: Graph
    operations: list[GraphOperation] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, operations: Iterable[GraphOperation], before: Graph, live: Graph) -> Inverse:
        """Work out what undoes operations that one commit applied."""
        by_target: dict[Target, list[GraphOperation]] = defaultdict(list)
        for one in operations:
            by_target[target_of(one)].append(one)
        found = cls(before, live)
        for target, some in by_target.items():
            if isinstance(target, RelationId):
                found._relation(target, [one for one in some if isinstance(one, RelationOperation)])
            else:
                found._item(target, [one for one in some if isinstance(one, ItemOperation)])
        found.operations.sort(
            key=lambda one: isinstance(one, ItemOperation)
        )  # relations go before their ends
        return found

    def _item(self, uid: str, some: Sequence[ItemOperation]) -> None:
        item, first = self.live.items[uid], some[0]
        if isinstance(first, CreateItem):
            self._unmake(item, first.source, _last(some))
            return
        origins = self.before.items[uid].provenance
        change = _Change(
            item.key, item.provenance, origins, {one: value_of(item, one) for one in _last(some)}
        )
        for source, values in change.back(some, self.faults).items():
            before = {name: change.now[name] for name in values}
            self.operations.append(ChangeItem(uid, before, values, source))

    def _unmake(self, item: Item, source: str, left: _Values) -> None:
        """Retire what was made, unless somebody has changed it since."""
        if item.retired:
            return
        for name in [*CORE, *sorted({*item.attributes, *left} - CORE.keys())]:
            now = value_of(item, name)
            if now != left.get(name):
                self.faults.append(_changed(item.key, name, now, left.get(name), item.provenance.get(name)))
        before = {STATUS: item.attributes.get(STATUS)}
        self.operations.append(ChangeItem(item.uid, before, {STATUS: RETIRED}, source))

    def _relation(self, one: RelationId, some: Sequence[RelationOperation]) -> None:
        was, now = self.before.relations.get(one), self.live.relations.get(one)
        gone = isinstance(some[-1], RemoveRelation)
        if was is None:
            if now is not None and not gone:
                self._check_same(one, now.attributes, _last(some))
                self.operations.append(RemoveRelation(one, dict(now.attributes), some[-1].source))
        elif gone:
            if now is None:
                self.operations += _added_again(one, was.attributes, was.provenance, some[-1].source)
            else:
                self._check_same(one, now.attributes, was.attributes)
        elif now is None:
            self.faults.append(Fault(self._said(one), "it was removed since"))
        else:
            attributes = {name: now.attributes.get(name) for name in _last(some)}
            change = _Change(self._said(one), now.provenance, was.provenance, attributes)
            for source, values in change.back(some, self.faults).items():
                before = {name: change.now[name] for name in values}
                self.operations.append(ChangeRelation(one, before, values, source))

    def _check_same(self, one: RelationId, now: Changes, left: Changes) -> None:
        origins = self.live.relations[one].provenance
        for name in sorted({*now, *left}):
            if now.get(name) != left.get(name):
                fault = _changed(self._said(one), name, now.get(name), left.get(name), origins.get(name))
                self.faults.append(fault)

    def _said(self, one: RelationId) -> str:
        return f"{self.live.items[one.source].key} → {self.live.items[one.target].key}, {one.type}"


@dataclass(frozen=True)
class _Change:
    """One thing whose fields got other values: what it is called, and its fields' values and origins."""

    called: str
    origins: Mapping[str, Provenance]
    old_origins: Mapping[str, Provenance]
    now: _Values

    def back(self, some: Sequence[GraphOperation], faults: list[Fault]) -> dict[str, _Values]:
        """By source, the values to put back; what somebody has changed since is added to the faults."""
        was, left, found = _first(some), _last(some), defaultdict[str, _Values](dict)
        for name, old in was.items():
            source = self.old_origins[name].source if name in self.old_origins else some[0].source
            now = self.now[name]
            if now != left[name] and now != old:
                faults.append(_changed(self.called, name, now, left[name], self.origins.get(name)))
            elif now != old or (left[name] == old and self._answers(name, some[-1].source, source)):
                found[source][name] = old
        return found

    def _answers(self, name: str, source: str, before: str) -> bool:
        """Whether a source answers for a value now that another one answered for before."""
        origin = self.origins.get(name)
        return origin is not None and origin.source == source != before


def _added_again(
    one: RelationId, attributes: Changes, origins: Mapping[str, Provenance], source: str
) -> Iterator[GraphOperation]:
    """A relation with its values, each in the name of the source that it came from."""
    by_source: dict[str, _Values] = defaultdict(dict)
    for name, value in attributes.items():
        by_source[origins[name].source if name in origins else source][name] = value
    first = next(iter(by_source), source)
    yield AddRelation(one, by_source.pop(first, {}), first)
    for other, values in by_source.items():
        yield ChangeRelation(one, dict.fromkeys(values), values, other)


def inverse_of_steps(
    operations: Iterable[ChangePlan], plans: Mapping[str, Plan], names: Mapping[str, str]
) -> tuple[list[ChangePlan], list[Fault]]:
    """What takes back changes of plans, and the steps that were changed since.

    Parameters
    ----------
    plans, names
        By uid of who owns a plan: the plan as it is now, and what it is called.
    """
    found: list[ChangePlan] = []
    faults: list[Fault] = []
    for one in operations:
        now = plans[one.owner].get(one.target)
        if now == one.after and now != one.before:
            found.append(ChangePlan(one.owner, now, one.before))
        elif now != one.before:
            faults.append(Fault(names[one.owner], "a step of this plan was changed since"))
    return found, list(dict.fromkeys(faults))


def _first(some: Iterable[GraphOperation]) -> _Values:
    """The value that each field had before the first operation on it."""
    found: _Values = {}
    for one in some:
        for name, value in ({} if isinstance(one, CreateItem | AddRelation) else one.before).items():
            found.setdefault(name, value)
    return found


def _last(some: Iterable[GraphOperation]) -> _Values:
    """The value that each field has after the last operation on it."""
    found: _Values = {}
    for one in some:
        found.update({} if isinstance(one, RemoveRelation) else one.after)
    return found


def _changed(
    called: str, name: str, now: Value | None, left: Value | None, origin: Provenance | None
) -> Fault:
    by = f", by {origin.source}" if origin and now is not None else ""
    return Fault(called, f"{name} was changed since: it was {said(left)}, and is {said(now)} now{by}")
