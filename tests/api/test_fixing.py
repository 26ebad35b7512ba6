"""Mending what the data lacks: confirming, assigning, resolving; the same through every door, and undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.client import Client
from api.service import Service
from api.service.fixing import Assignment, Meaning
from api.service.relating import Link
from api.service.undoing import Undo
from cmdb.errors import Conflict, NotFound, Rejected, Stale
from cmdb.references import Reference
from tests.api.conftest import ImportText, NewClient
from tests.api.planning import ADA, edit
from tests.api.responses import is_problem

ESTATE = """
items:
  - {key: ops, class: team, name: Operations}
  - {key: twin-1, class: person, name: Kim}
  - {key: twin-2, class: person, name: Kim}
  - {key: shop, class: application_service, name: Shop, tier: 1, owner: dev}
  - {key: db, class: database, name: Orders DB}
  - {key: cache, class: data_store, name: Cache}
  - {key: source:scan, class: source, name: data source scan, unresolved: [
      shop depends_on orders database, db ^uses Reports]}
relations:
  - {source: shop, type: depends_on, target: db, known: inferred}
  - {source: shop, type: uses, target: cache, known: observed}
"""
DB = Link("shop", "depends_on", "db", ADA)
ORDERS = Reference("shop", "depends_on", "orders database")


@pytest.fixture
def shop(service: Service, import_text: ImportText) -> Service:
    """Return the use cases on a small estate that lacks a few things."""
    import_text(service, ESTATE)
    return service


def relation(service: Service, target: str = "db") -> dict[str, Any]:
    """Return what is known of a relation of the shop."""
    rows = service.items.show("shop")["relations"]
    found: dict[str, Any] = next(one for one in rows if one["target"] == target)
    return found


def test_a_relation_is_confirmed_by_somebody(shop: Service) -> None:
    """By whom and when; what was inferred is declared from then on, what was observed stays so."""
    done = shop.relating.confirm(DB)
    verified = {"verified_at": "2026-11-20T12:00:00Z", "verified_by": "ada"}
    assert (done["how"], done["revision"]) == ("confirmed", 2)
    assert relation(shop)["attributes"] == {"known": "declared", **verified}
    shop.relating.confirm(Link("shop", "uses", "cache", ADA))
    assert relation(shop, "cache")["attributes"] == {"known": "observed", **verified}
    assert shop.items.history("db")["history"][0]["message"] == "Shop depends on Orders DB: confirmed"
    assert shop.data.judge()["relations"]["verified"] == 2
    assert shop.relating.confirm(DB)["revision"] is None


def test_only_what_is_there_can_be_confirmed(shop: Service) -> None:
    """Confirming adds nothing, and nobody confirms what they have not seen."""
    with pytest.raises(NotFound, match="shop → cache, depends_on: there is no such relation"):
        shop.relating.confirm(Link("shop", "depends_on", "cache", ADA))
    shop.relating.relate(DB, {"role": "main"})
    with pytest.raises(Stale, match="version 1 was expected, but it is at version 2 now"):
        shop.relating.confirm(Link("shop", "depends_on", "db", ADA, edition="1"))


@pytest.mark.parametrize(
    ("owner", "key"),
    [("ops", "ops"), ("operations", "ops"), ("dev", "dev"), ("twin-2", "twin-2")],
    ids=["a key", "a name", "somebody who is no item but owns something", "one of two of a name"],
)
def test_an_owner_is_assigned(shop: Service, owner: str, key: str) -> None:
    """A team or a person by key or name, or whoever owns something already."""
    done = shop.fixing.assign(Assignment("db", owner, ADA))
    assert done["changes"] == [{"field": "owner", "before": None, "after": key}]
    name = {"ops": "Operations", "dev": "dev", "twin-2": "Kim"}[key]
    assert shop.items.history("db")["history"][0]["message"] == f"Orders DB belongs to {name}"


@pytest.mark.parametrize(
    ("owner", "said"),
    [
        ("opps", "Nobody is called “opps”. Did you mean ops? Somebody who is not here yet: cmdb edit db"),
        ("cache", "Nobody is called “cache”."),
        ("kim", "“kim” is the name of several: twin-1, twin-2."),
    ],
)
def test_an_unknown_owner_is_refused_with_a_hint(shop: Service, owner: str, said: str) -> None:
    """A slip is not written down as a new owner; nor is something that is no person."""
    with pytest.raises(NotFound) as caught:
        shop.fixing.assign(Assignment("db", owner, ADA))
    assert said in caught.value.detail
    assert "owner" not in shop.items.show("db")["attributes"]


def test_a_reference_is_resolved(shop: Service) -> None:
    """It becomes a relation that stands for the name; also one that leads back."""
    shop.relating.unrelate(DB)
    assert shop.fixing.resolve(Meaning(ORDERS, "db", ADA))["how"] == "added"
    assert relation(shop)["attributes"] == {"known": "declared", "resolves": "orders database"}
    back = Reference("db", "uses", "Reports", back=True)
    done = shop.fixing.resolve(Meaning(back, "shop", ADA))
    assert (done["source"], done["type"], done["target"]) == ("shop", "uses", "db")
    assert shop.data.judge()["unresolved"] == []


@pytest.mark.parametrize(
    ("wanted", "error", "said"),
    [
        (Meaning(ORDERS._replace(name="else"), "db", ADA), NotFound, "No source says shop depends_on “else”"),
        (Meaning(ORDERS, "dbb", ADA), NotFound, "Nothing has the key “dbb”. Close to it: db."),
        (Meaning(ORDERS._replace(key="shpo"), "db", ADA), NotFound, "Nothing has the key “shpo”."),
        (Meaning(ORDERS, "ops", ADA), Rejected, "the vocabulary does not allow that"),
        (Meaning(ORDERS, "shop", ADA), Rejected, "shop cannot be related to itself."),
    ],
)
def test_what_no_source_says_is_not_resolved(
    shop: Service, wanted: Meaning, error: type[Exception], said: str
) -> None:
    """Nor by something unknown, nor against the vocabulary."""
    with pytest.raises(error) as caught:
        shop.fixing.resolve(wanted)
    assert said in str(caught.value)


def test_a_relation_stands_for_one_name(shop: Service) -> None:
    """To give it another would leave the first name open again."""
    shop.relating.relate(DB, {"resolves": "the other one"})
    with pytest.raises(Conflict, match="stands for “the other one” already"):
        shop.fixing.resolve(Meaning(ORDERS, "db", ADA))


def test_each_is_undone(shop: Service) -> None:
    """Then the data is as it was."""
    before = shop.data.judge()
    for done in (
        shop.relating.confirm(DB),
        shop.fixing.assign(Assignment("db", "ops", ADA)),
        shop.fixing.resolve(Meaning(Reference("db", "uses", "Reports", back=True), "shop", ADA)),
    ):
        shop.undoing.undo(Undo(done["revision"], ADA))
    after = shop.data.judge()
    assert {name: after[name] for name in after if name not in {"revision", "fixes"}} == {
        name: before[name] for name in before if name not in {"revision", "fixes"}
    }
    assert [one["what"] for one in after["fixes"]] == [one["what"] for one in before["fixes"]]


def test_a_request_sent_twice_is_done_once(shop: Service) -> None:
    """It is answered the same the second time, although its version is no longer the newest."""
    confirmed = Link("shop", "depends_on", "db", ADA, edition="1", id="one")
    first = shop.relating.confirm(confirmed)
    assert shop.relating.confirm(confirmed) == first
    assigned = Assignment("db", "ops", ADA, edition="1", id="two")
    assert shop.fixing.assign(assigned) == shop.fixing.assign(assigned)
    resolved = Meaning(Reference("db", "uses", "Reports", back=True), "shop", ADA, id="three")
    assert shop.fixing.resolve(resolved) == shop.fixing.resolve(resolved)
    removed = Link("shop", "uses", "cache", ADA, edition="1", id="four")
    assert shop.relating.unrelate(removed) == shop.relating.unrelate(removed)
    assert shop.workspace.store.head().revision == 5
    with pytest.raises(Rejected, match="was used before, for another request"):
        shop.relating.confirm(Link("shop", "uses", "db", ADA, id="one"))


@pytest.mark.usefixtures("planned")
def test_a_plan_takes_them(service: Service) -> None:
    """Into it, and not into today's graph."""
    apollo = "project:apollo"
    service.relating.confirm(Link("shop", "depends_on", "db-new", ADA, into=apollo))
    edit(service, "shop", owner="dev")
    service.fixing.assign(Assignment("db-new", "dev", ADA, into=apollo))
    shown = service.items.show("db-new", "live+project:apollo")
    assert shown["attributes"]["owner"] == "dev"
    assert shown["relations"][0]["attributes"]["verified_by"] == "ada"


