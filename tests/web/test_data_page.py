"""The page of the data, without a browser: what it tells, and each fix done from its row."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import Service, open_service
from api.service.editing import Edit
from api.service.relating import Link
from api.settings import Settings
from cmdb.errors import Unavailable
from cmdb.model import Actor
from tests.web.conftest import IN_MEMORY, fill, noon
from tests.web.reading import addresses, heading, inline, part, words

ESTATE = b"""
items:
  - {key: ops, class: team, name: Operations, on_call: "ext. 7"}
  - {key: shop, class: application_service, name: Shop, tier: 1, owner: ops}
  - {key: db, class: database, name: Orders DB, support_group: ops}
  - {key: lone, class: server, name: "<img src=x onerror=alert(1)>"}
  - {key: source:scan, class: source, name: data source scan, unresolved: [shop uses orders db]}
relations:
  - {source: shop, type: depends_on, target: db, known: inferred}
"""
BOB = Actor("bob")


@pytest.fixture
def shop() -> Iterator[Service]:
    """Yield use cases over an estate that lacks one thing of each kind, at noon on 20 November 2026."""
    with open_service(IN_MEMORY, noon) as service:
        fill(service, ESTATE)
        yield service


@pytest.fixture
def asked(shop: Service) -> TestClient:
    """A client of its pages, that does not follow where it is sent."""
    return TestClient(create_app(shop, IN_MEMORY), base_url="http://127.0.0.1", follow_redirects=False)


def row(page: str, question: str) -> str:
    """Return the row that says something."""
    rows: list[str] = re.findall(r'<li class="fix".*?</li>', page, re.DOTALL)
    return next(one for one in rows if question in words(one))


def form(row: str, do: str) -> dict[str, str]:
    """Return what the form of a row with this button would send."""
    forms = re.findall(r"<form\b.*?</form>", row, re.DOTALL)
    found = next(one for one in forms if f'value="{do}"' in one)
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', found)
    return {"do": do, **{name: unescape(value) for name, value in fields}}


def press(client: TestClient, question: str, do: str, *, at: str = "/data", **typed: str) -> Any:  # noqa: ANN401
    """Press a button of a row, as a browser with scripts does."""
    sent = form(row(client.get(at).text, question), do) | typed
    return client.post("/data/fixes", data=sent, headers={"HX-Request": "true", "Cmdb-Actor": "ada"})


def test_the_page_says_what_the_twin_says(client: TestClient) -> None:
    """The sentence first; every number as in the document, and each opens to as many rows."""
    page, twin = client.get("/data").text, client.get("/api/v1/data").json()
    said = words(page)

    assert heading(page) == twin["coverage"]["detail"]
    assert twin["detail"] in said.replace(heading(page), f"{heading(page)}", 1)
    assert [words(one) for one in re.findall(r"<p><b>(.*?)</b>", page)] == [
        one["question"] for one in twin["fixes"]
    ]
    for one in twin["fixes"]:
        assert f"{one['question']} {one['tier_1'] + one['tier_2']} answer" in said
        assert one["why"] in said
    ways = twin["relations"]
    for number, what, name in (
        (len(twin["unmapped"]), "without relations", "unmapped"),
        (twin["cis"] - twin["owned"], "without an owner", "unowned"),
        (ways["stale"], "stale relations", "stale"),
        (twin["cis"] - twin["reach_service"], "that reach no service", "unreached"),
        (ways["total"] - ways["verified"], "relations never verified", "unconfirmed"),
    ):
        assert f"{number} {what}" in said
        assert heading(client.get(f"/data/{name}").text).startswith(f"{number} ")
    for one in twin["teams"]:
        numbers = [one["relations"][name] for name in ("total", "declared", "observed", "inferred", "stale")]
        assert f"{one['name'][0].upper()}{one['name'][1:]} {one['cis']} " in part(page, "Quality by team")
        assert " ".join(map(str, numbers)) in part(page, "Quality by team")
    for one in twin["sources"]:
        assert f"{one['source']} {one['items']} {one['relations']}" in part(page, "Sources")


def test_every_link_leads_somewhere_and_nothing_is_inline(client: TestClient) -> None:
    """Each number opens to what it counts. The page for imports is reached by its own button."""
    page = client.get("/data").text

    assert inline(page) == []
    found = addresses(page)
    assert {"/import", "/api/v1/data", "/data/stale", "/data?select=owner%3Anone"} <= found
    some = sorted(one for one in found if "select=" in one)[::19]
    for link in [
        *some,
        *(one for one in found if "select=" not in one and one not in {"/import", "/data/fixes"}),
    ]:
        answer = client.get(link)
        assert answer.status_code == 200, link
        assert inline(answer.text) == []


def test_a_relation_is_confirmed_in_its_row(asked: TestClient, shop: Service) -> None:
    """The row alone comes back, says what was done and by whom, and can be undone."""
    done = press(asked, "Shop depends on Orders DB?", "confirm")

    assert done.status_code == 200
    assert words(done.text).startswith(
        "Shop depends on Orders DB: confirmed. By ada, Fri 20 Nov 12:00 UTC, just now. Undo"
    )
    (relation,) = shop.items.show("shop")["relations"]
    assert relation["attributes"] == {
        "known": "declared",
        "verified_at": "2026-11-20T12:00:00Z",
        "verified_by": "ada",
    }
    undo = asked.post(
        "/data/fixes", data=form(done.text, "undo"), headers={"HX-Request": "true", "Cmdb-Actor": "ada"}
    )
    assert words(undo.text).startswith("Revision 2 undone: Shop depends on Orders DB: confirmed. By ada")
    assert shop.items.show("shop")["relations"][0]["attributes"] == {"known": "inferred"}


def test_a_relation_is_removed_after_asking_once(asked: TestClient, shop: Service) -> None:
    """The fold repeats why it is doubted; what the button says is what it does."""
    shown = row(asked.get("/data").text, "Shop depends on Orders DB?")
    assert "Remove it? It was only inferred. Nobody has verified it yet." in words(shown)
    assert "Operations ext. 7 owns Shop and supports Orders DB" in words(shown)
    done = press(asked, "Shop depends on Orders DB?", "deny")
    assert words(done.text).startswith("Shop depends on Orders DB: removed. By ada")
    assert shop.items.show("shop")["relations"] == []


def test_an_owner_is_assigned_in_its_row(asked: TestClient, shop: Service) -> None:
    """Chosen from those known, or typed; a slip keeps what was typed and says what may be meant."""
    page = asked.get("/data").text
    assert '<option value="ops">Operations</option>' in page
    slip = press(asked, "Who owns Orders DB?", "assign", owner="opps")
    assert slip.status_code == 404
    assert "Nobody is called “opps”. Did you mean ops?" in words(slip.text)
    assert 'value="opps"' in slip.text
    nothing = press(asked, "Who owns Orders DB?", "assign", owner=" ")
    assert nothing.status_code == 422
    assert "Nothing was given. Choose one, or type a key." in words(nothing.text)
    again = form(slip.text, "assign") | {"owner": "operations"}
    done = asked.post("/data/fixes", data=again, headers={"HX-Request": "true"})
    assert words(done.text).startswith("Orders DB belongs to Operations. By ")
    assert shop.items.show("db")["attributes"]["owner"] == "ops"


def test_a_reference_is_resolved_in_its_row(asked: TestClient, shop: Service) -> None:
    """By what it may mean, or by a key that is typed."""
    assert "It is Orders DB" in words(row(asked.get("/data").text, "What is “orders db”?"))
    slip = press(asked, "What is “orders db”?", "resolve", means="dbb")
    assert slip.status_code == 404
    assert "Nothing has the key “dbb”. Close to it: db." in words(slip.text)
    done = press(asked, "What is “orders db”?", "resolve", means="db")
    assert words(done.text).startswith("Shop uses Orders DB: added. By ada")
    assert shop.data.judge()["unresolved"] == []


def test_a_form_sent_twice_does_it_once(asked: TestClient, shop: Service) -> None:
    """The second answer is the first."""
    sent = form(row(asked.get("/data").text, "Shop depends on Orders DB?"), "confirm")
    first, second = (asked.post("/data/fixes", data=sent, headers={"HX-Request": "true"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert words(first.text) == words(second.text)
    assert shop.workspace.store.head().revision == 2


def test_somebody_faster_is_told_of(asked: TestClient, shop: Service) -> None:
    """The row shows how it is now, and takes a decision about that."""
    page = asked.get("/data").text
    confirm = form(row(page, "Shop depends on Orders DB?"), "confirm")
    assign = form(row(page, "Who owns Orders DB?"), "assign") | {"owner": "ops"}
    link = Link("shop", "depends_on", "db", BOB)
    shop.relating.relate(link, {"role": "main"})
    shop.editing.edit(Edit("db", {"owner": "dev"}, BOB))
    late = asked.post("/data/fixes", data=confirm, headers={"HX-Request": "true"})
    assert late.status_code == 412
    assert "Somebody was faster, and nothing was saved." in words(late.text)
    assert "Shop depends on Orders DB: changed, by bob, just now. It is here" in words(late.text)
    owned = asked.post("/data/fixes", data=assign, headers={"HX-Request": "true"})
    assert owned.status_code == 412
    assert "by bob, just now. It belongs to dev." in words(owned.text)
    again = asked.post("/data/fixes", data=form(late.text, "confirm"), headers={"HX-Request": "true"})
    assert again.status_code == 200
    shop.relating.unrelate(link)
    gone = asked.post("/data/fixes", data=confirm | {"once": "x"}, headers={"HX-Request": "true"})
    assert gone.status_code == 404
    assert "Shop depends on Orders DB: it is not there." in words(gone.text)
    assert "<button" not in gone.text


def test_what_was_changed_since_is_not_undone(asked: TestClient, shop: Service) -> None:
    """The row says so, and keeps its button."""
    done = press(asked, "Who owns Orders DB?", "assign", owner="ops")
    shop.editing.edit(Edit("db", {"owner": "dev"}, BOB))
    refused = asked.post("/data/fixes", data=form(done.text, "undo"), headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert "Revision 2 is not undone: 1 thing was changed since." in words(refused.text)
    assert "Orders DB belongs to Operations." in words(refused.text)


def test_without_scripts_the_page_comes_back_at_the_row(asked: TestClient) -> None:
    """It says what was done where the row stood; the other rows keep their places."""
    before = asked.get("/data").text
    sent = form(row(before, "Shop depends on Orders DB?"), "confirm")
    answer = asked.post("/data/fixes", data=sent)
    assert answer.status_code == 303
    target = urlsplit(answer.headers["Location"])
    assert (target.path, parse_qs(target.query)["place"]) == ("/data", [sent["place"]])
    page = asked.get(answer.headers["Location"]).text
    assert f'id="{target.fragment}"' in page
    rows = [words(one) for one in re.findall(r'<li class="fix".*?</li>', page, re.DOTALL)]
    assert rows[int(sent["place"])].startswith("Shop depends on Orders DB: confirmed. By ")
    left = [words(one) for one in re.findall(r"<p><b>(.*?\?.*?)</b>", before)]
    assert [one for one in left if one not in words(page)] == ["Shop depends on Orders DB?"]
    undone = asked.post("/data/fixes", data=form(row(page, "confirmed"), "undo"))
    assert undone.status_code == 303
    assert "Revision 2 undone" in words(asked.get(undone.headers["Location"]).text)


def test_without_scripts_a_refusal_is_a_page_too(asked: TestClient) -> None:
    """Of its status, with the fault in the row and all else as it was."""
    sent = form(row(asked.get("/data").text, "Who owns Orders DB?"), "assign") | {"owner": "opps"}
    answer = asked.post("/data/fixes", data=sent)
    assert answer.status_code == 404
    assert "Nobody is called “opps”" in words(row(answer.text, "Who owns Orders DB?"))
    assert "Quality by class" in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"do": "nonsense"},
        {"do": "confirm", "kind": "relation", "source": "a", "type": "b", "target": "c"},
        {"do": "undo", "revision": "9999"},
        {"do": "undo", "revision": "x", "kind": "owner"},
        {"do": "assign", "kind": "owner", "key": "\x00", "owner": "'; drop"},
        {
            "do": "resolve",
            "kind": "reference",
            "key": "shop",
            "means": "db",
            "page": "https://example.org/data",
        },
    ],
)
def test_nonsense_is_refused_in_a_sentence(asked: TestClient, sent: dict[str, str], shop: Service) -> None:
    """With and without scripts; nothing is written, and nobody is sent to another site."""
    for headers in ({"HX-Request": "true"}, {"Accept": "text/html"}):
        answer = asked.post("/data/fixes", data=sent, headers=headers)
        assert 400 <= answer.status_code < 500
        assert 'role="alert"' in answer.text
    assert shop.workspace.store.head().revision == 1


def test_a_page_of_another_site_cannot_fix_anything(asked: TestClient) -> None:
    """As everywhere."""
    sent = form(row(asked.get("/data").text, "Shop depends on Orders DB?"), "confirm")
    assert asked.post("/data/fixes", data=sent, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 422


def test_hostile_names_stay_text(asked: TestClient, shop: Service) -> None:
    """In rows, in lists and in files for spreadsheets."""
    shop.editing.edit(Edit("db", {"name": "=1+1<script>"}, BOB))
    shop.editing.edit(Edit("lone", {"owner": '"><i>'}, BOB))
    for address in ("/data", "/data/unmapped", "/data/cis"):
        page = asked.get(address).text
        assert "<img" not in page
        assert "<script>" not in page
        assert '"><i>' not in page
    sheet = asked.get("/data/cis.csv")
    assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "'=1+1<script>" in sheet.text


def test_another_moment_is_only_looked_at(asked: TestClient) -> None:
    """A band says so, and there is nothing to press."""
    page = asked.get("/data?view=@1").text
    assert "You are looking at the map as of" in words(page)
    assert "Shop depends on Orders DB?" in words(page)
    assert "/data/fixes" not in page


def test_the_page_can_be_narrowed(asked: TestClient) -> None:
    """To some items, and to one kind of fix."""
    page = asked.get("/data?select=class:database&fix=owner").text
    assert "Only class:database" in words(page)
    assert "Who owns Orders DB?" in words(page)
    assert "Shop depends on" not in words(page)
    assert asked.get("/data?fix=ownr", headers={"Accept": "text/html"}).status_code == 422
    assert asked.get("/data/nonsense", headers={"Accept": "text/html"}).status_code == 422


def test_an_empty_store_says_how_to_begin(empty: TestClient) -> None:
    """As the front page does."""
    assert heading(empty.get("/data").text) == "Nothing here yet."


def test_long_lists_go_on_over_pages() -> None:
    """50 rows at once, of items and of teams; nothing is cut silently."""
    rows = (f"{{key: s{one}, class: server, owner: team-{one}}}" for one in range(120))
    with open_service(IN_MEMORY, noon) as service:
        fill(service, f"items: [{', '.join(rows)}]".encode())
        client = TestClient(create_app(service, IN_MEMORY), base_url="http://127.0.0.1")
        page = client.get("/data/unmapped").text
        assert "1 to 50 of 120" in words(page)
        assert "101 to 120 of 120" in words(client.get("/data/unmapped?from=100").text)
        assert client.get("/data/unmapped.csv").text.count("\n") == 121
        assert "1 to 50 of 120" in words(client.get("/data").text)
        assert "team-99" in client.get("/data?teams=100").text


def test_without_the_store_nothing_can_be_pressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers go on from the last map; the buttons say why they do nothing, and a late form is told."""
    with open_service(Settings(tmp_path / "own.db"), noon) as service:
        fill(service, ESTATE)
        client = TestClient(create_app(service, IN_MEMORY), base_url="http://127.0.0.1")
        sent = form(row(client.get("/data").text, "Shop depends on Orders DB?"), "confirm")

        def away(*_: object, **__: object) -> None:
            raise Unavailable("gone")

        for name in ("head", "commit", "read", "sources", "recall", "item_history", "sightings"):
            monkeypatch.setattr(type(service.workspace.store), name, away)
        page = client.get("/data").text
        assert "The database cannot be reached." in words(page)
        assert 'disabled title="Nothing can be saved until the database is back."' in page
        assert "Which sources have seen what cannot be told" in words(page)
        late = client.post("/data/fixes", data=sent, headers={"HX-Request": "true"})
        assert late.status_code == 503
        assert "The database cannot be reached. Nothing was saved." in words(late.text)


# -- the part of my services


def test_my_services_tell_what_is_worth_confirming(asked: TestClient, shop: Service) -> None:
    """Three at most, of what the services need; done in the row, as on the page of the data."""
    fill(
        shop,
        b"""
items:
  - {key: till, class: application_service, name: Till, tier: 1, owner: dev}
relations:
  - {source: till, type: depends_on, target: shop}
""",
    )
    page = asked.get("/services?owner=ops").text
    twin = asked.get("/api/v1/services?owner=ops").json()
    assert [one["question"] for one in twin["confirm"]] == ["Shop depends on Orders DB?"]
    assert "Shop depends on Orders DB?" in part(page, "Worth confirming (1)")
    assert len(asked.get("/api/v1/services?owner=dev").json()["confirm"]) == 2
    assert asked.get("/api/v1/services").json()["confirm"] == []
    sent = form(row(page, "Shop depends on Orders DB?"), "confirm")
    answer = asked.post("/data/fixes", data=sent)
    assert answer.headers["Location"].startswith("/services?owner=ops&done=3&place=0")
    after = words(asked.get(answer.headers["Location"]).text)
    assert "Shop depends on Orders DB: confirmed. By " in after
    assert asked.get("/api/v1/services?owner=ops").json()["confirm"] == []
