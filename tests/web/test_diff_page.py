"""The page of what differs between two moments, without a browser."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from api.service import Service
from api.service.editing import Edit
from api.service.relating import Link
from cmdb.model import Actor
from tests.web.conftest import fill
from tests.web.estates import HOSTILE
from tests.web.reading import addresses, heading, inline, part, words

ADA = Actor("ada")


@pytest.fixture
def altered(at_noon: Service, record: TestClient) -> TestClient:
    """A client after an item was changed, one added, one retired, and two relations altered."""
    at_noon.editing.edit(Edit("shop", {"tier": 2, "users": None}, ADA, None, None))
    at_noon.editing.edit(Edit("lone", {"status": "retired"}, ADA, None, None))
    fill(at_noon, b"items: [{key: new, class: server, name: New one}]")
    at_noon.relating.relate(Link("a", "runs_on", "new", ADA), {})
    at_noon.relating.unrelate(Link("shop", "depends_on", "shop-tls", ADA, None))
    return record


def test_what_differs_is_told_as_rows_and_sentences(altered: TestClient) -> None:
    """The answer first; field, before and after; relations in words."""
    page = altered.get("/diff?from=@1&to=live").text
    twin = altered.get("/api/v1/diff?from=@1&to=live").json()

    assert heading(page) == twin["detail"] == "Three items and two relations differ."
    assert "From Fri 20 Nov 12:00 UTC (revision 1) to today" in words(page)
    items = part(page, "Items")
    assert "Shop application service Tier 1 2 Users 29,300 nothing" in items
    assert "lone server · retired Status nothing retired" in items
    assert "New one server added" in items
    assert part(page, "Relations") == (
        "Relations 2 added a runs on New one removed Shop depends on Shop certificate"
    )
    assert "/api/v1/diff?from=%401&to=live" in addresses(page)


def test_an_item_that_is_there_no_more_is_shown_as_it_was(altered: TestClient) -> None:
    """Each link leads to the moment that has what it names."""
    page = altered.get("/diff?from=live&to=@1").text

    assert "New one server removed" in part(page, "Items")
    assert "/items/new" in addresses(page)
    assert "/items/shop?view=%401" in addresses(page)
    for link in addresses(page):
        assert altered.get(link).status_code == 200, link
    assert inline(page) == []


def test_differences_are_narrowed_to_a_class(altered: TestClient) -> None:
    """With their number beside it, and a way back to all."""
    page = altered.get("/diff?from=@1&to=live&class=server").text

    assert "All 3 Application service 1 Server 2" in words(page)
    assert "Shop" not in part(page, "Items")
    assert part(page, "Relations") == "Relations 1 added a runs on New one"
    none = words(altered.get("/diff?from=@1&to=live&class=site").text)
    assert "No item of this class differs. Show every class" in none


def test_nothing_differs_is_an_answer(record: TestClient) -> None:
    """An empty page says which kind of empty it is."""
    page = record.get("/diff?from=@1&to=live").text

    assert heading(page) == "Nothing differs."
    assert "Both moments hold the same" in words(page)


def test_moments_are_chosen_in_peoples_words(at_noon: Service, altered: TestClient) -> None:
    """Today, a revision with its reason, after go-live of a project, or a date and time."""
    fill(at_noon, b"items: [{key: apollo, class: project, name: Apollo}]")
    page = altered.get("/diff").text

    for said in ("today", "after go-live of Apollo", "revision 2: shop: tier and users edited"):
        assert f">{said}<" in page or said in words(page)
    typed = altered.get("/diff?from=@1&from_at=2026-11-20T12:00&to=live&to_at=", follow_redirects=False)
    assert typed.status_code == 303
    assert typed.headers["location"] == "/diff?from=%402026-11-20T12%3A00Z&to=live"
    assert altered.get(typed.headers["location"]).status_code == 200


def test_a_plan_is_compared_with_today(at_noon: Service, record: TestClient) -> None:
    """What a go-live will alter."""
    fill(at_noon, b"items: [{key: apollo, class: project, name: Apollo}]")
    at_noon.editing.edit(Edit("shop", {"tier": 3}, ADA, None, "project:apollo"))
    page = words(record.get("/diff?from=live&to=live%2Bproject:apollo").text)

    assert "From today to after go-live of apollo" in page
    assert "Tier 1 3" in page


@pytest.mark.parametrize(
    ("address", "status"), [("/diff?from=noon", 422), ("/diff?from=@99", 404), ("/diff?from_at=noon", 422)]
)
def test_a_moment_that_is_none_is_refused(record: TestClient, address: str, status: int) -> None:
    """With the page that says what to do."""
    answer = record.get(address)

    assert answer.status_code == status
    assert "Ask again" in answer.text


def test_very_many_differences_are_shown_in_part(holding: Callable[[bytes], TestClient]) -> None:
    """50 items at once with the way to the others; relations behind a fold, the rest as its number."""
    many = "\n".join(
        [
            "items:",
            *(f"  - {{key: s{one}, class: server}}" for one in range(300)),
            "relations:",
            *(f"  - {{source: s{one}, type: depends_on, target: s0}}" for one in range(1, 300)),
        ]
    )
    client = holding(many.encode())
    page = words(client.get("/diff?from=@0").text)

    assert "1 to 50 of 300" in page
    assert "and 49 more, all in the JSON" in page
    assert "251 to 300 of 300" in words(client.get("/diff?from=@0&start=250").text)
    hub = words(client.get("/items/s0").text)
    assert "Is needed by 299 relations" in hub
    assert "and 74 more, all in the JSON" in hub


def test_hostile_names_stay_text(holding: Callable[[bytes], TestClient]) -> None:
    """In rows and in sentences."""
    page = holding(HOSTILE).get("/diff?from=@0").text

    assert "<img" not in page
    assert inline(page) == []
