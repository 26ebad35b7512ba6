"""One story, told on each kind of store: the same bytes, and again after a move into the other kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from api.service import Service, open_service
from api.service.demo import fill
from api.service.editing import Edit
from api.service.imports import Import
from api.service.relating import Link
from api.settings import Settings
from cmdb.backup import backup_file, checked
from cmdb.model import Actor
from cmdb.stores.opening import Location, Server
from loaders.source import Source
from tests.cmdb.estates import Clock

pytestmark = pytest.mark.slow

ADA = Actor("ada")
SCAN = """
apiVersion: v1
kind: Service
metadata: {name: cart, labels: {note: "x'}) DETACH DELETE n // 📈 \\u202e <script>"}}
spec: {selector: {app: cart}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  replicas: 3
  template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: main, image: "cart:1.10"}]}}
"""
PLAN = """
items:
  - {key: db-orders-3, class: database, status: in_build}
  - {key: checkout, class: application_service, tier: 2}
relations:
  - {source: checkout, type: depends_on, target: db-orders-3}
"""


@pytest.fixture
def same_ids(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after which new items and commits are numbered from one again."""

    def begin() -> None:
        numbers = count(1)
        monkeypatch.setattr("cmdb.reconcile.items.new_uid", lambda: UUID(int=next(numbers)).hex)
        monkeypatch.setattr("cmdb.stores.base.uuid4", lambda: UUID(int=next(numbers)))

    return begin


def noon() -> datetime:
    """Return the moment at which all questions are asked."""
    return datetime(2026, 11, 21, 12, tzinfo=UTC)


def live_through(service: Service, clock: Clock) -> None:
    """Import, scan, edit, rename, retire, revive and plan, each a minute after the other."""
    fill(service)
    clock.jump(minutes=1)
    service.imports.apply(Import((Source("scan.yaml", SCAN.encode()),), ADA, source="cluster"))
    for key, values in (
        ("checkout", {"owner": "team-payments", "description": "right \u200fto left\0 and two\nlines"}),
        ("srv-117", {"key": "srv-900"}),
        ("srv-207", {"status": "retired"}),
        ("srv-207", {"status": None, "cpus": 2**63 - 1}),
    ):
        clock.jump(minutes=1)
        service.editing.edit(Edit(key, values, ADA))
    service.imports.apply(Import((Source("plan.yaml", PLAN.encode()),), ADA, into="project:web-shop"))
    for into in (None, "project:web-shop"):
        clock.jump(minutes=1)
        service.relating.relate(Link("checkout", "uses", "srv-900", ADA, into=into), {"known": "declared"})
        service.relating.unrelate(Link("checkout", "uses", "payments", ADA, into="project:web-shop"))
        service.relating.relate(Link("checkout", "uses", "payments", ADA, into=into), {"known": "observed"})
    service.relating.unrelate(Link("checkout", "uses", "srv-900", ADA, into="project:web-shop"))
    service.imports.apply(Import((Source("scan.yaml", SCAN.encode()),), ADA, source="cluster", id="twice"))


def told(service: Service) -> list[bytes]:
    """Return the answers to every kind of question, of three past moments, today and with the plan."""
    answers: list[Any] = []
    renamed = service.workspace.store.revision_at("2026-11-20T12:00:00Z") + 3
    for view in ("@1", f"@{renamed}", "@2026-11-20T12:03:00Z", "live", "live+project:web-shop"):
        srv = "srv-117" if view == "@1" else "srv-900"
        answers += [
            service.impact.impact({"power-f2": "out"}, view, graph=True),
            service.impact.impact({srv: "degraded"}, view),
            service.impact.explain({"power-f2": "out"}, "checkout", view),
            service.impact.not_hit({srv: "out"}, view),
            service.impact.depends("checkout", view),
            service.impact.path("power-f2", "checkout", view),
            service.impact.spof((), view),
            service.impact.simulate((), view),
            service.data.judge(view),
            service.items.show("checkout", view),
            service.items.search("cart", view),
            service.comparing.diff("@1", view),
            service.exports.export(view).document,
        ]
        answers.append(service.exports.export(view).data.decode())
    answers += [
        service.items.history(key) for key in ("checkout", "srv-900", "srv-207", "service:default:cart")
    ]
    answers.append(service.items.history("db-orders-3", "live+project:web-shop"))
    answers += [service.proof.verify(), dict(service.workspace.store.recall("twice", hashed(service)) or {})]
    return [orjson.dumps(answer) for answer in answers]


def hashed(service: Service) -> str:
    """Return the hash by which the repeated request is known."""
    return service.workspace.store.answered()[0].request_hash


def backed_up(service: Service, path: Path) -> bytes:
    """Back everything up; return the file's bytes."""
    with backup_file(path) as file:
        service.backups.backup(file)
    return path.read_bytes()


@pytest.fixture
def opened() -> Iterator[Callable[[Location, Callable[[], datetime]], Service]]:
    """Return a function that opens the use cases on a store."""
    with ExitStack() as stack:
        yield lambda location, clock: stack.enter_context(open_service(Settings(location), clock))


def tell(
    opened: Callable[[Location, Callable[[], datetime]], Service], location: Location, path: Path
) -> tuple[list[bytes], bytes]:
    """Live through the story on a store; return all answers and a backup."""
    clock = Clock()
    live_through(opened(location, clock), clock)
    service = opened(location, noon)
    return told(service), backed_up(service, path)


@pytest.mark.neo4j
def test_both_stores_tell_the_same_story(
    empty_neo4j: Server,
    empty_the_server: Callable[[], None],
    tmp_path: Path,
    same_ids: Callable[[], None],
    opened: Callable[[Location, Callable[[], datetime]], Service],
) -> None:
    """Answers, exports, proof and backup are the same bytes, also after each has moved to the other."""
    same_ids()
    here, kept = tell(opened, tmp_path / "own.db", tmp_path / "own.jsonl")
    same_ids()
    there, kept_there = tell(opened, empty_neo4j, tmp_path / "neo4j.jsonl")
    assert there == here
    assert kept_there == kept

    moved = opened(tmp_path / "moved.db", noon)
    moved.backups.restore(checked(tmp_path / "neo4j.jsonl"))
    assert (told(moved), backed_up(moved, tmp_path / "moved.jsonl")) == (here, kept)
    empty_the_server()
    moved = opened(empty_neo4j, noon)
    moved.backups.restore(checked(tmp_path / "own.jsonl"))
    assert (told(moved), backed_up(moved, tmp_path / "moved-too.jsonl")) == (here, kept)


def test_the_story_is_the_same_in_memory_and_in_a_file(
    tmp_path: Path,
    same_ids: Callable[[], None],
    opened: Callable[[Location, Callable[[], datetime]], Service],
) -> None:
    """Told in a file, moved and told again, nothing differs; the second import changed nothing."""
    same_ids()
    here, kept = tell(opened, tmp_path / "own.db", tmp_path / "own.jsonl")
    moved = opened(None, noon)
    moved.backups.restore(checked(tmp_path / "own.jsonl"))
    assert (told(moved), backed_up(moved, tmp_path / "moved.jsonl")) == (here, kept)
    assert orjson.loads(here[-1])["changes"] == 0
