"""The contract: one question has one answer, through whichever door it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.service import Selected, Service
from cmdb.errors import NotFound
from cmdb.values import instant, moment
from impact.wording import capital, count
from tests.api.conftest import ImportText

AT = "2026-11-20T12:00:00Z"
FEEDS = "class:power_feed and key:power-f*"
WORST_FIRST = ["out", "degraded", "at_risk", "ok"]

Captured = pytest.CaptureFixture[str]
Command = Callable[..., int]


def impact_over_http(client: TestClient, **question: Any) -> Any:  # noqa: ANN401
    """Return the document that the impact route answers."""
    return client.post("/api/v1/impact", json=question).json()


DOORS: dict[str, tuple[list[str], Callable[[TestClient], Any], Callable[[Service], Any]]] = {
    "impact": (
        ["impact", "power-f2", "--at", AT],
        lambda client: impact_over_http(client, causes=["power-f2"], at=AT),
        lambda service: service.impact.impact({"power-f2": "out"}, at=AT),
    ),
    "impact, two causes": (
        ["impact", "power-f2", "fw-118", "--state", "degraded", "--at", AT],
        lambda client: impact_over_http(
            client, causes=[{"key": key, "state": "degraded"} for key in ("power-f2", "fw-118")], at=AT
        ),
        lambda service: service.impact.impact({"fw-118": "degraded", "power-f2": "degraded"}, at=AT),
    ),
    "impact, at a revision, drawn": (
        ["impact", "dc-north", "--view", "@1", "--graph"],
        lambda client: impact_over_http(client, causes=["dc-north"], view="@1", graph=True),
        lambda service: service.impact.impact({"dc-north": "out"}, "@1", graph=True),
    ),
    "impact, a selection": (
        ["impact", FEEDS, "--at", AT],
        lambda client: impact_over_http(client, causes=[{"select": FEEDS}], at=AT),
        lambda service: service.impact.impact({"power-f1": "out", "power-f2": "out"}, at=AT),
    ),
    "impact, keys and a selection": (
        ["impact", "srv-110", "srv-112", "name:'card gateway'", "--at", AT],
        lambda client: impact_over_http(
            client, causes=["srv-110", {"select": "card-gateway or srv-112"}, {"key": "srv-112"}], at=AT
        ),
        lambda service: service.impact.impact(
            {Selected("card-gateway"): "out", Selected("key:srv-110,srv-112"): "out"}, at=AT
        ),
    ),
    "explain, a selection": (
        ["explain", FEEDS, "tills", "--at", AT],
        lambda client: client.get(
            "/api/v1/explain", params={"select": FEEDS, "key": "tills", "at": AT}
        ).json(),
        lambda service: service.impact.explain({"power-f1": "out", "power-f2": "out"}, "tills", at=AT),
    ),
    "not hit, a selection": (
        ["not-hit", FEEDS, "--at", AT],
        lambda client: client.get("/api/v1/not-hit", params={"select": FEEDS, "at": AT}).json(),
        lambda service: service.impact.not_hit({"power-f1": "out", "power-f2": "out"}, at=AT),
    ),
    "spof, a key and a selection": (
        ["spof", "checkout", "key:p* and tier:1", "--view", "@1"],
        lambda client: client.get("/api/v1/spof?key=checkout&select=key:p*+and+tier:1&view=@1").json(),
        lambda service: service.impact.spof(["checkout", Selected("payments or checkout")], "@1"),
    ),
    "search, a selection": (
        ["search", "--select", "upstream(checkout) within 1 and not class:redundancy_group"],
        lambda client: client.get(
            "/api/v1/search?select=upstream+checkout+within+1+and+not+class:redundancy_group"
        ).json(),
        lambda service: service.items.search(
            "", select="upstream checkout within 1 and not class:redundancy_group"
        ),
    ),
    "search, words in a selection": (
        ["search", "db", "--select", "owner:database-team", "--limit", "2", "--cursor", "2"],
        lambda client: client.get("/api/v1/search?q=db&select=owner:database-team&limit=2&cursor=2").json(),
        lambda service: service.items.search("db", select="owner:database-team", limit=2, cursor="2"),
    ),
    "explain": (
        ["explain", "power-f2", "checkout", "--at", AT],
        lambda client: client.get(
            "/api/v1/explain", params={"cause": "power-f2", "key": "checkout", "at": AT}
        ).json(),
        lambda service: service.impact.explain({"power-f2": "out"}, "checkout", at=AT),
    ),
    "not hit": (
        ["not-hit", "power-f2", "--at", AT, "--limit", "2", "--cursor", "1"],
        lambda client: client.get(
            "/api/v1/not-hit", params={"cause": "power-f2", "at": AT, "limit": 2, "cursor": "1"}
        ).json(),
        lambda service: service.impact.not_hit({"power-f2": "out"}, at=AT, limit=2, cursor="1"),
    ),
    "data": (
        ["data", "--view", "@1"],
        lambda client: client.get("/api/v1/data?view=@1").json(),
        lambda service: service.data.judge("@1"),
    ),
    "verify": (
        ["verify"],
        lambda client: client.get("/api/v1/verify").json(),
        lambda service: service.proof.verify(),
    ),
    "depends": (
        ["depends", "payments", "--view", "@1"],
        lambda client: client.get("/api/v1/depends/payments?view=@1").json(),
        lambda service: service.impact.depends("payments", "@1"),
    ),
    "path": (
        ["path", "power-f2", "checkout", "--view", "@1"],
        lambda client: client.get("/api/v1/paths?from=power-f2&to=checkout&view=@1").json(),
        lambda service: service.impact.path("power-f2", "checkout", "@1"),
    ),
    "spof": (
        ["spof", "checkout", "payments", "--view", "@1"],
        lambda client: client.get("/api/v1/spof?key=checkout&key=payments&view=@1").json(),
        lambda service: service.impact.spof(["checkout", "payments"], "@1"),
    ),
    "spof, every service": (
        ["spof", "--view", "@1"],
        lambda client: client.get("/api/v1/spof?view=@1").json(),
        lambda service: service.impact.spof(view="@1"),
    ),
    "services": (
        ["services", "--owner", "team-shop", "--view", "@1", "--limit", "2"],
        lambda client: client.get("/api/v1/services?owner=team-shop&view=@1&limit=2").json(),
        lambda service: service.owning.services("team-shop", "@1", limit=2),
    ),
    "now": (
        ["now", "--view", "@1"],
        lambda client: client.get("/api/v1/now?view=@1").json(),
        lambda service: service.present.now("@1"),
    ),
    "spof, at an instant": (
        ["spof", "checkout", "--view", "@1", "--at", AT],
        lambda client: client.get(f"/api/v1/spof?key=checkout&view=@1&at={AT}").json(),
        lambda service: service.impact.spof(["checkout"], "@1", AT),
    ),
    "simulate": (
        [
            "simulate",
            "checkout",
            "key:payments,payments-db*",
            "--out",
            "db-pay-1",
            "--draws",
            "50000",
            "--seed",
            "7",
            "--view",
            "@1",
        ],
        lambda client: client.post(
            "/api/v1/simulate",
            json={
                "items": ["checkout", {"select": "key:payments,payments-db-pool"}],
                "out": ["db-pay-1"],
                "draws": 50_000,
                "seed": 7,
                "view": "@1",
            },
        ).json(),
        lambda service: service.impact.simulate(
            ["payments", "checkout", "payments-db-pool"],
            "@1",
            out=[Selected("db-pay-1")],
            draws=50_000,
            seed=7,
        ),
    ),
    "simulate, as the rules say": (
        ["simulate", "checkout", "--view", "@1"],
        lambda client: client.post(
            "/api/v1/simulate", json={"items": ["checkout"], "view": "@1", "draws": 100_000, "seed": 1}
        ).json(),
        lambda service: service.impact.simulate(["checkout"], "@1"),
    ),
    "show": (
        ["show", "checkout", "--view", "@1"],
        lambda client: client.get("/api/v1/items/checkout?view=@1").json(),
        lambda service: service.items.show("checkout", "@1"),
    ),
    "search": (
        ["search", "pool", "--limit", "1", "--cursor", "1"],
        lambda client: client.get("/api/v1/search?q=pool&limit=1&cursor=1").json(),
        lambda service: service.items.search("pool", limit=1, cursor="1"),
    ),
    "history": (
        ["history", "checkout"],
        lambda client: client.get("/api/v1/items/checkout/history").json(),
        lambda service: service.items.history("checkout"),
    ),
}


@pytest.mark.parametrize("question", DOORS)
def test_every_door_gives_the_same_document(
    question: str, cmdb: Command, client: TestClient, demo: Service, capsys: Captured
) -> None:
    """Command line, HTTP and service answer a question alike, to the order of the keys."""
    words, over_http, in_process = DOORS[question]
    assert cmdb(*words, "--json") == 0
    on_paper = capsys.readouterr().out.rstrip("\n")
    assert on_paper == json.dumps(over_http(client), separators=(",", ":"), ensure_ascii=False)
    assert on_paper == json.dumps(in_process(demo), separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["show", "nobody"], "/api/v1/items/nobody"),
        (["show", "checkout", "--view", "noon"], "/api/v1/items/checkout?view=noon"),
        (["show", "checkout", "--view", "@99"], "/api/v1/items/checkout?view=@99"),
        (["search", "e", "--cursor", "x"], "/api/v1/search?q=e&cursor=x"),
        (["path", "checkout", "nobody"], "/api/v1/paths?from=checkout&to=nobody"),
    ],
    ids=str,
)
def test_every_door_refuses_alike(
    words: list[str], path: str, cmdb: Command, client: TestClient, capsys: Captured
) -> None:
    """The problem document is the same one."""
    assert cmdb(*words, "--json") != 0
    assert json.loads(capsys.readouterr().err) == client.get(path).json()


def test_the_same_question_gives_the_same_bytes(cmdb: Command, client: TestClient, capsys: Captured) -> None:
    """At a given instant an answer is reproducible, through each door."""
    asked = {"causes": ["power-f2", "srv-110"], "at": AT, "graph": True}
    assert (
        client.post("/api/v1/impact", json=asked).content == client.post("/api/v1/impact", json=asked).content
    )
    outputs = []
    for _ in range(2):
        cmdb("impact", "srv-110", "power-f2", "--at", AT, "--json")
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]


# -- the impact document


@pytest.fixture(scope="session")
def power_cut(client: TestClient) -> Any:  # noqa: ANN401
    """Return what follows if the demo's power feed F2 fails."""
    return impact_over_http(client, causes=["power-f2"], at=AT)


