"""Paths and needs, against networkx."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from itertools import pairwise

import networkx as nx
import pytest

from cmdb.values import Attributes
from cmdb.vocabulary_files import load_vocabulary
from impact.chains import MOST, chains_between
from impact.following import take
from impact.picture import Picture
from impact.reach import downstream, upstream
from tests.impact.cases import random_case
from tests.impact.pictures import graph_of, nonsense

pytestmark = pytest.mark.slow

GRAPHS = 300


Node = tuple[int, int]


def as_networkx(picture: Picture) -> nx.MultiDiGraph[Node]:
    """The ways of harm as a networkx graph of items in states, from one state to what it brings about."""
    graph: nx.MultiDiGraph[Node] = nx.MultiDiGraph()
    graph.add_nodes_from((place, state) for place in range(len(picture)) for state in (1, 2, 3))
    for place in range(len(picture)):
        for row in picture.rows_from(place):
            for state in (1, 2, 3):
                arriving = state if row.counted else row.transfer[state]
                if arriving:
                    graph.add_edge((row.start, state), (row.end, arriving))
    return graph


def nearest(distances: Mapping[Node, int]) -> dict[int, int]:
    """The smallest distance of each item, in whichever state."""
    found: dict[int, int] = {}
    for (place, _), distance in distances.items():
        found[place] = min(distance, found.get(place, distance))
    return found


def pictures() -> list[Picture]:
    """Some random pictures."""
    return [nonsense(random_case(random.Random(seed), 10)) for seed in range(GRAPHS)]


def test_what_is_needed_is_what_could_hurt() -> None:
    """An item needs everything that, being out, could hurt it, at the distance of the shortest way."""
    for picture in pictures():
        graph = as_networkx(picture)
        places = range(len(picture))
        hit = {one: nearest(nx.single_source_shortest_path_length(graph, (one, 3))) for one in places}
        for place in places:
            assert dict(downstream(picture, [place])) == hit[place]
            needed = {one: distances[place] for one, distances in hit.items() if place in distances}
            assert dict(upstream(picture, [place])) == needed


def test_all_shortest_ways_between_two_items_are_found() -> None:
    """As many as networkx finds, parallel relations counted apart, each really a way."""
    for picture in pictures():
        graph = as_networkx(picture)
        places = range(len(picture))
        for start, end in ((start, end) for start in places for end in places if start != end):
            found = chains_between(picture, start, end)
            assert found.total == sum(
                _product(graph.number_of_edges(one, two) for one, two in pairwise(way))
                for way in shortest(graph, start, end)
            )
            assert len(found.shown) == min(found.total, MOST) == len(set(found.shown))
            for chain in found.shown:
                assert (chain[0].end, chain[-1].start) == (end, start)
                assert all(one.start == two.end for one, two in pairwise(chain))


def shortest(graph: nx.MultiDiGraph[Node], start: int, end: int) -> list[list[Node]]:
    """Every shortest way from an item that is out to another in whichever state."""
    lengths = nx.single_source_shortest_path_length(graph, (start, 3))
    ends = {node: length for node, length in lengths.items() if node[0] == end}
    least = min(ends.values(), default=0)
    return [
        way
        for node, length in ends.items()
        if length == least
        for way in nx.all_shortest_paths(graph, (start, 3), node)
    ]


def _product(numbers: Iterable[int]) -> int:
    product = 1
    for number in numbers:
        product *= number
    return product


def test_a_rule_does_not_need_the_other_rules_of_its_firewall() -> None:
    """A rule out makes its firewall worse, which takes no other rule; so there is no way between rules."""
    items: dict[str, Attributes] = {"fw": {"class": "firewall"}, "r1": {"class": "firewall_rule"}, "r2": {}}
    relations = [("r1", "part_of", "fw"), ("r2", "part_of", "fw")]
    picture = take(graph_of(items, relations), load_vocabulary())
    assert chains_between(picture, picture.find("r1"), picture.find("r2")).total == 0
    assert [picture.keys[one] for one in upstream(picture, [picture.find("r2")])] == ["r2", "fw"]
