"""The pages as they leave the server, without a browser."""

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from api.server.app import create_app
from api.service import open_service
from api.service.demo import fill
from api.settings import Settings
from impact.explain import NESTED_AT_MOST
from tests.web.estates import HOSTILE, NAMESAKES, NESTED, POOL
from tests.web.reading import addresses

Holding = Callable[[bytes], TestClient]


class Tags(HTMLParser):
    """The tags and attributes of a page, and what its scripts hold."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag; a script without an address is one of ours never."""
        names = {name for name, _ in attrs}
        self.found.add(tag if tag != "script" or "src" in names else "inline script")
        self.attributes |= names


def words(page: str) -> str:
    """A page's text as a person reads it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def heading(page: str) -> str:
    """The page's one main heading."""
    (found,) = re.findall(r"<h1>(.*?)</h1>", page, re.DOTALL)
    return words(found)


def test_an_empty_store_says_how_to_begin(empty: TestClient) -> None:
    """Nothing entered yet: import a file, or load the demo."""
    page = empty.get("/").text

    assert heading(page) == "Nothing here yet."
    assert "Import a file you already have, or load the demo estate." in words(page)
    assert "cmdb import netbox.json" in page
    assert "cmdb demo" in page


def test_the_front_page_asks_and_says_how_much_is_known(client: TestClient) -> None:
    """Search, the sentence, coverage, and no door that leads nowhere."""
    page = client.get("/").text

    assert 'name="item"' in page
    assert "264 of 300 CIs reach a service" in page
    for address in addresses(page):
        assert client.get(address).status_code == 200, address


def test_the_answer_stands_first(client: TestClient) -> None:
    """The heading is the answer's own sentence."""
    page = client.get("/impact?cause=power-f2").text
    answer = client.get("/impact.json?cause=power-f2").json()

    assert heading(page) == answer["detail"]
    assert answer["coverage"]["detail"] in words(page)
    assert answer["coverage"]["touched"]["detail"] in words(page)


def test_every_link_of_the_answer_leads_somewhere(client: TestClient) -> None:
    """No link on the page is broken."""
    page = client.get("/impact?cause=power-f2&cause=srv-110&state=out&state=degraded&why=tills").text

    for address in addresses(page):
        assert client.get(address).status_code == 200, address


def test_the_twin_is_the_document_of_the_api(client: TestClient) -> None:
    """The page's JSON is what scripts get."""
    twin = client.get("/impact.json?cause=power-f2&cause=srv-110&state=out&state=degraded").json()
    causes = ["power-f2", {"key": "srv-110", "state": "degraded"}]
    document = client.post("/api/v1/impact", json={"causes": causes, "graph": True}).json()

    assert twin | {"at": None} == document | {"at": None}


@pytest.mark.parametrize("tab", ["services", "all", "held", "before", "not-hit"])
@pytest.mark.parametrize(
    "cause", ["power-f2", "srv-207", "web-new", "dc-north", "team-shop", "checkout-db-pool"]
)
def test_every_tab_of_every_kind_of_answer_can_be_shown(client: TestClient, cause: str, tab: str) -> None:
    """Empty or full, a tab has rows or says that there are none."""
    page = client.get(f"/impact?cause={cause}&tab={tab}")

    assert page.status_code == 200
    assert ("<table" in page.text) != ('class="none"' in page.text)


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("srv-207", "srv-207 has no relations. What it hits is unknown, not nothing."),
        ("web-new", "web-new is planned. It hits nothing today."),
        ("vm-test-1", "vm-test-1"),
    ],
)
def test_an_empty_answer_says_which_kind_and_draws_nothing(
    client: TestClient, cause: str, sentence: str
) -> None:
    """Unknown, not live, nothing needs it: each reads differently, and there is no drawing of nothing."""
    page = client.get(f"/impact?cause={cause}").text

    assert sentence in heading(page)
    assert 'id="canvas"' not in page


def test_what_is_unknown_bears_its_own_sign(client: TestClient) -> None:
    """Unknown is a result, never blank."""
    assert "chip unknown" in client.get("/impact?cause=srv-207").text
    assert "chip unknown" not in client.get("/impact?cause=power-f2").text


def test_redundancy_that_holds_is_told(holding: Holding) -> None:
    """No service is hit, and why not."""
    page = holding(POOL).get("/impact?cause=a").text

    assert heading(page) == "No service is hit: Shop pool holds. 2 of 3 left, needs 1, can lose 1 more."
    assert "Redundancy that held" in page


