"""What the documentation says of the graph in Neo4j: its questions can be asked as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j import Driver

from api.service import Service, open_service
from api.service.demo import fill
from api.service.editing import Edit
from api.settings import Settings
from cmdb.model import Actor
from cmdb.stores.opening import Server
from tests.api.conftest import noon

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "ask-neo4j.md"
QUESTIONS = re.findall(r"```cypher\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)

pytestmark = pytest.mark.neo4j


@pytest.fixture
def demo_there(empty_neo4j: Server) -> Iterator[Service]:
    """Return the use cases on a server that holds the demo estate, with a past."""
    with open_service(Settings(empty_neo4j), noon) as service:
        fill(service)
        for owner in ("team-payments", "team-shop"):
            service.editing.edit(Edit("checkout", {"owner": owner}, Actor("ada")))
        service.editing.edit(Edit("warehouse", {"owner": None}, Actor("ada")))
        yield service


def answers(driver: Driver, question: str) -> list[list[object]]:
    """Ask the server; return its rows."""
    return [record.values() for record in driver.execute_query(question).records]


def test_five_questions_are_answered(demo_there: Service, neo4j_driver: Driver) -> None:
    """Each answers what its sentence asks."""
    direct, power, unowned, history, unseen = (answers(neo4j_driver, one) for one in QUESTIONS)
    assert any(service == "Click & collect" and "Checkout" in needs for service, needs in direct)  # type: ignore[operator]
    assert [len(runs) for server, runs in power if server == "srv-117"] == [1]  # type: ignore[arg-type]
    assert [service for _, service in unowned] == [demo_there.items.show("warehouse")["name"]]
    assert [row[0] for row in history] == ["team-shop", "team-payments"]
    assert {row[3] for row in history} == {"ada"}
    assert unseen == []


def test_a_service_and_what_it_depends_on(demo_there: Service, neo4j_driver: Driver) -> None:
    """The first thing anybody types into the Browser shows nodes and relationships with plain properties."""
    rows = answers(neo4j_driver, "MATCH (s:ApplicationService)-[:DEPENDS_ON]->(d) RETURN s, d")
    names = {(start["name"], end["name"]) for start, end in rows}  # type: ignore[index]
    needs = {one["key"]: one["name"] for one in demo_there.impact.depends("click-collect")["needs"]}
    assert ("Click & collect", needs["checkout"]) in names


def test_every_name_of_the_stores_own_is_told_apart(demo_there: Service, neo4j_driver: Driver) -> None:
    """Labels that people did not give begin with an underscore, and the page names them."""
    classes = {item.class_name for item in demo_there.workspace.store.read().items.values()}
    natural = {"Item", *("".join(word.capitalize() for word in name.split("_")) for name in classes)}
    used = {str(one) for (one,) in answers(neo4j_driver, "MATCH (n) UNWIND labels(n) AS one RETURN one")}
    own = {label for label in used if label.startswith("_")}
    assert used - own == natural
    text = PAGE.read_text("utf-8")
    assert [one for one in own if f":{one}" not in text] == []
