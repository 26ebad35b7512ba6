"""Selections through the front doors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from starlette.testclient import TestClient

from api.service import Selected, Service
from api.service.imports import Import
from cmdb.errors import NotFound, TooLarge, WrongUsage
from cmdb.model import Actor
from loaders.source import Source
from tests.api.conftest import ImportText

Captured = pytest.CaptureFixture[str]
Command = Callable[..., int]

FEEDS = "class:power_feed and key:power-f*"

ODD = """
items:
  - {key: "class:database", class: server}
  - {key: "web(1)", class: server}
  - {key: "or", class: server}
  - {key: "a&b", class: server}
  - {key: db, class: database}
"""


# -- asking


def test_what_fails_together_is_told(cmdb: Command, capsys: Captured) -> None:
    """Who asks by a condition reads which items it meant; who names keys knows."""
    together = "If Power feed F1, DC North (power-f1) and Power feed F2, DC North (power-f2) fail together."
    assert cmdb("impact", FEEDS) == 0
    assert together in capsys.readouterr().out
    assert cmdb("impact", "power-f1", "power-f2") == 0
    assert "fail together" not in capsys.readouterr().out
    assert cmdb("impact", "key:fw-118") == 0
    assert "If Rule FW-118 (fw-118) fails." in capsys.readouterr().out


def test_a_key_is_a_key_whatever_it_looks_like(service: Service, import_text: ImportText) -> None:
    """An item's own key comes before anything it could mean as a selection."""
    import_text(service, ODD)
    for key in ("class:database", "web(1)", "or", "a&b"):
        document = service.impact.impact({Selected(key): "out"})
        assert [one["key"] for one in document["causes"]] == [key]
    document = service.impact.spof([Selected("(class:database)"), Selected("'class:database' or 'or'")])
    assert [one["key"] for one in document["items"]] == ["db", "class:database", "or"]


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ("nobody", "Nothing has the key “nobody”."),
        ("chekout", "Nothing has the key “chekout”. Close to it: checkout, "),
        ("checkout or chekout", "Nothing has the key “chekout”. Close to it: checkout, "),
        ("teir:1", "Nothing has the key “teir:1”. Did you mean tier:1?"),
        ("zz-*", "Nothing has the key “zz-*”. Did you mean key:zz-*?"),
        ("upstream:payments", "Did you mean upstream payments?"),
        ("class:baseline", "“class:baseline” selects nothing."),
        ("checkout and payments", "“checkout and payments” selects nothing."),
    ],
)
def test_nothing_is_told_as_such(selection: str, said: str, demo: Service) -> None:
    """An unknown key and an empty selection are not found, with what was perhaps meant."""
    with pytest.raises(NotFound) as caught:
        demo.impact.impact({Selected(selection): "out"})
    assert said in caught.value.detail


def test_every_unknown_key_is_told_at_once(demo: Service) -> None:
    """Who mistyped two keys need not ask twice."""
    with pytest.raises(NotFound, match=r"“nobody”.*“noone”"):
        demo.impact.impact({Selected("nobody"): "out", Selected("upstream noone"): "out"})


def test_somebody_who_types_a_name_is_shown_its_key(demo: Service) -> None:
    """A name with a blank is no selection; the message knows whose it is."""
    with pytest.raises(WrongUsage, match=r"goes in quotes\. Close to it: card-gateway\."):
        demo.impact.impact({Selected("Card gateway"): "out"})


def test_before_the_first_import_a_selection_says_so(service: Service) -> None:
    """Which kind of nothing it is."""
    with pytest.raises(NotFound, match="“class:server” selects nothing: nothing is here yet"):
        service.impact.spof([Selected("class:server")])


def test_one_item_has_one_state(demo: Service, client: TestClient) -> None:
    """Two selections may overlap as long as they agree."""
    agreed = demo.impact.impact({"power-f1": "out", Selected(FEEDS): "out"})
    assert [one["key"] for one in agreed["causes"]] == ["power-f1", "power-f2"]
    with pytest.raises(WrongUsage, match="“power-f1” is given two states"):
        demo.impact.impact({"power-f1": "degraded", Selected(FEEDS): "out"})
    same = {"causes": [{"select": "tier:1"}, {"select": "tier:1", "state": "degraded"}]}
    assert "given two states" in client.post("/api/v1/impact", json=same).json()["detail"]


