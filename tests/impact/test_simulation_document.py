"""What the answer of a simulation says, and what it does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from cmdb.values import Attributes
from cmdb.vocabulary_files import load_vocabulary
from impact import simulate as simulating
from impact.documents.simulation import simulation_document
from impact.following import take
from impact.picture import Picture
from impact.simulate import Draws, simulate
from tests.impact.pictures import NOON, graph_of

VOCABULARY = load_vocabulary()


def shop(**more: Mapping[str, float]) -> Picture:
    """A shop on a pool of two databases, a till, and a server that is planned."""
    rated: Attributes = {"failures_per_year": 4, "hours_to_restore": 2}
    items: dict[str, Attributes] = {
        "shop": {"class": "application_service", "name": "Shop", "tier": 1},
        "till": {"class": "application_service", "name": "Till"},
        "next": {"class": "application_service", "name": "Next", "status": "planned"},
        "pool": {"class": "redundancy_group", "needs": 1},
        "db-a": {"class": "database", **rated},
        "db-b": {"class": "database"},
        "net": {"class": "network_device"},
    }
    relations = [
        ("shop", "depends_on", "pool"),
        ("shop", "uses", "till"),
        ("db-a", "member_of", "pool"),
        ("db-b", "member_of", "pool"),
        ("till", "connects_via", "net"),
    ]
    given = {key: {**item, **more.get(key.replace("-", "_"), {})} for key, item in items.items()}
    return take(graph_of(given, relations), VOCABULARY)


def told(picture: Picture, *keys: str, out: Collection[str] = (), draws: int = 10_000) -> Any:  # noqa: ANN401
    """The document about some items, all services by default."""
    places = [picture.find(key) for key in keys or ("shop", "till", "next")]
    found = simulate(picture, places, [picture.find(key) for key in out], Draws(draws, 1))
    return simulation_document(found, "live", NOON)


def test_where_nothing_has_a_rate_nothing_is_shown() -> None:
    """Such a service has no row; a sentence counts it."""
    document = told(shop(), "till")
    assert document["items"] == []
    assert document["without_rates"] == 1
    assert document["detail"] == (
        "One item is not shown: nothing that can help to put it out has failures_per_year and"
        " hours_to_restore."
    )


def test_no_hit_is_less_than_something_and_never_nothing() -> None:
    """The upper end of the interval is told, and that not everything has a rate."""
    row = told(shop(), "shop")["items"][0]
    assert (row["p_out"], row["low"], row["hits"]) == (None, 0.0, 0)
    assert row["high"] == pytest.approx(3.8415 / 10_003.84, rel=1e-3)
    assert row["rates"] == {"given": 1, "needs": 4}
    assert row["detail"] == (
        "Shop was out in none of 10,000 draws: what has a rate puts it out less than 0.038 % of the time,"
        " less than 3 hours a year. Of 4 items that can help to put it out, 1 has a rate; the others may add"
        " to it."
    )


def test_a_share_of_the_time_is_told_with_its_interval() -> None:
    """With rates for everything it is no lower bound; from few draws it is vague."""
    often = {"failures_per_year": 87.6, "hours_to_restore": 10}
    never = {"failures_per_year": 0, "hours_to_restore": 1}
    picture = shop(db_a=often, db_b=often, shop=never, pool=never)
    row = told(picture, "shop")["items"][0]
    assert row["low"] < (1 / 11) ** 2 < row["high"]
    assert row["rates"] == {"given": 4, "needs": 4}
    assert row["detail"].startswith("Shop is out 0.8")
    assert "at least" not in row["detail"]
    assert not row["wide"]
    vague = told(picture, "shop", draws=500)["items"][0]
    assert vague["wide"]
    assert "; more draws tell it better." in vague["detail"]


def test_what_is_put_out_shows_in_the_sentences() -> None:
    """What goes out for sure is told so, and the rest with what was put out."""
    document = told(shop(), out=["db-b"])
    assert [one["key"] for one in document["out"]] == ["db-b"]
    assert document["items"][0]["detail"].startswith("With db-b out, Shop is out at least 0.0")
    sure = told(shop(), "shop", "till", out=["db-b", "db-a", "next"])
    assert sure["items"][0]["detail"] == "Shop is out as long as db-a, db-b and Next are."
    assert (sure["items"][0]["p_out"], sure["items"][0]["low"]) == (1.0, 1.0)
    assert sure["without_rates"] == 1
    assert sure["limits"] == [{"key": "next", "reason": "is planned, so it puts nothing out"}]


def test_what_cannot_be_used_stands_in_the_limits() -> None:
    """Half a rate, a negative one, and what is not live are told; they count as none."""
    document = told(shop(db_a={"failures_per_year": -1}, db_b={"hours_to_restore": 3}))
    assert document["items"] == []
    assert document["detail"].startswith("Two items are not shown")
    assert document["limits"] == [
        {"key": "next", "reason": "is planned, so it is not simulated"},
        {"key": "db-a", "reason": "has failures_per_year -1, so it counts as without a rate"},
        {
            "key": "db-b",
            "reason": "has hours_to_restore and no failures_per_year, so it counts as without a rate",
        },
    ]
    assert told(shop(), "next")["detail"] == "Nothing that was asked about is live."


def test_a_rate_without_end_is_out_always() -> None:
    """The largest numbers that can be told make no nonsense."""
    document = told(shop(db_a={"failures_per_year": 1e300, "hours_to_restore": 1e300}), "db-a")
    row = document["items"][0]
    assert (row["p_out"], row["high"]) == (1.0, 1.0)
    assert row["low"] > 0.99


def test_drawing_that_takes_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stops after some draws, and their number is the one that is told."""
    monkeypatch.setattr(simulating, "ROWS_AT_MOST", 100)
    document = told(shop(db_a={"failures_per_year": 8760, "hours_to_restore": 1}), "shop", "db-a")
    assert 0 < document["draws"] < 10_000
    assert document["limits"] == [
        {
            "key": "db-a",
            "reason": f"the draws took too long: {document['draws']:,} of 10,000 were made",
        }
    ]
