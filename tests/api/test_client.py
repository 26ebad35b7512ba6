"""The client for programs, against the application and against a server on a socket."""

from __future__ import annotations

import inspect
import socket

import pytest
from starlette.testclient import TestClient

from api.client import Cause, Client
from api.service import Service
from cmdb.errors import NotFound, Rejected, Stale, Unauthorised, Unavailable
from tests.api.conftest import ImportText, NewClient
from tests.api.described import all_operations, description

SHOP = """
items:
  - {key: checkout, class: application_service, name: Checkout, tier: 1}
  - {key: pool, class: redundancy_group, needs: 1}
  - {key: db-a, class: database}
  - {key: db-b, class: database}
relations:
  - {source: checkout, type: depends_on, target: pool}
  - {source: db-a, type: member_of, target: pool}
  - {source: db-b, type: member_of, target: pool}
"""


@pytest.fixture
def shop(service: Service, import_text: ImportText, new_client: NewClient) -> Client:
    """Return a client of a small shop."""
    import_text(service, SHOP)
    return Client(http=new_client())


def test_it_asks_what_the_api_answers(shop: Client, service: Service) -> None:
    """Each question gives the document of the use case itself."""
    at = "2026-11-20T12:00:00Z"
    both: list[Cause] = ["db-a", {"key": "db-b", "state": "out"}]
    told = service.impact.impact({"db-a": "out", "db-b": "out"}, at=at)
    assert shop.impact(both, at=at) == told
    assert [one["key"] for one in shop.impact(["db-a"], fields=["key"])["affected"]] == ["checkout", "pool"]
    assert shop.explain(["db-a"], "checkout", at=at) == service.impact.explain(
        {"db-a": "out"}, "checkout", at=at
    )
    assert shop.depends("checkout") == service.impact.depends("checkout")
    assert shop.path("checkout", "db-a") == service.impact.path("checkout", "db-a")
    assert shop.spof(["checkout"], at=at) == service.impact.spof(["checkout"], at=at)
    assert shop.data(select="tier:1") == service.data.judge(select="tier:1")
    assert list(shop.not_hit(["db-a"])) == service.impact.not_hit({"db-a": "out"})["items"]
    assert shop.simulate(["checkout"])["format"] == 1
    assert shop.now("@1") == service.present.now("@1")


def test_it_looks(shop: Client, service: Service) -> None:
    """Items, their history, pages of a search, differences, files and proof."""
    assert shop.show("checkout") == service.items.show("checkout")
    assert shop.history("checkout") == service.items.history("checkout")
    assert [one["key"] for one in shop.search(select="class:database")] == ["db-a", "db-b"]
    assert len(shop.diff("@0")["items"]) == 4
    assert b"checkout" in shop.export(select="tier:1")
    assert shop.verify()["intact"] is True


def test_it_pages_through_long_answers(
    service: Service, import_text: ImportText, new_client: NewClient
) -> None:
    """Whoever loops over a search gets all of it."""
    import_text(service, "items: [" + ",".join(f"{{key: s{n}, class: server}}" for n in range(120)) + "]")
    assert len({one["key"] for one in Client(http=new_client()).search("s")}) == 120


def test_it_writes_what_it_has_seen(shop: Client) -> None:
    """An edit needs the edition that was shown; a second one from the same edition comes too late."""
    edition = shop.show("db-a")["edition"]
    assert shop.edit("db-a", {"owner": "ops"}, edition)["revision"] == 2
    with pytest.raises(Stale):
        shop.edit("db-a", {"owner": "dev"}, edition)
    assert shop.relate("checkout", "uses", "db-a", {"known": "declared"})["revision"] == 3
    (made,) = [one for one in shop.show("checkout")["relations"] if one["type"] == "uses"]
    assert shop.unrelate("checkout", "uses", "db-a", made["edition"])["revision"] == 4


def test_it_imports_once_however_often_it_is_told(new_client: NewClient) -> None:
    """Under one idempotency key a file is applied once; a dry run writes nothing."""
    client = Client(http=new_client())
    assert client.import_file("shop.yaml", SHOP.encode(), dry_run=True)["items"]["added"] == 4
    told = [client.import_file("shop.yaml", SHOP.encode(), idempotency_key="once") for _ in "12"]
    assert [one["revision"] for one in told] == [1, 1]


def test_it_takes_a_commit_back(shop: Client) -> None:
    """An import that was a mistake is undone by one call, after a look at what that does."""
    assert shop.undo(1, dry_run=True)["revision"] is None
    assert shop.undo(1)["revision"] == 2
    assert shop.show("checkout")["attributes"]["status"] == "retired"


