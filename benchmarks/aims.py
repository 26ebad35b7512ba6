"""How fast it should be, and whether it is."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.lines import Line
from benchmarks.table import shown


class Aim(NamedTuple):
    """What one figure of a measure should be at most.

    Attributes
    ----------
    words
        The aim as people put it.
    figure
        Which figure: `ms`, `ratio`, or one of the further ones.
    peer
        Beside whom; `None` where the figure stands for itself.
    """

    words: str
    measure: str
    figure: str
    most: float
    peer: str | None = None

    def value(self, line: Line) -> float | None:
        """The figure of a line that the aim is about; `None` if it is about another line."""
        if line.measure != self.measure or self.peer not in {None, line.peer}:
            return None
        found: float | None = line.document().get(self.figure)
        return found

    def told(self, value: float) -> str:
        """A figure in words, and whether it is as it should be."""
        return f"{self._amount(value)}: {'met' if value <= self.most else 'missed'}"

    def _amount(self, value: float) -> str:
        if self.figure != "ratio":
            return f"{shown(value)} {self.figure}"
        return f"{shown(value)} times" if self.most >= 1 else f"{shown(1 / value)} times as fast"


AIMS = (
    Aim(
        "a sweep with groups takes at most twice as long as a bare search",
        "sweep_groups",
        peer="bfs",
        figure="ratio",
        most=2,
    ),
    Aim(
        "a whole answer over HTTP, with key, state and distance, is at least 20 times as fast as Cypher that"
        " lists keys",
        "http_keys",
        peer="cypher_keys",
        figure="ratio",
        most=1 / 20,
    ),
    Aim(
        "after a commit of 1,000 changes the next picture takes at most 50 ms",
        "delta_1000",
        figure="ms",
        most=50,
    ),
    Aim("a picture opens from disk in at most a second", "snapshot_open", figure="ms", most=1_000),
    Aim(
        "a picture takes at most 200 bytes for each relation",
        "memory_per_relation",
        figure="bytes",
        most=200,
    ),
    Aim(
        "a change that touches 20 items is assessed, beside 500 open ones, in at most a second",
        "assess",
        figure="ms",
        most=1_000,
    ),
    Aim(
        "a small question is answered from a cold start in at most a second",
        "cold_cli",
        figure="ms",
        most=1_000,
    ),
)
