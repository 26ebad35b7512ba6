"""What holds on every page: how much it weighs, that nothing is inline, and that it outlives its store."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import open_service
from api.service.demo import fill
from tests.web.changes import register
from tests.web.conftest import IN_MEMORY
from tests.web.every_page import PAGES
from tests.web.reading import inline, words

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


@EVERY_PAGE
def test_nothing_is_inline(client: TestClient, address: str) -> None:
    """No script, style or handler that the policy would refuse."""
    assert inline(client.get(address, headers={"Accept": "text/html"}).text) == []


def test_while_the_store_is_away_every_page_says_so() -> None:
    """From the map as it was last read, or, where the store itself is asked, with what to do."""
    with open_service(IN_MEMORY) as service:
        fill(service)
        register(service)
        client = TestClient(create_app(service, IN_MEMORY), base_url="http://127.0.0.1")
        for address in PAGES.values():
            client.get(address)
        service.workspace.store.close()
        told = {
            name: words(client.get(address, headers={"Accept": "text/html"}).text)
            for name, address in PAGES.items()
        }
    unknown = {"explorer, unknown name", "error"}
    away = ("The database cannot be reached.", "The store cannot be reached.", "Load this page again")
    silent = [name for name, text in told.items() if not any(one in text for one in away)]

    assert set(silent) <= unknown
