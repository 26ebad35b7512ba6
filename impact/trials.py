"""Trials: which services an item being out hits, and which ones only because of one relation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmdb.harm import State
from impact.arrays.marks import Marks
from impact.arrays.ranges import Numbers
from impact.codes import ways_of
from impact.kernels.compiling import FEW_ROWS
from impact.kernels.spreading import spread
from impact.picture import NEEDS, Link, Picture, members_needed
from impact.sweep import States


@dataclass
class Trials:
    """Tries what becomes of some services.

    Nothing else is hurt, but for groups that can never be safe.

    Attributes
    ----------
    services
        The services in question, by number.
    looked
        How much work was done: items that were found hit, and for each trial a share of all there are.
    """

    picture: Picture
    services: Numbers
    looked: int = 0
    _with: dict[int, States] = field(default_factory=dict)

    def hit(self, cause: int) -> Marks:
        """By place among the services, whether it is hit when the cause is out; the cause itself too."""
        return self._states_with(cause) > self._undisturbed

    def hit_over(self, link: Link) -> Marks:
        """By place among the services, whether it is hit, and less badly if a relation were not there.

        What is out is the end of the relation from which harm comes; if harm comes from either end, each is
        tried.
        """
        found = np.zeros(len(self.services), np.bool_)
        for cause, row in self._rows(link):
            found |= self.hit(cause) & (self._states_with(cause) > self._states_without(cause, row))
        return found

    def causes(self, link: Link) -> list[int]:
        """The ends of a relation from which harm comes."""
        return [cause for cause, _ in self._rows(link)]

    def _rows(self, link: Link) -> list[tuple[int, int]]:
        """Where the rows of harm of a relation start, and their places; those that count, and count alone."""
        out, kind = self.picture.out, 2 * self.picture.codes.type_code[link.type]
        found = []
        for start, end, way in ((link.target, link.source, kind), (link.source, link.target, kind + 1)):
            part = out.of(start)
            codes, same = out.pool["code"][part], out.pool["end"][part] == end
            mine = np.flatnonzero(same & (codes == way))
            several = self._counts(way) and np.count_nonzero(same & self._counts(codes)) > 1
            if len(mine) and not several:
                found.append((start, int(part.start) + int(mine[0])))
        return found

    def _counts(self, codes: Any) -> Any:  # noqa: ANN401  of one way, or of many
        return self.picture.codes.counted[ways_of(codes)]

    def _states_with(self, cause: int) -> States:
        if cause not in self._with:
            self._with[cause] = self._sweep(
                {cause: State.OUT}, self.picture.out.pool["end"], self.picture.groups.spare
            )
        return self._with[cause]

    def _states_without(self, cause: int, row: int) -> States:
        """The states of the services when a cause is out, without one of the rows that start there.

        A row that leads back to what is out already does nothing.
        """
        end = int(self._ends[row])
        spare, faulty = (
            self._without_member(end) if self._is_counted(row) else (self.picture.groups.spare, {})
        )
        self._ends[row] = cause
        states = self._sweep({**faulty, cause: State.OUT}, self._ends, spare)
        self._ends[row] = end
        return states

    def _is_counted(self, row: int) -> bool:
        return bool(self._counts(self.picture.out.pool["code"][row]))

    def _without_member(self, group: int) -> tuple[Numbers, Mapping[int, State]]:
        """How many members groups may lose if one had a member less, and what harms that one by itself."""
        groups = self.picture.groups
        index = groups.index[group]
        members = int(groups.members[index]) - 1
        needs = members_needed(self.picture.attributes(group).get(NEEDS, 1), members)
        spare = groups.spare.copy()
        spare[index] = members - min(needs, members)
        return spare, {group: State.AT_RISK} if needs > members or not members else {}

    @cached_property
    def _ends(self) -> NDArray[Any]:
        """Where rows end, to be changed for a trial and changed back."""
        return self.picture.out.pool["end"].copy()

    @cached_property
    def _undisturbed(self) -> States:
        return self._sweep({}, self.picture.out.pool["end"], self.picture.groups.spare)

    @cached_property
    def _faulty(self) -> Mapping[int, State]:
        groups = self.picture.groups
        return dict.fromkeys(groups.places[groups.faulty].tolist(), State.AT_RISK)

    def _sweep(self, causes: Mapping[int, State], ends: NDArray[Any], spare: Numbers) -> States:
        """The states of the services that follow from some causes."""
        picture, out, length = self.picture, self.picture.out, len(self.picture)
        all_causes = {**self._faulty, **causes}
        named = np.fromiter(all_causes.keys(), np.int32, len(all_causes))
        given = np.fromiter(all_causes.values(), np.uint8, len(all_causes))

        def arguments() -> tuple[Any, ...]:
            return (
                *(out.start, picture.special, out.stop, ends, out.pool["code"]),
                *(picture.codes.actions, picture.active, picture.groups.index, spare),
                *(np.zeros(length, np.int8), named, given, np.zeros(length, np.int8)),
                *(np.empty(length, np.int32) for _ in range(4)),
                np.zeros(4 * len(spare), np.int32),
            )

        if self.looked > FEW_ROWS:  # so many small trials are worth loading machine code for
            _ = spread.compiled
        number, (*_, states, _, _, _, _, _) = spread(out.live + self.looked, arguments)
        self.looked += number + length // 100
        found: States = states[self.services]
        return found
