"""An assessment: what is worked out of one change, from one revision of the graph at one instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from impact.arrays.marks import Marks
from impact.assessing.bands import Impact, impact_of
from impact.assessing.runs import Questions, Runs, Steps, run_all
from impact.context import Moment
from impact.picture import Picture
from impact.reach import downstream, upstream


@dataclass(frozen=True)
class Assessment:
    """What a change does.

    Attributes
    ----------
    picture
        The graph that it is done to.
    steps
        What it does to items, step by step.
    unregistered
        What it touches that is not in the graph, by name.
    when
        The instant whose context counts.
    """

    picture: Picture
    steps: Steps
    unregistered: Sequence[str]
    when: Moment

    @cached_property
    def runs(self) -> Runs:
        """As planned; with its worst step failing; with everything that it touches out."""
        return run_all(self.questions, self.steps)

    @cached_property
    def questions(self) -> Questions:
        """What is asked for it."""
        return Questions(self.picture, self.when)

    @cached_property
    def impact(self) -> Impact:
        """What that is called."""
        return impact_of(self.picture, self.runs.credible.loss, self.touched, self.unregistered)

    @property
    def touched(self) -> list[int]:
        """What it touches, in order of keys."""
        return self.picture.in_order({part.place for step in self.steps for part in step})

    @cached_property
    def scope(self) -> Marks:
        """By number, on what the runs rest: what harm may reach, and what stands in for members of groups."""
        picture = self.picture
        reach = downstream(picture, self.touched).marks(len(picture))
        groups = np.flatnonzero(reach & (picture.groups.index >= 0)).astype(np.int32)
        members = picture.members_of(groups)[1]
        return reach | upstream(picture, members.tolist()).marks(len(picture))
