"""The fixtures every test can ask for, and which tests come first."""

import pytest

pytest_plugins = (
    "tests.fixtures.chromium",
    "tests.fixtures.neo4j",
    "tests.fixtures.real_data",
)

LONG = ("neo4j", "browser")
"""The marks of tests that take long, because they need a server or a browser."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in LONG))
