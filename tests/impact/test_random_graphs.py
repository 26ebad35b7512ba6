"""The engine against the reference, on random graphs in an invented vocabulary."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from cmdb.harm import State
from impact.answer import Answer, ask
from impact.picture import Picture
from tests.impact.cases import random_case
from tests.impact.pictures import NOW, nonsense, nonsense_by_commits
from tests.impact.reference import Case, judge

GRAPHS = 10_000 if os.environ.get("CMDB_SOAK") else 1_000
SHARES = 20


def engine(case: Case, picture: Picture) -> Answer:
    """Ask the engine about a case."""
    causes = {picture.find(key): State.parse(state) for key, state in case.causes.items()}
    return ask(picture, causes, NOW)


def said_by_engine(case: Case, picture: Picture) -> dict[str, Any]:
    """What the engine says, in the words of the reference."""
    answer = engine(case, picture)
    keys = picture.keys.all()
    things = [place for place, key in enumerate(keys) if key in case.things]
    absorbed = {keys[place]: answer.standing(place) for place in answer.absorbed}
    return {
        "state": {keys[place]: State(answer.harm.state[place]).word for place in things},
        "before": {keys[place]: State(answer.before.state[place]).word for place in things},
        "alone": {keys[place]: State(answer.alone.state[place]).word for place in things},
        "affected": {keys[place] for place in answer.affected},
        "already": {keys[place] for place in answer.already},
        "faults": {keys[place] for place in picture.groups.places.tolist() if picture.group(place).fault},
        "broken": {(keys[one.source], keys[one.target]) for one in picture.broken},
        "absorbed": {key: (*standing, standing.margin) for key, standing in absorbed.items()},
        "distance": {keys[place]: answer.harm.distance[place] for place in answer.affected},
        "tipped_by": {
            keys[place]: (keys[one.source], one.type, keys[one.target])
            for place, one in zip(answer.affected, answer.all_tipped_by(answer.affected), strict=True)
        },
    }


@pytest.mark.parametrize(
    "share", [0, *(pytest.param(share, marks=pytest.mark.slow) for share in range(1, SHARES))]
)
def test_engine_agrees_with_reference(share: int) -> None:
    """State, distance, last relation, groups that held, faults and broken relations are all the same.

    Every other graph is not made from nothing but followed over commits that led to it.
    """
    for seed in range(share, GRAPHS, SHARES):
        rng = random.Random(seed)
        case = random_case(rng, rng.randint(2, 14))
        picture = nonsense_by_commits(rng, case) if seed // SHARES % 2 else nonsense(case)
        assert said_by_engine(case, picture) == vars(judge(case)), f"seed {seed}"
