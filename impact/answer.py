"""One question of impact, answered: what the causes do, beside what is hurt anyway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from cmdb.harm import State
from impact.context import Moment, context
from impact.picture import Group, Picture, Row
from impact.sweep import Harm, sweep, undisturbed


class Standing(NamedTuple):
    """How a group stands: how many members it needs, has, and has up."""

    needs: int
    members: int
    up: int

    @property
    def margin(self) -> int:
        """How many more members it can lose; negative when it is short."""
        return self.up - self.needs


@dataclass(frozen=True)
class Answer:
    """What follows from the causes.

    Attributes
    ----------
    causes
        By number, the state each cause is given.
    floor
        The states that hold in every context: groups that can never be safe.
    before, harm, alone
        The states under the context alone, with the causes in it, and from the causes without any context.
    """

    picture: Picture
    when: Moment
    causes: Mapping[int, State]
    floor: Harm
    before: Harm
    harm: Harm
    alone: Harm

    @cached_property
    def affected(self) -> list[int]:
        """Everything worse with the causes than without, in the order of answers."""
        return sorted(filter(self._is_affected, self.harm.distance), key=self.rank)

    @cached_property
    def already(self) -> list[int]:
        """Everything not ok under the context alone, in the order of answers."""
        hurt = [place for place, state in enumerate(self.before.state) if state]
        return sorted(hurt, key=lambda place: (-self.before.state[place], self.picture.weight(place), place))

    @cached_property
    def absorbed(self) -> list[int]:
        """Groups that lost members to the causes and held, in the order of answers."""
        groups = {
            number
            for place in self.harm.distance
            if self.lost(place)
            for number in self.picture.groups_of.get(place, ())
        }
        return sorted(filter(self._held, groups), key=self.rank)

    def does_alone(self, place: int) -> State:
        """What the causes do to an item by themselves; ok where they do nothing to it."""
        alone = State(self.alone.state[place])
        return alone if alone > self.floor.state[place] else State.OK

    def rank(self, place: int) -> tuple[int, int, int, int]:
        """The order of answers: state (worst first), tier, distance, key."""
        state = self.harm.state[place]
        return -state, self.picture.weight(place), self.harm.distance.get(place, 0), place

    def lost(self, place: int) -> bool:
        """Whether the item is out, and only because of the causes."""
        return self.harm.state[place] == State.OUT > self.before.state[place]

    def standing(self, number: int) -> Standing:
        """How a group stands with the causes."""
        group = self.picture.groups[number]
        up = sum(1 for member in group.members if self.harm.state[member] < State.OUT)
        return Standing(group.needs, len(group.members), up)

    def tipped_by(self, place: int) -> Row:
        """The relation that decided an affected item's state; of several the first in order."""
        return next(self.deciding(place))

    def deciding(self, place: int) -> Iterator[Row]:
        """Every relation that decides an affected item's state over a shortest chain, in order."""
        state, steps = self.harm.state[place], self.harm.distance[place] - 1
        tipped = self._tipped_levels(place, steps)
        for row in self.picture.into[place]:
            if self.harm.distance.get(row.start) != steps:
                continue
            now, before = self.harm.state[row.start], self.before.state[row.start]
            counts = row.counted and any(before < level <= now for level in tipped)
            if counts or (not row.counted and row.transfer[now] == state):
                yield row

    def _tipped_levels(self, place: int, steps: int) -> list[int]:
        """Which levels of its members, reached within so many steps, brought a group to its state."""
        group = self.picture.groups.get(place)
        if group is None:
            return []
        state = self.harm.state[place]
        levels = [state] if self._fallen(group, state, steps) > group.spare else []
        exactly = state == State.AT_RISK and group.spare > 0
        if exactly and self._fallen(group, State.OUT, steps) >= group.spare:
            levels.append(State.OUT)
        return levels

    def _fallen(self, group: Group, level: int, steps: int) -> int:
        """How many members are at least that bad within so many steps; context counts as earlier."""
        return sum(
            1
            for member in group.members
            if self.before.state[member] >= level
            or (self.harm.state[member] >= level and self.harm.distance[member] <= steps)
        )

    def _is_affected(self, place: int) -> bool:
        return self.harm.state[place] > self.causes.get(place, State.OK)

    def _held(self, number: int) -> bool:
        return self.standing(number).margin >= 0 and self.harm.state[number] < State.OUT


def ask(picture: Picture, causes: Mapping[int, State], when: Moment) -> Answer:
    """Answer what follows from `causes` at `when`."""
    floor = undisturbed(picture)
    before = sweep(picture, context(picture, when, without=causes.keys()), floor.state)
    return Answer(
        picture,
        when,
        causes,
        floor=floor,
        before=before,
        harm=sweep(picture, causes, before.state),
        alone=sweep(picture, causes, floor.state),
    )
