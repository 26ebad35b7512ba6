"""The fetched browser files, loaded as plain scripts the way the pages load them."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

VENDOR = Path(__file__).parents[1] / "api" / "web" / "static" / "vendor"
SCRIPTS = ["htmx.min.js", "cytoscape.min.js", "cytoscape-dagre.min.js"]

DRAW = """() => {
  const drawn = cytoscape({
    elements: [{data: {id: "a"}}, {data: {id: "b"}}, {data: {source: "a", target: "b"}}],
    headless: true,
    layout: {name: "dagre", rankDir: "LR", boundingBox: {x1: 0, y1: 0, w: 400, h: 300}},
  });
  return drawn.$("#a").position("x") < drawn.$("#b").position("x");
}"""


@pytest.mark.browser
def test_the_scripts_work_together_without_modules(browser: Browser) -> None:
    """Htmx and cytoscape are globals, and cytoscape finds dagre by itself."""
    page = browser.new_page()
    for script in SCRIPTS:
        page.add_script_tag(path=VENDOR / script)

    assert page.evaluate("typeof htmx.ajax") == "function"
    assert page.evaluate(DRAW) is True
    page.close()


def test_the_style_sheet_is_there() -> None:
    """Tabler's one file holds all of its looks."""
    assert "Tabler" in (VENDOR / "tabler.min.css").read_text(encoding="utf-8")[:200]
