"""Single points of failure and false redundancy, against trying everything with the reference."""

from __future__ import annotations

import random
from dataclasses import replace

from impact.critical import critical
from tests.impact.cases import random_case
from tests.impact.pictures import nonsense
from tests.impact.reference import Case, judge

GRAPHS = 150


def alone(case: Case, key: str) -> dict[str, str]:
    """What the reference says when one item is out and nothing else is hurt."""
    return judge(replace(case, causes={key: "out"}, hurt={})).alone


def test_single_points_of_failure_are_what_alone_puts_an_item_out() -> None:
    """Each item is tried on its own by the reference; the engine finds the same ones."""
    for seed in range(GRAPHS):
        case = random_case(random.Random(seed), 8)
        picture = nonsense(case)
        keys = picture.keys.all()
        places = [picture.find(key) for key in case.things]
        found = critical(picture, places).points
        named = {(keys[place], keys[point]) for place, points in found.items() for point in points}
        tried = {
            (key, point)
            for point in case.things
            for key, state in alone(case, point).items()
            if state == "out"
        }
        assert named == {(key, point) for key, point in tried if key != point}, f"seed {seed}"


def test_false_redundancy_names_what_the_members_share() -> None:
    """Each shared item, alone, leaves the group fewer members than it needs."""
    for seed in range(GRAPHS):
        case = random_case(random.Random(seed), 8)
        picture = nonsense(case)
        found = critical(picture, range(len(picture)))
        for group, points in found.shared.items():
            for point in points:
                states = alone(case, picture.keys[point])
                out = {one for one in picture.group(group).members if states[picture.keys[one]] == "out"}
                assert out == set(found.lost(group, point))
                assert len(out) > picture.group(group).spare > 0
