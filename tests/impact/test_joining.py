"""Joint harm on random graphs, against a search that tries every set of changes with every step of each."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product

import numpy as np
import pytest

from cmdb.harm import State
from impact.answer import hurt_anyway
from impact.assessing.joining import Work, joint_harm
from impact.assessing.runs import Part
from impact.context import context
from impact.following import take
from impact.picture import Picture
from impact.sweep import sweep
from tests.impact.cases import random_case
from tests.impact.pictures import NOON, NOW, graph_of_case, nonsense
from tests.impact.reference import Case

GRAPHS, SHARES = 200, 4

Worst = dict[int, State]
Found = dict[frozenset[str], Worst]


def works_in(rng: random.Random, picture: Picture) -> list[Work]:
    """Draw some changes at the same time, of up to two steps."""
    places = range(len(picture))
    return [
        Work(
            f"CHG-{at}",
            NOON,
            NOON.replace(hour=13),
            [
                [
                    Part(place, rng.choice([State.OUT, State.OUT, State.DEGRADED]))
                    for place in rng.sample(places, rng.choice((1, 1, 2)))
                ]
                for _ in range(rng.choice((1, 1, 2)))
            ],
        )
        for at in range(rng.choice((2, 3, 4)))
    ]


@dataclass
class Trial:
    """Every set of changes, tried without any thought."""

    picture: Picture
    found: Found = field(default_factory=dict)

    def worst(self, works: Sequence[Work]) -> Worst:
        """The worst that services get to with one step of each of some changes."""
        worst: Worst = {}
        for steps in product(*(one.steps for one in works)):
            causes: dict[int, State] = {}
            for part in (part for step in steps for part in step):
                causes[part.place] = max(part.planned, causes.get(part.place, State.OK))
            for place, state in self._states(causes):
                worst[place] = max(state, worst.get(place, State.OK))
        return worst

    def _states(self, causes: Mapping[int, State]) -> Iterator[tuple[int, State]]:
        before = hurt_anyway(self.picture, context(self.picture, NOW)).harm
        states = sweep(self.picture, causes, before).states
        for place in np.flatnonzero(self.picture.services).tolist():
            yield place, State(states[place])

    def run(self, own: Work, others: Sequence[Work]) -> Found:
        """By the names of the others, what the smallest sets do."""
        for size in range(1, len(others) + 1):
            for some in combinations(others, size):
                self._try(own, some)
        return self.found

    def _try(self, own: Work, some: Sequence[Work]) -> None:
        names = frozenset(one.name for one in some)
        less = [self.worst([own]), self.worst(some)]
        less += [services for known, services in self.found.items() if known < names]
        apart = {place: max(one.get(place, State.OK) for one in less) for place in less[0]}
        together = self.worst([own, *some])
        worse = {place: state for place, state in together.items() if state > apart[place]}
        if worse:
            self.found[names] = worse


def served(case: Case) -> Picture:
    """The case as a picture in which everything is a service."""
    vocabulary = nonsense(case).vocabulary
    families = {name: one.model_copy(update={"service": one.ci}) for name, one in vocabulary.families.items()}
    return take(graph_of_case(case), replace(vocabulary, families=families))


@pytest.mark.parametrize("share", range(SHARES))
def test_the_search_finds_what_trying_everything_finds(share: int) -> None:
    """No set is missed by leaving out changes that hurt members of no group together."""
    sets = 0
    for seed in range(share, GRAPHS, SHARES):
        rng = random.Random(seed)
        picture = served(random_case(rng, rng.randint(4, 14)))
        own, *others = works_in(rng, picture)
        joined = joint_harm(picture, own, others, NOW)
        found = {
            frozenset(one.others): {at: to for at, (_, to) in one.services.items()} for one in joined.found
        }
        assert joined.is_whole
        assert found == Trial(picture).run(own, others), f"seed {seed}"
        sets += len(found)
    assert sets > 0
