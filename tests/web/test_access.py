"""Nothing on any page keeps somebody out: axe, a tool that knows the WCAG, finds nothing serious."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from api.service import open_service
from tests.web.conftest import IN_MEMORY, serving
from tests.web.every_page import PAGES

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TOLD = """async () => (await axe.run()).violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html).join(" ")}`)"""


@pytest.fixture(scope="module")
def bare() -> Iterator[str]:
    """Yield the address of a server over an empty store."""
    with open_service(IN_MEMORY) as service, serving(service) as address:
        yield address


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    """Each of the two themes in turn."""
    return str(request.param)


@pytest.fixture(params=[1280, 390])
def page(browser: Browser, theme: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Yield a page in each theme, on the projector and on the phone; axe itself may break its policy."""
    context = browser.new_context(
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": request.param, "height": 800},
        bypass_csp=True,
    )
    yield context.new_page()
    context.close()


def faults(page: Page) -> list[str]:
    """What axe finds on a page that is serious."""
    page.add_script_tag(path=AXE)
    found: list[str] = page.evaluate(TOLD)
    return found


def test_nothing_on_any_page_is_a_serious_barrier(page: Page, site: str) -> None:
    """Every page there is, on the demo estate."""
    found = {}
    for name, address in PAGES.items():
        page.goto(site + address)
        found[name] = faults(page)

    assert {name: one for name, one in found.items() if one} == {}


def test_nothing_that_opens_is_a_serious_barrier(page: Page, site: str) -> None:
    """The menu, what to look at, the keys."""
    page.goto(f"{site}/items/checkout")
    page.evaluate("document.querySelectorAll('.pop').forEach((pop) => { pop.name = ''; pop.open = true; })")
    assert faults(page) == []
    page.evaluate("document.querySelector('#keys').showModal()")
    assert faults(page) == []


def test_an_empty_store_is_no_barrier(page: Page, bare: str) -> None:
    """The pages without data."""
    found = {}
    for address in ("/", "/search?q=a", "/services", "/diff", "/items/a", "/impact?cause=a"):
        page.goto(bare + address)
        found[address] = faults(page)

    assert {name: one for name, one in found.items() if one} == {}
