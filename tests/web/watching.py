"""A page of a real browser on which everything odd is a fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect


@contextmanager
def watched(browser: Browser, address: str, *, scripts: bool) -> Iterator[Page]:
    """Yield a page on which a refusal by the policy, or any other message, is a fault."""
    context = browser.new_context(java_script_enabled=scripts, base_url=address)
    page = context.new_page()
    odd: list[str] = []
    # A refused form is answered by a page with a status of 4xx, which a browser notes as well.
    page.on("console", lambda one: None if "status of 4" in one.text else odd.append(one.text))
    page.on("pageerror", lambda error: odd.append(str(error)))
    yield page
    context.close()
    assert odd == []


def title(page: Page, text: str) -> None:
    """Wait until the page's heading says something."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(text, timeout=60_000)
