"""The fixtures every test can ask for, and which tests stay together when several run at once."""

import pytest

pytest_plugins = (
    "tests.fixtures.chromium",
    "tests.fixtures.neo4j",
    "tests.fixtures.real_data",
)

SHARED = ("neo4j", "browser")
"""The marks of tests that share something large, which one process starts for all of them."""


@pytest.hookimpl(tryfirst=True)  # before those are told apart that run together
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what shares a server or a browser first, so that it does not come last and alone."""
    for item in items:
        for name in SHARED:
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.xdist_group(name))
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in SHARED))
