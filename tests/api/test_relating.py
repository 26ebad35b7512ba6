"""One relation more or less, today or in a plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.service import Service
from api.service.relating import Link
from cmdb.errors import Conflict, NotFound, Rejected, VersionNeeded
from tests.api.conftest import NewClient
from tests.api.planning import ADA, PLAN, TODAY, VIEW, bring, edit, keys
from tests.api.responses import is_problem

APOLLO = "project:apollo"
ADDRESS = "/api/v1/items/shop/relations/depends_on/{}"


def link(target: str = "db", into: str | None = None, type: str = "depends_on") -> Link:
    """Name a relation of the shop."""
    return Link("shop", type, target, ADA, into=into)


def needed(service: Service, view: str = "live") -> list[str]:
    """Return what the shop needs."""
    return keys(service.impact.depends("shop", view)["needs"])


def relations(service: Service, view: str) -> list[tuple[str, str]]:
    """Return how relations differ between today and a view."""
    rows = service.comparing.diff("live", view)["relations"]
    return [(row["how"], row["target"]) for row in rows]


def test_a_relation_is_added_changed_and_removed(planned: Service) -> None:
    """Impact follows at once; what is so already makes no revision."""
    bring(planned, "items: [{key: cache, class: database}]", into=None)
    done = planned.relating.relate(link("cache"), {"known": "declared"})
    assert (done["how"], done["revision"], done["changes"]) == (
        "added",
        4,
        [{"field": "known", "before": None, "after": "declared"}],
    )
    assert needed(planned) == ["cache", "db"]
    assert keys(planned.impact.impact({"cache": "out"})["affected"]) == ["shop"]
    again = planned.relating.relate(link("cache"), {"known": "declared"})
    assert (again["how"], again["revision"]) == ("unchanged", None)
    assert planned.relating.relate(link("cache"), {"known": None, "role": "sessions"})["how"] == "changed"
    assert planned.relating.unrelate(link("cache"))["how"] == "removed"
    assert needed(planned) == ["db"]
    assert [one["what"] for one in planned.items.history("cache")["history"]][:2] == [
        "relation removed",
        "relation changed",
    ]


@pytest.mark.parametrize(
    ("wanted", "values", "kind", "reason"),
    [
        (link(type="depend_on"), {}, Rejected, "no relation type “depend_on”. Did you mean depends_on?"),
        (link(type="owned_by"), {}, Rejected, "shop → db, owned_by: the vocabulary does not allow that an"),
        (link("shop"), {}, Rejected, "shop cannot be related to itself"),
        (link("dbb"), {}, NotFound, "Nothing has the key “dbb”. Close to it: db"),
        (link("db-new"), {}, NotFound, "Nothing has the key “db-new”"),
        (link(), {"tier": 1}, Rejected, "tier: a relation depends_on has no such field"),
        (link(), {"known": "maybe"}, Rejected, "known: “maybe” is not one of"),
        (link(into="project:nobody"), {}, NotFound, "Nothing has the key “nobody”"),
    ],
)
def test_a_wrong_relation_is_refused(
    planned: Service, wanted: Link, values: dict[str, object], kind: type[Exception], reason: str
) -> None:
    """What is wrong is said, and nothing is written."""
    before = planned.workspace.store.head()
    with pytest.raises(kind, match=reason):
        planned.relating.relate(wanted, values)
    assert planned.workspace.store.head() == before


@pytest.mark.parametrize("into", [None, APOLLO])
def test_what_is_not_there_cannot_be_removed(planned: Service, into: str | None) -> None:
    """The answer names the relation."""
    with pytest.raises(NotFound, match="shop → CHG-7, depends_on: there is no such relation"):
        planned.relating.unrelate(link("CHG-7", into))


def test_the_end_of_a_relation_can_be_planned(planned: Service) -> None:
    """Today keeps it; with the plan the shop no longer needs the old database."""
    assert planned.relating.unrelate(link(into=APOLLO))["into"] == APOLLO
    assert (needed(planned), needed(planned, VIEW)) == (["db"], ["db-new"])
    assert relations(planned, VIEW) == [("removed", "db"), ("added", "db-new")]
    with pytest.raises(NotFound):
        planned.relating.unrelate(link(into=APOLLO))


def test_what_was_planned_to_end_can_stay_after_all(planned: Service) -> None:
    """Related again it is as it is today, and the plan says nothing of it any more."""
    planned.relating.relate(link(), {"known": "declared"})
    planned.relating.unrelate(link(into=APOLLO))
    planned.relating.relate(link(into=APOLLO), {})
    assert relations(planned, VIEW) == [("added", "db-new")]


def test_a_planned_relation_can_be_taken_out_of_the_plan(planned: Service) -> None:
    """The rest of what is planned for its ends stays."""
    planned.relating.unrelate(link("db-new", APOLLO))
    assert relations(planned, VIEW) == []
    assert keys(planned.comparing.diff("live", VIEW)["items"]) == ["db-new", "shop"]
    planned.relating.relate(link("db-new", APOLLO), {"known": "declared"})
    assert relations(planned, VIEW) == [("added", "db-new")]


def test_a_relation_that_changed_since_is_a_conflict(planned: Service) -> None:
    """Whoever planned its end did not know; planned again, it ends."""
    planned.relating.unrelate(link(into=APOLLO))
    planned.relating.relate(link(), {"known": "observed"})
    with pytest.raises(Conflict, match="depends_on: project:apollo removes it, but it has changed since"):
        needed(planned, VIEW)
    planned.editing.withdraw(APOLLO, ["db"], ADA)
    planned.relating.unrelate(link(into=APOLLO))
    assert needed(planned, VIEW) == ["db-new"]


def test_one_plan_cannot_end_what_another_needs(planned: Service) -> None:
    """Both plans are named, and nothing is planned."""
    planned.relating.relate(link("db", "deliverable:pages"), {"known": "declared"})
    with pytest.raises(Conflict, match="project:apollo removes it and deliverable:pages needs it"):
        planned.relating.unrelate(link(into=APOLLO))
    assert needed(planned, VIEW) == ["db", "db-new"]


def test_people_who_relate_at_once_are_all_heard(planned: Service) -> None:
    """Each adds another relation."""
    names = [f"db-{number}" for number in range(6)]
    rows = ", ".join(f"{{key: {name}, class: database}}" for name in names)
    bring(planned, f"items: [{rows}]", into=None)
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: planned.relating.relate(link(name), {}), names))
    assert needed(planned) == ["db", *names]


def edition(client: TestClient, target: str, view: str = "live") -> dict[str, str]:
    """Return the header that says which state of a relation of the shop was seen."""
    rows = client.get("/api/v1/items/shop", params={"view": view}).json()["relations"]
    (found,) = (row["edition"] for row in rows if row["target"] == target)
    return {"If-Match": f'"{found}"'}


@pytest.mark.parametrize(("view", "into"), [("live", ""), (VIEW, "?into=project:apollo")])
def test_over_http_what_is_there_is_changed_by_those_who_saw_it(
    planned: Service, new_client: NewClient, view: str, into: str
) -> None:
    """Adding needs no tag, and adding the same again neither; to change or remove one, If-Match is needed."""
    client, address = new_client(), ADDRESS.format("db") + into
    assert client.put(address, json={}).json()["how"] == "unchanged"
    assert is_problem(client.put(address, json={"role": "main"}), 428)
    seen = edition(client, "db", view)
    assert client.put(address, json={"role": "main"}, headers=seen).json()["how"] == "changed"
    for refused in (
        client.put(address, json={"role": "x"}, headers=seen),
        client.delete(address, headers=seen),
    ):
        assert is_problem(refused, 412)
    assert is_problem(client.delete(address), 428)
    assert client.delete(address, headers=edition(client, "db", view)).json()["how"] == "removed"
    assert is_problem(client.delete(address, headers=seen), 404)
    assert client.put(address).json()["how"] == "added"
    assert needed(planned, view)[0] == "db"


def test_over_http_a_plan_that_cannot_be_looked_at_can_be_mended(
    planned: Service, new_client: NewClient
) -> None:
    """There any tag will do; for today's graph it will not."""
    client, address = new_client(), ADDRESS.format("db-new")
    edit(planned, "shop", tier=4)
    any_tag = {"If-Match": "*"}
    assert client.delete(f"{address}?into=project:apollo", headers=any_tag).json()["how"] == "removed"
    assert is_problem(client.delete(ADDRESS.format("db"), headers=any_tag), 412)


