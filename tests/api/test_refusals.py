"""What each operation may refuse: just the problems that its description names, each brought about."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from api.http.examples import Example
from api.http.problems import ANYWHERE, GUARDED
from api.server import guard
from api.server.app import create_app
from api.service import Service, open_service
from api.service.changes import Move, NewChange
from api.service.relating import Link
from api.settings import Settings
from cmdb.stores.base import Transaction
from cmdb.stores.sqlite import SqliteStore
from tests.api.conftest import HERE, noon
from tests.api.described import all_operations, slugs
from tests.api.planning import ADA, PLAN, TODAY, VIEW, bring, edit
from tests.api.responses import is_problem

pytestmark = pytest.mark.slow

Situation = Callable[[Service], object]

BESIDE = """
items:
  - {key: ops, class: team}
  - {key: CHG-8, class: change, name: Other disks, assessed_revision: 3, assessed_at: "2026-11-20T12:00:00Z"}
  - {key: source:scan, class: source, name: data source scan, unresolved: [shop uses Mail]}
relations:
  - {source: CHG-7, type: affects, target: db, action: patch}
"""
"""Somebody who can own something, a name that leads nowhere, and what a change touches."""

CHANGE = {"key": "CHG-7"}
TOUCHES = "323bc199c7730c81"
"""Tells what the change touches and means to alter from anything else."""
SEEN = f'"1-{TOUCHES}"'
MEDDLING = {"title": "Tidy up", "operations": [{"item": {"key": "CHG-7", "stage": "closed"}}]}
"""A change that means to move another one."""
MOVES = ("change-submit", "change-cancel")
SHOP = {"key": "shop"}
RELATION = {"key": "shop", "type": "depends_on", "target": "db"}
ASKED = {
    "show": Example(path=SHOP),
    "history": Example(path=SHOP),
    "search": Example(query={"q": "shop"}),
    "impact": Example(body={"causes": ["db"]}),
    "explain": Example(query={"cause": "db", "key": "shop"}),
    "depends": Example(path=SHOP),
    "path": Example(query={"from": "db", "to": "shop"}),
    "spof": Example(query={"key": "shop"}),
    "simulate": Example(body={"items": ["shop"], "draws": 10}),
    "not-hit": Example(query={"cause": "db"}),
    "data": Example(),
    "data-list": Example(path={"list": "unowned"}),
    "now": Example(),
    "services": Example(),
    "diff": Example(query={"from": "@1"}),
    "verify": Example(),
    "export": Example(),
    "live": Example(),
    "ready": Example(),
    "metrics": Example(),
    "edit": Example(path=SHOP, header={"If-Match": '"1"'}, body={"tier": 3}),
    "relate": Example(path=RELATION, header={"If-Match": '"1"'}, body={"known": "declared"}),
    "unrelate": Example(path=RELATION, header={"If-Match": '"1"'}),
    "confirm": Example(path=RELATION, header={"If-Match": '"1"'}),
    "assign": Example(path=SHOP, header={"If-Match": '"1"'}, body={"owner": "ops"}),
    "resolve": Example(path=SHOP, body={"type": "uses", "refers_to": "Mail", "means": "db"}),
    "change-new": Example(body={"title": "New disks"}),
    "change-list": Example(),
    "change-show": Example(path=CHANGE),
    "change-edit": Example(path=CHANGE, header={"If-Match": SEEN}, body={"reason": "Old ones fail."}),
    "change-submit": Example(path=CHANGE),
    "change-cancel": Example(path=CHANGE),
    "change-assess": Example(path=CHANGE),
    "change-replay": Example(path={"key": "CHG-8"}),
    "withdraw": Example(path={"plan": "project:apollo", "key": "shop"}),
    "import": Example(file="items: [{key: new, class: server}]"),
    "undo": Example(path={"revision": 2}),
}
"""A request of each operation that is answered, where nothing stands against it."""


def nothing(_: Service) -> None:
    """Leave the estate as it is."""


def moved_on(service: Service) -> None:
    """Change today what the project plans to change."""
    edit(service, "shop", tier=4)


def away(service: Service) -> None:
    """Take the store away."""
    service.workspace.store.close()


def needed_elsewhere(service: Service) -> None:
    """Let the deliverable plan with a relation that the project plans to change or to do without."""
    service.relating.relate(Link("shop", "depends_on", "db", ADA, into="deliverable:pages"), {"role": "x"})


def known_elsewhere(service: Service) -> None:
    """Let the deliverable plan how else that relation is known."""
    service.relating.relate(
        Link("shop", "depends_on", "db", ADA, into="deliverable:pages"), {"known": "inferred"}
    )


def owned_elsewhere(service: Service) -> None:
    """Let the deliverable plan another owner."""
    edit(service, "shop", "deliverable:pages", owner="y")


def meant_already(service: Service) -> None:
    """Let the relation that a name would become stand for another one."""
    service.relating.relate(Link("shop", "uses", "db", ADA), {"resolves": "Post"})


def turned_into_a_document(service: Service) -> None:
    """Let the project plan that nothing needs the database any more, and that it becomes something else."""
    service.relating.unrelate(Link("shop", "depends_on", "db", ADA, into="project:apollo"))
    bring(service, "items: [{key: db, class: document}]")


def cancelled(service: Service) -> None:
    """Cancel the change."""
    service.changes.cancel("CHG-7", Move(ADA))


def asked_before(service: Service) -> None:
    """Use the id of a request for another one."""
    service.changes.new(NewChange({"title": "Before"}, ADA, "once"))


def changed(asked: Example, **how: Any) -> Example:  # noqa: ANN401  whatever a request holds
    """Return a request that differs in some parts; `None` takes a value away."""
    parts = {name: {**(getattr(asked, name) or {}), **values} for name, values in how.items()}
    kept: dict[str, Any] = {
        name: {one: value for one, value in values.items() if value is not None}
        for name, values in parts.items()
    }
    return replace(asked, **kept)


def viewed(operation: str, view: str) -> Example:
    """Return the request of an operation, asked of another view."""
    asked = ASKED[operation]
    if asked.body is not None:
        return changed(asked, body={"view": view})
    return changed(asked, query={"from" if operation == "diff" else "view": view})


def sent(operation: str, **how: Any) -> Example:  # noqa: ANN401  whatever a request holds
    """Return the request of an operation, changed in some parts."""
    return changed(ASKED[operation], **how)


ABOUT_VIEWS = sorted(
    {"show", "history", "search", "impact", "explain", "depends", "path", "spof", "simulate"}
)
ABOUT_VIEWS += ["not-hit", "data", "data-list", "now", "services", "diff", "export"]
BROKEN = replace(ASKED["impact"], body=None, file="{")
RIVAL = "items: [{key: shop, class: application_service, owner: z}]"
CASES: dict[tuple[str, str], tuple[Situation, Example]] = {
    **{(one, "not-found"): (nothing, viewed(one, "@99")) for one in ABOUT_VIEWS},
    **{(one, "conflict"): (moved_on, viewed(one, VIEW)) for one in ABOUT_VIEWS},
    **{(one, "unavailable"): (away, asked) for one, asked in ASKED.items() if one not in {"live", "metrics"}},
    **{
        (one, "rejected"): (nothing, sent(one, query={"limit": 0}))
        for one in ("search", "not-hit", "data-list", "services", "change-list")
    },
    ("explain", "rejected"): (nothing, sent("explain", query={"state": "bad"})),
    ("path", "rejected"): (nothing, sent("path", query={"to": None})),
    ("diff", "rejected"): (nothing, sent("diff", query={"from": None})),
    ("data", "rejected"): (nothing, sent("data", query={"fix": "all"})),
    ("export", "rejected"): (nothing, sent("export", query={"format": "xml"})),
    ("impact", "rejected"): (nothing, sent("impact", body={"graph": 1})),
    ("simulate", "rejected"): (nothing, sent("simulate", body={"draws": 0})),
    ("impact", "unreadable"): (nothing, BROKEN),
    ("simulate", "unreadable"): (nothing, BROKEN),
    ("edit", "unreadable"): (nothing, replace(ASKED["edit"], body=None, file="{")),
    **{
        (one, "unreadable"): (nothing, replace(ASKED[one], body=None, file="{"))
        for one in ("change-new", "change-edit")
    },
    ("change-new", "rejected"): (nothing, sent("change-new", body={"title": " "})),
    ("change-edit", "rejected"): (nothing, sent("change-edit", body={"reson": "x"})),
    ("change-new", "conflict"): (nothing, sent("change-new", body=MEDDLING)),
    ("change-list", "not-found"): (nothing, sent("change-list", query={"affects": "nobody"})),
    **{
        (one, "not-found"): (nothing, sent(one, path={"key": "nobody"}))
        for one in ("change-show", "change-edit", "change-assess", "change-replay", *MOVES)
    },
    ("change-edit", "conflict"): (cancelled, sent("change-edit", header={"If-Match": f'"2-{TOUCHES}"'})),
    **{(one, "conflict"): (cancelled, ASKED[one]) for one in ("change-assess", *MOVES)},
    **{
        (one, "stale"): (nothing, sent(one, header={"If-Match": '"7"'}))
        for one in ("change-edit", "change-assess", *MOVES)
    },
    **{(one, "rejected"): (asked_before, sent(one, header={"Idempotency-Key": "once"})) for one in MOVES},
    ("change-edit", "version-needed"): (nothing, sent("change-edit", header={"If-Match": None})),
    ("assign", "unreadable"): (nothing, replace(ASKED["assign"], body=None, file="{")),
    ("resolve", "unreadable"): (nothing, replace(ASKED["resolve"], body=None, file="{")),
    ("relate", "unreadable"): (nothing, replace(ASKED["relate"], body=None, file="{")),
    ("import", "unreadable"): (nothing, Example(file="\0")),
    ("edit", "not-found"): (nothing, sent("edit", path={"key": "nobody"})),
    ("relate", "not-found"): (nothing, sent("relate", path={"target": "nobody"})),
    ("unrelate", "not-found"): (nothing, sent("unrelate", path={"target": "nobody"})),
    ("confirm", "not-found"): (nothing, sent("confirm", path={"target": "nobody"})),
    ("assign", "not-found"): (nothing, sent("assign", body={"owner": "nobody"})),
    ("resolve", "not-found"): (nothing, sent("resolve", body={"refers_to": "Post"})),
    ("withdraw", "not-found"): (nothing, sent("withdraw", path={"key": "nobody"})),
    ("import", "not-found"): (nothing, sent("import", query={"into": "project:nobody"})),
    ("undo", "not-found"): (nothing, sent("undo", path={"revision": 99})),
    ("edit", "conflict"): (nothing, sent("edit", body={"key": "db"})),
    ("relate", "conflict"): (
        needed_elsewhere,
        sent("relate", query={"into": "project:apollo"}, header={"If-Match": "*"}, body={"role": "y"}),
    ),
    ("unrelate", "conflict"): (
        needed_elsewhere,
        sent("unrelate", query={"into": "project:apollo"}, header={"If-Match": "*"}),
    ),
    ("confirm", "conflict"): (
        known_elsewhere,
        sent("confirm", query={"into": "project:apollo"}, header={"If-Match": "*"}),
    ),
    ("assign", "conflict"): (
        owned_elsewhere,
        sent("assign", query={"into": "project:apollo"}, header={"If-Match": "*"}),
    ),
    ("resolve", "conflict"): (meant_already, ASKED["resolve"]),
    ("withdraw", "conflict"): (turned_into_a_document, ASKED["withdraw"]),
    ("import", "conflict"): (
        owned_elsewhere,
        Example(query={"into": "project:apollo"}, file=RIVAL),
    ),
    ("undo", "conflict"): (moved_on, sent("undo", path={"revision": 1})),
    ("edit", "rejected"): (nothing, sent("edit", body={"tier": 9})),
    ("relate", "rejected"): (nothing, sent("relate", path={"type": "likes"})),
    ("unrelate", "rejected"): (nothing, sent("unrelate", path={"type": "likes"})),
    ("confirm", "rejected"): (nothing, sent("confirm", path={"type": "likes"})),
    ("assign", "rejected"): (nothing, sent("assign", body={"owner": ""})),
    ("resolve", "rejected"): (nothing, sent("resolve", body={"means": None})),
    ("import", "rejected"): (nothing, Example(file="items: [{key: new, class: servr}]")),
    ("undo", "rejected"): (nothing, sent("undo", path={"revision": 0})),
    ("edit", "stale"): (nothing, sent("edit", header={"If-Match": '"7"'})),
    ("relate", "stale"): (nothing, sent("relate", header={"If-Match": '"7"'})),
    ("unrelate", "stale"): (nothing, sent("unrelate", header={"If-Match": '"7"'})),
    ("confirm", "stale"): (nothing, sent("confirm", header={"If-Match": '"7"'})),
    ("assign", "stale"): (nothing, sent("assign", header={"If-Match": '"7"'})),
    ("confirm", "version-needed"): (nothing, sent("confirm", header={"If-Match": None})),
    ("assign", "version-needed"): (nothing, sent("assign", header={"If-Match": None})),
    ("edit", "version-needed"): (nothing, sent("edit", header={"If-Match": None})),
    ("relate", "version-needed"): (nothing, sent("relate", header={"If-Match": None})),
    ("unrelate", "version-needed"): (nothing, sent("unrelate", header={"If-Match": None})),
}
"""By operation and problem: the situation in which it is brought about, and by which request."""

INTO = {"into": "project:apollo"}
RETIRING = {"operations": [{"retire": "db"}]}
ANY = {"If-Match": "*"}
IMPATIENT = {
    "export": ASKED["export"],
    "diff": ASKED["diff"],
    "verify": ASKED["verify"],
    "import": ASKED["import"],
    "undo": ASKED["undo"],
    "withdraw": ASKED["withdraw"],
    "edit": sent("edit", query=INTO, header=ANY),
    "relate": sent("relate", query=INTO, header=ANY),
    "unrelate": sent("unrelate", query=INTO, header=ANY),
    "confirm": sent("confirm", query=INTO, header=ANY),
    "assign": sent("assign", query=INTO, header=ANY),
    "resolve": sent("resolve", query=INTO),
    "change-new": sent("change-new", body=RETIRING),
    "change-edit": sent("change-edit", body=RETIRING),
}
"""What may take too long on a large estate."""

OVERTAKEN = ("withdraw", "import", "undo", "change-new")
"""What is planned anew while others write, again and again, and then given up."""


@pytest.fixture
def estate() -> Iterator[Service]:
    """Return the use cases on a small estate whose project plans something."""
    with open_service(Settings(None), noon) as service:
        bring(service, TODAY, into=None)
        bring(service, PLAN)
        bring(service, BESIDE, into=None)
        yield service


def ask(service: Service, operation: str, asked: Example, **headers: str) -> Any:  # noqa: ANN401  a response
    """Send a request."""
    one = all_operations()[operation]
    client = TestClient(
        create_app(service, Settings(None)), base_url=HERE, raise_server_exceptions=False, headers=headers
    )
    body = {"json": asked.body} if asked.file is None else {"content": asked.file}
    return client.request(
        one["method"],
        asked.address(one["path"]),
        params=asked.query,
        headers={**({"Content-Type": "application/json"} if asked.file == "{" else {}), **asked.header},
        **({} if asked.body is None and asked.file is None else body),
    )


def test_every_refusal_is_brought_about() -> None:
    """The description names no problem that an operation cannot have, and all that it can."""
    found = {
        (name, slug)
        for name, one in all_operations().items()
        for status in one["responses"]
        for slug in slugs(one, status)
    }
    everywhere = {(name, kind.slug) for name in ASKED for kind in ANYWHERE}
    guarded = {(name, kind.slug) for name in ASKED if name not in {"live", "ready"} for kind in GUARDED}
    overtaken = {(name, "stale") for name in OVERTAKEN}
    late = {(name, "takes-too-long") for name in IMPATIENT}
    assert found == CASES.keys() | everywhere | guarded | overtaken | late


@pytest.mark.parametrize("operation", ASKED)
def test_the_requests_are_answered_where_nothing_stands_against_them(operation: str, estate: Service) -> None:
    """So each refusal has the one reason that it is about."""
    assert ask(estate, operation, ASKED[operation]).is_success


@pytest.mark.parametrize(("operation", "slug"), CASES, ids=str)
def test_a_refusal(operation: str, slug: str, estate: Service) -> None:
    """It is the problem that is described, with its status."""
    situation, asked = CASES[operation, slug]
    situation(estate)
    response = ask(estate, operation, asked)
    assert response.json()["type"] == f"/problems/{slug}", response.text
    (status,) = [
        status
        for status in all_operations()[operation]["responses"]
        if slug in slugs(all_operations()[operation], status)
    ]
    assert is_problem(response, int(status))


@pytest.mark.parametrize("operation", OVERTAKEN)
def test_whoever_is_always_overtaken_is_told(
    operation: str, estate: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else commits each time, just before."""
    commit, numbers = SqliteStore.commit, count(2)

    def overtaken(store: SqliteStore, transaction: Transaction, *more: Any) -> Any:  # noqa: ANN401  the store's own
        if transaction.author != ADA:
            edit(estate, "db", owner=f"team-{next(numbers)}")
        return commit(store, transaction, *more)

    monkeypatch.setattr(SqliteStore, "commit", overtaken)
    response = ask(estate, operation, ASKED[operation], **{"Cmdb-Actor": "bob"})
    assert response.json()["type"] == "/problems/stale"
    assert is_problem(response, 412)