def test_the_keys_of_the_impact_document(power_cut: Any) -> None:  # noqa: ANN401
    """Every key that scripts rely on is there, at every level."""
    expected: dict[str, set[str]] = {
        "causes": {"key", "state"},
        "affected": {"key", "class", "name", "state", "before", "distance", "tier", "tipped_by"},
        "services": {"key", "class", "name", "state", "before", "distance", "tier", "tipped_by"},
        "already": {"key", "state", "alone"},
        "absorbed": {"key", "needs", "members", "up", "margin"},
        "unmapped": {"key"},
        "broken": {"key", "reason"},
    }
    assert power_cut.keys() >= {
        "format",
        "revision",
        "view",
        "at",
        "counts",
        "coverage",
        "faults",
        "limits",
        "redacted",
        "stale",
        *expected,
    }
    for name, keys in expected.items():
        assert power_cut[name], name
        assert all(row.keys() >= keys for row in power_cut[name]), name
    assert power_cut["counts"].keys() == {"out", "degraded", "at_risk"}
    assert power_cut["coverage"].keys() >= {"cis", "reach_service", "unmapped", "stale_relations"}
    assert all(row["tipped_by"].keys() == {"source", "type", "target"} for row in power_cut["affected"])
    assert (power_cut["format"], power_cut["redacted"], power_cut["stale"]) == (1, False, False)


