"""networkx: the graph library most Python programs would take."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx

from benchmarks.peers.edges import edges
from impact.picture import Picture


def reaching(picture: Picture) -> Callable[[int], set[int]]:
    """Load the graph, and return what finds everything within reach of an item, itself apart."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(picture)))
    graph.add_edges_from(edges(picture))
    return lambda root: nx.descendants(graph, root)
