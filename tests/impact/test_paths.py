"""Paths and needs, against networkx."""

from __future__ import annotations

import random
from itertools import pairwise

import networkx as nx

from impact.chains import MOST, chains_between
from impact.picture import Picture
from impact.reach import downstream, upstream
from tests.impact.cases import random_case
from tests.impact.pictures import nonsense

GRAPHS = 300


def as_networkx(picture: Picture) -> nx.MultiDiGraph[int]:
    """The rows of harm as a networkx graph."""
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(picture.items)))
    graph.add_edges_from((row.start, row.end) for rows in picture.out for row in rows)
    return graph


def pictures() -> list[Picture]:
    """Some random pictures."""
    return [nonsense(random_case(random.Random(seed), 10)) for seed in range(GRAPHS)]


def test_what_is_needed_is_everything_upstream() -> None:
    """Each item needs what harm could come from, at the distance of the shortest way."""
    for picture in pictures():
        graph = as_networkx(picture)
        for place in range(len(picture.items)):
            needed = {one: step.distance for one, step in upstream(picture, [place]).items()}
            assert needed == nx.single_source_shortest_path_length(graph.reverse(), place)
            hit = {one: step.distance for one, step in downstream(picture, [place]).items()}
            assert hit == nx.single_source_shortest_path_length(graph, place)


def test_all_shortest_ways_between_two_items_are_found() -> None:
    """As many as networkx finds, parallel relations counted apart, each really a way."""
    for picture in pictures():
        graph = as_networkx(picture)
        ends = range(len(picture.items))
        for start, end in ((start, end) for start in ends for end in ends if start != end):
            found = chains_between(picture, start, end)
            ways = [] if not nx.has_path(graph, start, end) else nx.all_shortest_paths(graph, start, end)
            together = [[graph.number_of_edges(one, two) for one, two in pairwise(way)] for way in ways]
            assert found.total == sum(_product(numbers) for numbers in together)
            assert len(found.shown) == min(found.total, MOST) == len(set(found.shown))
            for chain in found.shown:
                assert (chain[0].end, chain[-1].start) == (end, start)
                assert all(one.start == two.end for one, two in pairwise(chain))


def _product(numbers: list[int]) -> int:
    product = 1
    for number in numbers:
        product *= number
    return product
