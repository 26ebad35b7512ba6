"""Whole answers over HTTP, beside the same question in Cypher, and many clients at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import chain, cycle, islice
from statistics import median, quantiles
from threading import Barrier
from typing import NamedTuple

import orjson

from benchmarks.ground import Ground, say
from benchmarks.lines import Line
from benchmarks.peers import bfs, neo4j
from benchmarks.roots import Root, spread
from benchmarks.serving import ask, connected, served
from benchmarks.timing import ms_of

ROOTS = 5
CLIENTS = 50
FIELDS = ("key", "state", "distance")
PEERS = ("cypher_count", "cypher_keys")


class _Times(NamedTuple):
    """What one root took in milliseconds; the peers are empty without Neo4j."""

    http_keys: float
    http_full: float
    peers: Sequence[float]


def over_http(ground: Ground) -> Iterator[Line]:
    """Ask for the whole answer over HTTP, with a few fields and with all."""
    roots = spread(ground.roots.large, ROOTS)
    with ExitStack() as stack:
        graph = _graph(ground, stack)
        port = stack.enter_context(served(ground))
        times = [_times(ground, port, graph, root) for root in roots]
    affected = median(root.affected for root in roots)
    peers = {name: median(one.peers[at] for one in times) for at, name in enumerate(PEERS) if graph}
    for measure in ("http_keys", "http_full"):
        ms = median(getattr(one, measure) for one in times)
        for name, peer_ms in peers.items() or ((None, None),):
            yield ground.line(measure, ms, name, peer_ms, affected=affected)


def clients(ground: Ground) -> Iterator[Line]:
    """Ask as 50 clients at once, each one question after the other."""
    usual = cycle(ground.picture.keys[root.place] for root in ground.roots.usual)
    parts = [list(islice(usual, ground.pace.most)) for _ in range(CLIENTS)]
    with served(ground) as port:
        _ask_all(port, parts[0])
        alone = _ask_all(port, list(chain.from_iterable(parts[:5])))
        together = _together(port, parts)
    p99 = quantiles(together, n=100, method="inclusive")[-1]
    yield ground.line("clients_50", median(together), "one_client", median(alone), p99_ms=p99)


def _together(port: int, parts: Sequence[Sequence[str]]) -> list[float]:
    ready = Barrier(len(parts))

    def client(keys: Sequence[str]) -> list[float]:
        return _ask_all(port, keys, ready.wait)

    with ThreadPoolExecutor(len(parts)) as pool:
        return list(chain.from_iterable(pool.map(client, parts)))


def _ask_all(port: int, keys: Sequence[str], begin: Callable[[], object] = lambda: None) -> list[float]:
    """Ask one question after the other, and tell how many milliseconds each took."""
    with connected(port) as connection:
        begin()
        return [ms_of(partial(ask, connection, key, FIELDS)) for key in keys]


def _graph(ground: Ground, stack: ExitStack) -> neo4j.Graph | None:
    server = stack.enter_context(ground.neo4j())
    if server is None:
        return None
    say("loading its rows of harm into Neo4j")
    return stack.enter_context(neo4j.loaded(server, ground.picture))


def _times(ground: Ground, port: int, graph: neo4j.Graph | None, root: Root) -> _Times:
    key = ground.picture.keys[root.place]
    with connected(port) as connection:
        works = [
            lambda: orjson.loads(ask(connection, key, FIELDS)),
            lambda: orjson.loads(ask(connection, key)),
        ]
        if graph:
            _check_agreement(ground, graph, root.place)
            works += [lambda: graph.count(key), lambda: graph.keys(key)]
        keys, full, *peers = ground.pace.side_by_side(*works)
    return _Times(keys, full, peers)


def _check_agreement(ground: Ground, graph: neo4j.Graph, root: int) -> None:
    picture = ground.picture
    key, reached = picture.keys[root], bfs.reached(picture, root)
    found = graph.keys(key)
    if graph.count(key) != len(reached) or sorted(found) != sorted(picture.keys.some(reached)):
        raise AssertionError(f"Cypher and the bare search disagree from {key}")