@pytest.mark.parametrize("operation", IMPATIENT)
def test_what_takes_too_long_is_given_up(
    operation: str, estate: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no time is left, nothing is written, and whoever asks is told."""
    for at_hand in (ASKED["show"], viewed("show", VIEW)):
        ask(estate, "show", at_hand)
    head = estate.workspace.store.head()
    monkeypatch.setattr(guard, "QUESTION_SECONDS", 0)
    monkeypatch.setattr(guard, "UPLOAD_SECONDS", 0)
    response = ask(estate, operation, IMPATIENT[operation])
    assert response.json()["type"] == "/problems/takes-too-long"
    assert is_problem(response, 422)
    assert estate.workspace.store.head() == head


def test_a_body_that_does_not_come_is_not_waited_for(
    estate: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends a body byte by byte, or none at all, holds nothing up."""
    monkeypatch.setattr(guard, "QUESTION_SECONDS", 0)
    sent: list[Message] = []

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def take(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/impact",
        "raw_path": b"",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
    }
    asked = create_app(estate, Settings(None))(scope, never, take)
    with ThreadPoolExecutor(1) as apart:  # the browser of other tests has a loop of its own in this thread
        apart.submit(asyncio.run, asked).result()
    assert sent[0]["status"] == 400
    assert b"did not arrive in time" in sent[1]["body"]


def test_a_view_that_is_being_worked_out_is_there_for_the_next(
    estate: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever does not wait is told when to ask again, and the work goes on."""
    scan, go_on = SqliteStore.scan, threading.Event()

    def slow(store: SqliteStore, revision: int | None = None) -> Any:  # noqa: ANN401  the store's own
        go_on.wait()
        return scan(store, revision)

    monkeypatch.setattr(SqliteStore, "scan", slow)
    monkeypatch.setattr(guard, "QUESTION_SECONDS", 0)
    refused = ask(estate, "show", viewed("show", "@1"))
    assert is_problem(refused, 503)
    assert "Ask again in a moment" in refused.json()["detail"]
    go_on.set()
    monkeypatch.setattr(guard, "QUESTION_SECONDS", 60)
    assert ask(estate, "show", viewed("show", "@1")).json()["key"] == "shop"


@pytest.mark.parametrize("operation", ASKED)
def test_what_any_address_may_refuse(operation: str, estate: Service) -> None:
    """A body above the limit, a parameter that it does not take, another server's name, and no token."""
    one, asked = all_operations()[operation], ASKED[operation]
    address = asked.address(one["path"])
    client = TestClient(create_app(estate, Settings(None)), base_url=HERE)
    large = str(65 * 1024 * 1024)
    assert is_problem(client.request(one["method"], address, headers={"Content-Length": large}), 413)
    body = {"json": asked.body} if asked.body is not None else {}
    odd = client.request(
        one["method"], address, params={**asked.query, "veiw": "x"}, headers=asked.header, **body
    )
    assert odd.json()["type"] == "/problems/wrong-usage"
    assert is_problem(odd, 422)
    if operation not in {"live", "ready"}:
        assert is_problem(client.request(one["method"], address, headers={"Host": "example.com"}), 404)
        strict = TestClient(create_app(estate, Settings(None, tokens={"t": "ann"})), base_url=HERE)
        assert is_problem(strict.request(one["method"], address), 401)
