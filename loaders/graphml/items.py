"""What of a network becomes items, and how these need each other.

A link needs both its ends. A node is cut off when its last link is out, not when one of several is: so it
connects through its only link, or through a group of its links of which one is enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from cmdb.observations import End, SeenItem, SeenRelation
from loaders.graphml.network import Edge, Network, Node
from loaders.shapes import said

_NODE, _LINK, _GROUP = "network_device", "network_link", "redundancy_group"
_DECLARED = {"known": "declared"}
_PLAIN_MARKS = frozenset({"", "0"})
"""What stands at the first of several edges, or at the only one."""


class Link(NamedTuple):
    """An edge as an item: the parts of its id, which no other has."""

    edge: Edge
    qualified: tuple[str, ...]

    @property
    def end(self) -> End:
        """The link as the end of a relation."""
        return End(_LINK, ":".join(self.qualified))


def items(network: Network) -> Iterator[SeenItem]:
    """Nodes, links, and the group of the links of each node that has several."""
    links = named_links(network)
    for node in network.nodes.values():
        attributes = _of_node(node)
        yield SeenItem(
            _NODE, _end(network, node.id).name, node.label, attributes, node.where, (network.name, node.id)
        )
    for link in links:
        name = " to ".join(_called(network, end) for end in link.edge.ends)
        attributes = _of_link(link.edge)
        yield SeenItem(_LINK, link.end.name, name, attributes, link.edge.where, link.qualified)
    for node_id, its_links in _by_node(network, links).items():
        if len(its_links) > 1:
            yield _group(network, network.nodes[node_id])


def relations(network: Network) -> Iterator[SeenRelation]:
    """What each link, node and group needs."""
    links = named_links(network)
    for link in links:
        for end in link.edge.ends:
            yield SeenRelation(link.end, "depends_on", _end(network, end), link.edge.where, _DECLARED)
    for node_id, its_links in _by_node(network, links).items():
        yield from _access(network, network.nodes[node_id], its_links)
    for (source, target), place in {(one.source, one.target): one.where for one in network.arrows}.items():
        yield SeenRelation(_end(network, source), "depends_on", _end(network, target), place, _DECLARED)


def named_links(network: Network) -> list[Link]:
    """The links with their ids; of several that would have the same, the later ones are numbered."""
    found: list[Link] = []
    taken: set[str] = set()
    numbers: dict[str, Iterator[int]] = {}
    for edge in network.links:
        mark = () if edge.mark in _PLAIN_MARKS else (edge.mark,)
        wanted = free = Link(edge, (network.name, "-".join(edge.ends), *mark))
        while free.end.name in taken:
            number = next(numbers.setdefault(wanted.end.name, count(2)))
            free = Link(edge, (*wanted.qualified, str(number)))
        taken.add(free.end.name)
        found.append(free)
    return found


def _access(network: Network, node: Node, links: list[Link]) -> Iterator[SeenRelation]:
    """How a node reaches the rest of the network."""
    own = _end(network, node.id)
    if len(links) == 1:
        yield SeenRelation(own, "connects_via", links[0].end, links[0].edge.where, _DECLARED)
        return
    group = End(_GROUP, _group(network, node).source_id)
    yield SeenRelation(own, "connects_via", group, node.where, _DECLARED)
    for link in links:
        yield SeenRelation(link.end, "member_of", group, link.edge.where, _DECLARED)


def _by_node(network: Network, links: list[Link]) -> Mapping[str, list[Link]]:
    found: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        for end in link.edge.ends:
            if end in network.nodes:
                found[end].append(link)
    return found


def _group(network: Network, node: Node) -> SeenItem:
    qualified = ("links", network.name, node.id)
    name = f"{_called(network, node.id)} links"
    return SeenItem(_GROUP, ":".join(qualified), name, {"needs": 1}, node.where, qualified)


def _end(network: Network, node_id: str) -> End:
    return End(_NODE, f"{network.name}:{node_id}")


def _called(network: Network, node_id: str) -> str:
    node = network.nodes.get(node_id)
    return (node.label if node else None) or node_id


def _of_node(node: Node) -> dict[str, Any]:
    is_hyperedge = node.values.first("hyperedge") == "1"
    return said(
        kind="hyperedge" if is_hyperedge else node.values.first("type", "kind"),
        latitude=node.values.number("latitude", "lat", most=90),
        longitude=node.values.number("longitude", "lon", "lng", "long", most=180),
        location=node.values.first("location", "country"),
    )


def _of_link(edge: Edge) -> dict[str, Any]:
    speed, unit = edge.values.first("linkspeed"), edge.values.first("linkspeedunits")
    return said(
        capacity=f"{speed} {unit}bit/s" if speed and unit else edge.values.first("capacity", "bandwidth"),
        description=edge.values.first("linklabel", "label", "name"),
        kind=edge.values.first("linktype", "type", "kind"),
    )
