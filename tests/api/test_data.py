"""How good the data is, through the front doors: what is told, and that each fix can be done as it says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from api.client import Client
from api.http.data import List
from api.service import Service, open_service
from api.service.demo import fill
from api.settings import Settings
from cmdb.errors import NotFound, WrongUsage
from impact.documents.lists import LISTS
from tests.api.conftest import ImportText, NewClient
from tests.api.planning import VIEW
from tests.api.responses import is_problem

Captured = pytest.CaptureFixture[str]
Command = Callable[..., int]

REFERENCES = """
items:
  - {key: checkout, class: application_service, name: Checkout, tier: 1, owner: shop}
  - {key: orders-db, class: database, name: Orders DB, owner: shop}
  - {key: source:scan, class: source, name: data source scan, unresolved: [
      checkout depends_on orders db, checkout uses nothing like it, orders-db ^uses Reports; v2]}
"""


def answer(captured: Captured) -> Any:  # noqa: ANN401
    """Return the document that was printed."""
    return json.loads(captured.readouterr().out)


@pytest.fixture
def own(cmdb_at_home: Command, tmp_path: Path) -> Command:
    """Return the command on a demo estate that may be changed."""
    with open_service(Settings(tmp_path / "own.db")) as service:
        fill(service)
    return cmdb_at_home


def test_the_data_is_told_in_numbers(demo: Service) -> None:
    """Of how many items and relations what is known, as a whole and by class."""
    document = demo.data.judge()
    relations = document["relations"]
    assert document["detail"] == (
        "264 of 300 CIs reach a service, 18 have no relations, 7 % of relations are older than 60 days;"
        f" {relations['verified']} of {relations['total']} relations verified."
        " 279 of 300 CIs have an owner; none verified yet."
    )
    assert [document[name] for name in ("cis", "reach_service", "owned", "verified")] == [300, 264, 279, 0]
    ways = [relations[way] for way in ("unsaid", "declared", "observed", "inferred")]
    assert (ways[0], ways[3], sum(ways)) == (0, 0, relations["total"])
    assert 0 < relations["stale"] < relations["verified"] < relations["declared"] < relations["observed"]
    for name in ("cis", "reach_service", "owned", "verified"):
        for rows in (document["classes"], document["teams"]):
            assert sum(one[name] for one in rows) == document[name]
    assert relations["total"] == document["coverage"]["relations"]


def test_the_fixes_that_move_most_come_first(demo: Service) -> None:
    """Ten of them, by services of tier 1 and then of tier 2, each with what to do and why."""
    document = demo.data.judge()
    worth = [(one["tier_1"], one["tier_2"]) for one in document["fixes"]]
    assert (len(worth), worth) == (10, sorted(worth, reverse=True))
    assert re.fullmatch(
        r"10 of \d+ possible fixes, those that move most answers first\.", document["fixes_detail"]
    )
    assert document["fixes"][0] == {
        "kind": "relation",
        "what": "Confirm or remove: Payments connects via Rule FW-118.",
        "question": "Payments connects via Rule FW-118?",
        "items": ["payments", "fw-118"],
        "cause": "fw-118",
        "relation": {"source": "payments", "type": "connects_via", "target": "fw-118"},
        "reference": None,
        "version": 1,
        "meant": [],
        "ask": [
            {
                "key": "team-payments",
                "name": "Team Payments",
                "on_call": "Payments on-call, ext. 4420",
                "why": "owns Payments",
            },
            {
                "key": "network-team",
                "name": "Network team",
                "on_call": "Network on-call, ext. 4460",
                "why": "owns Rule FW-118",
            },
        ],
        "tier_1": 3,
        "tier_2": 3,
        "unclassified": 0,
        "command": "cmdb confirm payments connects_via fw-118",
        "otherwise": "cmdb unrelate payments connects_via fw-118",
        "why": "Nobody has seen or verified it for 60 days."
        " It moves answers about six services: 3 of tier 1 and 3 of tier 2.",
    }


def test_a_terminal_shows_what_to_do(cmdb: Command, capsys: Captured) -> None:
    """The sentences first, then the classes, the sources and the fixes with their commands."""
    assert cmdb("data", "--fix", "owner") == 0
    out = capsys.readouterr().out
    assert out.startswith("264 of 300 CIs reach a service")
    assert re.search(r"\d+ relations carry harm: \d+ declared, \d+ observed; \d+ verified, \d+ stale\.", out)
    assert "1. Say who answers for srv-140." in out
    assert "   cmdb assign srv-140 TEAM" in out
    assert "Confirm or remove" not in out


@pytest.mark.parametrize("kind", ["relation", "owner"])
def test_a_fix_is_done_by_its_command(kind: str, own: Command, capsys: Captured) -> None:
    """It is not asked for again, and coverage tells the difference."""
    assert own("data", "--fix", kind, "--json") == 0
    before = answer(capsys)
    fix, *others = before["fixes"]
    assert own(*shlex.split(fix["command"].replace("TEAM", "platform-team"))[1:]) == 0
    capsys.readouterr()
    assert own("data", "--fix", kind, "--json") == 0
    document = answer(capsys)
    assert [one["what"] for one in document["fixes"][:9]] == [one["what"] for one in others]
    confirmed = kind == "relation"
    verified = before["relations"]["verified"] + confirmed
    assert document["relations"]["verified"] == verified
    assert document["owned"] == before["owned"] + (not confirmed)
    assert f"; {verified} of {before['relations']['total']} relations verified." in document["detail"]


def test_a_relation_can_be_denied(own: Command, capsys: Captured) -> None:
    """The other command takes it away."""
    assert own("data", "--fix", "relation", "--json") == 0
    before = answer(capsys)
    assert own(*shlex.split(before["fixes"][0]["otherwise"])[1:]) == 0
    capsys.readouterr()
    assert own("data", "--json") == 0
    assert answer(capsys)["relations"]["total"] == before["relations"]["total"] - 1


def test_references_that_lead_nowhere_are_told(service: Service, import_text: ImportText) -> None:
    """Each with who refers to what, and with the item that may be meant, if one is called alike."""
    import_text(service, REFERENCES)
    document = service.data.judge(kinds=["reference"])
    assert [one["detail"] for one in document["unresolved"]] == [
        "Checkout depends on “orders db”",
        "Checkout uses “nothing like it”",
        "“Reports; v2” uses Orders DB",
    ]
    assert [(one["key"], one["back"], one["source"]) for one in document["unresolved"]] == [
        ("checkout", False, "source:scan"),
        ("checkout", False, "source:scan"),
        ("orders-db", True, "source:scan"),
    ]
    first, second = document["fixes"]
    assert first["what"] == "Say what “orders db” is: Checkout depends on “orders db”. Is it Orders DB?"
    assert first["command"] == ("cmdb resolve checkout depends_on 'orders db' orders-db")
    assert first["meant"] == [{"key": "orders-db", "class": "database", "name": "Orders DB"}]
    assert first["reference"] == {
        "key": "checkout",
        "type": "depends_on",
        "refers_to": "orders db",
        "back": False,
    }
    assert second["command"] == "cmdb resolve checkout uses 'nothing like it' KEY"
    assert (document["cis"], document["coverage"]["unmapped"]) == (2, 2)


def test_a_reference_is_resolved_by_its_command(
    cmdb_at_home: Command,
    capsys: Captured,
    tmp_path: Any,  # noqa: ANN401
) -> None:
    """What is related is not missing any more."""
    path = tmp_path / "estate.yaml"
    path.write_text(REFERENCES, "utf-8")
    assert cmdb_at_home("import", str(path)) == 0
    capsys.readouterr()
    assert cmdb_at_home("data", "--fix", "reference", "--json") == 0
    fix = answer(capsys)["fixes"][0]
    assert cmdb_at_home(*shlex.split(fix["command"])[1:]) == 0
    capsys.readouterr()
    assert cmdb_at_home("data", "--json") == 0
    assert [one["refers_to"] for one in answer(capsys)["unresolved"]] == ["nothing like it", "Reports; v2"]


def test_sources_come_last_in_a_search(service: Service, import_text: ImportText) -> None:
    """Nobody looks for them, whatever they are called."""
    import_text(service, REFERENCES + "  - {key: scan-retired, class: server, status: retired}\n")
    assert [one["key"] for one in service.items.search("scan")["items"]] == ["scan-retired", "source:scan"]
    assert service.items.search("source:scan")["items"][0]["key"] == "source:scan"


def test_only_some_items_can_be_judged(demo: Service) -> None:
    """Their classes, their relations and what is to be fixed about them."""
    document = demo.data.judge(select="class:server")
    assert [one["class"] for one in document["classes"]] == ["server"]
    servers = {one["key"] for one in demo.items.search("", select="class:server", limit=100)["items"]}
    assert document["cis"] == document["coverage"]["cis"] == len(servers - {"srv-98", "srv-103"})
    assert document["relations"]["total"] == document["coverage"]["relations"] > document["cis"]
    assert "srv-207" in {one["key"] for one in document["unmapped"]} < servers
    assert all(servers & {*one["items"]} for one in document["fixes"])
    assert demo.data.judge(select="class:database")["broken"] == []


def test_a_plan_is_fixed_in_the_plan(planned: Service) -> None:
    """What a view with one plan shows is changed there."""
    fixes = planned.data.judge(VIEW)["fixes"]
    assert fixes
    assert all(one["command"].endswith("--into project:apollo") for one in fixes)


def test_each_team_is_told_what_its_part_is_worth(demo: Service) -> None:
    """As selections of what it owns tell it; last, what nobody owns."""
    teams = demo.data.judge()["teams"]
    assert [one["name"] for one in teams[::9]] == ["Customer apps", "no owner known"]
    assert (teams[-1]["owner"], teams[-1]["owned"]) == (None, 0)
    for one in (teams[0], teams[3]):
        alone = demo.data.judge(select=f"owner:{one['owner']}")
        told = [alone[name] for name in ("cis", "reach_service", "owned", "verified", "relations")]
        assert told == [one[name] for name in ("cis", "reach_service", "owned", "verified", "relations")]
    for one in demo.data.judge()["classes"][:3]:
        assert one["relations"] == demo.data.judge(select=f"class:{one['class']}")["relations"]


def test_an_owner_told_by_a_relation_counts_as_one(service: Service, import_text: ImportText) -> None:
    """The field comes first where both are there."""
    import_text(
        service,
        """
