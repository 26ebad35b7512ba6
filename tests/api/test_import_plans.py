"""What an import tells of itself: its steps, what it kept, what may be meant, and parts of that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli.plan_parts import HEADINGS
from api.service import Service
from api.service.imports import Import
from api.service.showing import PARTS, Showing
from cmdb.errors import Stale, WrongUsage
from loaders.source import Source
from tests.api.conftest import NewClient
from tests.api.planning import ADA, TODAY, bring, edit
from tests.api.responses import is_problem

Captured = pytest.CaptureFixture[str]
Command = Callable[..., int]

FIRST = """
items:
  - {key: web-1, class: server, name: Web, tier: 1}
  - {key: web-2, class: server}
  - {key: db-1, class: database}
  - {key: ops, class: team}
relations:
  - {source: web-1, type: uses, target: db-1, known: declared}
"""
SECOND = """
items:
  - {key: web-1, class: server, name: Website, tier: 2}
  - {key: web-3, class: server, cpus: 4}
  - {key: db-1, class: database}
  - {key: ops, class: team}
relations:
  - {source: web-3, type: uses, target: db-1}
"""


def wanted(text: str, **how: Any) -> Import:  # noqa: ANN401
    """Ask for the import of a native file in the name of a source."""
    return Import((Source("f.yaml", text.encode()),), ADA, **{"source": "ops", "any_share": True, **how})


@pytest.fixture
def shop(service: Service) -> Service:
    """Return the use cases on a small estate, one field of which was edited by hand."""
    service.imports.apply(wanted(FIRST))
    edit(service, "web-1", owner="me")
    return service


def brief(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return each step's action and what it is about."""
    return [
        (one["action"], *(one[name] for name in ("key", "source", "type", "target") if name in one))
        for one in document["steps"]
    ]


def test_a_dry_run_tells_each_step(shop: Service) -> None:
    """What is added, changed and retired, field by field, whose value it was, and where it is told."""
    document = shop.imports.plan(wanted(SECOND))
    assert brief(document) == [
        ("add", "web-3"),
        ("add", "web-3", "uses", "db-1"),
        ("change", "web-1"),
        ("retire", "web-2"),
        ("retire", "web-1", "uses", "db-1"),
    ]
    added, related, changed, retired, removed = document["steps"]
    assert added == {
        "action": "add",
        "what": "item",
        "key": "web-3",
        "class": "server",
        "name": "web-3",
        "fields": [{"field": "cpus", "before": None, "after": 4, "was_from": None, "from": "ops"}],
        "where": added["where"],
    }
    assert "line 4" in added["where"]
    assert "line 8" in related["where"]
    assert changed["name"] == "Website"
    assert changed["fields"] == [
        {"field": "name", "before": "Web", "after": "Website", "was_from": "ops", "from": "ops"},
        {"field": "tier", "before": 1, "after": 2, "was_from": "ops", "from": "ops"},
    ]
    assert [(one["field"], one["after"]) for one in retired["fields"]] == [("status", "retired")]
    assert removed["where"] is None
    assert document["totals"] == {
        "added": 2,
        "changed": 1,
        "retired": 2,
        "kept": 0,
        "unresolved": 0,
        "rejected": 0,
        "lonely": 1,
        "warnings": 0,
    }


def test_a_commit_keeps_no_steps(shop: Service) -> None:
    """They can be read from the commit itself, and may be very many."""
    planned, done = shop.imports.plan(wanted(SECOND)), shop.imports.apply(wanted(SECOND))
    assert planned.keys() - done.keys() == {"steps", "digest", "totals", "matching", "filtered"}
    assert {name: planned[name] for name in done if name != "revision"} == {
        name: value for name, value in done.items() if name != "revision"
    }
    assert not [one for one in shop.workspace.store.log() if "steps" in one.commit.result]


