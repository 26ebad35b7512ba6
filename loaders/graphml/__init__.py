"""GraphML: network topologies, drawn by people or collected from maps.

Nodes become network devices, edges network links. Labels are names and never identities: they repeat, and
many nodes have none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from cmdb.errors import Fault
from cmdb.observations import Observations
from cmdb.words import listed
from loaders.content import Content
from loaders.graphml.data import Keys
from loaders.graphml.items import items, relations
from loaders.graphml.network import Network, network
from loaders.packed import plain_name
from loaders.safe import Element

FORMAT = "graphml"
LOOKS_LIKE = "XML whose root is “graphml”"
TEXT_KEYS: frozenset[str] = frozenset()

_WORDS = {
    "loop": ("1 edge from a node to itself", "{} edges from nodes to themselves"),
    "graph": ("1 graph inside a node", "{} graphs inside nodes"),
    "hyperedge": ("1 edge between more than two nodes", "{} edges between more than two nodes"),
    "port": ("1 port", "{} ports"),
}


def recognises(content: Content) -> bool:
    """Whether the file is GraphML."""
    return content.root is not None and content.root.tag == "graphml"


def read(content: Content) -> Observations:
    """Say what the graphs of a file hold.

    Returns
    -------
    Observations
        An edge to a node that the file does not have is a link all the same, whose other end is listed as
        unresolved.
    """
    networks = list(_networks(content))
    return Observations(
        FORMAT,
        items=tuple(item for one in networks for item in items(one)),
        relations=tuple(relation for one in networks for relation in relations(one)),
        rejected=tuple(_rejected(content, networks)),
        warnings=tuple(_warnings(networks)),
    )


def _networks(content: Content) -> Iterator[Network]:
    if content.root is None:
        return
    keys = Keys(content.root.every("key"))
    for graph in content.root.every("graph"):
        yield network(graph, keys, _name(graph, keys, content.name), content.name)


def _name(graph: Element, keys: Keys, file: str) -> str:
    """What a graph is called, else the file without its folder and ending.

    The graph's id is not asked: most tools write the same for every graph.
    """
    path = PurePosixPath(plain_name(file).replace("\\", "/"))
    return keys.values(graph).first("label", "name", "network") or path.stem or "graph"


def _rejected(content: Content, networks: Sequence[Network]) -> Iterator[Fault]:
    if not networks:
        yield Fault(content.name, "This is no GraphML file with a graph in it.")
    for one in networks:
        yield from one.faults


def _warnings(networks: Sequence[Network]) -> Iterator[str]:
    directed = [one.name for one in networks if one.arrows]
    if directed:
        yield (
            "GraphML does not say what a direction means, so each edge that has one is read as: its source"
            f" depends on its target, in {listed(directed)}"
        )
    left_out = Counter({"loop": sum(one.loops for one in networks)})
    for one in networks:
        left_out.update(one.not_read)
    counts = [_WORDS[tag][left_out[tag] > 1].format(left_out[tag]) for tag in _WORDS if left_out[tag]]
    if counts:
        yield f"Left out: {listed(counts)}"
