"""Beside: a change as others see it that may be done at the same time, and how it stands to one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from cmdb.changes import Change, Window
from cmdb.changes.record import UTC_ZONE
from cmdb.operations import Plan, RemoveRelation, Target
from impact.arrays.marks import Marks
from impact.arrays.ranges import Numbers
from impact.assessing.joining import Work
from impact.assessing.runs import Part, Steps, together
from impact.assessing.saying import clock, doing, period
from impact.picture import Picture
from impact.reach import downstream, upstream

Alteration = tuple[Target, str]
"""An item or relation, and the attribute of it that is altered; no name means that it is there at all."""

NOTHING: frozenset[Alteration] = frozenset()


@dataclass(frozen=True)
class Beside:
    """A change as others see it.

    Attributes
    ----------
    place
        The item it is, by number.
    window
        When it is planned; `None` if nobody has said.
    steps
        What it does.
    doing
        That in words.
    implementer
        Who does it.
    alters
        What its plan means to alter in the graph.
    """

    place: int
    window: Window | None
    steps: Steps
    doing: str = "is done"
    implementer: str | None = None
    alters: frozenset[Alteration] = NOTHING

    @property
    def work(self) -> Work:
        """What it does in its window.

        Raises
        ------
        ValueError
            If it has none.
        """
        if self.window is None or self.window.end is None:
            raise ValueError("a change without a window is done at no time")
        return Work(str(self.place), self.window.start, self.window.end, self.steps)

    def clock(self, moment: datetime) -> str:
        """An instant as it is said beside this change, which has a window."""
        return clock(moment, self._zone, self.work.starts)

    def period(self, start: datetime, end: datetime) -> str:
        """From when to when something is, as it is said beside this change, which has a window."""
        return period(start, end, self._zone, self.work.starts)

    @property
    def _zone(self) -> str:
        return self.window.zone if self.window else UTC_ZONE

    @property
    def is_timed(self) -> bool:
        """Whether it is known when it starts and ends."""
        return self.window is not None and self.window.end is not None

    def overlaps(self, other: Beside) -> bool:
        """Whether both are done at some instant; without a window a change is done at none."""
        return self.is_timed and other.is_timed and self.work.overlaps(other.work)


def beside_of(picture: Picture, place: int, change: Change, plan: Plan | None = None) -> Beside:
    """A change as others see it.

    Parameters
    ----------
    place
        The number of the change.
    plan
        What it means to alter in the graph.
    """
    return Beside(
        place,
        change.window,
        steps_of(picture, change),
        doing(change) or "touches nothing",
        change.implementer,
        alterations(plan or {}),
    )


def steps_of(picture: Picture, change: Change) -> list[list[Part]]:
    """What a change does to what is in the graph, step by step."""
    return [
        [
            Part(place, one.state, one.does.shared)
            for one in step
            if one.uid is not None and (place := picture.number_of_uid(one.uid)) is not None
        ]
        for step in change.steps
    ]


def alterations(plan: Plan) -> frozenset[Alteration]:
    """What a plan alters, attribute by attribute."""
    return frozenset(_alterations(plan))


def _alterations(plan: Plan) -> Iterator[Alteration]:
    for target, step in plan.items():
        operation = step.operation
        fields = {} if isinstance(operation, RemoveRelation) else operation.after
        yield from ((target, field) for field in fields or [""])


@dataclass(frozen=True)
class Footing:
    """What a change stands on: what it touches, and how far that reaches.

    Attributes
    ----------
    steps
        What the change does.
    """

    picture: Picture
    steps: Steps

    @cached_property
    def touched(self) -> Numbers:
        """By number, everything that it touches; with what is shared, all that share it."""
        return touched_by(self.picture, self.steps)

    @cached_property
    def touches(self) -> frozenset[int]:
        """The same as a set."""
        return frozenset(self.touched.tolist())

    @cached_property
    def reach(self) -> Marks:
        """By number, whether it is touched, or could be hurt by what is."""
        return downstream(self.picture, self.touched.tolist()).marks(len(self.picture))

    @cached_property
    def services(self) -> Marks:
        """By number, whether it is a service in its reach."""
        return self.reach & self.picture.services

    @cached_property
    def above(self) -> Marks:
        """By number, whether it could hurt anything that is touched."""
        return upstream(self.picture, self.touched.tolist()).marks(len(self.picture))

    @cached_property
    def beside(self) -> Marks:
        """By number, whether it could hurt a service in reach."""
        return upstream(self.picture, np.flatnonzero(self.services).tolist()).marks(len(self.picture))

    def shares(self, places: Numbers) -> list[int]:
        """The services that both this and other places could hurt, the most important first."""
        picture = self.picture
        if not np.any(self.beside[places]):
            return []
        both = self.services & downstream(picture, places.tolist()).marks(len(picture))
        return by_importance(picture, np.flatnonzero(both).tolist())


def touched_by(picture: Picture, steps: Steps) -> Numbers:
    """Everything that some steps touch, by number, each once."""
    places = {part.place for step in together(picture, steps) for part in step}
    return np.array(sorted(places), np.int32)


def by_importance(picture: Picture, places: Sequence[int]) -> list[int]:
    """Items of the first tiers first, those of one tier in order of their keys."""
    numbers = np.array(places, np.int32)
    order = np.lexsort((picture.rank[numbers], picture.weights[numbers]))
    found: list[int] = numbers[order].tolist()
    return found
