"""What people come for, from the front page to the answer, in a real browser on the demo estate."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """Yield a page on which any message is a fault."""
    page = browser.new_page(base_url=site, viewport={"width": 1280, "height": 800})
    odd: list[str] = []
    page.on("console", lambda message: odd.append(message.text))
    page.on("pageerror", lambda error: odd.append(str(error)))
    yield page
    page.close()
    assert odd == []


def test_a_board_member_finds_why_redundancy_does_not_help(page: Page) -> None:
    """What feed F2 breaks, and why the pool of Checkout does not hold."""
    page.goto("/")
    page.get_by_label("If", exact=True).press_sequentially("feed f2")
    page.get_by_role("link", name="Power feed F2, DC North").click()

    answer = page.get_by_role("heading", level=1)
    expect(answer).to_have_text(
        "Checkout and Click & collect go out. Eight services are hit, two of them tier 1."
    )
    why = page.locator("#why")
    expect(why.get_by_role("heading")).to_have_text("Why is Checkout out?")
    expect(why).to_contain_text("which has 0 of 2 left and needs 1, because")
    expect(why).to_contain_text(
        "False redundancy: both members of Checkout DB pool hang on Power feed F2, DC North."
    )
    expect(page.locator(".held")).to_have_text(
        "Payments DB pool: 2 of 3 left, needs 2. Nothing left to lose."
    )

    why.get_by_role("link", name="Open Checkout").click()
    expect(page.get_by_text("False redundancy: both members hang on Power feed F2, DC North")).to_be_visible()


def test_a_service_owner_finds_the_certificate_that_expires(page: Page) -> None:
    """From her services to what the certificate would take out."""
    page.goto("/")
    page.locator(".doors").get_by_role("link", name="My services").click()
    page.get_by_label("Services of").select_option("team-shop")
    expect(page.get_by_role("heading", level=1)).to_contain_text("one thing expires within 30 days")

    checkout = page.get_by_role("row").filter(has=page.get_by_role("link", name="Checkout", exact=True))
    checkout.get_by_role("link", name="Certificate of shop.retail.example expires in 9 days").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Certificate of shop.retail.example")
    page.get_by_role("link", name="What if it fails").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Checkout and Click & collect go out.")


def test_the_same_by_keyboard_alone(page: Page) -> None:
    """`g s` opens her services, `j` walks the rows, Enter opens; Tab reaches the rest."""
    page.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Everybody:")
    expect(page.locator("[data-keys]")).to_be_visible()

    focused = page.locator(":focus")
    for _ in range(12):
        page.keyboard.press("Tab")
        if focused.get_attribute("id") == "owner":
            break
    page.keyboard.type("Team Shop")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Team Shop:")
    expect(page.locator("[data-keys]")).to_be_visible()
    page.keyboard.press("j")
    expect(focused).to_have_text("Checkout")
    for _ in range(12):
        page.keyboard.press("Tab")
        if "expires in 9 days" in focused.inner_text():
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Certificate of shop.retail.example")
    expect(page.locator("[data-keys]")).to_be_visible()
    page.keyboard.press("v")
    expect(page.get_by_label("As of a moment, in UTC").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".looking .panel").first).to_be_hidden()
    for _ in range(12):
        page.keyboard.press("Tab")
        if focused.inner_text() == "What if it fails":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Checkout and Click & collect go out.")


def test_keys_can_be_switched_off(page: Page) -> None:
    """Then single letters do nothing, for good."""
    page.goto("/")
    page.keyboard.press("?")
    page.get_by_label("Single keys work").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.keyboard.press("v")
    expect(page.locator(".looking .panel").first).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_contain_text("No open incident.")


def test_what_was_looked_at_lately_stands_on_the_front_page(page: Page) -> None:
    """The last five, newest first, each once; kept in the browser."""
    for key in ("tills", "checkout", "srv-114", "srv-117", "payments", "loyalty", "payments"):
        page.goto(f"/items/{key}")
    page.goto("/")

    rows = page.locator("[data-recent] li")
    assert rows.all_inner_texts() == ["Payments", "Loyalty", "srv-117", "srv-114", "Checkout"]
    rows.get_by_role("link", name="Loyalty").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Loyalty")


def test_another_moment_is_chosen_in_the_bar_and_left_again(page: Page) -> None:
    """The rest of the address stays; so do the doors' moment."""
    page.goto("/impact?cause=power-f2&tab=all")
    page.locator(".looking > summary").click()
    page.get_by_label("After a go-live").first.select_option(label="after go-live of Web shop replacement")
    page.locator(".looking").get_by_role("button", name="Look").last.click()
    expect(page.get_by_role("region", name="Looking at")).to_be_visible()
    page.locator(".doors").get_by_role("link", name="My services").click()
    expect(page.get_by_role("region", name="Looking at")).to_be_visible()
    page.go_back()
    page.locator(".band").get_by_role("link", name="Back to today").click()
    assert page.url.endswith("/impact?cause=power-f2&tab=all")


def test_a_phone_has_a_menu_and_a_way_back(browser: Browser, site: str) -> None:
    """Back, title, search and menu, without scripts too."""
    context = browser.new_context(
        base_url=site, viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/items/checkout")
    page.locator(".menu > summary").click()
    page.locator(".menu").get_by_role("link", name="My services").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Everybody:")
    page.locator(".seek").click()
    page.locator(".on-phone").get_by_label("Search items").fill("checkout")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("“checkout”")
    page.get_by_label("Back").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("No open incident.")
    context.close()
