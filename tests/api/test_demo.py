"""The demo estate: how large it is, and that the program's own questions find its weaknesses."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from api.service import Service, open_service
from api.service.demo import fill
from api.service.demo_history import FOLDER, Step, dated, history
from api.service.imports import Import
from api.settings import Settings
from cmdb.errors import Conflict
from cmdb.model import Actor
from cmdb.values import moment
from loaders.source import Source
from tests.api.conftest import NOON
from tests.api.test_command import cmdb as command

pytestmark = pytest.mark.slow

FILES = sorted(FOLDER.glob("*.yaml"))


def found(demo: Service, selection: str) -> list[str]:
    """Return the keys of what a selection means."""
    return sorted(row["key"] for row in demo.items.search("", select=selection, limit=500)["items"])


def relations_in(name: str) -> list[dict[str, str]]:
    """Return the relations that a file of the estate tells."""
    told: list[dict[str, str]] = yaml.safe_load((FOLDER / name).read_text("utf-8"))["relations"]
    return told


# -- how large it is


def test_the_sentence_on_every_page(demo: Service) -> None:
    """How much of the estate the map can speak about, as the pictures of the pages have it."""
    assert demo.data.coverage()["coverage"]["detail"].startswith(
        "264 of 300 CIs reach a service, 18 have no relations, 7 % of relations are older than 60 days"
    )


def test_sixteen_services(demo: Service) -> None:
    """Three of tier 1, five of tier 2, eight below, in production, staging and test."""
    services = [demo.items.show(key) for key in found(demo, "family:services")]
    tiers = Counter(one["attributes"]["tier"] for one in services)
    assert (tiers[1], tiers[2], tiers[3] + tiers[4]) == (3, 5, 8)
    assert found(demo, "family:services and tier:1") == ["checkout", "payments", "tills"]
    assert {one["attributes"]["environment"] for one in services} == {"production", "staging", "test"}


def test_everything_has_an_owner_who_can_be_reached_but_21(demo: Service) -> None:
    """Whoever answers for something is a team with somebody on call."""
    graph = demo.workspace.store.read()
    teams = {
        one.key for one in graph.items.values() if one.class_name == "team" and "on_call" in one.attributes
    }
    cis = [
        one
        for one in graph.items.values()
        if demo.workspace.vocabulary.is_ci(one.class_name)
        and one.attributes.get("status") not in {"planned", "retired"}
    ]
    assert {
        one.attributes[role] for one in cis for role in ("owner", "support_group") if role in one.attributes
    } <= teams
    assert sum("owner" not in one.attributes for one in cis) == 21


def test_nothing_in_it_is_real() -> None:
    """Names of machines, mail and web addresses are of the domains that are kept for examples."""
    text = "\n".join(path.read_text("utf-8") for path in FILES)
    hosts = re.findall(r"(?:https://|@|(?:hostname|subject): )([\w.-]+)", text)
    assert len(hosts) > 30
    assert [host for host in hosts if not host.endswith(".example")] == []


# -- what it is made of


def test_its_import_warns_of_nothing(service: Service) -> None:
    """Nothing in it needs several things where it is meant to need one of them."""
    named = next(step.files for step in history(NOON))
    files = [Source(name, dated((FOLDER / name).read_text("utf-8"), NOON).encode()) for name in named]
    document = service.imports.plan(Import(files, Actor("ada")))
    assert (document["warnings"], document["rejected"], document["unresolved"]) == ([], [], [])


def test_nobody_has_looked_again_at_what_the_workshop_named(demo: Service) -> None:
    """These relations are stale, and no other: their number is the one on every page."""
    named = {(one["source"], one["type"], one["target"]) for one in relations_in("workshop.yaml")}
    old = {
        (one["source"], one["type"], one["target"])
        for key in {source for source, _, _ in named}
        for one in demo.items.show(key)["relations"]
        if one["carries_harm"] and NOON - moment(one["last_seen"]) > timedelta(days=60)
    }
    assert old == named
    assert demo.data.coverage()["coverage"]["stale_relations"] == len(named)


def test_the_unmapped_are_those_that_say_so(demo: Service) -> None:
    """Everything else in the estate is related to something."""
    items = yaml.safe_load((FOLDER / "unmapped.yaml").read_text("utf-8"))["items"]
    assert sorted(one["key"] for one in demo.data.judge()["unmapped"]) == sorted(one["key"] for one in items)


# -- what there is to find


def test_both_of_checkouts_databases_hang_on_one_feed(demo: Service) -> None:
    """The board asks about the feed, the project manager about the pool; both learn of it."""
    hit = {one["key"]: one["state"] for one in demo.impact.impact({"power-f2": "out"})["services"]}
    assert hit == {
        "checkout": "out",
        "click-collect": "out",
        "customer-app": "degraded",
        "order-reports": "degraded",
        "warehouse": "degraded",
        "payments": "at_risk",
        "loyalty": "at_risk",
        "returns": "at_risk",
    }
    shared = {one["key"]: one["detail"] for one in demo.impact.spof(["checkout"])["false_redundancy"]}
    assert shared["checkout-db-pool"] == (
        "Checkout DB pool: db-checkout-1 and db-checkout-2 hang on Power feed F2, DC North."
    )


def test_what_the_worst_answer_rests_on_is_well_known(demo: Service) -> None:
    """Each relation between the feed and Checkout was seen this night, and verified by a team."""
    for key, what, target in (
        ("checkout", "depends_on", "checkout-db-pool"),
        ("db-checkout-1", "runs_on", "srv-114"),
        ("db-checkout-2", "runs_on", "srv-117"),
        ("srv-114", "depends_on", "power-f2"),
        ("srv-117", "depends_on", "power-f2"),
    ):
        (one,) = (
            one for one in demo.items.show(key)["relations"] if (one["type"], one["target"]) == (what, target)
        )
        assert one["attributes"]["verified_by"] in {"team-shop", "platform-team"}
        assert NOON - moment(one["last_seen"]) < timedelta(days=1)


def test_a_certificate_under_checkout_ends_in_nine_days(demo: Service) -> None:
    """It is the only one under a service of tiers 1 and 2 that ends within a month."""
    ends = {
        key: (moment(demo.items.show(key)["attributes"]["expires_at"]) - NOON).days
        for key in found(demo, "upstream(tier:1,2) and class:certificate")
    }
    assert {key: days for key, days in ends.items() if days < 30} == {"cert-shop": 9}
    hit = demo.impact.impact({"cert-shop": "out"})
    assert [one["key"] for one in hit["services"] if one["state"] == "out"] == ["checkout", "click-collect"]


def test_a_server_under_the_warehouse_belongs_to_nobody(demo: Service) -> None:
    """It is the only such server that a service needs, and takes the Warehouse out alone."""
    assert found(demo, "upstream(family:services) and class:server and owner:none") == ["srv-140"]
    (warehouse,) = demo.impact.spof(["warehouse"])["items"]
    assert "srv-140" in {one["key"] for one in warehouse["points"]}


@pytest.mark.parametrize(
    ("cause", "out"),
    [
        ("fw-118", {"payments", "returns"}),
        ("srv-140", {"warehouse"}),
        ("power-s1", set()),
        ("till-hub-2", set()),
        ("store-104", set()),
        ("wan-107", set()),
        ("db-pay-1", set()),
        ("card-gateway", {"payments", "returns"}),
        ("login", {"checkout", "click-collect", "intranet"}),
        ("dc-north", {"checkout", "payments", "click-collect", "loyalty", "returns", "intranet"}),
    ],
)
def test_answers_somebody_who_knows_the_retailer_believes(cause: str, out: set[str], demo: Service) -> None:
    """One thing fails: these services are out, and no other."""
    hit = demo.impact.impact({cause: "out"})["services"]
    assert {one["key"] for one in hit if one["state"] == "out"} == out


def test_tills_is_what_redundancy_looks_like(demo: Service) -> None:
    """Neither data centre takes it out, and no power feed does."""
    for cause in ("dc-north", "dc-south", "power-f1", "power-f2", "power-s1", "power-s2"):
        assert demo.impact.explain({cause: "out"}, "tills")["state"] != "out"


@pytest.mark.parametrize(("cause", "most"), [("power-f2", 20), ("dc-north", 30)])
def test_drawings_that_can_be_read(cause: str, most: int, demo: Service) -> None:
    """What the pages show first is a handful of boxes."""
    assert len(demo.impact.impact({cause: "out"}, graph=True)["boxes"]) <= most


# -- its past


def test_its_past_is_told_by_people_of_the_estate(demo: Service) -> None:
    """Each step is somebody's, in order, and the proof of history holds."""
    log = [one.commit for one in demo.workspace.store.log()]
    people = {demo.items.show(key)["key"] for key in found(demo, "class:person")}
    assert {one.author.name for one in log} <= people
    assert [one.time for one in log] == sorted(one.time for one in log)
    assert NOON - moment(log[0].time) > timedelta(days=100)
    assert demo.proof.verify()["intact"]


