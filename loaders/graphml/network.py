"""A graph as a network: its nodes, and the edges between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cmdb.errors import Fault
from loaders.graphml.data import Keys, Values
from loaders.safe import Element

_NOT_READ = ("hyperedge", "port", "graph")


class Node(NamedTuple):
    """A node; its id is unique in the file, its label need not be."""

    id: str
    label: str | None
    values: Values
    where: str


class Edge(NamedTuple):
    """An edge between two nodes, named by their ids.

    Attributes
    ----------
    mark
        What may tell it from others between the same nodes.
    """

    source: str
    target: str
    mark: str
    is_directed: bool
    values: Values
    where: str

    @property
    def ends(self) -> tuple[str, str]:
        """The ids of its nodes, in an order that does not depend on how it was drawn."""
        return (min(self.source, self.target), max(self.source, self.target))


@dataclass(frozen=True)
class Network:
    """What one graph of a file says.

    Attributes
    ----------
    name
        What its ids are qualified by.
    links
        Edges that connect their ends, each once.
    arrows
        Edges that lead from one end to the other.
    loops
        How many edges lead back to their own node.
    not_read
        How many elements were left out, by tag.
    """

    name: str
    nodes: Mapping[str, Node]
    links: Sequence[Edge]
    arrows: Sequence[Edge]
    loops: int
    not_read: Counter[str]
    faults: Sequence[Fault]


def network(graph: Element, keys: Keys, name: str, file: str) -> Network:
    """Read a graph of a file under the name it is known by."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    faults: list[Fault] = []
    for element in graph.children:
        place = f"{file} line {element.line}"
        if element.tag == "node":
            faults += _take_node(nodes, element, keys, place)
        elif element.tag == "edge":
            faults += _take_edge(edges, element, keys, place, graph.get("edgedefault"))
    between = [one for one in edges if one.source != one.target]
    links, arrows = _told_apart(between)
    loops = len(edges) - len(between)
    return Network(name, nodes, links, arrows, loops, Counter(_not_read(graph)), faults)


def _take_node(nodes: dict[str, Node], element: Element, keys: Keys, place: str) -> Iterator[Fault]:
    node_id = (element.get("id") or "").strip()
    if not node_id:
        yield Fault(place, "This node has no id.")
    elif node_id in nodes:
        yield Fault(place, f"The id “{node_id[:60]}” is given to two nodes.")
    else:
        values = keys.values(element)
        nodes[node_id] = Node(node_id, values.first("label", "name"), values, place)


def _take_edge(
    edges: list[Edge], element: Element, keys: Keys, place: str, default: str | None
) -> Iterator[Fault]:
    source, target = ((element.get(key) or "").strip() for key in ("source", "target"))
    if not source or not target:
        yield Fault(place, "This edge does not say which nodes it joins.")
        return
    values = keys.values(element)
    mark = element.get("id") or values.first("key") or ""
    given = element.get("directed")
    is_directed = given == "true" if given else default == "directed"
    edges.append(Edge(source, target, mark, is_directed, values, place))


def _told_apart(edges: Sequence[Edge]) -> tuple[list[Edge], list[Edge]]:
    """The edges that connect and those that lead somewhere.

    Where each edge with a direction has one back, the two were written for one connection.
    """
    links = [one for one in edges if not one.is_directed]
    arrows = [one for one in edges if one.is_directed]
    there = Counter((one.source, one.target) for one in arrows)
    if all(there[target, source] == number for (source, target), number in there.items()):
        return [*links, *(one for one in arrows if one.ends == (one.source, one.target))], []
    return links, arrows


def _not_read(graph: Element) -> Iterator[str]:
    """The tags of what is beyond nodes and edges, here and one step inside."""
    for element in graph.children:
        for one in (element, *element.children):
            if one.tag in _NOT_READ:
                yield one.tag
