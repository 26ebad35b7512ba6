"""The reference against examples worked by hand from the text."""

from __future__ import annotations

import random

import pytest

from tests.impact.cases import random_case
from tests.impact.reference import STATES, Case, Link, Thing, Verdict, judge

TYPES = {
    "depends_on": ("same", "none"),
    "uses": ("softened", "none"),
    "part_of": ("fatal", "softened"),
    "member_of": ("none", "counted"),
    "sends_data_to": ("none", "softened"),
    "owned_by": ("none", "none"),
}


def ask(links: str, causes: dict[str, str], hurt: dict[str, str] | None = None, **special: Thing) -> Verdict:
    """Judge a case written as `a depends_on b, b uses c`."""
    words = [tuple(part.split()) for part in links.split(",")]
    triples: frozenset[Link] = frozenset((source, kind, target) for source, kind, target in words)
    ends = {end for source, _, target in triples for end in (source, target)}
    things = dict.fromkeys(sorted(ends), Thing()) | special
    return judge(Case(things, triples, TYPES, causes, hurt or {}))


def group(needs: int | str, status: str | None = None) -> Thing:
    """Make a group."""
    return Thing(status, True, needs)


POOL = "shop depends_on pool, a member_of pool, b member_of pool, c member_of pool"


def test_one_of_three_lost_needs_one() -> None:
    """One lost member of three leaves a group that needs one unhurt."""
    verdict = ask(POOL, {"a": "out"}, pool=group(1))
    assert verdict.affected == set()
    assert verdict.absorbed == {"pool": (1, 3, 2, 1)}


def test_one_of_three_lost_needs_two() -> None:
    """With exactly enough left the group holds, but has nothing left to lose."""
    verdict = ask(POOL, {"a": "out"}, pool=group(2))
    assert verdict.state["pool"] == verdict.state["shop"] == "at_risk"
    assert verdict.absorbed == {"pool": (2, 3, 2, 0)}
    assert verdict.distance == {"pool": 1, "shop": 2}
    assert verdict.tipped_by["pool"] == ("a", "member_of", "pool")


def test_two_of_three_lost_needs_two() -> None:
    """Below its number the group is out, and the last member to arrive decides how far that is."""
    verdict = ask(POOL + ", c depends_on x, x depends_on a", {"a": "out"}, pool=group(2))
    assert verdict.state == dict.fromkeys(("a", "c", "pool", "shop", "x"), "out") | {"b": "ok"}
    assert verdict.absorbed == {}
    assert verdict.distance == {"x": 1, "c": 2, "pool": 3, "shop": 4}
    assert verdict.tipped_by["pool"] == ("c", "member_of", "pool")


def test_members_that_tip_together() -> None:
    """Of members that arrive together and tip, the smallest relation is named."""
    verdict = ask(POOL, {"a": "out", "b": "out"}, pool=group(2))
    assert (verdict.state["pool"], verdict.distance["pool"]) == ("out", 1)
    assert verdict.tipped_by["pool"] == ("a", "member_of", "pool")


def test_degraded_members() -> None:
    """A group is as well as its k-th best member, and degraded members are up."""
    verdict = ask(POOL, {"a": "degraded", "b": "degraded"}, pool=group(2))
    assert verdict.state["pool"] == "degraded"
    assert verdict.absorbed == {}
    assert ask(POOL, {"a": "degraded", "b": "degraded"}, pool=group(1)).state["pool"] == "ok"
    assert ask(POOL, {"a": "out", "b": "degraded"}, pool=group(2)).state["pool"] == "degraded"


def test_all_needed_has_no_floor() -> None:
    """A group that needs all its members is ok with all of them and out without one."""
    verdict = ask(POOL, {"a": "out"}, pool=group("100%"))
    assert (verdict.state["pool"], verdict.before["pool"]) == ("out", "ok")