def test_only_the_plan_that_was_read_is_applied(shop: Service) -> None:
    """What others did meanwhile refuses it only where something else would be done now."""
    planned = shop.imports.plan(wanted(SECOND))
    edit(shop, "web-1", description="elsewhere")
    assert shop.imports.plan(wanted(SECOND))["digest"] == planned["digest"]

    edit(shop, "web-1", tier=4)
    now = shop.imports.plan(wanted(SECOND))
    revision = shop.workspace.store.head().revision
    with pytest.raises(Stale, match="another one would be applied now"):
        shop.imports.apply(wanted(SECOND, seen=planned["digest"]))
    assert shop.workspace.store.head().revision == revision

    assert shop.imports.apply(wanted(SECOND, seen=now["digest"]))["revision"] == revision + 1


def test_the_share_that_is_retired_is_told(shop: Service) -> None:
    """Beside the most that may be; nothing is told where nothing is retired."""
    assert shop.imports.plan(wanted(SECOND))["retiring"] == {"items": 1, "of": 4, "limit": 0.2}
    assert shop.imports.plan(wanted(FIRST))["retiring"] is None
    assert shop.imports.plan(wanted(SECOND, source=None))["retiring"] is None


def test_the_plan_that_was_read_guards_an_import_over_http(new_client: NewClient) -> None:
    """412 if another would be applied now; a dry run applies nothing, so it has nothing to guard."""
    client = new_client()
    path = "/api/v1/imports?name=f.yaml"
    digest = client.post(f"{path}&dry_run=true", content=FIRST).json()["digest"]
    assert is_problem(client.post(f"{path}&dry_run=true&seen={digest}", content=FIRST), 422)
    assert is_problem(client.post(f"{path}&seen={digest}", content=SECOND), 412)
    assert client.post(f"{path}&seen={digest}", content=FIRST).json()["revision"] == 1


def test_steps_of_a_plan(service: Service) -> None:
    """Into a plan only what is to be otherwise is a step."""
    bring(service, TODAY, into=None)
    text = "items: [{key: shop, class: application_service, name: Shop, tier: 3}, {key: db, class: database}]"
    document = service.imports.plan(wanted(text, into="project:apollo", source=None))
    assert brief(document) == [("change", "shop")]
    assert [one["field"] for one in document["steps"][0]["fields"]] == ["tier"]


FILTERS = [
    ({"only": ("added",)}, [("add", "web-3"), ("add", "web-3", "uses", "db-1")]),
    ({"only": ("changed", "lonely")}, [("change", "web-1")]),
    ({"match": "web-?", "only": ("retired",)}, [("retire", "web-2"), ("retire", "web-1", "uses", "db-1")]),
    ({"match": "*-3"}, [("add", "web-3"), ("add", "web-3", "uses", "db-1")]),
    ({"match": "[w]eb-3"}, []),
]


@pytest.mark.parametrize(
    ("showing", "steps"), FILTERS, ids=lambda one: str(one) if isinstance(one, dict) else ""
)
def test_a_plan_shown_in_part(shop: Service, showing: dict[str, Any], steps: list[Any]) -> None:
    """Only the parts and keys that are asked for; the document says so, and how much there is in all."""
    whole, part = (
        shop.imports.plan(wanted(SECOND)),
        shop.imports.plan(wanted(SECOND), showing=Showing(**showing)),
    )
    assert brief(part) == steps
    assert part["totals"] == whole["totals"]
    assert part["filtered"] == {"only": list(showing.get("only", ())), "match": showing.get("match")}
    assert whole["filtered"] is None
    assert part["items"] == whole["items"]


def test_there_has_to_be_such_a_part() -> None:
    """A misspelt one is answered with the one that was probably meant."""
    with pytest.raises(WrongUsage, match=r"A plan has no part “chaned”\. Did you mean changed\?"):
        Showing(("chaned",))


