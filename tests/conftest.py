"""The fixtures every test can ask for."""

pytest_plugins = (
    "tests.fixtures.chromium",
    "tests.fixtures.neo4j",
    "tests.fixtures.real_data",
)
