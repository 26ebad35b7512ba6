"""An import in a real browser: a newcomer's story, with and without scripts, by keyboard, at every width."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser, Page, expect

from api.service import Service, open_service
from cmdb.stores.base import Progress
from tests.web.conftest import IN_MEMORY, serving
from tests.web.importing import FIRST, LONG
from tests.web.test_records_in_a_browser import fits
from tests.web.watching import title, watched

pytestmark = pytest.mark.browser

REAL = "kubernetes/online-boutique-kubernetes-manifests.yaml"


@pytest.fixture
def service() -> Iterator[Service]:
    """Yield the use cases on an empty store."""
    with open_service(IN_MEMORY) as service:
        yield service


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    """Yield the address of a server over it."""
    with serving(service) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """Yield a page on which a refusal by the policy, or any other message, is a fault."""
    with watched(browser, site, scripts=request.param) as page:
        yield page


def choose(page: Page, name: str, data: bytes) -> None:
    """Choose a file in the form."""
    page.get_by_label("Files").set_input_files({"name": name, "mimeType": "text/plain", "buffer": data})


def test_the_newcomers_story(page: Page) -> None:
    """From an empty store over a real file to an answer, and back."""
    folder = os.environ.get("CMDB_REAL_DATA")
    if not folder:
        pytest.skip("CMDB_REAL_DATA names no folder with real files")
    page.goto("/")
    title(page, "Nothing here yet.")
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("Files").set_input_files(Path(folder) / REAL)
    page.get_by_role("button", name="Show what would change").click()
    title(page, "kubernetes. Not applied yet")
    page.get_by_role("link", name="Unresolved 1").click()
    expect(page.get_by_text("shoppingassistantservice is not there")).to_be_visible()
    page.get_by_role("button", name="Apply 53 changes").click()
    title(page, "imported as revision 1")

    page.get_by_label("Only keys like").fill("deployment:default:redis-cart")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="redis-cart").first.click()
    page.get_by_role("link", name="What if it fails").click()
    title(page, "cartservice")
    page.go_back()
    page.go_back()
    title(page, "imported as revision 1")

    page.get_by_role("link", name="Undo this import").click()
    title(page, "Undo revision 1?")
    page.get_by_role("button", name="Undo revision 1").click()
    title(page, "Revision 1 is undone, as revision 2")
    page.goto("/items/deployment:default:redis-cart")
    expect(page.get_by_text("retired").first).to_be_visible()


def test_a_refused_file_is_told_where_the_cursor_is(page: Page) -> None:
    """The summary is in sight and has the focus, and the form is there for another try."""
    page.goto("/import")
    page.get_by_label("Source", exact=True).fill("ops")
    choose(page, "broken.yaml", b"items: [")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("broken.yaml line 2")).to_be_visible(timeout=60_000)
    expect(page.locator("#summary")).to_be_focused()
    expect(page.get_by_label("Source", exact=True)).to_have_value("ops")
    choose(page, "f.yaml", FIRST)
    page.get_by_role("button", name="Show what would change").click()
    title(page, "f.yaml: native. Not applied yet")


def test_a_long_job_is_followed_and_ends_on_its_plan(page: Page, service: Service) -> None:
    """The page asks again by itself until the plan is there."""
    page.goto("/import")
    choose(page, "f.yaml", FIRST)
    page.get_by_role("button", name="Show what would change").click()
    title(page, "f.yaml: native. Not applied yet")
    go = Event()

    def slow(progress: Progress) -> None:
        progress("items planned", 31_200, 100_000)
        assert go.wait(LONG)

    service.held.jobs.start(page.url.rpartition("/")[2], slow)
    page.reload()
    title(page, "Working on f.yaml")
    expect(page.get_by_text("31,200 of 100,000 items planned")).to_be_visible(timeout=60_000)
    go.set()
    title(page, "f.yaml: native. Not applied yet")


def test_by_keyboard_alone(browser: Browser, site: str, tmp_path: Path) -> None:
    """Everything is reached with Tab and done with Enter; only the file chooser is the system's."""
    (tmp_path / "f.yaml").write_bytes(FIRST)
    page = browser.new_page(base_url=site)
    page.goto("/import")

    def tab_to(role: str, name: str) -> None:
        wanted = page.get_by_role(role, name=name)  # type: ignore[arg-type]
        for _ in range(60):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            page.keyboard.press("Tab")
        pytest.fail(f"{name} is not reached")

    page.get_by_label("Files").set_input_files(tmp_path / "f.yaml")
    tab_to("button", "Show what would change")
    page.keyboard.press("Enter")
    title(page, "Not applied yet")
    tab_to("link", "Alone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Alone")).to_have_attribute("aria-current", "page")
    tab_to("button", "Apply 5 changes")
    page.keyboard.press("Enter")
    title(page, "imported as revision 1")
    tab_to("link", "Undo this import")
    page.keyboard.press("Enter")
    title(page, "Undo revision 1?")
    tab_to("button", "Undo revision 1")
    page.keyboard.press("Enter")
    title(page, "Revision 1 is undone")
    page.close()


def test_files_that_are_too_large_are_not_sent(browser: Browser, site: str, tmp_path: Path) -> None:
    """With scripts it is said before anything is sent."""
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(65 * 2**20)
    page = browser.new_page(base_url=site)
    page.goto("/import")
    page.get_by_label("Files").set_input_files(tmp_path / "large.json")
    said = page.get_by_label("Files").evaluate("field => field.validationMessage")
    assert said == "These are 65 MiB together, and 64 MiB are the most."
    page.close()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_is_wider_than_the_screen(browser: Browser, service: Service, site: str, width: int) -> None:
    """The form, its refusal, every part of a plan, the result and the undoing, with the longest names."""
    page = browser.new_page(base_url=site, viewport={"width": width, "height": 800})
    long = {"key": "k" * 200, "class": "server", "name": "n" * 200, "owner": "o" * 200}
    page.goto("/import")
    assert fits(page)
    choose(page, f"{'f' * 200}.json", json.dumps({"items": [long]}).encode())
    page.get_by_role("button", name="Show what would change").click()
    title(page, "Not applied yet")
    here = page.url
    for name in ("added", "changed", "retired", "unresolved", "lonely"):
        page.goto(f"{here}?part={name}")
        assert fits(page), name
    page.get_by_role("button", name="Apply 1 change").click()
    title(page, "imported as revision 1")
    assert fits(page)
    page.goto("/import")
    choose(page, "f.json", json.dumps({"items": [{**long, "name": "m" * 200, "owner": "p" * 200}]}).encode())
    page.get_by_role("button", name="Show what would change").click()
    title(page, "f.json: native. Not applied yet")
    assert fits(page)
    page.get_by_role("button", name="Apply 1 change").click()
    title(page, "imported as revision 2")
    page.goto("/revisions/2/undo")
    assert fits(page)
    page.goto("/revisions/1/undo")
    assert fits(page)
    page.close()
    assert service.workspace.store.head().revision == 2
