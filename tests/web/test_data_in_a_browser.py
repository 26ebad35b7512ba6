"""The page of the data in a real browser: fixes by mouse, by keyboard and without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from api.service import Service, open_service
from api.service.demo import fill as fill_demo
from api.service.undoing import Undo
from cmdb.model import Actor
from tests.web.conftest import IN_MEMORY, serving
from tests.web.test_records_in_a_browser import fits

pytestmark = pytest.mark.browser

FIRST = "Payments connects via Rule FW-118"


@pytest.fixture(scope="module")
def own() -> Iterator[Service]:
    """Yield use cases over a demo estate that may be changed."""
    with open_service(IN_MEMORY) as service:
        fill_demo(service)
        yield service


@pytest.fixture(scope="module")
def own_site(own: Service) -> Iterator[str]:
    """Yield the address of a server over it."""
    with serving(own) as address:
        yield address


@pytest.fixture
def page(browser: Browser, own_site: str) -> Iterator[Page]:
    """Yield a page on which a refusal by the policy, or any other message, is a fault."""
    page = browser.new_page(base_url=own_site, viewport={"width": 1280, "height": 800})
    odd: list[str] = []
    page.on("console", lambda message: odd.append(message.text))
    page.on("pageerror", lambda error: odd.append(str(error)))
    yield page
    page.close()
    assert odd == []


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    """Nor with a fold open."""
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/data", "/data?fix=owner", "/data/stale", "/data/unowned", "/services?owner=team-shop"):
        page.goto(address)
        assert fits(page), address
    page.goto("/data")
    for fold in ("No", "Ask"):
        page.locator(".fix summary").filter(has_text=fold).first.click()
        assert fits(page), fold


@pytest.mark.parametrize("width", [1280, 320])
def test_the_longest_names_fit(browser: Browser, long_site: str, width: int) -> None:
    """Of items, of owners and in folds."""
    page = browser.new_page(base_url=long_site, viewport={"width": width, "height": 800})
    for address in ("/data", "/data/unowned", "/data/relations"):
        page.goto(address)
        assert fits(page), address
    page.close()


def test_a_relation_is_confirmed_and_that_undone(page: Page, own: Service) -> None:
    """The other rows stay where they are, and a reload shows the next fix."""
    page.goto("/data")
    rows = page.locator(".fix")
    before = rows.locator("p > b").all_inner_texts()
    rows.first.get_by_role("button", name="Yes, it is so").click()
    expect(rows.first).to_contain_text(f"{FIRST}: confirmed. By ")
    assert rows.locator("p > b").all_inner_texts()[1:] == before[1:]
    page.reload()
    assert rows.locator("p > b").all_inner_texts()[:9] == before[1:]
    own.undoing.undo(Undo(own.workspace.store.head().revision, Actor("ada")))
    page.reload()
    assert rows.locator("p > b").all_inner_texts() == before
    rows.first.get_by_role("button", name="Yes, it is so").click()
    page.get_by_role("button", name="Undo").click()
    expect(rows.first).to_contain_text("undone: ")
    assert "verified_by" not in _attributes(own)


def test_an_owner_is_assigned_by_keyboard_alone(page: Page, own: Service) -> None:
    """What takes it back has the focus then, and Enter does."""
    page.goto("/data?fix=owner")
    field = page.get_by_role("combobox", name="Who owns srv-140?")
    field.focus()
    page.keyboard.type("Platform team")
    page.keyboard.press("Enter")
    expect(page.locator(".fix")).to_contain_text("srv-140 belongs to Platform team. By ")
    assert own.items.show("srv-140")["attributes"]["owner"] == "platform-team"
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".fix")).to_contain_text("undone: srv-140 belongs to Platform team.")
    assert "owner" not in own.items.show("srv-140")["attributes"]


def test_a_slip_is_told_in_the_row(browser: Browser, own_site: str) -> None:
    """What was typed is still there, to be put right."""
    page = browser.new_page(base_url=own_site)
    page.goto("/data?fix=owner")
    page.get_by_role("combobox").fill("platfrom-team")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("alert").filter(has_text="Did you mean")).to_contain_text("platform-team?")
    expect(page.get_by_role("combobox")).to_have_value("platfrom-team")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.close()


def test_fixes_are_done_without_scripts(browser: Browser, own_site: str, own: Service) -> None:
    """Plain forms, on both pages; the answer stands where the row stood."""
    context = browser.new_context(java_script_enabled=False, base_url=own_site)
    page = context.new_page()
    page.goto("/services?owner=team-shop")
    page.locator(".fix").nth(1).get_by_role("button", name="Yes, it is so").click()
    expect(page.locator(".fix").nth(1)).to_contain_text(": confirmed. By ")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".fix").nth(1)).to_contain_text("undone: ")
    page.goto("/data")
    page.locator(".fix summary").filter(has_text="No").first.click()
    expect(page.locator(".fix").first).to_contain_text("Remove it? Nobody has seen or verified it")
    page.get_by_role("button", name="Remove the relation").first.click()
    expect(page.locator(".fix").first).to_contain_text(f"{FIRST}: removed. By ")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".fix").first).to_contain_text("undone: ")
    assert _attributes(own)
    context.close()


def _attributes(own: Service) -> dict[str, object]:
    rows = own.items.show("payments")["relations"]
    found: dict[str, object] = next(one["attributes"] for one in rows if one["target"] == "fw-118")
    return found