def test_several_causes_are_one_sentence(client: TestClient) -> None:
    """Each cause can be taken out again, the others stay."""
    page = client.get("/impact?cause=fw-118&cause=link-a&state=out&state=degraded").text

    assert 'aria-label="Remove Rule FW-118"' in page
    assert 'href="/impact?cause=link-a&amp;state=degraded"' in page


def test_a_name_typed_in_full_is_enough(client: TestClient) -> None:
    """People know names, not keys."""
    answer = client.get("/impact?item=Rule+FW-118&state=degraded", follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/impact?cause=fw-118&state=degraded"


def test_an_unknown_name_comes_with_those_close_to_it(client: TestClient) -> None:
    """Status 404, and what it might have been, with the rest of the question kept."""
    answer = client.get("/impact?cause=power-f2&item=chekout")

    assert answer.status_code == 404
    assert heading(answer.text) == "Nothing is called “chekout”."
    assert "Close to it: Checkout" in words(answer.text)
    assert 'href="/impact?cause=power-f2&amp;cause=checkout"' in answer.text


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/impact?cause=checkout&state=broken", 422, "“broken” is not a state."),
        ("/impact?cause=checkout&view=yesterday", 422, "“yesterday” is not a view."),
        ("/impact?cause=checkout&at=noon", 422, "“noon” is not an instant."),
        ("/impact?cause=checkout&view=@99", 404, "99"),
        ("/search?q=a&from=x", 422, "“x” is not a cursor."),
    ],
)
def test_an_error_is_a_page_that_says_what_and_what_to_do(
    client: TestClient, address: str, status: int, said: str
) -> None:
    """People get a page, with a way on."""
    answer = client.get(address)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert said in words(answer.text)
    assert "Ask again" in answer.text


PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("address", ["/nowhere", "/problems/none", "/static/none.css"])
def test_an_unknown_address_is_a_page_for_people(client: TestClient, address: str) -> None:
    """Programs get the problem document, under `/api/` everybody does."""
    page = client.get(address, headers=PERSON)
    assert page.status_code == 404
    assert "Ask again" in page.text
    assert page.headers["content-security-policy"]
    for other in (client.get(address), client.get("/api/v1/nowhere", headers=PERSON)):
        assert other.headers["content-type"] == "application/problem+json"


def test_a_crash_is_a_page_for_people() -> None:
    """It says that nothing is lost, and nothing of what happened."""
    with open_service(Settings(None), lambda: int("hunter2")) as service:  # type: ignore[arg-type,return-value]
        client = TestClient(
            create_app(service, Settings(None)), base_url="http://127.0.0.1", raise_server_exceptions=False
        )
        page = client.get("/", headers=PERSON)
    assert page.status_code == 500
    assert "Nothing is lost." in page.text
    assert "hunter2" not in page.text


def test_a_part_that_cannot_be_had_sends_the_browser_to_the_page_that_says_so(client: TestClient) -> None:
    """A part of a page has no room for a whole one; suggestions say it in place."""
    part = {"HX-Request": "true", **PERSON}
    reasons = client.get("/impact/why?cause=chekout&why=tills", headers=part)
    assert (reasons.status_code, reasons.text) == (404, "")
    assert reasons.headers["hx-redirect"] == "/impact?cause=chekout&why=tills"
    typed = client.get("/search?q=a&view=yesterday", headers=part)
    assert (typed.status_code, "<html" in typed.text) == (422, False)
    assert "“yesterday” is not a view." in typed.text


def test_while_the_store_is_away_pages_say_so() -> None:
    """Answers go on, with the map and the dates as they were last read."""
    with open_service(Settings(None)) as service:
        fill(service)
        client = TestClient(create_app(service, Settings(None)), base_url="http://127.0.0.1")
        asked = ("/", "/search?q=check", "/impact?cause=power-f2")
        before = [words(client.get(address).text) for address in asked]
        service.workspace.store.close()
        after = [words(client.get(address).text) for address in asked]
    assert not any("The database cannot be reached." in page for page in before)
    assert all("The database cannot be reached." in page for page in after)
    assert "7 % of relations are older than 60 days" in before[0]
    assert "7 % of relations are older than 60 days" in after[0]


