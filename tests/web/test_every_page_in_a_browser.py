"""What holds on every page, as a browser shows it: it fits, stands still, prints, and needs no scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from api.service import Service, open_service
from api.service.imports import Import
from benchmarks.estate import Estate
from cmdb.canonical import canonical
from cmdb.model import Actor
from loaders.source import Source
from tests.web.conftest import IN_MEMORY, serving
from tests.web.every_page import PAGES

pytestmark = pytest.mark.browser

WIDTHS = pytest.mark.parametrize("width", [1280, 390, 320])
SHIFTS = """window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach(
  (entry) => { window.shift += entry.value; })).observe({type: "layout-shift", buffered: true});"""
SMALLEST = """() => {
  const drawn = document.getElementById("canvas")._cyreg.cy;
  const faces = drawn.nodes().map((node) => decodeURIComponent(node.data("face"))).join();
  return Math.min(...[...faces.matchAll(/font-size="([0-9.]+)"/g)].map((one) => one[1])) * drawn.zoom();
}"""
LARGE = 10_000
PATIENCE = 120_000
"""How many milliseconds a large estate may take on a machine that is busy."""


def is_too_wide(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.fixture(scope="module")
def large() -> Iterator[Service]:
    """Yield use cases over an estate of 10,000 made-up items."""
    estate = Estate(LARGE)
    rows = canonical({"items": list(estate.items()), "relations": list(estate.relations())})
    with open_service(IN_MEMORY) as service:
        service.imports.apply(Import(files=(Source("estate.json", rows),), actor=Actor("test")))
        service.workspace.prepare()
        yield service


@WIDTHS
def test_no_page_is_wider_than_the_screen(browser: Browser, site: str, width: int) -> None:
    """On the projector, on the phone, and at 400 % zoom."""
    page = browser.new_page(base_url=site, viewport={"width": width, "height": 800})
    wide = []
    for name, address in PAGES.items():
        page.goto(address)
        if is_too_wide(page):
            wide.append(name)
    page.close()

    assert wide == []


@WIDTHS
def test_the_longest_names_fit_on_the_front_page(browser: Browser, long_site: str, width: int) -> None:
    """In the sentence, in what was looked at lately and in the title of the bar."""
    page = browser.new_page(base_url=long_site, viewport={"width": width, "height": 800})
    page.goto(f"/items/{'k' * 200}")
    page.goto("/impact?cause=one&cause=two")
    assert not is_too_wide(page)
    page.goto("/")
    expect(page.locator("[data-recent] li")).to_have_count(2)
    assert not is_too_wide(page)
    page.close()


def test_nothing_moves(browser: Browser, site: str) -> None:
    """Once a page is there it stands still, whatever comes later."""
    page = browser.new_page(base_url=site, viewport={"width": 1280, "height": 800})
    page.add_init_script(SHIFTS)
    shifts = {}
    for name, address in {**PAGES, "front, later": "/"}.items():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        shifts[name] = page.evaluate("window.shift")
    page.close()

    assert {name: shift for name, shift in shifts.items() if shift > 0.05} == {}


def test_every_page_can_be_read_without_scripts(browser: Browser, site: str) -> None:
    """Its heading and its doors are there, and no button that needs a script."""
    context = browser.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    for address in PAGES.values():
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".doors")).to_be_visible()
        expect(page.locator("[data-keys]")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("name", ["front", "item", "explorer", "a team's services"])
def test_a_page_is_printed_on_one_sheet_or_two(browser: Browser, site: str, name: str) -> None:
    """In black on white, without what only a screen needs."""
    page = browser.new_page(base_url=site)
    page.goto(PAGES[name])
    page.emulate_media(media="print")

    for part in (".top", ".actions", ".drawing", "[data-keys]"):
        assert not [one for one in page.locator(part).all() if one.is_visible()]
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 2
    page.close()


@pytest.mark.slow
@WIDTHS
def test_ten_thousand_items_fit(browser: Browser, large: Service, width: int) -> None:
    """Lists are told page by page, drawings are folded."""
    first = large.items.search("", select="class:rack", limit=1)["items"][0]["key"]
    addresses = ["/", "/services", "/search?q=", f"/items/{first}", f"/impact?cause={first}"]
    with serving(large) as site:
        page = browser.new_page(base_url=site, viewport={"width": width, "height": 800})
        page.set_default_timeout(PATIENCE)
        wide = []
        for address in addresses:
            page.goto(address)
            if is_too_wide(page) or len(page.content()) > 200_000:
                wide.append(address)
        page.close()

    assert wide == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 1920])
def test_large_blasts_stay_readable(browser: Browser, large: Service, width: int) -> None:
    """About 200 and about 2,000 items: few boxes, few above each other, words that can be read."""
    racks = [one["key"] for one in large.items.search("", select="class:rack", limit=100)["items"]]
    answers = [large.impact.impact({key: "out"}, fields=["key"]) for key in racks]
    sizes = {answer["causes"][0]["key"]: len(answer["affected"]) for answer in answers}
    wanted = {min(sizes, key=lambda key: abs(sizes[key] - size)) for size in (200, 2_000)}
    assert max(sizes.values()) > 1_000
    with serving(large) as site:
        page = browser.new_page(base_url=site, viewport={"width": width, "height": 800})
        page.set_default_timeout(PATIENCE)
        for key in sorted(wanted):
            drawn = large.impact.impact({key: "out"}, graph=True)
            columns = [box["column"] for box in drawn["boxes"]]
            assert len(columns) <= 40
            assert max(map(columns.count, columns)) <= 14
            page.goto(f"/impact?cause={key}")
            expect(page.locator(".strokes .count")).to_have_text(
                f"{drawn['items']:,} items in {len(columns)} boxes"
            )
            page.wait_for_function("() => document.querySelector('#canvas canvas') !== null")
            assert page.evaluate(SMALLEST) >= 10.9
        page.close()