def test_what_has_changed_since_it_was_begun(demo: Service) -> None:
    """A server was replaced, an owner and a firewall rule changed: the rule three days ago, by a person."""
    differing = demo.comparing.diff("@1", "live")
    assert {"fw-118", "returns", "srv-103", "srv-131", "lb-shop-1"} == {
        one["key"] for one in differing["items"]
    }
    moved = {(one["source"], one["type"], one["target"]) for one in differing["relations"]}
    assert ("db-pay-2", "runs_on", "srv-112") in moved
    newest = demo.items.history("fw-118")["history"][0]
    assert (NOON - moment(newest["time"])).days == 3
    assert newest["author"] == "imani-okafor"


def test_every_source_was_asked_tonight(demo: Service) -> None:
    """But what was typed in by hand."""
    last = {one["source"]: moment(one["last_seen"]).date() for one in demo.data.judge()["sources"]}
    assert {source for source, day in last.items() if day == NOON.date()} == last.keys() - {"native"}
    assert len(last) == 5


def test_a_day_that_has_just_begun(tmp_path: Path) -> None:
    """Nothing in the estate comes from the future."""
    early = datetime(2026, 11, 20, 0, 10, tzinfo=UTC)
    with open_service(Settings(tmp_path / "demo.db"), lambda: early) as service:
        fill(service)
        store = service.workspace.store
        assert max(moment(one.time) for one in store.sightings()) == early
        assert moment(store.head().time) <= early
        assert service.data.coverage()["coverage"]["reach_service"] == 264