def test_namesakes_are_told_apart(holding: Holding) -> None:
    """By class, or by key where that is the same too: in the question, the table and the text."""
    page = words(holding(NAMESAKES).get("/impact?cause=workload:cart").text)

    assert "If cart (workload) is out" in page
    assert "Why is cart (technical service) out?" in page
    assert "T2? shop east cart (technical service)" in page
    assert "cart (technical service), because of cart (workload)" in page


def test_the_twin_refuses_with_a_problem_document(client: TestClient) -> None:
    """Programs get the API's own errors."""
    answer = client.get("/impact.json?cause=chekout")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_drawing_is_that_of_the_twin(client: TestClient) -> None:
    """It is fetched apart, because the rest of a long answer is of no use to it."""
    whole = client.get("/impact.json?cause=dc-north").json()
    part = client.get("/impact/drawing.json?cause=dc-north").json()

    assert part == {name: whole[name] for name in ("boxes", "arrows", "items")}


def test_names_cannot_break_out_of_the_page(holding: Holding) -> None:
    """A hostile name is text, wherever it appears."""
    hostile = holding(HOSTILE)

    for address in ("/impact?cause=bad", "/impact?cause=quoted", "/search?q=", "/impact?cause=<img+src=x>"):
        tags = Tags()
        tags.feed(hostile.get(address).text)
        assert tags.found.isdisjoint({"img", "inline script", "style"})
        assert not any(name.startswith("on") for name in tags.attributes)


def test_another_moment_is_said_at_the_top(client: TestClient) -> None:
    """Nobody mistakes another day's answer for today's, on the page or in the text."""
    page = client.get("/impact?cause=power-f2&view=@1").text

    assert words(page).count("You are looking at the map as of") == 2
    assert "Back to today" in page
    assert 'class="band"' not in client.get("/impact?cause=power-f2").text


def test_a_search_lists_services_first_with_a_way_to_ask(client: TestClient) -> None:
    """Name, kind, owner, one fact, and the question it leads to."""
    page = client.get("/search?q=checkout").text

    assert words(page).index("Checkout") < words(page).index("db-checkout-1")
    assert 'href="/impact?cause=checkout-db-pool"' in page
    assert "two members, needs 1" in page
    assert "1 retired" in client.get("/search?q=srv-98").text


def test_typing_gets_suggestions_that_keep_the_question(client: TestClient) -> None:
    """A part of the page, each suggestion the question with one more cause."""
    part = client.get("/search?q=tills&cause=power-f2", headers={"HX-Request": "true"}).text

    assert "<html" not in part
    assert 'href="/impact?cause=power-f2&amp;cause=tills"' in part


def test_the_reasons_come_alone_when_asked_alone(client: TestClient) -> None:
    """Only the card, with the path to mark in the drawing."""
    part = client.get("/impact/why?cause=power-f2&why=checkout").text

    assert "<html" not in part
    assert "both members of Checkout DB pool hang on Power feed F2, DC North" in words(part)
    assert 'data-path="checkout checkout-db-pool checkout-db-pool db-checkout-1 ' in part


def test_reasons_that_are_cut_short_say_so(holding: Holding) -> None:
    """Where groups are nested too deep, the page does not take the last one told for a cause."""
    address = f"/impact/why?cause=g0&why=g{NESTED_AT_MOST + 2}"
    part = words(holding(NESTED).get(address).text)

    assert "which lost members that are not told of here" in part
    assert "is a cause" not in part


def test_files_are_kept_for_good_and_pages_are_not(client: TestClient) -> None:
    """A file's address changes with its content."""
    page = client.get("/")
    (address,) = re.findall(r'href="(/static/pages\.css\?v=\w+)"', page.text)
    served = client.get(address)

    assert page.headers["cache-control"] == "no-cache"
    assert "immutable" in served.headers["cache-control"]
    assert served.headers["content-encoding"] == "gzip"


def test_nothing_on_a_page_is_inline(client: TestClient) -> None:
    """No inline script, style or handler, so the policy can forbid them."""
    page = client.get("/impact?cause=dc-north").text

    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
    assert (
        len(page) + sum(len(client.get(f"/static/{name}").content) for name in ("pages.css", "page.js"))
        < 200_000
    )


def test_suggestions_are_only_what_can_fail(client: TestClient) -> None:
    """Teams are left out before counting; where nothing else is called so, that is said."""
    typing = {"HX-Request": "true"}
    assert "Team Shop" not in client.get("/search?item=shop", headers=typing).text
    assert "shop-web" in client.get("/search?item=shop", headers=typing).text
    assert "no configuration item" in client.get("/search?item=team", headers=typing).text
