"""Questions beside the sweep, asked of the use cases and the engine in one process."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import numpy as np

from benchmarks.ground import Ground
from benchmarks.lines import Line
from benchmarks.roots import Root, spread
from cmdb.harm import State
from cmdb.selection import parse_selection
from impact.answer import ask
from impact.critical import critical
from impact.selecting import select

EXPLAINED = 5
WORDS = "payment gateway"
UPSTREAM = "upstream(tier:1)"


def explain(ground: Ground) -> Iterator[Line]:
    """Say why the farthest item is hit."""
    times = [_explain(ground, root) for root in spread(ground.roots.large, EXPLAINED)]
    yield ground.line("explain", median(times))


def _explain(ground: Ground, root: Root) -> float:
    keys = ground.picture.keys
    cause, hit = keys[root.place], keys[_farthest(ground, root)]
    return ground.pace.alone(lambda: ground.service.impact.explain({cause: "out"}, hit))


def critical_points(ground: Ground) -> Iterator[Line]:
    """Find every single point of failure of the services of tier 1."""
    picture = ground.picture
    tier_1 = [place for place in np.flatnonzero(picture.services).tolist() if picture.tier(place) == 1]
    critical(picture, tier_1[:1])  # compiles
    ms = ground.pace.alone(lambda: critical(picture, tier_1), warm=False)
    yield ground.line("critical", ms, services=len(tier_1))


def search(ground: Ground) -> Iterator[Line]:
    """Find items by two words."""
    yield ground.line("search", ground.pace.alone(lambda: ground.service.items.search(WORDS)))


def selection(ground: Ground) -> Iterator[Line]:
    """Find everything that the items of tier 1 need."""
    picture = ground.picture
    wanted = parse_selection(UPSTREAM, picture.vocabulary)
    ms = ground.pace.alone(lambda: select(picture, wanted))
    yield ground.line("selection", ms, items=len(select(picture, wanted)))


def _farthest(ground: Ground, root: Root) -> int:
    """What is hit over the most relations."""
    now = ground.service.workspace.scene().when
    answer = ask(ground.picture, {root.place: State.OUT}, now)
    return max(answer.affected, key=lambda place: answer.harm.steps[place])
