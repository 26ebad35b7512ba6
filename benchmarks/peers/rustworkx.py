"""rustworkx: a graph library in machine code."""

from __future__ import annotations

from collections.abc import Callable

import rustworkx as rx

from benchmarks.peers.edges import edges
from impact.picture import Picture


def reaching(picture: Picture) -> Callable[[int], set[int]]:
    """Load the graph, and return what finds everything within reach of an item, itself apart."""
    graph: rx.PyDiGraph[int, None] = rx.PyDiGraph()
    graph.add_nodes_from(range(len(picture)))
    graph.add_edges_from_no_data(edges(picture))
    return lambda root: rx.descendants(graph, root)