@pytest.mark.parametrize(
    ("needs", "state"), [("0%", "ok"), ("33%", "ok"), ("34%", "at_risk"), ("67%", "out")]
)
def test_percentages(needs: str, state: str) -> None:
    """A percentage is rounded up, to at least one."""
    assert ask(POOL, {"a": "out"}, pool=group(needs)).state["pool"] == state


def test_nested_groups() -> None:
    """A group counts in another group with the state it has, at risk being up."""
    links = "a member_of g, b member_of g, g member_of h, c member_of h, shop depends_on h"
    one = ask(links, {"a": "out"}, g=group(1), h=group(1))
    assert (one.state["g"], one.state["h"]) == ("at_risk", "ok")
    both = ask(links, {"a": "out", "b": "out"}, g=group(1), h=group(1))
    assert (both.state["g"], both.state["h"], both.state["shop"]) == ("out", "at_risk", "at_risk")
    assert both.distance == {"g": 1, "h": 2, "shop": 3}
    assert both.absorbed == {"h": (1, 2, 1, 0)}


def test_shared_member_counts_once() -> None:
    """A member related twice is one member."""
    types = TYPES | {"also_in": ("none", "counted")}
    links = frozenset({("a", "member_of", "g"), ("a", "also_in", "g"), ("b", "member_of", "g")})
    case = Case({"a": Thing(), "b": Thing(), "g": group(1)}, links, types, {"a": "out"}, {})
    verdict = judge(case)
    assert verdict.absorbed == {"g": (1, 2, 1, 0)}
    assert verdict.tipped_by == {"g": ("a", "also_in", "g")}


def test_fatal_and_softened() -> None:
    """The whole takes its parts with it only when out; a part out worsens the whole one step."""
    assert ask("p part_of w", {"w": "out"}).state["p"] == "out"
    assert ask("p part_of w", {"w": "degraded"}).affected == set()
    assert ask("p part_of w", {"p": "out"}).state["w"] == "degraded"
    assert ask("a uses b, b uses c, c uses d", {"d": "out"}).state == {
        "a": "ok",
        "b": "at_risk",
        "c": "degraded",
        "d": "out",
    }


def test_worst_chain_decides_distance() -> None:
    """A longer chain that carries the worse state decides, and then ties go to the smallest relation."""
    links = "x uses a, x depends_on z, x depends_on y, y depends_on a, z depends_on a, w owned_by a"
    verdict = ask(links, {"a": "out"})
    assert (verdict.state["x"], verdict.distance["x"]) == ("out", 2)
    assert verdict.tipped_by["x"] == ("x", "depends_on", "y")
    assert verdict.affected == {"x", "y", "z"}


def test_maintenance_is_context() -> None:
    """What is in maintenance is out already, counts as earlier and never tips."""
    verdict = ask(POOL, {"c": "out"}, pool=group(2), a=Thing("maintenance"))
    assert verdict.before == {"a": "out", "b": "ok", "c": "ok", "pool": "at_risk", "shop": "at_risk"}
    assert verdict.already == {"a", "pool", "shop"}
    assert verdict.affected == {"pool", "shop"}
    assert verdict.state["pool"] == "out"
    assert verdict.alone["pool"] == "at_risk"
    assert verdict.distance == {"pool": 1, "shop": 2}
    assert verdict.tipped_by["pool"] == ("c", "member_of", "pool")


def test_own_context_of_a_cause_is_left_out() -> None:
    """Taking out what is in maintenance is judged as if it were not."""
    verdict = ask("shop depends_on a", {"a": "out"}, {"a": "degraded"}, a=Thing("maintenance"))
    assert verdict.already == set()
    assert verdict.affected == {"shop"}


def test_incident_hides_nothing() -> None:
    """What an incident hurts anyway is not affected, but says what the causes alone would do."""
    verdict = ask("shop depends_on a, shop depends_on b", {"a": "out"}, {"b": "out"})
    assert verdict.affected == set()
    assert verdict.already == {"b", "shop"}
    assert verdict.alone == {"a": "out", "b": "ok", "shop": "out"}


