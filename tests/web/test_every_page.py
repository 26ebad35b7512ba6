"""What holds on every page: how much it weighs."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web.every_page import PAGES

STATIC = Path(__file__).parents[2] / "api" / "web" / "static"
KB = 1024
EVERY_PAGE = pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())


def own(page: str, ending: str) -> int:
    """How many bytes of our own files with an ending a page loads."""
    names = re.findall(rf'(?:href|src)="/static/([\w.-]+\.{ending})\?', page)
    assert names
    return sum((STATIC / name).stat().st_size for name in names)


@EVERY_PAGE
def test_a_page_is_light(client: TestClient, address: str) -> None:
    """Own styles and own scripts at most 30 KB each; with the page itself under 200 KB."""
    page = client.get(address, headers={"Accept": "text/html"}).text
    styles, scripts = own(page, "css"), own(page, "js")

    assert styles <= 30 * KB
    assert scripts <= 30 * KB
    assert len(page.encode()) + styles + scripts < 200 * KB
