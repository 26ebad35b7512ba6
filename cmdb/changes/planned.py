"""What a change means to alter in the graph, in the words of the native file.

Its list `operations` has an entry for each thing that is to be other than it is:

    - item: {key: db-b, class: database, tier: 2}
    - relation: {source: checkout, type: depends_on, target: db-b}
    - retire: db-a
    - unrelate: {source: checkout, type: depends_on, target: db-a}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cmdb.changes.form import OPERATIONS_PART
from cmdb.errors import Fault
from cmdb.keys import wrong_with
from cmdb.model import RETIRED, STATUS, Graph, RelationId
from cmdb.observations import End, Observations, SeenItem, SeenRelation
from cmdb.operations import RemoveRelation

_CORE = ("key", "class", "name")
_ENDS = ("source", "type", "target")


@dataclass
class Wanted:
    """What was read: what is to be there, as a source would tell it; what is to go; and what is wrong.

    Attributes
    ----------
    graph
        The graph that it is meant to alter.
    source
        In whose name the values are given.
    """

    graph: Graph
    source: str
    items: list[SeenItem] = field(default_factory=list)
    relations: list[SeenRelation] = field(default_factory=list)
    removals: list[RemoveRelation] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def observations(self) -> Observations:
        """What is to be there: all of it, or nothing."""
        return Observations(
            self.source, tuple(self.items), tuple(self.relations), global_keys=True, all_or_nothing=True
        )


def read_operations(said: Sequence[object], graph: Graph, source: str) -> Wanted:
    """Read the operations of a change; whether their values can be, reconciliation says."""
    wanted = Wanted(graph, source)
    for place, entry in enumerate(said):
        _take(wanted, entry, f"{OPERATIONS_PART}[{place}]")
    return wanted


def _take(wanted: Wanted, entry: object, pointer: str) -> None:
    if not isinstance(entry, Mapping) or len(entry) != 1 or next(iter(entry)) not in _TAKES:
        told = "this is not one of item: {…}, relation: {…}, retire: KEY and unrelate: {…}"
        wanted.faults.append(Fault(pointer, told))
        return
    ((verb, what),) = entry.items()
    wanted.faults += _TAKES[verb](wanted, what, f"{pointer}.{verb}")


def _item(wanted: Wanted, said: object, where: str) -> Iterator[Fault]:
    if not isinstance(said, Mapping):
        yield Fault(where, "this is not a mapping with a key")
        return
    faults = [*_texts(said, ("key",), where), *_texts(said, _CORE[1:], where, needed=False)]
    yield from faults
    if not faults:
        yield from _known_item(wanted, {str(name): value for name, value in said.items()}, where)


def _known_item(wanted: Wanted, said: Mapping[str, Any], where: str) -> Iterator[Fault]:
    key, problem = said["key"], wrong_with(said["key"])
    uid = wanted.graph.uid_of.get(key)
    class_name = said.get("class") or (uid and wanted.graph.items[uid].class_name)
    if problem:
        yield Fault(f"{where}.key", f"“{key[:60]}” cannot be a key: {problem}")
    elif class_name is None:
        yield Fault(f"{where}.class", f"this is missing: “{key}” is not here yet, so say what it is to be")
    else:
        rest = {name: value for name, value in said.items() if name not in _CORE}
        wanted.items.append(SeenItem(class_name, key, said.get("name"), rest, where))


def _relation(wanted: Wanted, said: object, where: str) -> Iterator[Fault]:
    faults = [*_ends_missing(said, where)]
    yield from faults
    if not faults and isinstance(said, Mapping):
        rest = {str(name): value for name, value in said.items() if name not in _ENDS}
        source, target = End(None, said["source"]), End(None, said["target"])
        wanted.relations.append(SeenRelation(source, said["type"], target, where, rest))


def _retire(wanted: Wanted, said: object, where: str) -> Iterator[Fault]:
    uid = wanted.graph.uid_of.get(said) if isinstance(said, str) else None
    if uid is None:
        yield Fault(where, f"nothing has the key “{said}”" if isinstance(said, str) else "this is not a key")
        return
    item = wanted.graph.items[uid]
    if item.retired:
        yield Fault(where, f"{item.key} is retired already")
        return
    wanted.items.append(SeenItem(item.class_name, item.key, None, {STATUS: RETIRED}, where))


def _unrelate(wanted: Wanted, said: object, where: str) -> Iterator[Fault]:
    faults = [*_ends_missing(said, where)]
    yield from faults
    if faults or not isinstance(said, Mapping):
        return
    uids = (wanted.graph.uid_of.get(said[end], "") for end in ("source", "target"))
    one = RelationId(next(uids), said["type"], next(uids))
    there = wanted.graph.relations.get(one)
    if there is None:
        yield Fault(where, f"{said['source']} → {said['target']}, {said['type']}: there is no such relation")
        return
    wanted.removals.append(RemoveRelation(one, dict(there.attributes), wanted.source))


def _ends_missing(said: object, where: str) -> Iterator[Fault]:
    if not isinstance(said, Mapping):
        yield Fault(where, "this is not a mapping with source, type and target")
    else:
        yield from _texts(said, _ENDS, where)


def _texts(
    said: Mapping[Any, object], names: Sequence[str], where: str, *, needed: bool = True
) -> Iterator[Fault]:
    for name in names:
        value = said.get(name)
        if value is None or value == "":
            if needed:
                yield Fault(f"{where}.{name}", "this is missing")
        elif not isinstance(value, str):
            yield Fault(f"{where}.{name}", "this is not text")


_TAKES: Mapping[object, Callable[[Wanted, object, str], Iterator[Fault]]] = {
    "item": _item,
    "relation": _relation,
    "retire": _retire,
    "unrelate": _unrelate,
}
