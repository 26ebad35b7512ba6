"""Who answers for what: a field of its own, or a relation that stands for it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from cmdb.harm import State
from cmdb.selection import parse_selection
from cmdb.values import Attributes
from cmdb.vocabulary_files import load_vocabulary
from impact.answer import ask
from impact.documents.data import Judged, data_document
from impact.documents.found import found_row
from impact.documents.impact import whom_to_call
from impact.documents.item import item_part
from impact.documents.services import owners_of_services, services_of
from impact.following import take
from impact.owning import owned, owner_of, owners_of, whose_owner
from impact.picture import Picture
from impact.selecting import select
from tests.impact.pictures import NOON, NOW, graph_of

VOCABULARY = load_vocabulary()


@pytest.fixture(scope="module")
def picture() -> Picture:
    """Return services on one server: owned by field, by name, by relation, by both, and by nobody."""
    services = ("by-field", "by-name", "by-relation", "by-both", "nobodys")
    return take(
        graph_of(
            {
                "team-a": {"class": "team", "name": "Team A", "on_call": "ext. 7"},
                "team-b": {"class": "team", "name": "Team B"},
                "gone": {"class": "team", "status": "retired"},
                "by-field": {"class": "application_service", "owner": "team-a"},
                "by-name": {"class": "application_service", "owner": "Ada Byron"},
                "by-relation": {"class": "application_service"},
                "by-both": {"class": "application_service", "owner": "team-b"},
                "nobodys": {"class": "application_service"},
                "srv": {"class": "server"},
            },
            [
                ("by-relation", "owned_by", "gone"),
                ("by-relation", "owned_by", "team-b"),
                ("by-relation", "owned_by", "team-a"),
                ("by-relation", "supported_by", "team-b"),
                ("by-both", "owned_by", "team-a"),
                *((one, "runs_on", "srv") for one in services),
            ],
        ),
        VOCABULARY,
    )


def keys(picture: Picture, text: str) -> set[str]:
    """Return the keys of what a selection means."""
    return {picture.keys[place] for place in select(picture, parse_selection(text, VOCABULARY))}


def test_the_field_counts_before_a_relation_and_who_is_in_use_before_who_is_not(picture: Picture) -> None:
    """Of several in use it is the first by key."""
    found = {key: owner_of(picture, picture.find(key)) for key in picture.keys.all()}

    assert found["by-field"] == found["by-relation"] == "team-a"
    assert found["by-both"] == "team-b"
    assert found["by-name"] == "Ada Byron"
    assert found["nobodys"] is found["srv"] is found["team-a"] is None


def test_whom_to_call_knows_owners_by_relation(picture: Picture) -> None:
    """A responder is told the team, be it told by a field or by a relation."""
    answer = ask(picture, {picture.find("srv"): State.OUT}, NOW)
    called = {one["owner"]: (one["name"], one["on_call"], one["services"]) for one in whom_to_call(answer)}

    assert called["team-a"] == ("Team A", "ext. 7", ["by-field", "by-relation"])
    assert called["Ada Byron"] == ("Ada Byron", None, ["by-name"])
    assert called[None] == ("no owner known", None, ["nobodys"])


def test_every_question_about_owners_agrees(picture: Picture) -> None:
    """Selections, a team's services, a search, an item's page and the quality of the data."""
    mine = {"by-field", "by-relation"}
    assert keys(picture, "owner:team-a") == mine
    assert {picture.keys[place] for place in services_of(picture, "team-a")} == mine
    assert keys(picture, "owner:none and class:application_service") == {"nobodys"}
    assert {one["key"]: one["services"] for one in owners_of_services(picture)} == {
        "team-a": 2,
        "team-b": 1,
        "Ada Byron": 1,
        None: 1,
    }
    place = picture.find("by-relation")
    assert found_row(picture, place)["owner"] == "Team A"
    assert item_part(picture, place, NOW)["people"][0]["name"] == "Team A"
    judged = data_document(picture, "live", NOON, Judged(None, ("owner",), None))
    assert {one["class"]: one["owned"] for one in judged["classes"]}["application_service"] == 4
    assert [one["items"] for one in judged["fixes"]] == [["srv"], ["nobodys"]]


def test_one_by_one_or_all_at_once_is_the_same() -> None:
    """On random graphs, also for items in any order."""
    rng = random.Random(7)
    for _ in range(200):
        teams: dict[str, Attributes] = {
            f"t{one}": {"class": "team", "status": rng.choice(["live", "retired"])} for one in range(4)
        }
        said: list[Attributes] = [{}, {"owner": "t1"}, {"owner": "x"}]
        items = {f"s{one}": rng.choice(said) for one in range(12)}
        pairs = {(rng.choice([*items]), "owned_by", rng.choice([*teams])) for _ in range(rng.randint(0, 15))}
        picture = take(graph_of({**teams, **items}, pairs), VOCABULARY)
        places = np.array(rng.sample(range(len(picture)), len(picture)), np.int32)

        found = owners_of(picture, places)
        assert found == [owner_of(picture, place) for place in places.tolist()]
        assert owned(picture, places).tolist() == [one is not None for one in found]
        marks = whose_owner(picture, lambda one: one == "t1")
        assert marks[places].tolist() == [one == "t1" for one in found]
