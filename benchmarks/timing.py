"""Taking times: the median of repetitions, taken in turns with whatever stands beside it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple

Work = Callable[[], object]


class Pace(NamedTuple):
    """How often something is measured.

    Attributes
    ----------
    most
        How many rounds at most.
    seconds
        After how long no further round begins; there is always one.
    """

    most: int = 9
    seconds: float = 5.0

    def side_by_side(self, *works: Work, warm: bool = True) -> list[float]:
        """The median time of each in milliseconds. In every round each has its turn.

        Parameters
        ----------
        warm
            Whether each is done once before, so that compiling and filling of caches is not counted.
        """
        if warm:
            for work in works:
                work()
        gc.collect()
        begun = perf_counter()
        rounds = [_round(works)]
        while len(rounds) < self.most and perf_counter() - begun < self.seconds:
            rounds.append(_round(works))
        return [median(times) for times in zip(*rounds, strict=True)]

    def alone(self, work: Work, *, warm: bool = True) -> float:
        """The median time of one, in milliseconds."""
        return self.side_by_side(work, warm=warm)[0]


def ms_of(work: Work) -> float:
    """How long it takes once, in milliseconds."""
    begun = perf_counter()
    done = work()
    taken = 1_000 * (perf_counter() - begun)
    del done  # what was made is taken apart after the clock has stopped
    return taken


def _round(works: Sequence[Work]) -> list[float]:
    return [ms_of(work) for work in works]