def test_a_relation_seen_as_not_there_and_there_needs_a_version(planned: Service) -> None:
    """The message says at which version it is."""
    with pytest.raises(VersionNeeded, match="shop → db, depends_on: it is there, at version 1"):
        planned.relating.relate(Link("shop", "depends_on", "db", ADA, edition="0"), {"role": "x"})


@pytest.fixture
def planned_at_home(tmp_path: Path, cmdb_at_home: Callable[..., int]) -> Callable[..., int]:
    """Return the command, run on a store of its own that holds the small estate and its plan."""
    for name, text, into in (("today.yaml", TODAY, ()), ("plan.yaml", PLAN, ("--into", APOLLO))):
        (tmp_path / name).write_text(text)
        assert cmdb_at_home("import", tmp_path / name, *into) == 0
    return cmdb_at_home


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("into", [None, APOLLO])
@pytest.mark.parametrize(
    "ends",
    ["depends_on/db", "depends_on/shop", "depends_on/nobody", "uses/db", "owned_by/CHG-7", "nonsense/db"],
)
def test_the_doors_answer_alike(
    planned_at_home: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    new_client: NewClient,
    ends: str,
    into: str | None,
) -> None:
    """Command line and HTTP give the same document, or the same problem."""
    capsys.readouterr()
    answer = new_client().put(f"/api/v1/items/shop/relations/{ends}", params={"into": into} if into else {})
    code = planned_at_home("relate", "shop", *ends.split("/"), "--json", *(["--into", into] if into else []))
    printed = capsys.readouterr()
    assert code == (0 if answer.status_code == 200 else 1)
    assert json.loads(printed.out or printed.err) == answer.json()


def test_the_command_line_relates_and_unrelates(
    tmp_path: Path, cmdb_at_home: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """The same by typing, told in a sentence."""
    (tmp_path / "today.yaml").write_text(TODAY)
    assert cmdb_at_home("import", tmp_path / "today.yaml") == 0
    assert cmdb_at_home("relate", "shop", "uses", "db", "known=declared") == 0
    assert "shop uses db: added, revision 2.\n  known: nothing → declared\n" in capsys.readouterr().out
    assert cmdb_at_home("relate", "shop", "uses", "db", "known=declared") == 0
    assert "Nothing changes: it says this already." in capsys.readouterr().out
    assert cmdb_at_home("unrelate", "shop", "uses", "db", "--into", APOLLO) == 0
    assert "shop uses db: removed in the plan of project:apollo, revision 3." in capsys.readouterr().out
    assert cmdb_at_home("unrelate", "shop", "uses", "db", "--version", "9") == 1
    assert "version 9 was expected, but it is at version 1 now" in capsys.readouterr().err
    assert cmdb_at_home("unrelate", "shop", "uses", "db", "--version", "1") == 0
    assert cmdb_at_home("unrelate", "shop", "uses", "db") == 1
    assert cmdb_at_home("relate", "shop", "uses", "db", "known") == 2