items:
  - {key: ops, class: team}
  - {key: a, class: server}
  - {key: b, class: server, owner: dev}
  - {key: c, class: server}
relations:
  - {source: a, type: owned_by, target: ops}
  - {source: b, type: owned_by, target: ops}
""",
    )
    document = service.data.judge()
    assert [(one["owner"], one["cis"]) for one in document["teams"]] == [("dev", 1), ("ops", 1), (None, 1)]
    assert document["owned"] == 2
    assert [one["key"] for one in service.data.rows("unowned")["items"]] == ["c"]


@pytest.mark.parametrize("select", [None, "class:server", "owner:team-shop"])
def test_each_number_is_as_long_as_its_list(demo: Service, select: str | None) -> None:
    """Every number opens to the rows that it counts."""
    document, relations = demo.data.judge(select=select), demo.data.judge(select=select)["relations"]
    numbers = {
        "cis": document["cis"],
        "unmapped": len(document["unmapped"]),
        "unreached": document["cis"] - document["reach_service"],
        "unowned": document["cis"] - document["owned"],
        "unverified": document["cis"] - document["verified"],
        "relations": relations["total"],
        "unconfirmed": relations["total"] - relations["verified"],
        **{
            one: relations[one] for one in ("declared", "observed", "inferred", "unsaid", "verified", "stale")
        },
        "references": len(document["unresolved"]),
    }
    assert set(numbers) == set(LISTS) == set(get_args(List))
    assert {name: demo.data.rows(name, select=select)["total"] for name in LISTS} == numbers
    assert [one["key"] for one in demo.data.rows("unmapped", select=select)["items"]] == [
        one["key"] for one in document["unmapped"]
    ]


def test_a_list_goes_on_from_page_to_page(demo: Service, client: TestClient) -> None:
    """The oldest relations first, each once; the same over HTTP and for programs."""
    found: list[dict[str, Any]] = []
    cursor = None
    while cursor is not None or not found:
        page = client.get(
            "/api/v1/data/observed", params={"limit": 200} | ({"cursor": cursor} if cursor else {})
        ).json()
        found += page["items"]
        cursor = page["next"]
    assert len({(one["source"], one["type"], one["target"]) for one in found}) == page["total"] == 333
    assert [one["last_seen"] for one in found] == sorted(one["last_seen"] for one in found)
    assert [*Client(http=client).data_list("observed")] == found
    assert is_problem(client.get("/api/v1/data/nonsense"), 422)
    with pytest.raises(WrongUsage, match=r"There is no list “stael”\. Did you mean stale\?"):
        demo.data.rows("stael")


def test_a_terminal_lists_what_is_behind_a_number(cmdb: Command, capsys: Captured) -> None:
    """Items, relations and references, a page at a time."""
    assert cmdb("data", "--list", "unowned", "--limit", 2) == 0
    out = capsys.readouterr().out
    assert out.startswith("21 live CIs have no owner.")
    assert "2 of 21; go on with --cursor 2" in out
    assert cmdb("data", "--list", "stale", "--select", "payments") == 0
    assert "Payments connects via Rule FW-118" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"kinds": ["ownr"]}, WrongUsage),
        ({"kinds": []}, WrongUsage),
        ({"select": "class:"}, WrongUsage),
        ({"select": "class:rack and class:server"}, NotFound),
        ({"view": "@999"}, NotFound),
    ],
    ids=["a kind that is none", "no kind", "half a selection", "nothing selected", "no such revision"],
)
def test_what_cannot_be_judged_is_refused(demo: Service, wanted: Any, error: type[Exception]) -> None:  # noqa: ANN401
    """As elsewhere."""
    with pytest.raises(error):
        demo.data.judge(**wanted)


def test_an_empty_graph_explains_itself(service: Service, new_client: NewClient) -> None:
    """It says what to do, and finds no fault with nothing."""
    document = new_client().get("/api/v1/data").json()
    assert document["detail"] == "Nothing is here yet. Import a file you already have: cmdb import FILE."
    assert document["fixes_detail"] == "No fix can be weighed: no live service of tier 1 or 2 is known."
    assert (document["fixes"], document["unresolved"], document["classes"], document["cis"]) == (
        [],
        [],
        [],
        0,
    )
    assert service.data.coverage()["coverage"]["detail"] == "The map holds no live configuration item."


def test_which_kind_of_nothing_there_is_to_fix(service: Service, import_text: ImportText) -> None:
    """Nothing that can be weighed, or nothing left to do."""
    import_text(service, "items:\n  - {key: db, class: database}\n")
    assert service.data.judge()["fixes_detail"].startswith("No fix can be weighed")
    import_text(service, "items:\n  - {key: shop, class: business_service, tier: 1, owner: ada}\n")
    assert service.data.judge()["fixes_detail"].startswith("Nothing to fix on the way to services")


def test_doors_say_the_same(cmdb: Command, client: TestClient, demo: Service, capsys: Captured) -> None:
    """The command line, HTTP and the use case."""
    assert (
        cmdb("data", "--select", "tier:1", "--fix", "owner", "--fix", "relation", "--view", "@1", "--json")
        == 0
    )
    wanted = {"select": "tier:1", "fix": ["owner", "relation"], "view": "@1"}
    document = client.get("/api/v1/data", params=wanted).json()
    assert answer(capsys) == document
    assert demo.data.judge("@1", select="tier:1", kinds=["owner", "relation"]) == document
    assert is_problem(client.get("/api/v1/data?fix=ownr"), 422)


# -- the coverage that every impact answer opens with


def test_an_impact_answer_opens_with_what_is_known_of_what_it_touched(
    cmdb: Command, demo: Service, capsys: Captured
) -> None:
    """The causes and all that they hit; then comes how far the map can be trusted at all."""
    touched = demo.impact.impact({"power-f2": "out"})["coverage"]["touched"]
    assert {one: touched[one] for one in ("cis", "reach_service", "verified_relations")} == {
        "cis": 25,
        "reach_service": 19,
        "verified_relations": touched["verified_relations"],
    }
    assert 0 < touched["verified_relations"] < touched["relations"] < demo.data.coverage()["coverage"]["cis"]
    assert cmdb("impact", "power-f2") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == touched["detail"]
    assert lines[1].startswith("19 of 25 CIs it touched reach a service, ")
    assert lines[1].endswith(
        f"; {touched['verified_relations']} of {touched['relations']} relations verified."
    )
    assert lines[2].startswith("Map: 264 of 300 CIs reach a service")


def test_an_answer_that_touched_nothing_says_so(demo: Service) -> None:
    """A retired server is no live configuration item."""
    touched = demo.impact.impact({"srv-98": "out"})["coverage"]["touched"]
    assert touched["detail"] == "It touched no live configuration item."