def test_the_order_of_the_impact_document(power_cut: Any) -> None:  # noqa: ANN401
    """State, worst first; then tier, where none counts as 2; then distance; then key."""
    for name in ("affected", "services"):
        rows = power_cut[name]
        ranks = [
            (WORST_FIRST.index(row["state"]), row["tier"] or 2, row["distance"], row["key"]) for row in rows
        ]
        assert ranks == sorted(ranks)
    assert len({row["tier"] for row in power_cut["affected"]}) > 2
    assert len({row["state"] for row in power_cut["affected"]}) == 3


def test_the_numbers_of_the_impact_document(power_cut: Any) -> None:  # noqa: ANN401
    """The counts count the rows, and nothing affected is as it was before."""
    states = [row["state"] for row in power_cut["affected"]]
    assert power_cut["counts"] == {state: states.count(state) for state in ("out", "degraded", "at_risk")}
    assert all(
        WORST_FIRST.index(row["state"]) < WORST_FIRST.index(row["before"]) for row in power_cut["affected"]
    )
    assert power_cut["coverage"]["unmapped"] == len(power_cut["unmapped"])


def test_faults_and_limits_name_item_and_reason(service: Service, import_text: ImportText) -> None:
    """A group that asks for too much and a cause that is not live are each told with a reason."""
    import_text(
        service,
        """
items:
  - {key: pool, class: redundancy_group, needs: 3}
  - {key: old, class: server, status: retired}
""",
    )
    document = service.impact.impact({"old": "out"})
    assert [one.keys() for one in (*document["faults"], *document["limits"])] == [{"key", "reason"}] * 2
    assert [one["key"] for one in (*document["faults"], *document["limits"])] == ["pool", "old"]


