"""The pages of an import, without a browser: bring files, read the plan, apply it, undo it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any, cast

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from api.server import guard
from api.server.app import create_app
from api.service import Service, open_service
from api.service.editing import Edit
from api.service.imports import Imports
from api.settings import Settings
from api.web import importing
from cmdb.model import Actor
from loaders.detect import LOADERS
from tests.api.test_guard import basic
from tests.web.conftest import IN_MEMORY, fill
from tests.web.importing import FIRST, LONG, SECOND, bring, press_apply, seen, settle
from tests.web.reading import addresses, heading, inline, part, words

pytestmark = pytest.mark.slow

HERE = "http://127.0.0.1"
AS_EVE = {"Cmdb-Actor": "eve"}


class Calendar:
    """A clock that is set by hand."""

    now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return what it shows."""
        return self.now


@pytest.fixture
def clock() -> Calendar:
    """Return a clock at noon."""
    return Calendar()


@pytest.fixture
def service(clock: Calendar) -> Iterator[Service]:
    """Yield the use cases on an empty store."""
    with open_service(IN_MEMORY, clock) as service:
        yield service


@pytest.fixture
def client(service: Service) -> TestClient:
    """Return a client of its pages, which says that it is a person's."""
    app = create_app(service, IN_MEMORY)
    return TestClient(app, base_url=HERE, headers={"Accept": "text/html"}, raise_server_exceptions=False)


