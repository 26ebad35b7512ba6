"""A board member asks what power feed F2 takes with it, in a real browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

F2 = "/impact?cause=power-f2"
SHOWN = "() => document.querySelector('#canvas canvas') !== null"


@contextmanager
def watched(browser: Browser, site: str) -> Iterator[Page]:
    """Yield a page on which anything odd is a fault: a message, a refusal, a call elsewhere."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        base_url=site,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    odd: list[str] = []
    page.on("console", lambda message: odd.append(message.text))
    page.on("pageerror", lambda error: odd.append(str(error)))
    page.on("dialog", lambda dialog: odd.append(dialog.message))
    ours = (site, "data:")
    page.on("request", lambda request: None if request.url.startswith(ours) else odd.append(request.url))
    yield page
    context.close()
    assert odd == []


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """Yield a watched page on the demo estate."""
    with watched(browser, site) as page:
        yield page


def test_a_board_member_asks_and_reads_why(page: Page) -> None:
    """From the front page to the reason both databases hang on one feed."""
    page.goto("/")
    page.get_by_label("If").press_sequentially("feed f2")
    page.get_by_role("link", name="Power feed F2, DC North").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Checkout and Click & collect go out. Eight services are hit, two of them tier 1."
    )
    rows = page.locator(".hit-rows tbody tr")
    expect(rows.first).to_contain_text("Checkout")
    assert rows.locator(".chip").all_inner_texts() == ["out"] * 2 + ["degraded"] * 3 + ["at risk"] * 3

    page.get_by_role("link", name="Loyalty").click()
    expect(page.get_by_role("heading", name="Why is Loyalty at risk?")).to_be_visible()
    page.locator(".hits").get_by_role("link", name="Checkout", exact=True).click()
    expect(page.locator("#why")).to_contain_text(
        "both members of Checkout DB pool hang on Power feed F2, DC North"
    )
    assert urlsplit(page.url).query == "cause=power-f2&why=checkout"


def test_every_count_is_that_of_the_twin(page: Page) -> None:
    """Chips, tabs and the drawing's legend say what the JSON says."""
    page.goto(F2)
    answer = page.request.get(page.get_by_role("link", name="JSON").get_attribute("href") or "").json()

    totals = page.locator(".totals li").all_inner_texts()
    assert [" ".join(text.split()) for text in totals] == [
        f"{answer['counts'][state]} {state.replace('_', ' ')}" for state in ("out", "degraded", "at_risk")
    ]
    assert page.locator(".tabs a").all_inner_texts() == [
        f"Services {len(answer['services'])}",
        f"All hit {len(answer['affected'])}",
        f"Held {len(answer['absorbed'])}",
        f"Hurt before {len(answer['already'])}",
        "Not hit",
    ]
    expect(page.locator(".strokes")).to_contain_text(
        f"{answer['items']} items in {len(answer['boxes'])} boxes"
    )
    names = [name.inner_text() for name in page.locator(".hit-rows th a").all()]
    assert names == [row["name"] for row in answer["services"]]


def test_a_row_and_its_box_are_chosen_together(page: Page) -> None:
    """Choosing in the drawing marks the row, choosing another tab keeps the choice."""
    page.goto(F2)
    page.wait_for_function(SHOWN)
    page.wait_for_timeout(200)
    page.locator("#canvas").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Why is Click & collect out?")).to_be_visible()
    expect(page.locator(".hit-rows tr.selected")).to_contain_text("Click & collect")
    expect(page.locator("[data-selected]")).to_have_text("Click & collect")

    page.get_by_role("link", name="All hit 24").click()
    expect(page.locator(".hit-rows tbody tr")).to_have_count(24)
    expect(page.locator(".hit-rows tr.selected")).to_contain_text("Click & collect")
    assert urlsplit(page.url).query == "cause=power-f2&tab=all&why=click-collect"

    page.reload()
    expect(page.get_by_role("heading", name="Why is Click & collect out?")).to_be_visible()


def test_going_back_shows_what_was_before(page: Page) -> None:
    """Each choice is an address of its own."""
    page.goto(F2)
    page.get_by_role("link", name="Warehouse").click()
    expect(page.get_by_role("heading", name="Why is Warehouse degraded?")).to_be_visible()
    page.go_back()

    expect(page.get_by_role("heading", name="Why is Checkout out?")).to_be_visible()


def test_the_question_can_be_changed_in_place(page: Page) -> None:
    """Another state, one more cause, one less."""
    page.goto(F2)
    page.get_by_label("State of Power feed F2, DC North").select_option("degraded")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("go out")

    page.get_by_text("Add", exact=True).click()
    page.get_by_label("and if also").press_sequentially("fw-118")
    page.get_by_role("link", name="Rule FW-118").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Payments and Returns go out.")

    page.get_by_label("Remove Power feed F2, DC North").click()
    page.wait_for_url("**/impact?cause=fw-118")


