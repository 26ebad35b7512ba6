"""The sweep: how far harm spreads and how bad it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.ground import Ground
from benchmarks.lines import Line
from benchmarks.peers import bfs, networkx, rustworkx
from benchmarks.roots import Root, choose
from benchmarks.timing import Pace
from cmdb.harm import State
from impact.codes import ways_of
from impact.context import Moment, context
from impact.picture import Picture
from impact.sweep import sweep, undisturbed

Reach = Callable[[int], object]


class Times(NamedTuple):
    """How many milliseconds a question took, and how many each of its peers."""

    own: float
    peers: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        """How many times as long as each peer it took."""
        return [self.own / peer for peer in self.peers]


def sweep_alone(ground: Ground) -> Iterator[Line]:
    """Sweep over the graph without its groups."""
    picture = without_groups(ground.picture)
    roots = choose(picture, ground.estate.seed).large
    yield from _lines(ground, "sweep", picture, roots, {"bfs": lambda root: bfs.reached(picture, root)})


def sweep_groups(ground: Ground) -> Iterator[Line]:
    """Sweep over the whole graph."""
    picture = ground.picture
    peers: dict[str, Reach] = {"bfs": lambda root: bfs.reached(picture, root)}
    for name, library in (("networkx", networkx), ("rustworkx", rustworkx)):
        reaching = library.reaching(picture)
        check_agreement(picture, reaching, name, [root.place for root in ground.roots.large])
        peers[name] = reaching
    yield from _lines(ground, "sweep_groups", picture, ground.roots.large, peers)


def context_alone(ground: Ground) -> Iterator[Line]:
    """Find what is hurt anyway, and sweep from that."""
    picture, now = ground.picture, ground.service.workspace.now()
    floor, when = undisturbed(picture), Moment(now, now)
    cause = ground.roots.typical.place
    ms = ground.pace.alone(lambda: sweep(picture, context(picture, when, without=[cause]), floor))
    yield ground.line("context", ms)


def without_groups(picture: Picture) -> Picture:
    """The same picture without the rows that only count members; of an item's rows they are the last."""
    codes = ways_of(picture.out.pool["code"])
    owner, places = picture.out.where(np.arange(len(picture), dtype=np.int32))
    counted = np.bincount(owner[picture.codes.counted[codes[places]]], minlength=len(picture))
    stop = (picture.out.stop - counted).astype(picture.out.stop.dtype)
    return replace(picture, out=replace(picture.out, stop=stop))


def check_agreement(
    picture: Picture, reaching: Callable[[int], set[int]], name: str, roots: Sequence[int]
) -> None:
    """Make sure that a library and the bare search reach the same, and that all harm stays within that.

    Raises
    ------
    AssertionError
        If they do not.
    """
    floor = undisturbed(picture)
    for root in roots:
        reached = set(bfs.reached(picture, root).tolist())
        if reached != reaching(root) | {root}:
            raise AssertionError(f"{name} and the bare search disagree from {picture.keys[root]}")
        if not reached.issuperset(sweep(picture, {root: State.OUT}, floor).hurt.tolist()):
            raise AssertionError(f"harm from {picture.keys[root]} went where nothing leads")


def _lines(
    ground: Ground, measure: str, picture: Picture, roots: Sequence[Root], peers: Mapping[str, Reach]
) -> Iterator[Line]:
    floor = undisturbed(picture)

    def own(root: int) -> object:
        return sweep(picture, {root: State.OUT}, floor)

    times = [_times(ground.pace, root, own, [*peers.values()]) for root in roots]
    ms = median(one.own for one in times)
    affected = median(root.affected for root in roots)
    for at, name in enumerate(peers):
        line = ground.line(measure, ms, name, median(one.peers[at] for one in times), affected=affected)
        yield replace(line, ratio=median(one.ratios[at] for one in times))


def _times(pace: Pace, root: Root, own: Reach, peers: Sequence[Reach]) -> Times:
    works = [partial(work, root.place) for work in (own, *peers)]
    ms, *others = pace.side_by_side(*works)
    return Times(ms, others)
