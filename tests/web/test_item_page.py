"""The page of one item, and that of its history, without a browser."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import Service
from api.service.editing import Edit
from api.settings import Settings
from cmdb.model import Actor
from tests.web.conftest import fill
from tests.web.estates import HOSTILE, LONG
from tests.web.reading import addresses, heading, inline, part, words

Holding = Callable[[bytes], TestClient]
ADA = Actor("ada")


def edit(service: Service, key: str, into: str | None = None, **values: object) -> None:
    """Change an item."""
    service.editing.edit(Edit(key, values, ADA, None, into))


def test_an_item_says_what_it_is_how_it_is_and_who_answers_for_it(record: TestClient) -> None:
    """Name, tier, state in words, owner, on call, support, key."""
    page = record.get("/items/shop").text

    assert heading(page) == "T1 Shop"
    head = words(page[page.index("<main") : page.index("Three answers")])
    for said in ("Application service", "Owner Operations", "On call ext. 7", "Supported by night", "shop"):
        assert said in head
    assert "no harm known today" not in head
    assert "degraded" in head
    assert "Shop is degraded: it uses Search, which runs on idle, which is in maintenance." in head


def test_three_answers_stand_first(record: TestClient) -> None:
    """What follows, what takes it out, what comes up: each as the use cases say."""
    page = record.get("/items/shop").text
    impact = record.post("/api/v1/impact", json={"causes": ["shop"]}).json()
    alone = record.get("/api/v1/spof?key=shop").json()["items"][0]

    answers = part(page, "Three answers")
    assert impact["detail"] in answers
    assert f"{alone['total']} single points of failure" in answers
    assert "Feed" in answers
    assert "Shop certificate expires in 9 days , Sun 29 Nov 12:00 UTC" in answers
    assert "Maintenance of idle is to end in 10 days" in answers
    assert 'href="/impact?cause=shop"' in page


def test_relations_read_both_ways_the_worst_first(record: TestClient) -> None:
    """A retired item first, then what is hurt, then false redundancy; each with its margin."""
    page = record.get("/items/shop").text
    needs = part(page, "Shop needs")

    order = [needs.index(name) for name in ("gone retired", "Search", "Shop pool", "Shop certificate")]
    assert order == sorted(order)
    assert "Search out" in needs
    assert "works on without it: browsing" in needs
    assert "2 of 2 left, needs 1, can lose 1 more" in needs
    assert "False redundancy: both members hang on Feed" in needs
    assert "is needed by Till T2" in part(page, "Is needed by")
    assert part(page, "Also linked") == "Also linked carries no harm: is monitored by Monitoring"


def test_facts_are_words_with_their_source(record: TestClient) -> None:
    """Durations, numbers and links read as people write them; only web addresses become links."""
    facts = part(record.get("/items/shop").text, "Facts")

    assert "Restore within 30 min native, just now" in facts
    assert "Users 29,300" in facts
    assert 'href="https://example.org/shop"' in record.get("/items/shop").text
    assert 'href="javascript' not in record.get("/items/a").text


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("gone", "gone is retired. It hits nothing today."),
        ("next", "next is planned. It hits nothing today."),
        ("lone", "lone has no relations. What it hits is unknown, not nothing."),
        ("feed", "nobody is known to own it"),
        ("idle", "out maintenance"),
        ("pool", "2 of 2 left, needs 1, can lose 1 more"),
        ("ops", "Operations has no relations."),
    ],
)
def test_what_is_special_about_an_item_is_said(record: TestClient, key: str, said: str) -> None:
    """Retired, planned, unrelated, unowned, in maintenance, a group, no configuration item."""
    assert said in words(record.get(f"/items/{key}").text)


def test_an_unknown_key_is_not_found_and_names_what_is_close(record: TestClient) -> None:
    """The page that says so, for the item and for its history."""
    for address in ("/items/shopp", "/items/shopp/history"):
        answer = record.get(address, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "Close to it: shop" in words(answer.text)


@pytest.mark.parametrize("address", ["/items/shop", "/items/ops", "/items/gone", "/items/shop/history"])
def test_every_link_leads_somewhere_and_nothing_is_inline(record: TestClient, address: str) -> None:
    """Its JSON twin is among them."""
    page = record.get(address).text

    assert inline(page) == []
    assert f"/api/v1{address}" in addresses(page)
    for link in addresses(page):
        assert record.get(link).status_code == 200, link


def test_another_moment_is_said_and_links_keep_it(at_noon: Service, record: TestClient) -> None:
    """As it was then, with a way back to today."""
    edit(at_noon, "shop", tier=3)
    then = record.get("/items/shop?view=@1").text

    assert heading(then) == "T1 Shop"
    assert heading(record.get("/items/shop").text) == "T3 Shop"
    assert "You are looking at the map as of Fri 20 Nov 12:00 UTC, not at today. Back to today" in words(then)
    assert "/items/pool?view=%401" in addresses(then)


def test_a_history_tells_who_changed_what_from_what_to_what(at_noon: Service, record: TestClient) -> None:
    """Newest first, plans too, each with the way to how it was then."""
    edit(at_noon, "shop", tier=2, restore_within=None)
    page = record.get("/items/shop/history").text
    told = words(page)

    assert heading(page) == "History of Shop"
    assert "2 events since Fri 20 Nov 12:00 UTC, newest first." in told
    assert "by ada (declared) What was changed Field Before After" in told
    assert "Tier 1 2" in told
    assert "Restore within 30 min nothing" in told
    assert told.index("by ada") < told.index("Created")
    assert "Relation added: Shop uses Search (still works browsing)" in told
    assert "/items/shop?view=%402" in addresses(page)
    assert "/diff?from=%401&to=%402" in addresses(page)


def test_plans_stand_in_a_history_as_plans(at_noon: Service, record: TestClient) -> None:
    """What somebody only means to do is not told as done."""
    edit(at_noon, "shop", owner="night")
    with_plan = b"items: [{key: apollo, class: project, name: Apollo}]"
    fill(at_noon, with_plan)
    edit(at_noon, "shop", "project:apollo", tier=4)
    told = words(record.get("/items/shop/history").text)

    assert "In the plan of project:apollo: change planned" in told
    assert "In the plan of project:apollo: change planned" in words(record.get("/items/shop").text)


def test_a_history_of_one_event_says_that_nothing_has_changed(record: TestClient) -> None:
    """The kind of empty that it is."""
    assert "Nothing has changed since." in words(record.get("/items/lone/history").text)


def test_a_long_history_goes_on_over_pages(at_noon: Service, record: TestClient) -> None:
    """50 events at once, with the way to the others."""
    for number in range(52):
        edit(at_noon, "lone", description=f"number {number}")
    first = record.get("/items/lone/history").text

    assert "1 to 50 of 53" in words(first)
    assert "51 to 53 of 53" in words(record.get("/items/lone/history?from=50").text)
    assert "/items/lone/history?from=50" in addresses(first)


def test_hostile_and_long_names_are_text(holding: Holding) -> None:
    """No name breaks out of the page."""
    hostile = holding(HOSTILE)
    for key in ("bad", "worse", "quoted"):
        for address in (f"/items/{key}", f"/items/{key}/history"):
            page = hostile.get(address).text
            assert "<img" not in page
            assert inline(page) == []
    assert holding(LONG).get(f"/items/{'k' * 200}").status_code == 200


def test_while_the_store_is_away_an_item_can_still_be_read(at_noon: Service) -> None:
    """Only its history cannot, and the page says so."""
    client = TestClient(create_app(at_noon, Settings(None)), base_url="http://127.0.0.1")
    client.get("/items/shop")
    at_noon.workspace.store.close()
    page = words(client.get("/items/shop").text)

    assert "The database cannot be reached." in page
    assert "The history cannot be read until the database is back." in page
    assert client.get("/items/shop/history").status_code == 503


def test_rows_elsewhere_lead_to_items(record: TestClient) -> None:
    """From search results, and from the reasons in the explorer."""
    assert "/items/shop" in addresses(record.get("/search?q=shop").text)
    assert "/items/shop" not in addresses(record.get("/search?q=shop&cause=feed").text)
    assert "/items/shop" in addresses(record.get("/impact?cause=feed&why=shop").text)