@pytest.fixture(params=[LONG, 0])
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages wait until everything is done, or not at all."""
    monkeypatch.setattr(importing, "PATIENCE_SECONDS", request.param)


def revision(service: Service) -> int:
    """Return the newest revision."""
    return service.workspace.store.head().revision


def edit(service: Service, key: str, **values: object) -> None:
    """Edit an item by hand, as somebody else would."""
    service.editing.edit(Edit(key, values, Actor("bob"), None, None))


def test_the_form_explains_itself(client: TestClient) -> None:
    """Each field has a label and a hint; the limit and every format are named; the empty store leads here."""
    page = client.get("/import").text
    assert heading(page) == "Import files"
    assert "64 MiB" in words(page)
    for loader in LOADERS:
        assert f"{loader.FORMAT} : {loader.LOOKS_LIKE}" in words(page)
    for field in ("file", "format", "source", "mapping"):
        assert f'<label for="{field}">' in page
        assert f'id="{field}-hint"' in page
    assert 'enctype="multipart/form-data"' in page
    assert inline(page) == []
    assert "/import" in addresses(client.get("/").text)


def test_a_plan_is_shown_and_nothing_written(client: TestClient, service: Service) -> None:
    """What the file is, that it is not applied, and the same numbers as over HTTP."""
    fill(service, FIRST)
    address = bring(client, service, SECOND, source="ops", any_share="yes")
    page = client.get(address).text
    twin = client.post(
        "/api/v1/imports?dry_run=true&name=f.yaml&source=ops&allow_retire=true", content=SECOND
    ).json()

    assert revision(service) == 1
    assert heading(page) == "f.yaml: native. Not applied yet"
    totals = twin["totals"]
    assert f"Add {totals['added']} Change {totals['changed']} Retire {totals['retired']}" in words(page)
    steps = totals["added"] + totals["changed"] + totals["retired"]
    assert f"Apply {steps} changes" in words(page)
    assert client.get(f"{address}/plan.json").json() == twin
    assert inline(page) == []


def test_each_part_is_a_tab(client: TestClient, service: Service) -> None:
    """Rows in words: item, field, before and after; relations as sentences; why something stays."""
    bring_first = bring(client, service, FIRST, source="ops")
    press_apply(client, service, bring_first)
    edit(service, "db-1", tier=3)
    second = SECOND.replace(b"class: database}", b"class: database, tier: 1}")
    address = bring(client, service, second, source="ops", any_share="yes")

    added, changed, retired = (
        words(client.get(f"{address}?part={name}").text) for name in ("added", "changed", "retired")
    )
    assert "web-3 server cpus 4" in added
    assert "web-3 uses db-1" in added
    assert "line 4" in added
    assert "Website server" in changed
    assert "Name Web Website Tier 1 2" in changed
    assert "Retire 1 of 4 (25 %, limit 20 %)." in retired
    assert "web-2" in retired
    for tab in addresses(client.get(address).text):
        assert client.get(tab).status_code == 200, tab


def test_what_is_held_back_and_alone_is_told(client: TestClient, service: Service) -> None:
    """A value of higher rank stays; an item without relations is named; what is not there, too."""
    netbox = FIRST
    press_apply(client, service, bring(client, service, netbox, source="netbox"))
    edit(service, "web-1", tier=3)
    address = bring(client, service, netbox, source="netbox")
    kept = words(client.get(f"{address}?part=kept").text)
    assert "Held back 1" in kept
    assert "Tier 3 1 by edited by hand; netbox says otherwise" in kept
    assert "web-2" in words(client.get(f"{address}?part=lonely").text)


def test_a_filter_says_what_it_hides(client: TestClient, service: Service) -> None:
    """A word may stand anywhere in a key, a pattern is one; nothing found names the number without it."""
    address = bring(client, service, FIRST)
    found = words(client.get(f"{address}?part=added&match=b-2").text)
    assert "web-2" in found
    assert "Web server" not in found
    assert "Web server" in words(client.get(f"{address}?part=added&match=web-?").text)
    assert "Without it: 5." in words(client.get(f"{address}?part=added&match=zzz").text)


def test_an_import_is_applied_once(client: TestClient, service: Service) -> None:
    """However often the button is pressed: one commit, of who pressed it."""
    address = bring(client, service, FIRST)
    digest = seen(client.get(address).text)
    for _ in range(3):
        client.post(f"{address}/apply", data={"seen": digest}, follow_redirects=False)
    settle(service, address)
    page = client.get(address).text
    assert heading(page) == "f.yaml: imported as revision 1"
    assert "Added three items and one relation. Beside these, one change" in words(page)
    assert revision(service) == 1
    links = addresses(page)
    assert {"/items/web-1", "/diff?from=%400&to=%401", "/revisions/1/undo"} <= links
    for link in links:
        assert client.get(link).status_code == 200, link
    event = client.get("/api/v1/items/web-1/history").json()["history"][0]
    assert event["message"] == "Import of f.yaml"


def test_two_who_apply_at_once_make_one_commit(client: TestClient, service: Service) -> None:
    """Both are led to the same result."""
    address = bring(client, service, FIRST)
    digest, go = seen(client.get(address).text), Event()

    def press() -> None:
        go.wait(LONG)
        client.post(f"{address}/apply", data={"seen": digest}, follow_redirects=False)

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join()
    settle(service, address)
    assert heading(client.get(address).text) == "f.yaml: imported as revision 1"
    assert revision(service) == 1


def test_a_plan_that_nobody_read_is_not_applied(client: TestClient, service: Service) -> None:
    """If somebody alters the map meanwhile so that it matters, the new plan is shown, and can be applied."""
    fill(service, FIRST)
    address = bring(client, service, SECOND)
    digest = seen(client.get(address).text)
    edit(service, "web-1", owner="me")
    edit(service, "web-1", name="Website")
    client.post(f"{address}/apply", data={"seen": digest})
    settle(service, address)
    page = client.get(address).text
    assert revision(service) == 3
    assert "nothing was applied. This is the plan now" in words(page)
    assert heading(page) == "f.yaml: native. Not applied yet"
    assert seen(page) != digest
    assert "imported as revision 4" in heading(press_apply(client, service, address))


def test_what_does_not_matter_to_the_plan_does_not_hinder_it(client: TestClient, service: Service) -> None:
    """Another item's change leaves the plan as it was read."""
    fill(service, FIRST)
    address = bring(client, service, SECOND)
    edit(service, "web-2", owner="me")
    assert "imported as revision 3" in heading(press_apply(client, service, address))


def test_nothing_would_change(client: TestClient, service: Service) -> None:
    """It can be recorded that it was seen; that makes no revision."""
    fill(service, FIRST)
    address = bring(client, service, FIRST)
    page = client.get(address).text
    assert heading(page) == "f.yaml: native. Nothing would change"
    assert "The map says this already." in words(page)
    assert "Record that it was seen" in words(page)
    assert heading(press_apply(client, service, address)) == "f.yaml: seen, nothing changed"
    assert revision(service) == 1


REFUSED = [
    (b"", 400, "empty"),
    (b"items: [", 400, "f.yaml line 2, column 1"),
    (b"\x89PNG\r\n\x1a\n", 400, "f.yaml"),
    (b'{"items": [{"key": "a", "class": "frob"}, {"key": "b", "class": "frob"}]}', 422, "frob"),
]


