"""Undoing a commit: by the command, over HTTP, and what stands in its way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.service import Service
from api.service.imports import Import
from api.service.relating import Link
from api.service.undoing import Undo
from cmdb.errors import Conflict, NotFound
from cmdb.model import Actor
from loaders.source import Source
from tests.api.conftest import NewClient
from tests.api.planning import ADA, TODAY, bring, edit
from tests.api.responses import is_problem

FIRST = """
items:
  - {key: shop, class: application_service, name: Shop, tier: 1, owner: ops}
  - {key: db, class: database}
  - {key: cache, class: data_store}
relations:
  - {source: shop, type: depends_on, target: db, known: declared}
  - {source: shop, type: uses, target: cache, known: declared}
"""
SECOND = """
items:
  - {key: shop, class: application_service, name: Web shop, tier: 2, owner: null}
  - {key: db, class: database}
  - {key: db-2, class: database, size_gb: 5}
relations:
  - {source: shop, type: depends_on, target: db, known: observed}
  - {source: shop, type: depends_on, target: db-2}
"""


def apply(service: Service, text: str, source: str | None = "ops") -> int:
    """Import a native file in a source's name; return the revision."""
    wanted = Import((Source("f.yaml", text.encode()),), ADA, source=source, any_share=True)
    revision: int = service.imports.apply(wanted)["revision"]
    return revision


def undo(service: Service, revision: int) -> dict[str, Any]:
    """Undo a revision."""
    return service.undoing.undo(Undo(revision, ADA))


def state(service: Service) -> tuple[Any, Any]:
    """Describe what is there now: values and whose they are, and relations; nothing of retired items."""
    graph = service.workspace.store.read()
    items = {
        one.key: (one.class_name, one.name, one.attributes, {f: o.source for f, o in one.provenance.items()})
        for one in graph.items.values()
        if not one.retired
    }
    relations = {
        (graph.items[one.source].key, one.type, graph.items[one.target].key): (
            relation.attributes,
            {f: o.source for f, o in relation.provenance.items()},
        )
        for one, relation in graph.relations.items()
    }
    return items, relations


def faults(caught: pytest.ExceptionInfo[Conflict]) -> dict[str, str]:
    """Return what stands in the way, by what it is about."""
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def test_undoing_puts_back_everything(service: Service) -> None:
    """Values, relations and what was retired are as before, each in the name of its source."""
    apply(service, FIRST)
    edit(service, "shop", tier=3)
    before = state(service)
    revision = apply(service, SECOND)
    assert state(service) != before
    document = undo(service, revision)
    assert state(service) == before
    assert (document["undone"], document["revision"]) == (revision, revision + 1)
    assert document["items"] == {"added": 0, "changed": 2, "retired": 1}
    assert document["relations"] == {"added": 1, "changed": 1, "retired": 1}
    assert service.workspace.store.read().item("db-2").retired


def test_an_undoing_can_be_undone(service: Service) -> None:
    """Then it is as the commit had left it, and so on as often as one likes."""
    apply(service, FIRST)
    before, revision = state(service), apply(service, SECOND)
    after = state(service)
    for expected in (before, after, before, after):
        revision = undo(service, revision)["revision"]
        assert state(service) == expected


def test_the_first_import_can_be_undone_and_made_again(service: Service) -> None:
    """What it made is retired; the same file brings it back as the same items."""
    revision = apply(service, FIRST)
    uids = dict(service.workspace.store.read().uid_of)
    before = state(service)
    undo(service, revision)
    assert state(service) == ({}, {})
    apply(service, FIRST)
    assert state(service) == before
    assert service.workspace.store.read().uid_of == uids


def test_what_was_changed_since_is_not_undone(service: Service) -> None:
    """Nothing is written; every field is listed with its value and who gave it."""
    apply(service, FIRST)
    revision = apply(service, SECOND)
    edit(service, "shop", tier=4, description="not touched by the import")
    edit(service, "db-2", size_gb=6)
    service.relating.relate(Link("db", "replicates_to", "db-2", ADA), {})
    service.relating.unrelate(Link("shop", "depends_on", "db", ADA))
    newest = service.workspace.store.head().revision
    with pytest.raises(Conflict, match="Revision 2 is not undone: 4 things were changed since") as caught:
        undo(service, revision)
    assert faults(caught) == {
        "shop": "tier was changed since: it was “2”, and is “4” now, by edited by hand",
        "db-2": "size_gb was changed since: it was “5.0”, and is “6.0” now, by edited by hand",
        "db → db-2, replicates_to": "it was added since",
        "shop → db, depends_on": "it was removed since",
    }
    assert service.workspace.store.head().revision == newest


def test_what_is_so_again_is_no_obstacle(service: Service) -> None:
    """Where somebody has put a value back by hand, the rest is undone; twice, nothing is left to do."""
    apply(service, FIRST)
    revision = apply(service, SECOND)
    edit(service, "shop", tier=1)
    undo(service, revision)
    assert service.items.show("shop")["attributes"] == {"owner": "ops", "tier": 1}
    assert undo(service, revision)["revision"] is None