@pytest.mark.parametrize("needs", [4, "101%"])
def test_too_many_needed(needs: int | str) -> None:
    """A group that needs more than it has is a fault and at risk even when nothing is hurt."""
    verdict = ask(POOL, {"shop": "at_risk"}, pool=group(needs))
    assert verdict.faults == {"pool"}
    assert verdict.already == {"pool", "shop"}
    assert verdict.alone["pool"] == "at_risk"
    assert ask(POOL, {"a": "out"}, pool=group(needs)).state["pool"] == "out"


def test_no_members() -> None:
    """A group without members that count is a fault, even with a retired one."""
    verdict = ask("shop depends_on g, a member_of g", {"a": "out"}, g=group(1), a=Thing("retired"))
    assert verdict.faults == {"g"}
    assert verdict.already == {"g", "shop"}
    assert verdict.affected == set()


def test_cycle_of_two() -> None:
    """A cycle ends, and from nothing nothing comes."""
    links = "a depends_on b, b depends_on a, b depends_on c"
    verdict = ask(links, {"c": "degraded"})
    assert verdict.state == dict.fromkeys("abc", "degraded")
    assert verdict.distance == {"b": 1, "a": 2}
    assert ask(links + ", d depends_on a", {"d": "out"}).affected == set()


def test_groups_in_a_cycle() -> None:
    """Two groups that are each other's members stay ok until somebody else tips one."""
    links = "g member_of h, h member_of g, a member_of g"
    verdict = ask(links, {"a": "out"}, g=group(2), h=group(1))
    assert verdict.state == {"a": "out", "g": "out", "h": "out"}
    assert verdict.distance == {"g": 1, "h": 2}
    assert ask(links, {"a": "out"}, g=group(1), h=group(1)).state["g"] == "at_risk"


def test_cause_that_ends_worse() -> None:
    """A cause is affected only if it ends worse than it was given."""
    verdict = ask("a depends_on b, c depends_on a", {"a": "degraded", "b": "out"})
    assert verdict.affected == {"a", "c"}
    assert verdict.distance == {"a": 1, "c": 2}
    assert ask("a depends_on b", {"a": "out", "b": "out"}).affected == set()


def test_not_live_and_broken() -> None:
    """What is not live carries nothing, is not hit, and leaves what relies on it broken."""
    verdict = ask("a depends_on b, b depends_on c", {"c": "out"}, b=Thing("retired"))
    assert verdict.affected == set()
    assert verdict.broken == {("a", "b")}
    assert ask("a owned_by b", {"a": "out"}, b=Thing("retired")).broken == set()


def test_group_suffers_like_any_item() -> None:
    """A group also suffers through its own relations, and then has absorbed nothing."""
    verdict = ask(POOL + ", pool depends_on site, a depends_on site", {"site": "out"}, pool=group(1))
    assert verdict.state["pool"] == "out"
    assert verdict.absorbed == {}
    assert verdict.tipped_by["pool"] == ("pool", "depends_on", "site")


@pytest.mark.parametrize("seed", range(200))
def test_random_cases_hold_together(seed: int) -> None:
    """Every affected item has a chain that leads back, and context and causes only ever add harm."""
    rng = random.Random(seed)
    case = random_case(rng, rng.randint(2, 14))
    verdict = judge(case)
    assert set(verdict.distance) == set(verdict.tipped_by) == verdict.affected
    for key in verdict.affected:
        link = verdict.tipped_by[key]
        giver = link[0] if link[2] == key else link[2]
        assert key in (link[0], link[2])
        assert verdict.distance.get(giver, 0) == verdict.distance[key] - 1
        assert giver in verdict.affected or giver in case.causes
    for key, name in verdict.state.items():
        worst = STATES.index(name)
        assert worst >= max(STATES.index(verdict.before[key]), STATES.index(verdict.alone[key]))
    for k, n, up, margin in verdict.absorbed.values():
        assert 1 <= k <= up < n
        assert margin == up - k
    assert verdict.faults <= verdict.already