def test_too_many_causes_are_refused(demo: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are never cut; what to do is said."""
    servers = len(demo.items.search("", select="class:server", limit=500)["items"])
    monkeypatch.setattr("api.service.impact.CAUSES_AT_MOST", servers - 1)
    most = demo.impact.impact({Selected("class:server and not key:srv-98"): "out"})
    assert len(most["causes"]) == servers - 1
    said = rf"{servers} causes are too many for one question; {servers - 1} is the most\. Narrow"
    with pytest.raises(TooLarge, match=said):
        demo.impact.impact({Selected("class:server"): "out"})


def test_many_harmless_causes_are_counted(demo: Service) -> None:
    """The sentence stays one that can be read."""
    detail = demo.impact.impact({Selected("class:team"): "out"})["detail"]
    assert detail.startswith("Customer apps has two relations, none of a kind that carries harm")
    assert detail.endswith("Seven more causes hit no service either.")


def test_a_selection_is_asked_of_the_view(service: Service, import_text: ImportText) -> None:
    """It means what it meant then."""
    import_text(service, "items:\n  - {key: a, class: server, tier: 1}\n")
    import_text(
        service, "items:\n  - {key: a, class: server, tier: 2}\n  - {key: b, class: server, tier: 1}\n"
    )
    found = {view: service.items.search("", view, select="tier:1")["items"] for view in ("live", "@1")}
    assert {view: [row["key"] for row in rows] for view, rows in found.items()} == {
        "live": ["b"],
        "@1": ["a"],
    }


# -- searching


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--select", "class:baseline"], "“class:baseline” selects nothing.\n"),
        (["zebra", "--select", "tier:1"], "Nothing in “tier:1” is called “zebra”.\n"),
        (
            ["chekout", "--select", "tier:1"],
            "Nothing in “tier:1” is called “chekout”. Close to it: checkout.\n",
        ),
        (["chekout", "--select", "tier:2"], "Nothing in “tier:2” is called “chekout”.\n"),
    ],
)
def test_a_search_that_finds_nothing_says_where(
    words: list[str], said: str, cmdb: Command, capsys: Captured
) -> None:
    """An empty search is done; what is close is looked for in the selection too."""
    assert cmdb("search", *words) == 0
    assert capsys.readouterr().out == said


# -- exporting


def test_an_export_of_a_selection(demo: Service, service: Service) -> None:
    """It holds the items and the relations among them, can be imported, and names what it cuts."""
    exported = demo.exports.export(select="checkout or checkout-db-pool or key:db-checkout-*")
    file = yaml.safe_load(exported.data)
    assert [one["key"] for one in file["items"]] == [
        "checkout",
        "checkout-db-pool",
        "db-checkout-1",
        "db-checkout-2",
    ]
    kept = {(one["source"], one["target"]) for one in file["relations"]}
    assert ("checkout", "checkout-db-pool") in kept
    assert len(kept) == exported.document["relations"] == 4
    cut = {(one["source"], one["target"]) for one in exported.document["cut"]}
    assert {("checkout", "payments"), ("click-collect", "checkout"), ("db-checkout-1", "srv-114")} <= cut
    whole = yaml.safe_load(demo.exports.export().data)["relations"]
    keys = {one["key"] for one in file["items"]}
    assert cut == {ends for one in whole if len(keys & {*(ends := (one["source"], one["target"]))}) == 1}
    (warning,) = exported.document["warnings"]
    number = len(cut)
    assert warning.startswith(f"Without {number} relations that lead out of the selection: Checkout ")
    assert warning.endswith(f" and {number - 3} more.")
    service.imports.apply(Import((Source("part.yaml", exported.data),), Actor("ada")))
    assert service.exports.export().data == exported.data


def test_an_export_of_everything_cuts_nothing(demo: Service) -> None:
    """As a selection or without one."""
    whole, selected = demo.exports.export(), demo.exports.export(select="key:*")
    assert whole == selected
    assert whole.document["cut"] == []


def test_what_an_export_cuts_is_told_through_every_door(
    cmdb: Command,
    client: TestClient,
    demo: Service,
    capsysbinary: pytest.CaptureFixture[bytes],
    tmp_path: Path,
) -> None:
    """Beside the file on standard output, in the document of one that is written, in a header."""
    exported = demo.exports.export(select="upstream checkout")
    assert cmdb("export", "--select", "upstream(checkout)") == 0
    out, err = capsysbinary.readouterr()
    assert out == exported.data
    assert "that lead out of the selection" in err.decode()
    assert cmdb("export", tmp_path / "part.json", "--select", "upstream checkout", "--json") == 0
    document = json.loads(capsysbinary.readouterr().out)
    assert document["cut"] == exported.document["cut"] != []
    response = client.get("/api/v1/export?select=upstream+checkout")
    assert response.content == exported.data
    assert response.headers["Cmdb-Relations-Cut"] == str(len(document["cut"]))


def test_an_export_of_nothing_writes_no_file(cmdb: Command, tmp_path: Path, capsys: Captured) -> None:
    """An empty selection leaves what was there alone."""
    path = tmp_path / "part.yaml"
    assert cmdb("export", path, "--select", "class:baseline") == 1
    assert not path.exists()
    assert "selects nothing" in capsys.readouterr().err