def test_the_same_moment_has_the_same_estate(demo: Service, service: Service) -> None:
    """Whoever fills another store sees the same."""
    fill(service)
    assert service.exports.export().data == demo.exports.export().data


def test_only_an_empty_store_is_filled(service: Service) -> None:
    """What is there already stays as it is."""
    files = (Source("own.yaml", b"items:\n  - {key: mine, class: server}\n"),)
    service.imports.apply(Import(files, Actor("ada")))
    with pytest.raises(Conflict, match="empty store"):
        fill(service)
    assert service.items.search("", limit=500)["total"] == 1


@pytest.mark.parametrize("step", [{}, {"edit": "a", "unrelate": ["a", "uses", "b"]}], ids=str)
def test_a_step_is_one_thing(step: dict[str, object]) -> None:
    """A mistake in the history file is told, not passed over."""
    with pytest.raises(ValueError, match="a step is one of import, edit, relate and unrelate"):
        Step.model_validate({"at": "2026-11-20T12:00:00Z", "by": "ada", **step})


def test_every_file_of_the_estate_is_used() -> None:
    """None is forgotten, and none is named that is not there."""
    named = {name for step in history(NOON) for name in step.files}
    assert named == {path.name for path in FILES}


# -- on a terminal


def test_each_answer_fits_on_a_screen(tmp_path: Path) -> None:
    """One of 80 columns and 24 lines; a reader scrolls between the answers, not within one."""
    printed = command("demo", "--no-serve", home=tmp_path).stdout
    answers = re.split(r"\n\n(?=Change|Project|Incident|Ask)", printed)
    assert len(answers) == 5
    for answer in answers[:-1]:
        assert sum(len(textwrap.wrap(line, 76)) or 1 for line in answer.splitlines()) <= 24