@pytest.mark.parametrize(("content", "status", "said"), REFUSED, ids=["empty", "broken", "image", "rule"])
@pytest.mark.usefixtures("patience")
def test_a_refused_file_comes_back_to_the_form(
    content: bytes,
    status: int,
    said: str,
    client: TestClient,
    service: Service,
) -> None:
    """At once or from the page that it led to, with what, where and what to do, the fields as they were."""
    answer = refused(client, service, content, source="ops", format="native")
    page = answer.text
    assert answer.status_code == status
    assert heading(page) == "Import files"
    assert said in part(page, "summary")
    assert 'id="summary" tabindex="-1" autofocus' in page
    assert 'value="ops"' in page
    assert 'value="native" selected' in page
    assert not list(service.held.uploads.folder.rglob("file-*"))
    assert revision(service) == 0


def refused(client: TestClient, service: Service, content: bytes, **fields: str) -> Response:
    """Send a file that is refused, and return the page that says so."""
    answer: Response = client.post(
        "/import", files={"file": ("f.yaml", content)}, data=fields, follow_redirects=False
    )
    if answer.status_code != 303:
        return answer
    settle(service, answer.headers["Location"])
    return client.get(answer.headers["Location"])


def test_too_many_faults_are_counted(client: TestClient, service: Service) -> None:
    """The first fifty are told, and how many more there are."""
    rows = [{"key": f"k{n}", "class": "frob"} for n in range(70)]
    assert "and 20 more" in words(refused(client, service, json.dumps({"items": rows}).encode()).text)


@pytest.mark.parametrize("fields", [{}, {"file": "no file but text"}])
def test_no_file_at_all(fields: dict[str, str], client: TestClient) -> None:
    """Neither an empty form, nor one that browsers never send."""
    for answer in (
        client.post("/import", data=fields),
        client.post("/import", files={"mapping": ("", b"")}, data=fields),
    ):
        assert answer.status_code == 422
        assert "Choose at least one" in part(answer.text, "summary")


