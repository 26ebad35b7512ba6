"""The simulation against going through every case."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import compress, product
from math import prod

import orjson
import pytest

from cmdb.model import Graph, Item
from impact.documents.simulation import simulation_document
from impact.following import follow, take
from impact.kernels import compiling
from impact.picture import Picture
from impact.rates import HOURS
from impact.simulate import Draws, Estimate, Simulation, simulate
from tests.impact.cases import random_case
from tests.impact.pictures import NOON, graph_of_case, nonsense, nonsense_by_commits
from tests.impact.reference import OUT, Case, Thing, carries, fixpoint, members_of

pytestmark = pytest.mark.slow

GRAPHS = 60
DRAWS = Draws(4_000, 1)

Chances = Mapping[str, float]


def rated_case(seed: int, most: int = 6) -> tuple[Case, dict[str, float]]:
    """Draw a case, and for some of its items the chance that each is out by itself."""
    rng = random.Random(seed)
    case = random_case(rng, rng.randint(4, 12))
    keys = rng.sample(sorted(case.things), min(most, len(case.things)))
    return case, {key: rng.choice((0.02, 0.1, 0.3, 0.6)) for key in keys}


def exact(case: Case, chances: Chances, out: Collection[str] = ()) -> dict[str, float]:
    """The chance that each item is out: every combination of failures, judged by the reference."""
    found = dict.fromkeys(case.things, 0.0)
    for failed in subsets(chances):
        weight = prod(chance if key in failed else 1 - chance for key, chance in chances.items())
        for key, level in fixpoint(case, dict.fromkeys([*failed, *out], OUT)).items():
            found[key] += weight if level == OUT else 0.0
    return found


def subsets(keys: Iterable[str]) -> list[frozenset[str]]:
    """Every set of some of the keys."""
    names = sorted(keys)
    return [frozenset(compress(names, chosen)) for chosen in product((False, True), repeat=len(names))]


def with_rates(items: Mapping[str, Item], chances: Chances) -> dict[str, Item]:
    """The items that have a chance, with a rate that gives it."""
    return {
        key: replace(
            items[key],
            attributes={
                **items[key].attributes,
                "failures_per_year": 100.0,
                "hours_to_restore": HOURS * chance / (1 - chance) / 100,
            },
        )
        for key, chance in chances.items()
    }


def built(case: Case, chances: Chances) -> Picture:
    """The picture of a case with rates."""
    graph = graph_of_case(case)
    items = {**graph.items, **with_rates(graph.items, chances)}
    return take(replace(graph, items=items), nonsense(case).vocabulary)


def simulated(picture: Picture, case: Case, out: Collection[str] = (), draws: Draws = DRAWS) -> Simulation:
    """Simulate everything in a case."""
    return simulate(picture, [picture.find(key) for key in case.things], set(map(picture.find, out)), draws)


def by_key(found: Simulation) -> dict[str, Estimate]:
    """The estimates by key."""
    return {found.picture.keys[place]: one for place, one in found.estimates.items()}


def held(found: Simulation, truth: Chances) -> list[bool]:
    """Of each interval, whether it holds the exact chance; what cannot happen never does."""
    inside = []
    for key, one in by_key(found).items():
        if truth[key] == 0:
            assert one.hits == 0, key
        elif not one.certain:
            inside.append(one.interval.low <= truth[key] <= one.interval.high)
    return inside


def test_the_intervals_hold_what_going_through_every_case_gives() -> None:
    """Of all intervals about 95 % hold the exact chance."""
    inside = []
    for number in range(GRAPHS):
        case, chances = rated_case(number)
        picture, truth = built(case, chances), exact(case, chances)
        for seed in (1, 2, 3):
            inside += held(simulated(picture, case, draws=Draws(2_000, seed)), truth)
    assert len(inside) > 750
    assert 0.93 < sum(inside) / len(inside) < 0.97


def test_ten_items_with_rates_are_told_to_a_tenth_of_a_percent() -> None:
    """With many draws the estimate comes close to the exact chance."""
    case, chances = rated_case(3, most=10)
    truth = exact(case, chances)
    found = by_key(simulated(built(case, chances), case, draws=Draws(1_000_000, 1)))
    assert {*found} >= {key for key in chances if carries(case, key)}
    for key, one in found.items():
        assert one.share == pytest.approx(truth[key], abs=0.0015)


def test_what_is_put_out_is_out_in_every_draw() -> None:
    """What if: the others follow, and what goes out for sure is told as that."""
    inside, certain = [], 0
    for seed in range(GRAPHS):
        case, chances = rated_case(seed, most=4)
        out = random.Random(seed).choice(sorted(case.things))
        truth, surely = exact(case, chances, [out]), fixpoint(case, {out: OUT})
        found = simulated(built(case, chances), case, [out])
        for key, one in by_key(found).items():
            assert one.certain == (surely[key] == OUT), f"seed {seed}"
            certain += one.certain
        inside += held(found, truth)
    assert certain > GRAPHS
    assert sum(inside) / len(inside) > 0.9


def test_an_item_counts_what_can_help_to_put_it_out() -> None:
    """Whatever makes the difference between in and out, beside some others, is counted."""
    for seed in range(GRAPHS // 2):
        rng = random.Random(seed)
        case = random_case(rng, 6)
        chances = dict.fromkeys(rng.sample(sorted(case.things), 3), 0.1)
        found = by_key(simulated(built(case, chances), case, draws=Draws(1, 1)))
        states = {out: fixpoint(case, dict.fromkeys(out, OUT)) for out in subsets(case.things)}
        for key, one in found.items():
            helps = {
                other
                for out, state in states.items()
                for other in out
                if state[key] == OUT > states[out - {other}][key]
            }
            assert len(case.things) >= one.needs >= len(helps), f"seed {seed}"
            assert 3 >= one.given >= len(helps & {*chances}), f"seed {seed}"


def groups_to_grow() -> Iterator[tuple[str, Case, dict[str, float], Case]]:
    """Yield groups that need a number of members: their cases, and the same with one member more.

    The new member rests on something else, and does nothing to others.
    """
    for seed in range(2 * GRAPHS):
        case, chances = rated_case(seed, most=5)
        rng = random.Random(seed)
        counting = [name for name, pair in case.types.items() if pair == ("none", "counted")]
        resting = [name for name, pair in case.types.items() if pair[1] == "none"]
        groups = [
            key
            for key, thing in case.things.items()
            if thing.counting and isinstance(thing.needs, int) and len(members_of(case, key)) >= thing.needs
        ]
        if counting and groups:
            group, other = rng.choice(groups), rng.choice(sorted(case.things))
            links = {("more", counting[0], group), *(("more", name, other) for name in resting[:1])}
            things = {**case.things, "more": Thing()}
            yield group, case, chances, replace(case, things=things, links=case.links | links)


def test_another_member_never_makes_an_outage_likelier() -> None:
    """Neither the exact chance rises nor the number of draws in which a group is out."""
    tried = fell = 0
    for group, case, chances, more in groups_to_grow():
        fewer, grown = (by_key(simulated(built(one, chances), one)) for one in (case, more))
        if group in fewer and fewer[group].hits:
            assert exact(more, chances)[group] <= exact(case, chances)[group] + 1e-12
            assert grown[group].hits <= fewer[group].hits
            tried += 1
            fell += grown[group].hits < fewer[group].hits
    assert tried > 20
    assert fell > 5


def written(found: Simulation) -> bytes:
    """The bytes of the answer."""
    return orjson.dumps(simulation_document(found, "live", NOON))


def test_the_same_question_has_the_same_bytes() -> None:
    """Asked again, of a picture that followed commits instead, and asked in another order."""
    others = set()
    for seed in range(GRAPHS // 4):
        case, chances = rated_case(seed)
        picture = built(case, chances)
        first = written(simulated(picture, case))
        followed = nonsense_by_commits(random.Random(seed), case)
        items = with_rates({key: followed.item(followed.find(key)) for key in case.things}, chances)
        followed = follow(followed, Graph(1, "2026-03-01T12:00:00Z", items, {}), {*items})
        backwards = replace(case, things=dict(reversed(case.things.items())))
        assert written(simulated(built(case, chances), case)) == first
        assert written(simulated(followed, case)) == first
        assert written(simulated(picture, backwards)) == first
        others.add(written(simulated(picture, case, draws=Draws(DRAWS.number, 2))) == first)
    assert others == {False}


def test_an_item_has_the_same_draws_whoever_is_asked_about_with_it() -> None:
    """One item asked about alone is out as often as among all others."""
    for seed in range(GRAPHS // 4):
        case, chances = rated_case(seed)
        picture = built(case, chances)
        together = simulated(picture, case).estimates
        for place, one in together.items():
            assert simulate(picture, [place], [], DRAWS).estimates == {place: one}


def test_machine_code_counts_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compiled gives the bytes that Python gives."""
    case, chances = rated_case(3)
    monkeypatch.setattr(compiling, "FEW_ROWS", 10**9)
    plain = written(simulated(built(case, chances), case))
    monkeypatch.undo()
    monkeypatch.setattr(compiling, "TRIED_ROWS", 0)
    assert written(simulated(built(case, chances), case)) == plain