def test_a_key_that_another_has_now_is_not_put_back(service: Service) -> None:
    """That would make two items of one key."""
    apply(service, FIRST)
    renamed = edit(service, "db", key="db-old")["revision"]
    apply(service, "items: [{key: db, class: server}]", source=None)
    with pytest.raises(Conflict) as caught:
        undo(service, renamed)
    assert faults(caught) == {"db-old": "the key “db” is another item's now"}


def test_a_class_that_a_new_relation_forbids_is_not_put_back(service: Service) -> None:
    """What relates to it since has to go first."""
    apply(service, "items: [{key: a, class: server}, {key: b, class: server}]", source=None)
    revision = apply(service, "items: [{key: b, class: team}]", source=None)
    service.relating.relate(Link("a", "owned_by", "b", ADA), {})
    with pytest.raises(Conflict) as caught:
        undo(service, revision)
    assert list(faults(caught)) == ["a → b"]


@pytest.mark.parametrize("revision", [1, 99])
def test_there_has_to_be_such_a_revision(service: Service, revision: int) -> None:
    """In an empty store there is nothing to undo."""
    with pytest.raises(NotFound, match=f"There is no revision {revision} to undo"):
        undo(service, revision)


def test_a_change_of_a_plan_is_undone_in_the_plan(service: Service) -> None:
    """The plan is as before; where its steps were changed since, it is refused."""
    bring(service, TODAY, into=None)
    bring(service, "items: [{key: db-new, class: database}]")
    owner = service.workspace.store.read().item("apollo").uid
    before = service.workspace.store.plan(owner)
    revision = bring(service, "items: [{key: db-new, class: database, size_gb: 9}, {key: x, class: server}]")[
        "revision"
    ]
    document = undo(service, revision)
    assert (document["into"], document["plan_steps"]) == ("project:apollo", 2)
    assert service.workspace.store.plan(owner) == before

    again = undo(service, document["revision"])["revision"]
    edit(service, "db-new", "project:apollo", size_gb=10)
    with pytest.raises(Conflict) as caught:
        undo(service, again)
    assert faults(caught) == {"project:apollo": "a step of this plan was changed since"}


def test_undoing_over_http(new_client: NewClient, service: Service) -> None:
    """A dry run writes nothing and tells each step; under one key it is done once."""
    client: TestClient = new_client()
    apply(service, FIRST)
    apply(service, SECOND)
    path = "/api/v1/revisions/2/undo"
    planned = client.post(f"{path}?dry_run=true").json()
    assert (planned["revision"], service.workspace.store.head().revision) == (None, 2)
    assert [(one["action"], one.get("key")) for one in planned["steps"] if one["what"] == "item"] == [
        ("change", "cache"),
        ("change", "shop"),
        ("retire", "db-2"),
    ]
    once = {"Idempotency-Key": "monday"}
    first = client.post(path, headers=once)
    assert (first.status_code, first.json()["revision"]) == (200, 3)
    assert client.post(path, headers=once).content == first.content
    assert is_problem(client.post("/api/v1/revisions/1/undo", headers=once), 422)
    assert is_problem(client.post("/api/v1/revisions/9/undo"), 404)
    assert is_problem(client.post("/api/v1/revisions/0/undo"), 422)
    edit(service, "shop", tier=4)
    assert is_problem(client.post("/api/v1/revisions/1/undo"), 409)
    assert service.workspace.store.head().revision == 4


def test_nothing_left_to_undo_is_remembered_too(service: Service) -> None:
    """Under the same id the same answer comes, whatever has happened since."""
    apply(service, FIRST)
    undo(service, 1)
    first = service.undoing.undo(Undo(1, ADA, "k"))
    apply(service, FIRST)
    assert service.undoing.undo(Undo(1, ADA, "k")) == first
    assert first["revision"] is None


def test_undoing_by_the_command(
    cmdb_at_home: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person reads what would happen, what happened, and that nothing is left."""
    path = tmp_path / "f.yaml"
    path.write_text(FIRST)
    cmdb_at_home("import", path)
    for words, sentence in (
        (["--dry-run"], "This would undo revision 1; nothing is written yet."),
        ([], "Revision 1 undone as revision 2."),
        ([], "Nothing changes: nothing of revision 1 is left."),
    ):
        capsys.readouterr()
        assert cmdb_at_home("undo", "1", *words) == 0
        assert capsys.readouterr().out.startswith(sentence)
    assert cmdb_at_home("undo", "2", "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["items"]["changed"] == 3
    assert cmdb_at_home("undo", "9") == 1
    assert cmdb_at_home("undo", "nine") == 2


def test_the_undoing_stands_in_history(service: Service) -> None:
    """Under the name of who did it, with what was undone."""
    apply(service, FIRST)
    service.undoing.undo(Undo(1, Actor("zoe")))
    event = service.items.history("db")["history"][0]
    assert (event["author"], event["message"]) == ("zoe", "Revision 1 undone: Import of f.yaml")
