"""The front page: how things stand, and the way to everything else."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.web.reading import addresses, heading, inline, words

Holding = Callable[[bytes], TestClient]

INCIDENT = b"""
items:
  - {key: shop, class: application_service, name: Shop, tier: 1}
  - {key: db, class: database, name: Shop database}
  - {key: INC-7, class: incident, name: Shop database is gone, priority: 1, opened_at: "2026-11-01T03:05:00Z"}
  - {key: INC-8, class: incident, name: Over, priority: 1, stage: resolved}
relations:
  - {source: shop, type: depends_on, target: db}
  - {source: INC-7, type: hits, target: db, state: out}
  - {source: INC-8, type: hits, target: shop, state: out}
"""


def test_the_front_page_says_what_is_wrong(client: TestClient) -> None:
    """The same sentence, states and counts as the JSON; no incident, but something in maintenance."""
    page = client.get("/").text
    twin = client.get("/api/v1/now").json()

    assert heading(page) == twin["detail"] == "No open incident. Intranet is degraded."
    told = words(page)
    for one in twin["hurt"]:
        assert one["name"] in told
    assert "out srv-131 server, in maintenance" in told
    assert f"degraded 1 of {twin['services']['total']}" in told
    assert "/api/v1/now" in addresses(page)


def test_open_incidents_stand_first(holding: Holding) -> None:
    """With their priority and since when; what is resolved is not told."""
    client = holding(INCIDENT)
    page = client.get("/").text

    assert heading(page) == "One incident is open. Shop is out."
    wrong = words(page)
    assert "incident, priority 1 Shop database is gone since Sun 1 Nov 03:05 UTC" in wrong
    assert "out Shop database database, Shop database is gone" in wrong
    assert "Over" not in wrong


def test_an_incident_that_says_not_what_it_hits_is_told_too(holding: Holding) -> None:
    """Nobody has found out yet; it is open all the same."""
    told = b"items: [{key: INC-7, class: incident, name: Tills are slow, priority: 1}]"
    page = holding(told).get("/").text
    assert heading(page) == "One incident is open. Nothing is hurt."
    assert "incident, priority 1 Tills are slow" in words(page)


def test_changes_that_wait_are_counted(holding: Holding) -> None:
    """Only those that are submitted and nobody has assessed yet."""
    client = holding(b"items: [{key: CHG-1, class: change, name: Patch, stage: submitted}]")
    assert "Changes 1 waits to be assessed" in words(client.get("/").text)


def test_coverage_is_told_with_its_bar_and_links(client: TestClient) -> None:
    """Each count leads to the data behind it."""
    page = client.get("/").text
    coverage = client.get("/api/v1/data").json()["coverage"]

    assert coverage["detail"] in words(page).replace(" ,", ",").replace(" .", ".")
    assert {"/data/unreached", "/data/unmapped", "/data/stale"} <= addresses(page)
    assert f'width="{160 * coverage["reach_service"] / coverage["cis"]:.1f}"' in page


def test_nothing_wrong_is_said_in_a_few_words(holding: Holding) -> None:
    """A page on which nothing is wrong bears no chip."""
    page = holding(b"items: [{key: a, class: application_service}]").get("/").text

    assert heading(page) == "No open incident. Nothing is hurt."
    assert "1 services" not in words(page)
    assert "chip" not in page


def test_another_moment_is_kept_by_all_that_is_asked_from_here(client: TestClient) -> None:
    """The band, the doors, the search and the sentence."""
    page = client.get("/?view=@5").text

    assert "You are looking at the map as of" in words(page)
    assert {"/services?view=%405", "/search?view=%405"} & addresses(page) == {"/services?view=%405"}
    assert page.count('name="view" value="@5"') == 2
    assert inline(page) == []


@pytest.mark.parametrize("path", ["/", "/items/tills", "/items/tills/history", "/services?owner=team-shop"])
def test_a_moment_typed_into_the_bar_becomes_an_address(client: TestClient, path: str) -> None:
    """A form that works without scripts, and keeps the rest of the address."""
    sign = "&" if "?" in path else "?"
    answer = client.get(f"{path}{sign}as_of=2026-11-20T12:00", follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{path}{sign}view=%402026-11-20T12%3A00Z"


def test_a_plan_is_looked_at_by_its_owners_name(client: TestClient) -> None:
    """And there is a way back to today that keeps the rest."""
    page = client.get("/impact?cause=power-f2&tab=all&view=live%2Bproject:web-shop").text
    told = words(page)

    assert "Looking at after go-live of Web shop replacement" in told
    assert "You are looking at the map after go-live of Web shop replacement, not at today." in told
    assert "/impact?cause=power-f2&tab=all" in addresses(page)
    assert '<option value="live+project:web-shop" selected>' in page


def test_a_moment_that_cannot_be_read_is_refused_with_what_to_do(client: TestClient) -> None:
    """As any view in an address."""
    answer = client.get("/?as_of=yesterday", headers={"Accept": "text/html"})

    assert answer.status_code == 422
    assert "yesterday" in words(answer.text)
