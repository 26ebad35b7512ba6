"""Warming: what a first question would have to wait for is done before anybody asks."""

from __future__ import annotations

from cmdb.harm import State
from impact.answer import ask
from impact.context import Moment
from impact.coverage import coverage
from impact.critical import critical
from impact.kernels.compiling import FEW_ROWS
from impact.picture import Picture
from impact.simulate import Draws, simulate


def warm(picture: Picture, when: Moment) -> None:
    """Measure a large picture and load every kernel as machine code; a small one needs nothing."""
    if picture.out.live <= FEW_ROWS:
        return
    coverage(picture, when.at)
    hub = int(picture.out.count.argmax())
    answer = ask(picture, {hub: State.OUT}, when)
    answer.all_tipped_by(answer.affected[:1])
    critical(picture, [hub])
    simulate(picture, [hub], [hub], Draws(1, 1))