def test_what_a_higher_source_said_is_kept(service: Service) -> None:
    """The document of every import lists it: the value, whose it is, and what was offered."""
    service.imports.apply(wanted(FIRST, source="netbox"))
    edit(service, "web-1", tier=3)
    document = service.imports.apply(wanted(FIRST, source="netbox"))
    assert document["kept"] == [
        {
            "key": "web-1",
            "field": "tier",
            "value": 3,
            "by": "edited by hand",
            "offered": 1,
            "offered_by": "netbox",
            "where": document["kept"][0]["where"],
        }
    ]
    assert service.items.show("web-1")["attributes"]["tier"] == 3
    assert document["lonely"] == ["web-2"]


def test_filters_over_http(new_client: NewClient) -> None:
    """The same, as parameters; they mean nothing without a dry run."""
    client = new_client()
    path = "/api/v1/imports?name=f.yaml"
    planned = client.post(f"{path}&dry_run=true&only=added&only=lonely&match=web-*", content=FIRST).json()
    assert [one.get("key") for one in planned["steps"]] == ["web-1", "web-2", None]
    assert planned["filtered"] == {"only": ["added", "lonely"], "match": "web-*"}
    assert (planned["lonely"], planned["totals"]["lonely"]) == (["web-2"], 1)
    for query in ("only=added", "match=x", "dry_run=true&only=frob"):
        assert is_problem(client.post(f"{path}&{query}", content=FIRST), 422)


def many(tmp_path: Path, number: int = 60) -> Path:
    """Write a file of servers that belong to nothing."""
    path = tmp_path / "many.json"
    rows = [{"key": f"srv-{n:03}", "class": "server", "tier": 1} for n in range(number)]
    path.write_text(json.dumps({"items": rows}))
    return path


def test_a_terminal_shows_the_first_of_each_part(
    cmdb_at_home: Command, tmp_path: Path, capsys: Captured
) -> None:
    """Counts first, then twenty lines of each, and how to see the rest."""
    assert cmdb_at_home("import", many(tmp_path), "--dry-run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "This would change; nothing is written yet."
    start = lines.index("Added (60)")
    assert lines[start + 1] == "  srv-000, server: tier 1"
    assert lines[start + 21] == "  and 40 more: --only added --json shows all"
    assert (
        lines[lines.index("Without any relation (60)") + 21]
        == "  and 40 more: --only lonely --json shows all"
    )

    assert cmdb_at_home("import", many(tmp_path)) == 0
    assert "  and 40 more: --json shows all" in capsys.readouterr().out


def test_a_terminal_shows_one_part(cmdb_at_home: Command, tmp_path: Path, capsys: Captured) -> None:
    """And says that there is more than what was asked for; with --json it is all of that part."""
    words = ("import", many(tmp_path), "--dry-run", "--only", "added", "--match", "srv-00*")
    assert cmdb_at_home(*words) == 0
    out = capsys.readouterr().out
    assert "Added (10)" in out
    assert "Without" not in out
    assert "Shown only what is added and only keys like srv-00*" in out
    assert cmdb_at_home(*words[:5], "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["steps"]) == 60
    assert cmdb_at_home("import", words[1], "--only", "added") == 2


def test_changes_are_told_in_words(cmdb_at_home: Command, tmp_path: Path, capsys: Captured) -> None:
    """Before and after with whose value it was; what is kept, and what may be meant."""
    path = tmp_path / "f.yaml"
    path.write_text(FIRST)
    cmdb_at_home("import", path, "--source", "netbox")
    cmdb_at_home("edit", "web-1", "owner=me")
    path.write_text("items: [{key: web-1, class: server, name: Web, tier: 4, owner: you}]")
    capsys.readouterr()
    cmdb_at_home("import", path, "--source", "netbox", "--allow-retire", "--dry-run")
    out = capsys.readouterr().out
    assert "  web-1 “Web”, server: tier 1 (by netbox) → 4" in out
    assert "  web-1: owner stays me (by edited by hand); netbox says you" in out
    assert "Retired (4)" in out


def test_every_part_has_a_heading() -> None:
    """So that none is left out on a terminal."""
    assert tuple(HEADINGS) == PARTS