@pytest.mark.parametrize(
    ("question", "view", "at"),
    [
        ({}, "live", AT),
        ({"at": None}, "live", AT),
        ({"at": "2026-12-24T18:00:00Z"}, "live", "2026-12-24T18:00:00Z"),
        ({"at": "2026-12-24T18:00:00.000Z"}, "live", "2026-12-24T18:00:00Z"),
        ({"view": "@1"}, "@1", None),
        ({"view": "@1", "at": "2027-01-01T00:00:00Z"}, "@1", "2027-01-01T00:00:00Z"),
        ({"view": "@2026-11-30T00:00:00Z"}, "@2026-11-30T00:00:00Z", "2026-11-30T00:00:00Z"),
        (
            {"view": "@2026-11-30T00:00:00Z", "at": "2027-01-01T00:00:00Z"},
            "@2026-11-30T00:00:00Z",
            "2027-01-01T00:00:00Z",
        ),
    ],
    ids=str,
)
def test_view_and_instant_are_echoed(
    question: Any,  # noqa: ANN401
    view: str,
    at: str | None,
    client: TestClient,
    demo: Service,
) -> None:
    """The instant is the one asked for, else the view's own, else now; it is written in one form."""
    document = impact_over_http(client, causes=["power-f2"], **question)
    graph = demo.workspace.store.read(1 if view == "@1" else None)
    then = at or instant(moment(graph.time))
    assert (document["view"], document["at"], document["revision"]) == (view, then, graph.revision)


def test_views_of_the_past(service: Service, import_text: ImportText, capsys: Captured) -> None:
    """A revision and an instant show the graph as it was; before the first there is nothing."""
    import_text(service, "items:\n  - {key: db-a, class: database, tier: 1}\n")
    import_text(service, "items:\n  - {key: db-a, class: database, tier: 2}\n")
    shown = {view: service.items.show("db-a", view) for view in ("live", "@1", "@2", f"@{AT}")}
    assert {view: one["attributes"]["tier"] for view, one in shown.items()} == {
        "live": 2,
        "@1": 1,
        "@2": 2,
        f"@{AT}": 2,
    }
    assert [one["version"] for one in shown.values()] == [2, 1, 2, 2]
    assert service.items.search("", "@2000-01-01T00:00:00Z")["total"] == 0
    assert service.items.search("", "@0")["total"] == 0
    assert capsys.readouterr() == ("", "")


def test_what_is_not_hit_says_why(demo: Service) -> None:
    """Every service that is neither hit nor a cause is listed with its own reason."""
    document = demo.impact.not_hit({"power-f2": "out"})
    verdicts = {one["key"]: one["verdict"] for one in document["items"]}
    assert document["detail"] == f"{capital(count(len(verdicts), 'service is', 'services are'))} not hit."
    assert (
        verdicts.items()
        >= {
            "tills": "softened",
            "stock-feed": "no_path",
            "intranet": "no_path",
            "shop-mon": "nothing_carries_harm",
        }.items()
    )
    services = {one["key"] for one in demo.items.search("", select="family:services", limit=500)["items"]}
    hit = {one["key"] for one in demo.impact.impact({"power-f2": "out"})["services"]}
    assert verdicts.keys() == services - hit


def test_a_misspelt_key_is_answered_with_what_is_close(demo: Service) -> None:
    """The message names what is spelt alike."""
    with pytest.raises(NotFound, match=r"Nothing has the key “chekout”\. Close to it: checkout"):
        demo.impact.depends("chekout")