def test_tables_come_with_a_mapping(new_client: NewClient) -> None:
    """What the columns mean is sent along."""
    client = Client(http=new_client())
    mapping = '[[items]]\nclass = "server"\nid = "Asset"\nname = "Host"\n'
    done = client.import_file("hosts.csv", b"Asset,Host\n1,web-1\n2,web-2\n", mapping=mapping)
    assert done["items"]["added"] == 2


def test_refusals_are_the_errors_of_the_program(shop: Client) -> None:
    """Whoever calls catches NotFound or Rejected and need not read status codes."""
    with pytest.raises(NotFound, match="nowhere"):
        shop.show("nowhere")
    with pytest.raises(Rejected) as caught:
        shop.edit("db-a", {"colour": "red", "tier": 9}, shop.show("db-a")["edition"])
    assert len(caught.value.faults) == 2


def test_keys_may_hold_anything_a_key_may(
    service: Service, import_text: ImportText, new_client: NewClient
) -> None:
    """No character of a key is taken for a part of the address."""
    import_text(service, 'items: [{key: "a#b?c&d", class: server}]')
    assert Client(http=new_client()).show("a#b?c&d")["key"] == "a#b?c&d"


def test_it_says_when_nobody_answers(new_client: NewClient) -> None:
    """A server that is not there, and one that wants a token, are told apart."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Client(f"http://127.0.0.1:{port}") as client, pytest.raises(Unavailable, match="does not answer"):
        client.show("a")
    with pytest.raises(Unauthorised):
        Client(http=new_client({"a-token": "ann"})).show("a")


def test_it_sends_who_acts(service: Service, new_client: NewClient) -> None:
    """A declared actor, or a token, stands in the history of what was written."""
    http = new_client({"a-token": "ann"})
    assert isinstance(http, TestClient)
    own = Client("http://127.0.0.1", token="a-token", actor="bob")  # noqa: S106  made up
    headers = own._http.headers  # noqa: SLF001  what would be sent
    own.close()
    http.headers.update(headers)
    Client(http=http).import_file("shop.yaml", SHOP.encode())
    events = service.items.history("checkout")["history"]
    assert {(one["author"], one["identity"]) for one in events} == {("ann", "authenticated")}


ELSEWHERE = {
    "import": "import_file",
    "from": "before",
    "to": "after",
    "q": "text",
    "cause": "causes",
    "fix": "fix",
    "If-Match": "edition",
    "Idempotency-Key": "idempotency_key",
}
"""What goes by another name in Python."""
BY_ITSELF = {"cursor", "limit", "Cmdb-Actor"}
"""What the client gives without being told."""


@pytest.mark.parametrize("name", all_operations())
def test_every_operation_has_its_method(name: str) -> None:
    """It is called so, and takes every parameter of the route and every field of its body."""
    operation = all_operations()[name]
    method = getattr(Client, ELSEWHERE.get(name, name.replace("-", "_")))
    taken = {
        *inspect.signature(method).parameters,
        "key" if name in {"relate", "unrelate", "confirm"} else "",
    }
    ends = {"from": "start", "to": "end"} if name == "path" else {}
    plural = {"key": "keys"} if name == "spof" else {}
    for parameter in operation.get("parameters", ()):
        spelt = parameter["name"]
        assert spelt in BY_ITSELF or {**ELSEWHERE, **ends, **plural}.get(spelt, spelt) in taken, spelt
    for content in operation.get("requestBody", {}).get("content", {}).values():
        body = content["schema"].get("$ref", "").rpartition("/")[2]
        fields = description()["components"]["schemas"][body]["properties"] if body else {}
        assert fields.keys() <= taken


def test_it_asks_after_the_server(shop: Client) -> None:
    """Whether it runs, what it knows, and its figures."""
    assert shop.live() == {"status": "live"}
    assert shop.ready()["revision"] == 1
    assert "cmdb_items 4.0" in shop.metrics()


def test_it_chooses_what_a_dry_run_shows(shop: Client) -> None:
    """By part and by key; and causes by a selection."""
    estate = b"items: [{key: new-a, class: server}, {key: new-b, class: server}]"
    shown = shop.import_file("more.yaml", estate, dry_run=True, only=["added"], match="new-a")
    assert [one["key"] for one in shown["steps"]] == ["new-a"]
    assert shop.explain([], "checkout", select="class:database")["hit"] is True
    assert [one["kind"] for one in shop.data(fix=["owner"])["fixes"]] == ["owner"] * 4
    assert list(shop.not_hit(select="class:database")) == []
    assert [one["key"] for one in shop.services()] == ["checkout"]
