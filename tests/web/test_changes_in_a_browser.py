"""Changes in a real browser: registered, read, assessed and submitted, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from api.service import Service, open_service
from tests.web.changes import register
from tests.web.conftest import IN_MEMORY, fill, noon, serving
from tests.web.estates import RECORD
from tests.web.test_records_in_a_browser import fits
from tests.web.watching import title, watched

pytestmark = pytest.mark.browser


@pytest.fixture
def service() -> Iterator[Service]:
    """Yield the use cases over one service and what it needs."""
    with open_service(IN_MEMORY, noon) as service:
        fill(service, RECORD)
        yield service


@pytest.fixture
def place(service: Service) -> Iterator[str]:
    """Yield the address of a server over them."""
    with serving(service) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
def page(request: pytest.FixtureRequest, browser: Browser, place: str) -> Iterator[Page]:
    """Yield a page on which a refusal by the policy, or any other message, is a fault."""
    with watched(browser, place, scripts=request.param) as page:
        yield page


def test_a_change_is_registered_assessed_and_submitted(page: Page) -> None:
    """A mistyped key is named beside its field; what it does is read before it is submitted."""
    page.goto("/")
    page.locator(".doors").get_by_role("link", name="Changes").click()
    title(page, "No change is registered yet.")
    page.get_by_role("link", name="Register a change").click()
    page.get_by_label("Title").fill("Restart the shop databases")
    first, second = (page.get_by_role("group", name=f"Row {number}") for number in (1, 2))
    for row, key in ((first, "aa"), (second, "b")):
        row.get_by_label("Item, by its key").fill(key)
        row.get_by_label("What is done").select_option(label="restart")
    second.get_by_label("Step").fill("2")
    page.get_by_label("Window, start").fill("2026-12-05T22:00")
    page.get_by_label("Window, end").fill("2026-12-05T23:00")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Register the change").click()

    page.get_by_role("link", name="Row 1, item").click()
    expect(first.get_by_label("Item, by its key")).to_have_attribute("aria-invalid", "true")
    first.get_by_label("Item, by its key").fill("a")
    page.get_by_role("button", name="Register the change").click()

    title(page, "CHG-1 Restart the shop databases")
    expect(page.get_by_role("heading", name="Not assessed yet.")).to_be_visible()
    page.get_by_role("button", name="Assess").click()
    expect(page.get_by_role("heading", name="Shop and Till are at risk if step 1 fails.")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("CHG-1 submitted", exact=False)).to_be_visible()
    page.get_by_role("button", name="Assess again").click()
    expect(page.locator(".head .standing")).to_have_text("assessed")
    expect(page.get_by_role("button", name="Submit")).to_have_count(0)


def test_a_state_leads_to_its_reason(page: Page, service: Service) -> None:
    """The explorer asks the same of the map that was assessed."""
    both = [{"key": "a", "action": "restart"}, {"key": "b", "action": "restart"}]
    key = register(service, {"title": "Restart both", "affects": both})
    page.goto(f"/changes/{key}")
    row = page.get_by_role("row").filter(has_text="Shop")
    row.get_by_role("link", name="out").last.click()
    title(page, "Shop")
    expect(page.locator("#why")).to_contain_text("Shop pool")


def test_cancelling_is_asked_once_more(page: Page, service: Service) -> None:
    """One press opens what it means, the next does it."""
    key = register(service, {"title": "Never mind"}, assessed=False)
    page.goto(f"/changes/{key}")
    expect(page.get_by_role("button", name=f"Cancel {key}")).to_be_hidden()
    page.get_by_text("Cancel it").click()
    page.get_by_role("button", name=f"Cancel {key}").click()
    expect(page.locator(".head .standing")).to_have_text("cancelled")


def test_the_door_and_the_rows_are_walked_by_keys(browser: Browser, place: str, service: Service) -> None:
    """First g, then c; then j and Enter."""
    register(service, {"title": "By keys"}, assessed=False)
    page = browser.new_page(base_url=place)
    page.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    title(page, "1 change")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    title(page, "By keys")
    page.close()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_longest_words_fit(browser: Browser, place: str, service: Service, width: int) -> None:
    """Titles and names of 200 characters without a blank, and a form with faults."""
    long = "W" * 200
    key = register(
        service,
        {
            "title": long,
            "reason": long,
            "risk_of_not_doing": {"text": long, "deadline": "2026-12-31"},
            "affects": [{"unregistered": long, "action": "patch"}, {"key": "feed", "action": "restart"}],
            "window": {"start": "2026-12-05T22:00", "end": "2026-12-06T23:00", "zone": "Europe/Berlin"},
            "plans": {"backout": {"text": long, "minutes": 25}},
            "implementer": long,
        },
    )
    page = browser.new_page(base_url=place, viewport={"width": width, "height": 800})
    for address in ("/changes", f"/changes/{key}", "/changes/new"):
        page.goto(address)
        assert fits(page), address
    page.get_by_role("group", name="Row 1").get_by_label("Item, by its key").fill(long)
    page.get_by_role("button", name="Register the change").click()
    expect(page.locator("#summary")).to_be_focused()
    assert fits(page)
    page.close()
