"""The pages about items, moments and services in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from api.service import open_service
from tests.web.conftest import IN_MEMORY, fill, noon, serving
from tests.web.estates import OWNED, RECORD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def records() -> Iterator[str]:
    """Yield the address of a server over one service and what it needs."""
    with open_service(IN_MEMORY, noon) as service:
        fill(service, RECORD)
        fill(service, OWNED)
        with serving(service) as address:
            yield address


@pytest.fixture
def page(browser: Browser, records: str) -> Iterator[Page]:
    """Yield a page on which a refusal by the policy, or any other message, is a fault."""
    page = browser.new_page(base_url=records, viewport={"width": 1280, "height": 800})
    odd: list[str] = []
    page.on("console", lambda message: odd.append(message.text))
    page.on("pageerror", lambda error: odd.append(str(error)))
    yield page
    page.close()
    assert odd == []


def fits(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    wide, client = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return bool(wide == client)


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    """On the projector and on the phone."""
    page.set_viewport_size({"width": width, "height": 800})
    for address in (
        "/items/shop",
        "/items/lone",
        "/items/shop/history",
        "/diff?from=@0&to=live",
        "/services",
        "/services?owner=ops",
    ):
        page.goto(address)
        assert fits(page), address


@pytest.mark.parametrize("width", [1280, 320])
def test_the_longest_names_fit(browser: Browser, long_site: str, width: int) -> None:
    """Names and keys of 200 characters wrap, also without a blank."""
    page = browser.new_page(base_url=long_site, viewport={"width": width, "height": 800})
    key = "k" * 200
    for address in (f"/items/{key}", "/items/feed", f"/items/{key}/history", "/diff?from=@0", "/services"):
        page.goto(address)
        assert fits(page), address
        for card in page.locator(".card table").all():
            assert card.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth"), address
    page.close()


def test_an_owner_is_chosen_and_a_service_opened(page: Page) -> None:
    """From the front page to what takes a service out, and on to the explorer."""
    page.goto("/")
    page.locator(".doors").get_by_role("link", name="My services").click()
    page.get_by_label("Services of").select_option("ops")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Operations:")
    page.get_by_role("link", name="Shop", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Shop")
    page.get_by_role("link", name="What if it fails").click()
    expect(page.get_by_label("State of Shop")).to_be_visible()


def test_rows_are_walked_by_keys(page: Page) -> None:
    """As in the explorer: j and k walk, Enter opens."""
    page.goto("/items/shop")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("gone")


def test_moments_are_compared_without_scripts(browser: Browser, records: str) -> None:
    """Plain forms: a known moment, or a date and time."""
    context = browser.new_context(java_script_enabled=False, base_url=records)
    page = context.new_page()
    page.goto("/diff")
    page.get_by_label("or at, in UTC").first.fill("2026-11-20T11:00")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("differ.")
    expect(page.get_by_text("From Fri 20 Nov 11:00 UTC to today.")).to_be_visible()
    page.goto("/services")
    page.get_by_label("Services of").select_option("ops")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Operations:")
    context.close()
