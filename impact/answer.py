"""One question of impact, answered: what the causes do, beside what is hurt anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cmdb.harm import State
from impact.arrays.marks import Marks
from impact.arrays.ranges import Numbers
from impact.codes import ways_of
from impact.context import Moment, context
from impact.kernels.deciding import decide
from impact.memo import once_per_picture
from impact.picture import Link, Picture, Row
from impact.reach import Reach, downstream, leading_from
from impact.sweep import Harm, States, sweep, undisturbed


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
        worse = self.harm.hurt
        given = [place for place, state in self.causes.items() if self.harm.state[place] <= state]
        worse = worse[~np.isin(worse, given)] if given else worse
        return self._in_order(worse, self.harm.states, self.harm.steps[worse])

    @cached_property
    def already(self) -> list[int]:
        """Everything not ok under the context alone, in the order of answers."""
        hurt = np.flatnonzero(self.before.states).astype(np.int32)
        return self._in_order(hurt, self.before.states, np.zeros(len(hurt), np.int32))

    @cached_property
    def services(self) -> list[int]:
        """The services among what is affected, in the order of answers."""
        places = np.array(self.affected, np.int32)
        found: list[int] = places[self.picture.services[places]].tolist()
        return found

    @cached_property
    def absorbed(self) -> dict[int, Standing]:
        """Groups that lost members to the causes and held, in the order of answers, with how they stand."""
        lost = self.harm.hurt[self.harm.states[self.harm.hurt] == State.OUT]
        groups = self.picture.groups_beside(lost)
        groups = groups[self.harm.states[groups] < State.OUT]
        held = {place: standing for place, standing in self.standings(groups).items() if standing.margin >= 0}
        return {place: held[place] for place in sorted(held, key=self.rank)}

    @cached_property
    def ahead(self) -> Marks:
        """By number, whether rows lead to it from a cause, however little of the harm would arrive."""
        live = [cause for cause in self.causes if self.picture.active[cause]]
        return leading_from(self.picture, live).marks(len(self.picture))

    def if_all_were_live(self, cause: int) -> Reach:
        """What a cause could hurt if everything were live."""
        if cause not in self._if_live:
            self._if_live[cause] = downstream(self.picture, [cause], asleep=True)
        return self._if_live[cause]

    @cached_property
    def _if_live(self) -> dict[int, Reach]:
        return {}

    def does_alone(self, place: int) -> State:
        """What the causes do to an item by themselves; ok where they do nothing to it."""
        alone = State(self.alone.state[place])
        return alone if alone > self.floor.state[place] else State.OK

    def rank(self, place: int) -> tuple[int, int, int, int]:
        """The order of answers: state (worst first), tier, distance, key."""
        state = self.harm.state[place]
        steps = self.harm.distance.get(place, 0)
        return -state, self.picture.weight(place), steps, int(self.picture.rank[place])

    def hits(self, place: int) -> bool:
        """Whether an item is worse with the causes than without, and than it was given."""
        state = self.harm.state[place]
        return state > self.before.state[place] and state > self.causes.get(place, State.OK)

    def standing(self, number: int) -> Standing:
        """How a group stands with the causes."""
        return self.standings(np.array([number], np.int32))[number]

    def standings(self, groups: Numbers) -> dict[int, Standing]:
        """How some groups stand with the causes."""
        picture, all_groups = self.picture, self.picture.groups
        index = all_groups.index[groups]
        owner, members = picture.members_of(groups)
        up = self.harm.states[members] < State.OUT
        number_up = np.bincount(all_groups.index[owner[up]], minlength=len(all_groups.places))[index]
        columns = (groups, all_groups.needs[index], all_groups.members[index], number_up)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return {place: Standing(needs, members, up) for place, needs, members, up in rows}

    def all_tipped_by(self, places: Sequence[int]) -> list[Link]:
        """For each of some affected items, the first relation in order of those that decided its state."""
        if not places:
            return []
        picture = self.picture
        wanted = np.array(places, np.int32)
        at, starts, ways = self._decided(wanted)
        ends, types = wanted[at], ways // 2
        back = ways % 2 == 0
        sources, targets = np.where(back, ends, starts), np.where(back, starts, ends)
        order = np.lexsort((picture.rank[targets], types, picture.rank[sources], at))
        first = order[np.searchsorted(at[order], np.arange(len(wanted)))]
        names = picture.codes.types
        chosen = zip(sources[first].tolist(), types[first].tolist(), targets[first].tolist(), strict=True)
        return [Link(source, names[kind], target) for source, kind, target in chosen]

    def deciding(self, place: int) -> list[Row]:
        """Every row that decides an affected item's state over a shortest chain, in order."""
        _, starts, ways = self._decided(np.array([place], np.int32))
        decided = set(zip(starts.tolist(), ways.tolist(), strict=True))
        return [row for row in self.picture.rows_to(place) if (row.start, self.picture.way(row)) in decided]

    def _decided(self, places: Numbers) -> tuple[Numbers, Numbers, NDArray[np.uint16]]:
        """Rows that decide: the place among `places` that each decides, where it starts, and its way."""
        picture, into = self.picture, self.picture.into
        room = int(into.count[places].sum())

        def arguments() -> tuple[Any, ...]:
            return (
                *(into.start, into.stop, into.pool["start"], into.pool["code"], picture.codes.actions),
                *(picture.active, picture.groups.index, picture.groups.spare),
                *(self.before.states, self.harm.states, self.harm.steps, places),
                *(np.empty(room, np.int32), np.empty(room, np.int64)),
            )

        number, (*_, at, rows) = decide(into.live, arguments)
        rows = rows[:number]
        return at[:number], into.pool["start"][rows], ways_of(into.pool["code"][rows])

    def _in_order(self, places: Numbers, states: States, steps: Numbers) -> list[int]:
        picture = self.picture
        order = np.lexsort((picture.rank[places], steps, picture.weights[places], -states[places]))
        found: list[int] = places[order].tolist()
        return found


def ask(picture: Picture, causes: Mapping[int, State], when: Moment) -> Answer:
    """Answer what follows from `causes` at `when`."""
    least = floor(picture)
    before = hurt_anyway(picture, context(picture, when, without=causes.keys())).harm
    return Answer(
        picture,
        when,
        causes,
        floor=least,
        before=before,
        harm=sweep(picture, causes, before),
        alone=sweep(picture, causes, least),
    )


floor = once_per_picture(undisturbed)
"""The states that hold in every context."""


class HurtAnyway(NamedTuple):
    """A context, and what it does by itself."""

    context: Mapping[int, State]
    harm: Harm


last_context = once_per_picture(lambda picture: HurtAnyway({}, floor(picture)))
"""The context of the question before, which is mostly that of the next one too."""


def hurt_anyway(picture: Picture, found: Mapping[int, State]) -> HurtAnyway:
    """What a context does by itself."""
    known = last_context(picture)
    if known.context != found:
        known = HurtAnyway(found, sweep(picture, found, floor(picture)))
        last_context.remember(picture, known)
    return known