CASES: dict[str, tuple[list[str], str, str, dict[str, Any] | None]] = {
    "confirm": (
        ["confirm", "shop", "depends_on", "db"],
        "post",
        "shop/relations/depends_on/db/confirm",
        None,
    ),
    "confirm nothing": (["confirm", "db", "uses", "shop"], "post", "db/relations/uses/shop/confirm", None),
    "assign": (["assign", "db", "Operations"], "put", "db/owner", {"owner": "Operations"}),
    "assign nobody": (["assign", "db", "opps"], "put", "db/owner", {"owner": "opps"}),
    "resolve": (
        ["resolve", "db", "uses", "Reports", "shop", "--back"],
        "post",
        "db/references",
        {"type": "uses", "refers_to": "Reports", "back": True, "means": "shop"},
    ),
    "resolve what nobody says": (
        ["resolve", "db", "uses", "Reports", "shop"],
        "post",
        "db/references",
        {"type": "uses", "refers_to": "Reports", "means": "shop"},
    ),
}


@pytest.fixture
def at_home(tmp_path: Path, cmdb_at_home: Callable[..., int]) -> Callable[..., int]:
    """Return the command, run on a store of its own that holds the small estate."""
    (tmp_path / "estate.yaml").write_text(ESTATE)
    assert cmdb_at_home("import", tmp_path / "estate.yaml") == 0
    return cmdb_at_home


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("case", CASES)
def test_the_doors_answer_alike(
    case: str, new_client: NewClient, at_home: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Command line and HTTP give the same document, or the same problem."""
    words, method, path, body = CASES[case]
    capsys.readouterr()
    client = new_client()
    headers = {"If-Match": '"1"', "Cmdb-Actor": "ada"}
    answer = client.request(method, f"/api/v1/items/{path}", json=body, headers=headers)
    code = at_home(*words, "--as", "ada", "--json")
    printed = capsys.readouterr()
    assert code == (0 if answer.status_code == 200 else 1)
    told, over_http = json.loads(printed.out or printed.err), answer.json()
    for one in [*told.get("changes", []), *over_http.get("changes", [])]:
        if one["field"] == "verified_at":  # the command has a clock of its own
            one["after"] = "now"
    assert told == over_http


def test_over_http_nobody_overwrites_what_they_have_not_seen(shop: Service, new_client: NewClient) -> None:
    """If-Match is needed; an Idempotency-Key makes a repetition safe."""
    client, address = new_client(), "/api/v1/items/shop/relations/depends_on/db/confirm"
    assert is_problem(client.post(address), 428)
    assert is_problem(client.put("/api/v1/items/db/owner", json={"owner": "ops"}), 428)
    headers = {"If-Match": '"1"', "Idempotency-Key": "once"}
    assert client.post(address, headers=headers).json() == client.post(address, headers=headers).json()
    assert is_problem(client.post(address, headers={"If-Match": '"1"'}), 412)
    assert is_problem(client.put("/api/v1/items/db/owner", json={"owner": ""}, headers=headers), 422)
    assert shop.workspace.store.head().revision == 2


def test_programs_mend_too(shop: Service, new_client: NewClient) -> None:
    """The client has a method for each."""
    client = Client(http=new_client())
    assert client.confirm("shop", "depends_on", "db", relation(shop)["edition"])["how"] == "confirmed"
    assert client.assign("db", "ops", client.show("db")["edition"])["revision"] == 3
    assert client.resolve("db", "uses", "Reports", "shop", back=True)["how"] == "added"


def test_the_command_line_says_what_was_done(
    at_home: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence each."""
    capsys.readouterr()
    assert at_home("confirm", "shop", "depends_on", "db", "--as", "ada") == 0
    assert "shop depends on db: confirmed, revision 2.\n" in capsys.readouterr().out
    assert at_home("assign", "db", "operations") == 0
    assert "Orders DB (db) changed, revision 3.\n  owner: nothing → ops\n" in capsys.readouterr().out
    assert at_home("resolve", "db", "uses", "Reports", "shop", "--back") == 0
    assert "shop uses db: added, revision 4." in capsys.readouterr().out
