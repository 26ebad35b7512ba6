"""What a store relies on when its server is Neo4j, shown on a real one."""

from collections.abc import Iterator

import pytest
from neo4j import Driver
from neo4j.exceptions import ConstraintError

pytestmark = pytest.mark.neo4j

TEXTS = [
    "",
    "') MATCH (n) DETACH DELETE n //",
    "`}) RETURN 1;",
    'it\'s "quoted" \\ and `ticked`',
    "checkout 🛒 café",
    "before\x00after",
    "\u200f\u05e9\u05dc\u05d5\u05dd\u200e \u202etxt.exe",
    "line\nbreak\ttab\r",
    "e\u0301 is not \u00e9",
]
VALUES = [
    2**63 - 1,
    -(2**63),
    0,
    0.1,
    -0.0,
    1.7976931348623157e308,
    5e-324,
    True,
    False,
    [],
    ["a", "", "🛒"],
    [1, -(2**63)],
    [0.5, 2.0],
    [True, False],
]


@pytest.fixture
def empty_graph(neo4j_driver: Driver) -> Iterator[Driver]:
    """Yield the driver; leave neither the test's nodes nor its constraints behind."""
    yield neo4j_driver
    neo4j_driver.execute_query("MATCH (n:PlatformTest) DETACH DELETE n")
    for name in ("platform_node_uid", "platform_relation_uid"):
        neo4j_driver.execute_query(f"DROP CONSTRAINT {name} IF EXISTS")


def test_two_nodes_never_share_a_uid(empty_graph: Driver) -> None:
    """A second node with the same uid is refused and the first one stays alone."""
    empty_graph.execute_query(
        "CREATE CONSTRAINT platform_node_uid FOR (n:PlatformTest) REQUIRE n.uid IS UNIQUE"
    )
    empty_graph.execute_query("CREATE (:PlatformTest {uid: $uid})", uid="one")

    with pytest.raises(ConstraintError):
        empty_graph.execute_query("CREATE (:PlatformTest {uid: $uid})", uid="one")

    assert count(empty_graph, "MATCH (n:PlatformTest) RETURN count(n)") == 1


def test_two_relationships_never_share_a_uid(empty_graph: Driver) -> None:
    """A second relationship with the same uid is refused, even between other nodes."""
    empty_graph.execute_query(
        "CREATE CONSTRAINT platform_relation_uid FOR ()-[r:PLATFORM_TEST]-() REQUIRE r.uid IS UNIQUE"
    )
    create = "CREATE (:PlatformTest)-[:PLATFORM_TEST {uid: $uid}]->(:PlatformTest)"
    empty_graph.execute_query(create, uid="one")

    with pytest.raises(ConstraintError):
        empty_graph.execute_query(create, uid="one")

    assert count(empty_graph, "MATCH ()-[r:PLATFORM_TEST]->() RETURN count(r)") == 1
    assert count(empty_graph, "MATCH (n:PlatformTest) RETURN count(n)") == 2


@pytest.mark.parametrize("value", [*TEXTS, *VALUES], ids=ascii)
def test_a_value_comes_back_as_it_was_given(empty_graph: Driver, value: object) -> None:
    """A bound parameter is never read as Cypher and keeps its value and its type."""
    empty_graph.execute_query("CREATE (:PlatformTest {value: $value})", value=value)

    records = empty_graph.execute_query("MATCH (n:PlatformTest) RETURN n.value").records

    assert [repr(record.value()) for record in records] == [repr(value)]


def count(driver: Driver, query: str) -> int:
    """Return the one number a counting query answers."""
    number: int = driver.execute_query(query).records[0].value()
    return number
