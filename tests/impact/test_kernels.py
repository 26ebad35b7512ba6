"""Kernels give the same as machine code and as Python runs them."""

from __future__ import annotations

import random

import pytest

from impact.critical import critical
from impact.kernels import compiling
from impact.reach import downstream, upstream
from tests.impact.cases import random_case
from tests.impact.pictures import nonsense_by_commits
from tests.impact.reference import judge
from tests.impact.test_random_graphs import said_by_engine

GRAPHS = 300


@pytest.mark.slow
def test_machine_code_agrees_with_the_reference_and_with_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """On random graphs that were reached over commits: sweeps, walks both ways, and critical points."""
    for seed in range(GRAPHS):
        rng = random.Random(seed)
        case = random_case(rng, rng.randint(2, 14))
        picture = nonsense_by_commits(rng, case)
        places = range(len(picture))
        told = []
        for few in (compiling.FEW_ROWS, -1):
            with monkeypatch.context() as patched:
                patched.setattr(compiling, "FEW_ROWS", few)
                patched.setattr(compiling, "TRIED_ROWS", few)
                assert said_by_engine(case, picture) == vars(judge(case)), f"seed {seed}"
                found = critical(picture, places)
                walks = [way(picture, [place]).nodes for way in (upstream, downstream) for place in places]
                told.append((found.points, found.shared, walks))
        assert told[0] == told[1], f"seed {seed}"