def test_it_can_be_used_by_keys_alone(page: Page) -> None:
    """Rows, reasons and search without a mouse; letters in a field are letters."""
    page.goto(F2)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Why is Click & collect out?")).to_be_visible()

    page.keyboard.press("w")
    expect(page.locator("#why")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("wjk")
    expect(page.get_by_label("Search items")).to_have_value("wjk")


def test_the_answer_can_be_copied(page: Page) -> None:
    """The sentences go to the clipboard, with the address."""
    page.goto(F2)
    page.get_by_text("Copy as text").click()
    expect(page.get_by_text("Copied").first).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")

    assert text.startswith("If Power feed F2, DC North is out: Checkout and Click & collect go out.")
    assert "Checkout, because of Checkout DB pool" in text
    assert text.rstrip().endswith(F2)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/search?q=s",
        F2,
        f"{F2}&tab=not-hit",
        f"{F2}&tab=held",
        "/impact?cause=srv-207",
        "/impact?cause=dc-north",
    ],
)
def test_nothing_is_wider_than_the_screen(page: Page, address: str, width: int, theme: str) -> None:
    """No page scrolls sideways, on the projector or on the phone."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address)

    wide, client = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide == client


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("address", ["/impact?cause=feed", "/impact?cause=feed&tab=held", "/search?q="])
def test_the_longest_names_fit(browser: Browser, long_site: str, address: str, width: int) -> None:
    """Names and keys of 200 characters wrap, also without a blank and from right to left."""
    with watched(browser, long_site) as page:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(address)
        page.wait_for_load_state("networkidle")

        wide, client = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide == client
        for card in page.locator(".card table").all():
            assert card.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")


def test_the_drawing_stands_as_the_answer_says(page: Page) -> None:
    """Boxes of one column stand above each other, columns in their order, all of it in sight and legible."""
    page.goto("/impact?cause=dc-north")
    page.wait_for_function(SHOWN)
    page.wait_for_timeout(300)
    drawn = "document.getElementById('canvas')._cyreg.cy"
    places = page.evaluate(f"{drawn}.nodes().map(one => [one.data('column'), Math.round(one.position('x'))])")
    by_column = {column: {x for at, x in places if at == column} for column, _ in places}
    assert all(len(found) == 1 for found in by_column.values())
    assert sorted(by_column, key=lambda column: min(by_column[column])) == sorted(by_column)
    zoom, left, right, width = page.evaluate(
        f"[{drawn}.zoom(), {drawn}.elements().renderedBoundingBox().x1,"
        f" {drawn}.elements().renderedBoundingBox().x2, {drawn}.width()]"
    )
    assert zoom >= 0.75
    assert 0 <= left < right <= width
    faces = page.evaluate(f"{drawn}.nodes().map(one => decodeURIComponent(one.data('face')))")
    sizes = [float(size) for one in faces for size in re.findall(r'font-size="([\d.]+)"', one)]
    assert min(sizes) * zoom >= 10.9
    expect(page.locator("[data-wide]")).to_be_hidden()


def test_a_server_that_does_not_answer_is_said(browser: Browser, site: str) -> None:
    """Nothing is lost, and the page says so until there is an answer again."""
    page = browser.new_page(base_url=site)
    page.goto(F2)
    page.route("**/impact/why*", lambda route: route.abort())
    page.get_by_role("link", name="Warehouse").click()
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    page.unroute("**/impact/why*")
    page.get_by_role("link", name="Loyalty").click()
    expect(page.get_by_text("The server does not answer.")).to_be_hidden()
    page.close()


def test_a_phone_loads_no_drawing(page: Page) -> None:
    """It has no room for one."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(F2)
    page.wait_for_load_state("networkidle")

    expect(page.locator("#canvas")).to_be_hidden()
    assert page.evaluate("typeof cytoscape") == "undefined"


def test_everything_can_be_read_without_scripts(browser: Browser, site: str) -> None:
    """Plain links and forms: ask, read, choose a row, add a cause."""
    context = browser.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("If").fill("Power feed F2, DC North")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Checkout and Click & collect go out.")
    expect(page.locator("#canvas")).to_be_hidden()

    page.get_by_role("link", name="Warehouse").click()
    expect(page.get_by_role("heading", name="Why is Warehouse degraded?")).to_be_visible()
    page.get_by_text("Copy as text").click()
    expect(page.get_by_label("The answer as text")).to_contain_text("Map: 264 of 300 CIs reach a service")

    page.get_by_text("Add", exact=True).click()
    page.get_by_label("and if also").fill("fw-118")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Add to the question").click()
    expect(page.get_by_label("Remove Rule FW-118")).to_be_visible()
    expect(page.get_by_label("Remove Power feed F2, DC North")).to_be_visible()
    context.close()


def test_nothing_moves_while_the_drawing_comes(page: Page) -> None:
    """The drawing's place is kept for it."""
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach("
        "entry => { window.shift += entry.value; })).observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(F2)
    page.wait_for_function(SHOWN)
    page.wait_for_timeout(300)

    assert page.evaluate("window.shift") <= 0.05


def test_hostile_names_are_drawn_as_text(browser: Browser, hostile_site: str) -> None:
    """In the table, the reasons, the drawing and the suggestions alike."""
    with watched(browser, hostile_site) as page:
        page.goto("/impact?cause=bad")
        page.wait_for_function(SHOWN)
        page.get_by_text("Add", exact=True).click()
        page.get_by_label("and if also").press_sequentially("alert")
        expect(page.locator("#add-found li")).to_have_count(3)

        expect(page.get_by_role("heading", level=1)).to_contain_text("</script><script>alert(2)</script>")
