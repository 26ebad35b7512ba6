"""The lots of a simulation: as many as they should be, and the same for the same item."""

from __future__ import annotations

import numpy as np
import pytest

from impact.lots import BLOCK, draw_lots, streams
from impact.simulate import wilson


def drawn(keys: list[str], serving: list[float], blocks: int, draws: int = BLOCK) -> dict[str, set[int]]:
    """In which draws each key is out."""
    starts, found = streams(keys, 5), {key: set[int]() for key in keys}
    for block in range(blocks):
        lots = draw_lots(starts, np.array(serving), block, draws)
        for draw in range(draws):
            for place in lots.items[lots.first[draw] : lots.first[draw + 1]].tolist():
                assert draw + BLOCK * block not in found[keys[place]]
                found[keys[place]].add(draw + BLOCK * block)
    return found


def test_lots_fall_as_often_as_they_should() -> None:
    """Each item is out in its share of the draws, in all parts alike, and two together by chance only."""
    serving = [0.999, 0.99, 0.9, 0.5, 0.1, 0.0, 1.0]
    keys = [f"item-{number}" for number in range(len(serving))]
    found = drawn(keys, serving, 60)
    number = 60 * BLOCK
    for key, chance in zip(keys, serving, strict=True):
        low, high = wilson(len(found[key]), number)
        assert low <= 1 - chance <= high, key
        early = sum(draw % BLOCK < BLOCK // 2 for draw in found[key])
        assert early == pytest.approx(len(found[key]) / 2, abs=3 * len(found[key]) ** 0.5 / 2)
    assert found["item-5"] == {*range(number)}
    assert found["item-6"] == set()
    both = len(found["item-2"] & found["item-3"])
    assert both == pytest.approx(0.1 * 0.5 * number, rel=0.05)


def test_lots_do_not_depend_on_what_else_is_drawn_for() -> None:
    """In another order, with others, and in the first draws of a block only, they are the same."""
    all_of_them = drawn(["a", "b", "c"], [0.9, 0.5, 0.99], 3)
    assert drawn(["c", "a"], [0.99, 0.9], 3) == {key: all_of_them[key] for key in ("a", "c")}
    few = drawn(["a"], [0.9], 1, draws=100)
    assert few["a"] == {draw for draw in all_of_them["a"] if draw < 100}
