"""The page of somebody's services, without a browser."""

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import open_service
from tests.web.conftest import IN_MEMORY, fill, noon
from tests.web.estates import HOSTILE, OWNED
from tests.web.reading import addresses, heading, inline, part, words


@pytest.fixture
def owned() -> Iterator[TestClient]:
    """Yield a client of an estate with owners, at noon on 20 November 2026."""
    with open_service(IN_MEMORY, noon) as service:
        fill(service, OWNED)
        yield TestClient(create_app(service, IN_MEMORY), base_url="http://127.0.0.1")


def test_the_sentence_says_how_a_teams_services_are(owned: TestClient) -> None:
    """How many, how many are hurt, what expires; the same by the team's name, and over HTTP."""
    page = owned.get("/services?owner=ops").text
    twin = owned.get("/api/v1/services?owner=ops").json()

    said = "two services, one degraded, one thing has expired, one thing expires within 30 days."
    assert heading(page) == twin["detail"] == f"Operations: {said}"
    assert "On call ext. 7" in words(page)
    assert heading(owned.get("/services?owner=operations").text) == twin["detail"]
    assert twin["counts"] == {
        "services": 2,
        "out": 0,
        "degraded": 1,
        "at_risk": 0,
        "expiring": 2,
        "expired": 1,
    }


def test_each_service_tells_its_weakest_group_and_what_takes_it_out(owned: TestClient) -> None:
    """The worst first; of several groups the one that can lose least; what expires next."""
    table = part(owned.get("/services?owner=ops").text, "Services")

    assert table.index("Till") < table.index("Shop")
    assert "degraded T2 Till rests on no group no single point known" in table
    assert "Tight pool : 2 of 2 left, needs 2. Nothing left to lose" in table
    assert "Over expired 3 days ago , Tue 17 Nov 12:00 UTC, and 1 more" in table
    points = owned.get("/api/v1/spof?key=shop").json()["items"][0]["total"]
    assert f"{points} single points of failure" in table


def test_redundancy_that_is_none_is_said(holding: Callable[[bytes], TestClient]) -> None:
    """Both members hang on one feed."""
    estate = OWNED.replace(b"  - {source: shop, type: depends_on, target: tight}\n", b"")
    table = part(holding(estate).get("/services?owner=ops").text, "Services")

    assert (
        "Wide pool : 2 of 2 left, needs 1, can lose 1 more False redundancy: Feed takes it out alone" in table
    )


def test_everybodys_services_say_whose_they_are_and_how_many_are_nobodys(owned: TestClient) -> None:
    """The list of owners is a form that works without scripts."""
    page = owned.get("/services").text
    told = words(page)

    assert heading(page).startswith("Everybody: three services")
    assert "Operations, 2" in told
    assert "1 has no owner known" in told
    assert 'name="owner"' in page
    assert "Old" not in part(page, "Services")


@pytest.mark.parametrize(
    ("owner", "status", "said"),
    [
        ("idle-team", 200, "Idle team owns no live service."),
        ("opps", 404, "Nobody called “opps” owns a service. Did you mean ops?"),
        ("a", 404, "Nobody called “a” owns a service."),
    ],
)
def test_who_owns_nothing_and_who_is_unknown_differ(
    owned: TestClient, owner: str, status: int, said: str
) -> None:
    """A team without services is an answer, an unknown name is not."""
    answer = owned.get("/services", params={"owner": owner})

    assert answer.status_code == status
    assert said in words(answer.text)


def test_every_link_leads_somewhere_and_nothing_is_inline(owned: TestClient) -> None:
    """From the front page, too, and from a team's own page."""
    page = owned.get("/services?owner=ops").text

    assert inline(page) == []
    assert "/api/v1/services?owner=ops" in addresses(page)
    for link in addresses(page):
        assert owned.get(link).status_code == 200, link
    assert "/services" in addresses(owned.get("/").text)
    assert "/services?owner=ops" in addresses(owned.get("/items/ops").text)


def test_many_services_go_on_over_pages(holding: Callable[[bytes], TestClient]) -> None:
    """50 rows at once; the sentence counts all."""
    rows = (f"{{key: s{one}, class: application_service, owner: ops}}" for one in range(60))
    client = holding(f"items: [{', '.join(rows)}]".encode())
    page = client.get("/services?owner=ops").text

    assert heading(page).startswith("ops: 60 services")
    assert "1 to 50 of 60" in words(page)
    assert "51 to 60 of 60" in words(client.get("/services?owner=ops&from=50").text)


def test_hostile_names_stay_text(holding: Callable[[bytes], TestClient]) -> None:
    """Of services and of owners."""
    estate = HOSTILE.replace(b"tier: 1}", b'tier: 1, owner: "<img src=x>"}')
    page = holding(estate).get("/services").text

    assert "<img" not in page
    assert inline(page) == []