def test_more_than_one_upload_may_hold(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard counts what comes, whatever was announced; other forms stay small."""
    monkeypatch.setattr(guard, "UPLOAD_AT_MOST", 10_000)
    answer = client.post("/import", files={"file": ("f.yaml", b"x" * 20_000)})
    assert answer.status_code == 413
    assert "Send less at once" in words(answer.text)
    small = client.post("/import/x/apply", content=b"x" * (guard.BODY_AT_MOST + 1))
    assert small.status_code == 413


def test_many_files_and_a_mapping(client: TestClient, service: Service) -> None:
    """All are one import; a table is read as its mapping says."""
    address = bring(client, service, FIRST, SECOND.replace(b"web-1", b"web-9"))
    assert heading(client.get(address).text).startswith("f.yaml and f.yaml: native")
    mapping = b'[[items]]\nclass = {value = "server"}\nid = "Host"\n'
    sent = client.post(
        "/import",
        files=[("file", ("t.csv", b"Host\na1\n")), ("mapping", ("m.toml", mapping))],
        data={"source": "cmdb"},
        follow_redirects=False,
    )
    if sent.status_code == 303:
        settle(service, sent.headers["Location"])
        page = client.get(sent.headers["Location"]).text
        assert heading(page) == "t.csv: table. Not applied yet"
        assert "a1 server" in words(page)
    else:
        pytest.fail(part(sent.text, "summary"))


HOSTILE_NAMES = [
    '"><img src=x onerror=alert(1)>.yaml',
    "../../etc/passwd",
    "C:\\temp\\x.yaml",
    "CON",
    "x" * 255,
    "a\u202eb.yaml",
    "=cmd().yaml",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_hostile_file_name_stays_a_name(name: str, client: TestClient, service: Service) -> None:
    """On every page, in the history, and never as a path."""
    address = bring(client, service, FIRST, name=name)
    for page in (client.get(address).text, press_apply(client, service, address)):
        assert "<img" not in page
        assert inline(page) == []
        assert "temp\\" not in page
    assert client.get("/items/web-1/history").status_code == 200
    held = service.held.uploads.folder
    assert {path.name for path in held.rglob("*")}.isdisjoint({"passwd", "CON", "x.yaml"})


def test_a_name_that_no_file_has_is_refused(client: TestClient) -> None:
    """Systems know none of thousands of characters."""
    answer = client.post("/import", files={"file": ("x" * 5000, FIRST)})
    assert answer.status_code == 400
    assert "The form cannot be read" in part(answer.text, "summary")


def test_hostile_values_stay_text(client: TestClient, service: Service) -> None:
    """On the page and, for a spreadsheet, in the table."""
    name = "=HYPERLINK(1)<img src=x>"
    address = bring(
        client,
        service,
        json.dumps({"items": [{"key": "a", "class": "server", "name": name, "owner": "+1<b>"}]}).encode(),
    )
    assert "<img" not in client.get(address).text
    rows = list(csv.DictReader(io.StringIO(client.get(f"{address}/plan.csv").content.decode("utf-8-sig"))))
    assert (rows[0]["name"], rows[0]["after"]) == (f"'{name}", "'+1<b>")
    assert {row["part"] for row in rows} == {"added", "lonely"}


def test_somebody_elses_import_is_not_there(client: TestClient, service: Service) -> None:
    """Neither to read nor to apply or discard; nothing tells that it exists."""
    address = bring(client, service, FIRST)
    unknown = f"/import/{'x' * 32}"
    for path in ("", "/plan.json", "/plan.csv"):
        theirs = client.get(address + path, headers=AS_EVE)
        assert theirs.status_code == 404
        assert theirs.text == client.get(unknown + path, headers=AS_EVE).text
    for path in ("/apply", "/again", "/discard"):
        assert client.post(address + path, data={"seen": ""}, headers=AS_EVE).status_code == 404
    assert client.get(address).status_code == 200
    assert revision(service) == 0


def test_after_a_day_an_import_is_gone(client: TestClient, service: Service, clock: Calendar) -> None:
    """The page says why."""
    address = bring(client, service, FIRST)
    clock.now += timedelta(days=1, seconds=1)
    answer = client.get(address)
    assert answer.status_code == 404
    assert "older than a day" in words(answer.text)


def test_a_discarded_import_is_gone(client: TestClient, service: Service) -> None:
    """And the form is there again."""
    address = bring(client, service, FIRST)
    answer = client.post(f"{address}/discard")
    assert heading(answer.text) == "Import files"
    assert client.get(address).status_code == 404
    assert list(service.held.uploads.folder.iterdir()) == []


def test_of_what_was_applied_no_file_is_kept(client: TestClient, service: Service) -> None:
    """The result stays for a day, the files themselves do not."""
    address = bring(client, service, FIRST)
    press_apply(client, service, address)
    assert not list(service.held.uploads.folder.rglob("file-*"))
    assert client.post(f"{address}/again", follow_redirects=False).status_code == 303
    settle(service, address)
    assert heading(client.get(address).text) == "f.yaml: imported as revision 1"


def test_pages_of_other_sites_cannot_import(client: TestClient, service: Service) -> None:
    """The browser says where a form comes from, and that is enough."""
    address = bring(client, service, FIRST)
    digest = seen(client.get(address).text)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://example.com"}, {"Origin": "null"}):
        for path in ("/import", f"{address}/apply", "/revisions/1/undo"):
            sent = client.post(path, data={"seen": digest}, headers=headers)
            assert sent.status_code == 422
            assert "another site" in words(sent.text)
    assert revision(service) == 0


def test_many_rows_are_paged(client: TestClient, service: Service) -> None:
    """Fifty at once, with the number of all."""
    rows = [{"key": f"srv-{n:03}", "class": "server"} for n in range(120)]
    address = bring(client, service, json.dumps({"items": rows}).encode())
    assert "1 to 50 of 120" in words(client.get(address).text)
    last = words(client.get(f"{address}?part=added&from=100").text)
    assert "101 to 120 of 120" in last
    assert "srv-119" in last
    assert "101 to 120 of 120" in words(client.get(f"{address}?part=lonely&from=100").text)
    assert "51 to 100 of 100" in words(client.get(f"{address}?part=added&match=srv-0*&from=50").text)


class Gate:
    """Holds whoever comes until it is opened."""

    def __init__(self) -> None:
        self.come, self.open = Event(), Event()

    def hold(self, *report: Any) -> None:  # noqa: ANN401
        """Let somebody wait."""
        self.come.set()
        assert self.open.wait(LONG), report


def test_a_page_shows_how_far_it_is(client: TestClient, service: Service) -> None:
    """It asks again by itself, with and without scripts, and is the plan when that is there."""
    gate, address = Gate(), bring(client, service, FIRST)

    def slow(progress: Callable[[str, int, int], None]) -> None:
        progress("items planned", 31_200, 100_000)
        gate.hold()

    service.held.jobs.start(address.rpartition("/")[2], slow)
    assert gate.come.wait(LONG)
    page = client.get(address).text
    assert "31,200 of 100,000 items planned" in words(page)
    assert "You can leave this page" in words(page)
    assert '<progress aria-label="How far it is" value="31200" max="100000">' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert f'hx-get="{address}"' in page
    assert inline(page) == []
    assert client.get(address, headers={"HX-Request": "true"}).headers.get("HX-Refresh") is None
    gate.open.set()
    settle(service, address)
    assert client.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "Not applied yet" in heading(client.get(address).text)


def test_the_store_away_loses_nothing(client: TestClient, service: Service) -> None:
    """503 with the plan still there and the way to try again; bringing files then says the same."""
    address = bring(client, service, FIRST)
    digest = seen(client.get(address).text)
    service.workspace.store.close()
    client.post(f"{address}/apply", data={"seen": digest}, follow_redirects=False)
    settle(service, address)
    answer = client.get(address)
    assert answer.status_code == 503
    assert "Nothing is lost: trying again finds out what was done, and does it once." in words(answer.text)
    assert "Try again: Apply 5 changes" in words(answer.text)
    other = client.get(bring(client, service, SECOND))
    assert other.status_code == 503
    assert heading(other.text) == "f.yaml: not planned"
    assert "Try again" in words(other.text)


class Broken:
    """A use case of importing that has a fault."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        message = f"a fault in {name}"
        raise AssertionError(message)


def test_a_job_that_dies_says_so(client: TestClient, service: Service) -> None:
    """500 in its name, what happened in the log alone, and a second try possible."""
    address = bring(client, service, FIRST)
    digest = seen(client.get(address).text)
    broken = copy(service)
    broken.held = replace(service.held, imports=cast(Imports, Broken()))
    there = TestClient(create_app(broken, IN_MEMORY), base_url=HERE, headers={"Accept": "text/html"})
    there.post(f"{address}/apply", data={"seen": digest}, follow_redirects=False)
    settle(service, address)
    answer = client.get(address)
    assert answer.status_code == 500
    assert "fault in the program" in words(answer.text)
    assert "a fault in apply" not in answer.text
    assert "imported as revision 1" in heading(press_apply(client, service, address))


def test_a_server_that_ended_meanwhile(client: TestClient, service: Service) -> None:
    """Planning begins again; whether it was applied is found out, and it is done once."""
    address = bring(client, service, FIRST)
    folder = service.held.uploads.folder / address.rpartition("/")[2]
    digest = seen(client.get(address).text)

    (folder / "applying").touch()
    page = client.get(address).text
    assert heading(page) == "f.yaml: stopped while it was applied"
    assert seen(page) == digest
    client.post(f"{address}/apply", data={"seen": digest}, follow_redirects=False)
    settle(service, address)
    assert heading(client.get(address).text) == "f.yaml: imported as revision 1"

    other = bring(client, service, SECOND)
    for path in (service.held.uploads.folder / other.rpartition("/")[2] / "plan").iterdir():
        path.unlink()
    (service.held.uploads.folder / other.rpartition("/")[2] / "plan").rmdir()
    assert heading(client.get(other).text) == "f.yaml: stopped before it was planned"
    assert client.get(f"{other}/plan.json").status_code == 404
    client.post(f"{other}/again", follow_redirects=False)
    settle(service, other)
    assert heading(client.get(other).text) == "f.yaml: native. Not applied yet"


def test_with_tokens_an_import_is_its_owners(service: Service) -> None:
    """Who presses the button is written down as authenticated."""
    settings = Settings(None, tokens={"s3cret": "ada", "0ther": "eve"})
    app = create_app(service, settings)
    ada = TestClient(app, base_url=HERE, headers={"Authorization": basic("", "s3cret")})
    eve = TestClient(app, base_url=HERE, headers={"Authorization": basic("", "0ther")})
    address = bring(ada, service, FIRST)
    assert eve.get(address).status_code == 404
    press_apply(ada, service, address)
    *_, event = ada.get("/api/v1/items/web-1/history").json()["history"]
    assert (event["author"], event["identity"]) == ("ada", "authenticated")
