"""What a change does as planned, if one of its steps fails and if all of it does, and what that is called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from cmdb.harm import State
from cmdb.model import Graph
from cmdb.values import Attributes
from cmdb.vocabulary_files import load_vocabulary
from impact.answer import Answer
from impact.assessing.altering import Altered, Weaker, altered
from impact.assessing.bands import Bands, Impact, impact_of
from impact.assessing.joining import Work, joint_harm
from impact.assessing.runs import Loss, Part, Questions, Runs, run_all
from impact.following import take
from impact.picture import Picture
from tests.impact.pictures import NOON, NOW, graph_of

ESTATE: Mapping[str, Attributes] = {
    "checkout": {"class": "application_service", "tier": 1},
    "loyalty": {"class": "application_service", "tier": 2},
    "pool": {"class": "redundancy_group", "needs": 1},
    "db-a": {"class": "database"},
    "db-b": {"class": "database"},
    "switch-b": {"class": "network_device"},
    "fax": {},
}
RELATIONS = (
    ("checkout", "depends_on", "pool"),
    ("loyalty", "uses", "db-a"),
    ("db-a", "member_of", "pool"),
    ("db-b", "member_of", "pool"),
    ("db-b", "connects_via", "switch-b"),
)


@pytest.fixture(scope="module")
def estate() -> Picture:
    """A checkout on a pool of two databases of which one is needed."""
    return take(graph_of(ESTATE, RELATIONS), load_vocabulary())


def runs(picture: Picture, *steps: Mapping[str, Part]) -> Runs:
    """Run a change that does something to items, step by step."""
    told = [[part._replace(place=picture.find(key)) for key, part in step.items()] for step in steps]
    return run_all(Questions(picture, NOW), told)


def services(answer: Answer) -> dict[str, str]:
    """The services that are hit."""
    return {answer.picture.keys[one]: State(answer.harm.state[one]).word for one in answer.services}


RESTART, CONFIGURE = Part(0, State.OUT), Part(0)
CREDENTIALS = Part(0, shared=True)


def test_restarting_one_member_leaves_nothing_to_lose(estate: Picture) -> None:
    """As planned and if it fails, the pool holds with its last member."""
    found = runs(estate, {"db-b": RESTART})
    for run in (found.planned, found.credible, found.worst):
        assert services(run.answer) == {"checkout": "at_risk"}


def test_a_rolling_patch_is_safe_unless_all_of_it_fails(estate: Picture) -> None:
    """Each step touches one member, so the other one holds."""
    found = runs(estate, {"db-a": RESTART}, {"db-b": RESTART})
    assert services(found.planned.answer) == {"checkout": "at_risk", "loyalty": "degraded"}
    assert services(found.credible.answer) == {"checkout": "at_risk", "loyalty": "degraded"}
    assert services(found.worst.answer) == {"checkout": "out", "loyalty": "degraded"}
    assert (found.planned.step, found.worst.step) == (0, None)


def test_both_members_in_one_step_are_out_together(estate: Picture) -> None:
    """Nothing absorbs that, even if all goes well."""
    found = runs(estate, {"db-a": RESTART, "db-b": RESTART})
    assert services(found.planned.answer)["checkout"] == "out"


def test_what_goes_well_harms_nothing_as_planned(estate: Picture) -> None:
    """Configuring puts nothing out, unless it fails; the step that harms most is told."""
    found = runs(estate, {"fax": CONFIGURE}, {"db-a": CONFIGURE, "db-b": CONFIGURE})
    assert services(found.planned.answer) == {}
    assert services(found.credible.answer)["checkout"] == "out"
    assert found.credible.step == 1


@pytest.mark.parametrize(
    "steps",
    [
        [{"pool": CREDENTIALS}],
        [{"db-a": CREDENTIALS}, {"db-b": CREDENTIALS}],
        [{"fax": CONFIGURE}, {"db-a": CREDENTIALS}, {"db-b": CREDENTIALS}],
    ],
)
def test_what_members_share_fails_in_all_of_them(estate: Picture, steps: list[dict[str, Part]]) -> None:
    """However its steps are written: redundancy does not absorb a shared credential."""
    found = runs(estate, *steps)
    assert services(found.planned.answer) == {}
    assert services(found.credible.answer)["checkout"] == "out"


def test_what_one_member_has_of_its_own_is_absorbed(estate: Picture) -> None:
    """Done to one member only, something that could be shared is not."""
    assert services(runs(estate, {"db-b": CREDENTIALS}).credible.answer) == {"checkout": "at_risk"}


def test_a_group_in_a_group_is_shared_to_the_bottom() -> None:
    """A schema of a group of groups is that of every member of every one."""
    items: dict[str, Attributes] = {
        "shop": {"class": "application_service", "tier": 1},
        "both": {"class": "redundancy_group", "needs": 1},
        **{f"site-{one}": {"class": "redundancy_group", "needs": 1} for one in "ab"},
        **{f"db-{one}": {"class": "database"} for one in ("a1", "a2", "b1", "b2")},
    }
    relations = [
        ("shop", "depends_on", "both"),
        ("site-a", "member_of", "both"),
        ("site-b", "member_of", "both"),
    ]
    relations += [(f"db-{one}", "member_of", f"site-{one[0]}") for one in ("a1", "a2", "b1", "b2")]
    picture = take(graph_of(items, relations), load_vocabulary())
    found = runs(picture, {"both": CREDENTIALS})
    hit = {picture.keys[place] for place in found.credible.answer.causes}
    assert hit == {"both", "site-a", "site-b", "db-a1", "db-a2", "db-b1", "db-b2"}
    assert services(found.credible.answer) == {"shop": "out"}


def test_a_change_of_nothing_does_nothing(estate: Picture) -> None:
    """Without anything affected there is nothing to fail."""
    found = runs(estate)
    assert [services(run.answer) for run in (found.planned, found.credible, found.worst)] == [{}, {}, {}]


def test_loss_is_compared_tier_by_tier() -> None:
    """One service of tier 1 at risk outweighs any number that is lost below; items only break ties."""
    none = (0, 0, 0)
    small = Loss(((0, 0, 1), none, none, none), 1)
    large = Loss((none, (9, 9, 9), (9, 9, 9), (9, 9, 9)), 99)
    assert small > large
    assert Loss((none,) * 4, 2) > Loss((none,) * 4, 1)


@pytest.mark.parametrize(
    ("tiers", "band"),
    [
        (((1, 0, 0), (0, 0, 0)), "high"),
        (((0, 1, 0), (0, 0, 0)), "high"),
        (((0, 0, 1), (0, 0, 0)), "medium"),
        (((0, 0, 0), (3, 0, 0)), "high"),
        (((0, 0, 0), (2, 0, 0)), "medium"),
        (((0, 0, 0), (0, 1, 0)), "medium"),
        (((0, 0, 0), (0, 0, 5)), "low"),
        (((0, 0, 0), (0, 0, 0)), "low"),
    ],
)
def test_bands(estate: Picture, tiers: tuple[tuple[int, int, int], ...], band: str) -> None:
    """By what is lost if one step fails."""
    loss = Loss((*tiers, (7, 7, 7), (7, 7, 7)), 50)
    assert impact_of(estate, loss, [estate.find("db-a")]).words == band


def test_what_leads_nowhere_is_not_low(estate: Picture) -> None:
    """An item on no path to a service, or in no map, makes the impact unknown unless it is high anyway."""
    none, fax = Loss(((0, 0, 0),) * 4, 0), estate.find("fax")
    assert impact_of(estate, none, [fax, estate.find("db-a")]) == Impact("low", [fax], ())
    assert impact_of(estate, none, [fax]).words == "unknown, at least low"
    assert impact_of(estate, none, [], ["an old fax"]).words == "unknown, at least low"
    high = Loss(((1, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)), 1)
    assert impact_of(estate, high, [fax]).words == "high"


def test_bands_that_name_no_band_are_refused() -> None:
    """With the name."""
    line = {"band": "huge", "tier": 1, "states": ["out"], "services": 1}
    with pytest.raises(ValueError, match="huge"):
        Bands.model_validate({"format": 1, "bands": ["high", "low"], "lines": [line]})


def after(picture: Picture, graph_after: Graph, *touched: str) -> Altered:
    """What is weaker once the graph is another one."""
    return altered(picture, take(graph_after, load_vocabulary()), touched)


def test_taking_away_the_last_spare_makes_a_single_point(estate: Picture) -> None:
    """Retiring one of two databases leaves the other one alone, with all that it hangs on."""
    items = {**ESTATE, "db-a": {**ESTATE["db-a"], "status": "retired"}}
    found = after(estate, graph_of(items, RELATIONS), "db-a")
    picture = take(graph_of(items, RELATIONS), load_vocabulary())
    assert {
        picture.keys[one]: [picture.keys[point] for point in some] for one, some in found.points.items()
    } == {"checkout": ["db-b", "switch-b"]}
    assert found.groups == [Weaker(picture.find("pool"), 1, 0)]
    assert [picture.sentence(link) for link in found.broken] == ["loyalty uses db-a"]


def test_what_stays_as_strong_is_not_told(estate: Picture) -> None:
    """One more member, or another member in place of one, weakens nothing."""
    more: dict[str, Attributes] = {**ESTATE, "db-c": {"class": "database"}}
    joined = [*RELATIONS, ("db-c", "member_of", "pool")]
    assert after(estate, graph_of(more, joined), "db-c", "pool") == Altered({}, [], [])
    swapped = [one for one in joined if one != ("db-b", "member_of", "pool")]
    assert after(estate, graph_of(more, swapped), "db-b", "db-c", "pool") == Altered({}, [], [])


def test_needing_more_than_there_is_weakens_most(estate: Picture) -> None:
    """A group that needs three of two can never be safe."""
    items = {**ESTATE, "pool": {**ESTATE["pool"], "needs": 3}}
    found = after(estate, graph_of(items, RELATIONS), "pool")
    assert [(one.before, one.after) for one in found.groups] == [(1, -1)]


def work(picture: Picture, name: str, hours: tuple[int, int], *steps: Mapping[str, Part]) -> Work:
    """A change in a window of so many hours after noon."""
    told = [[part._replace(place=picture.find(key)) for key, part in step.items()] for step in steps]
    starts, ends = (NOON + timedelta(hours=hour) for hour in hours)
    return Work(name, starts, ends, told)


def joint(picture: Picture, own: Work, *others: Work) -> dict[tuple[str, ...], dict[str, str]]:
    """The unsafe sets, and what services get to together."""
    found = joint_harm(picture, own, others, NOW)
    assert found.is_whole
    return {
        one.others: {picture.keys[place]: state.word for place, (_, state) in one.services.items()}
        for one in found.found
    }


def test_two_that_are_safe_alone_empty_a_pool_together(estate: Picture) -> None:
    """One database restarts while the switch of the other is worked on."""
    own = work(estate, "CHG-1", (2, 3), {"db-a": RESTART})
    switch = work(estate, "CHG-2", (2, 4), {"switch-b": RESTART})
    assert joint(estate, own, switch) == {("CHG-2",): {"checkout": "out"}}


def test_moving_one_of_them_clears_it(estate: Picture) -> None:
    """One that starts as the other ends is not at the same time."""
    own = work(estate, "CHG-1", (2, 3), {"db-a": RESTART})
    assert joint(estate, own, work(estate, "CHG-2", (3, 4), {"switch-b": RESTART})) == {}


def test_what_does_nothing_here_is_in_no_set(estate: Picture) -> None:
    """Neither one elsewhere, nor one that puts nothing out."""
    own = work(estate, "CHG-1", (2, 3), {"db-a": RESTART})
    fax = work(estate, "CHG-2", (2, 3), {"fax": RESTART})
    careful = work(estate, "CHG-3", (2, 3), {"switch-b": CONFIGURE})
    assert joint(estate, own, fax, careful) == {}


def three() -> Picture:
    """A service on a pool of three of which one is needed."""
    items: dict[str, Attributes] = {
        "shop": {"class": "application_service", "tier": 1},
        "pool": {"class": "redundancy_group", "needs": 1},
        **{f"db-{one}": {"class": "database"} for one in "abc"},
    }
    members = [(f"db-{one}", "member_of", "pool") for one in "abc"]
    return take(graph_of(items, [("shop", "depends_on", "pool"), *members]), load_vocabulary())


def test_three_that_are_safe_in_pairs() -> None:
    """A pair leaves nothing to lose, which is told too; all three empty the pool."""
    picture = three()
    works = [work(picture, f"CHG-{one}", (2, 3), {f"db-{one}": RESTART}) for one in "abc"]
    assert joint(picture, *works) == {
        ("CHG-b",): {"shop": "at_risk"},
        ("CHG-c",): {"shop": "at_risk"},
        ("CHG-b", "CHG-c"): {"shop": "out"},
    }


def test_a_rolling_patch_counts_one_step_at_a_time() -> None:
    """Beside another change, only one of its members is out at any instant."""
    picture = three()
    own = work(picture, "CHG-1", (2, 3), {"db-a": RESTART}, {"db-b": RESTART})
    other = work(picture, "CHG-2", (2, 3), {"db-c": RESTART})
    assert joint(picture, own, other) == {("CHG-2",): {"shop": "at_risk"}}
