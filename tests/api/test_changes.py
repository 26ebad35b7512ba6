"""Changes from the first line of the file to the end of their life, on both stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.service import Service, open_service
from api.service.changes import Filter, Move
from api.service.relating import Link
from api.service.undoing import Undo
from api.settings import Settings
from cmdb.errors import CmdbError, Conflict, NotFound, Rejected, Stale, Unavailable, WrongUsage
from cmdb.stores.opening import Location
from tests.api.conftest import noon
from tests.api.planning import ADA, bring, edit, keys
from tests.api.registering import (
    GROWING,
    ROLLING,
    alter,
    cancel,
    fill,
    register,
    stages,
    submit,
)

Doing = Callable[[Service], object]


@pytest.fixture(params=["file", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """Return an empty place for a graph, of each kind of store."""
    if request.param == "file":
        return tmp_path / "own.db"
    server: Location = request.getfixturevalue("empty_neo4j")
    return server


@pytest.fixture
def pool(place: Location) -> Iterator[Service]:
    """Return the use cases on the pool of databases."""
    with open_service(Settings(place), noon) as service:
        fill(service)
        yield service


def test_a_change_is_registered_as_it_is_written(pool: Service) -> None:
    """With its number, and all that was said of it told again."""
    done = register(pool)
    assert (done["key"], done["revision"], done["into"]) == ("CHG-1", 2, None)
    told = pool.changes.show("CHG-1")
    assert (told["title"], told["type"], told["stage"]) == ("Patch the pool", "normal", "new")
    assert (told["requester"], told["implementer"]) == ("ada", "bob")
    assert told["risk_of_not_doing"]["local_deadline"] == "2026-12-31T23:59+01:00"
    assert [(one["turn"], one["key"], one["state"]) for one in told["affects"]] == [
        (1, "db-a", "out"),
        (2, "db-b", "out"),
    ]
    assert told["window"] == {
        "start": "2026-12-05T21:00:00Z",
        "end": "2026-12-06T00:00:00Z",
        "zone": "Europe/Berlin",
        "local_start": "2026-12-05T22:00+01:00",
        "local_end": "2026-12-06T01:00+01:00",
        "minutes": 180,
    }
    assert told["plans"]["backout"]["tested"] is True
    assert (told["view"], told["operations"], told["conflicts"]) == (None, [], [])


def test_a_change_is_an_item_like_others(pool: Service) -> None:
    """It is found, shown, and known to what it touches."""
    register(pool)
    assert keys(pool.items.search("patch pool")["items"]) == ["CHG-1"]
    (back,) = [one for one in pool.items.show("db-a")["relations"] if one["type"] == "affects"]
    assert (back["words"], back["attributes"]["action"]) == ("is affected by", "patch")


def test_what_it_alters_is_seen_at_once(pool: Service) -> None:
    """The plan is written with the record, by one commit, and today's graph stays as it is."""
    done = register(pool, GROWING)
    assert (done["revision"], done["into"]) == (2, "change:CHG-1")
    view = pool.changes.show("CHG-1")["view"]
    assert view == "live+change:CHG-1"
    assert pool.items.show("db-a", view)["attributes"]["tier"] == 2
    assert pool.items.show("db-b", view)["attributes"]["status"] == "retired"
    members = [one["other"]["key"] for one in pool.items.show("pool", view)["relations"]]
    assert {"db-a", "db-c"} <= {*members}
    assert "db-b" not in members
    assert "tier" not in pool.items.show("db-a")["attributes"]
    with pytest.raises(NotFound):
        pool.items.show("db-c")


def test_what_it_alters_is_told_step_by_step(pool: Service) -> None:
    """In the words that an import uses for its own."""
    register(pool, GROWING)
    told = pool.changes.show("CHG-1")["operations"]
    assert [(one["action"], one.get("key") or one["source"]) for one in told] == [
        ("add", "db-c"),
        ("add", "db-c"),
        ("change", "db-a"),
        ("retire", "db-b"),
        ("retire", "db-b"),
    ]


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        ({"item": {"key": "new"}}, "operations[0].item.class: this is missing"),
        ({"item": {"key": "a b", "class": "server"}}, "operations[0].item.key: “a b” cannot be a key"),
        ({"item": {"key": "db-a", "tier": 9}}, "operations[0].item: tier: “9” is not one of"),
        ({"item": {"key": "db-a", "colour": 1}}, "operations[0].item: a database has no field “colour”"),
        ({"item": {"key": "new", "class": "sever"}}, "operations[0].item: there is no class “sever”"),
        ({"item": "db-a"}, "operations[0].item: this is not a mapping"),
        ({"retire": "nobody"}, "operations[0].retire: nothing has the key “nobody”"),
        ({"retire": "old"}, "operations[0].retire: old is retired already"),
        ({"relation": {"source": "shop", "type": "uses"}}, "operations[0].relation.target: this is missing"),
        (
            {"relation": {"source": "shop", "type": "uses", "target": "nobody"}},
            "operations[0].relation: nothing has the key “nobody”",
        ),
        (
            {"relation": {"source": "shop", "type": "likes", "target": "pool"}},
            "operations[0].relation: there is no relation type “likes”",
        ),
        (
            {"unrelate": {"source": "shop", "type": "uses", "target": "pool"}},
            "operations[0].unrelate: shop → pool, uses: there is no such relation",
        ),
        ({"delete": "db-a"}, "operations[0]: this is not one of"),
        ({"retire": "db-a", "item": {}}, "operations[0]: this is not one of"),
        ("db-a", "operations[0]: this is not one of"),
    ],
    ids=str,
)
def test_an_operation_that_cannot_be_is_refused(operation: Any, why: str, pool: Service) -> None:  # noqa: ANN401
    """With its place, and nothing is written."""
    with pytest.raises(Rejected) as caught:
        register(pool, operations=[operation])
    assert why in [f"{one.pointer}: {one.detail}"[: len(why)] for one in caught.value.faults]
    assert pool.workspace.store.head().revision == 1


def test_what_has_altered_since_is_a_conflict(pool: Service) -> None:
    """It is told at once, keeps the change from being submitted, and is gone when it is planned anew."""
    register(pool, GROWING)
    edit(pool, "db-a", tier=3)
    (conflict,) = pool.changes.show("CHG-1")["conflicts"]
    assert conflict["key"] == "db-a"
    assert "plans from missing to “2”, but it is “3”" in conflict["reason"]
    with pytest.raises(Conflict, match=r"CHG-1 is not submitted: 1 thing stands in the way. db-a: tier"):
        submit(pool, "CHG-1")
    alter(pool, "CHG-1", operations=GROWING["operations"])
    assert pool.changes.show("CHG-1")["conflicts"] == []
    assert submit(pool, "CHG-1")["stage"] == "submitted"


def test_what_others_mean_to_alter_is_a_conflict(pool: Service) -> None:
    """Both are told of it, with the other's name, until one of them is cancelled or says otherwise."""
    for tier in (2, 3):
        register(pool, operations=[{"item": {"key": "db-a", "tier": tier}}])
    edit(pool, "db-a", "project:apollo", tier=4)
    for key, other in (("CHG-1", "change:CHG-2"), ("CHG-2", "change:CHG-1")):
        reasons = [one["reason"] for one in pool.changes.show(key)["conflicts"]]
        assert len(reasons) == 2
        assert any(other in reason for reason in reasons)
        assert any("project:apollo" in reason for reason in reasons)
    cancel(pool, "CHG-2")
    (left,) = pool.changes.show("CHG-1")["conflicts"]
    assert "project:apollo plans “4”" in left["reason"]


def test_two_plans_that_agree_are_no_conflict(pool: Service) -> None:
    """Nor are those about different things."""
    for tier in (2, 2):
        register(pool, operations=[{"item": {"key": "db-a", "tier": tier}}])
    register(pool, operations=[{"item": {"key": "db-b", "tier": 3}}])
    assert [pool.changes.show(f"CHG-{n}")["conflicts"] for n in (1, 2, 3)] == [[], [], []]


def test_only_what_is_said_is_altered(pool: Service) -> None:
    """A part of a part too; what is taken away is gone, and the plan stays unless something is said of it."""
    register(pool, GROWING | {"window": ROLLING["window"], "reason": "Growth"})
    alter(pool, "CHG-1", window={"end": "2026-12-06T02:00"}, reason=None)
    told = pool.changes.show("CHG-1")
    assert (told["window"]["minutes"], told["reason"]) == (240, None)
    assert (told["title"], len(told["operations"])) == ("A third member", 5)
    alter(pool, "CHG-1", operations=None, affects=[{"key": "db-b", "action": "retire"}])
    told = pool.changes.show("CHG-1")
    assert (told["operations"], told["view"], [one["key"] for one in told["affects"]]) == ([], None, ["db-b"])


def test_what_is_said_again_alters_nothing(pool: Service) -> None:
    """No commit is written for it, also where its plan makes something new."""
    register(pool, GROWING)
    assert alter(pool, "CHG-1", **GROWING)["revision"] is None
    assert pool.workspace.store.head().revision == 2


def test_a_plan_that_is_said_otherwise_keeps_what_it_makes(pool: Service) -> None:
    """The new item stays the same one, whatever else is said of it."""
    register(pool, GROWING)
    uid = [one for one in pool.workspace.store.plan(_uid(pool, "CHG-1")) if isinstance(one, str)]
    more = [{"item": {"key": "db-c", "class": "database", "tier": 1}}, *GROWING["operations"][2:]]
    alter(pool, "CHG-1", operations=more)
    assert pool.items.show("db-c", "live+change:CHG-1")["tier"] == 1
    made = {one for one in pool.workspace.store.plan(_uid(pool, "CHG-1")) if isinstance(one, str)}
    assert made <= {*uid}


def _uid(service: Service, key: str) -> str:
    return service.workspace.scene().picture.uids[service.workspace.scene().find(key)]


def test_a_change_goes_its_way(pool: Service) -> None:
    """Who brought it where is told, and each answer says where it is."""
    register(pool)
    submit(pool, "CHG-1")
    cancel(pool, "CHG-1")
    assert stages(pool, "CHG-1") == [("new", "ada"), ("submitted", "ada"), ("cancelled", "ada")]
    assert pool.changes.show("CHG-1")["moves"] == []


def test_an_illegal_move_is_refused_with_the_legal_ones(pool: Service) -> None:
    """And at the end of its life there is none."""
    register(pool)
    submit(pool, "CHG-1")
    with pytest.raises(Conflict, match=r"CHG-1 is submitted.*Possible now: .*cmdb change cancel CHG-1"):
        submit(pool, "CHG-1")
    cancel(pool, "CHG-1")
    with pytest.raises(Conflict, match=r"CHG-1 is cancelled.*Nothing more can be done with it"):
        submit(pool, "CHG-1")
    with pytest.raises(Conflict, match="CHG-1 is cancelled, and stays as it is"):
        alter(pool, "CHG-1", title="x")


def test_what_touches_nothing_is_not_submitted(pool: Service) -> None:
    """As nothing could be added afterwards; what is not registered is something."""
    register(pool, affects=None)
    with pytest.raises(Conflict, match="it touches nothing yet"):
        submit(pool, "CHG-1")
    alter(pool, "CHG-1", affects=[{"unregistered": "Fax", "action": "restart"}])
    assert submit(pool, "CHG-1")["stage"] == "submitted"


def test_what_was_retired_meanwhile_keeps_it_from_being_submitted(pool: Service) -> None:
    """And only that: its title can still be altered."""
    register(pool)
    edit(pool, "db-b", status="retired")
    assert alter(pool, "CHG-1", title="Patch what is left")["revision"] == 4
    with pytest.raises(Conflict, match="db-b: it is retired"):
        submit(pool, "CHG-1")
    alter(pool, "CHG-1", affects=ROLLING["affects"][:1])
    submit(pool, "CHG-1")


IMPORTED = "relations: [{source: CHG-1, type: affects, target: db-a, action: restart}]"
FAX = {"unregistered": "Fax", "action": "add"}


def linked(target: str, into: str | None = None) -> Link:
    """Return how the change touches something, as the doors of relations speak of it."""
    return Link("CHG-1", "affects", target, ADA, into=into)


THAWING: dict[str, Doing] = {
    "another step": lambda pool: alter(pool, "CHG-1", affects=[{**ROLLING["affects"][0], "step": 2}]),
    "one more": lambda pool: alter(pool, "CHG-1", affects=[*ROLLING["affects"], FAX]),
    "none": lambda pool: alter(pool, "CHG-1", affects=None),
    "relate": lambda pool: pool.relating.relate(linked("shop"), {}),
    "another effect": lambda pool: pool.relating.relate(linked("db-a"), {"effect": "ok"}),
    "unrelate": lambda pool: pool.relating.unrelate(linked("db-a")),
    "in a plan": lambda pool: pool.relating.unrelate(linked("db-a", "project:apollo")),
    "edit": lambda pool: edit(pool, "CHG-1", unregistered=["1 add - - Fax"]),
    "import": lambda pool: bring(pool, IMPORTED, into=None),
    "undo": lambda pool: pool.undoing.undo(Undo(3, ADA)),
}
"""By whichever door somebody would alter what the change touches."""


@pytest.mark.parametrize("how", THAWING)
def test_what_a_submitted_change_touches_is_frozen(how: str, pool: Service) -> None:
    """By whichever door somebody comes; the refusal names the stage and what is possible."""
    register(pool)
    alter(pool, "CHG-1", affects=[*ROLLING["affects"], {"key": "pool", "action": "configure"}])
    submit(pool, "CHG-1")
    before = pool.changes.show("CHG-1")
    with pytest.raises(Conflict, match=r"it is submitted.*frozen.*Possible now: .*cmdb change cancel CHG-1"):
        THAWING[how](pool)
    assert pool.changes.show("CHG-1") == before


def test_what_is_frozen_can_be_told_again(pool: Service) -> None:
    """Whoever says what is so, verifies it, or alters something else, alters nothing of it."""
    register(pool)
    submit(pool, "CHG-1")
    assert alter(pool, "CHG-1", affects=ROLLING["affects"])["revision"] is None
    pool.relating.confirm(Link("CHG-1", "affects", "db-a", ADA))
    bring(pool, "relations: [{source: CHG-1, type: affects, target: db-a, action: patch}]", into=None)
    alter(pool, "CHG-1", plans={"test": "Log in"})
    edit(pool, "CHG-1", reason="Another")
    assert pool.changes.show("CHG-1")["plans"]["test"]["text"] == "Log in"


@pytest.mark.parametrize(
    ("values", "why", "kind"),
    [
        ({"stage": "submitted"}, "no edit moves a change. Possible now: cmdb change submit", Conflict),
        ({"stage": "done"}, "there is no stage “done”", Rejected),
        ({"planned_end": "2026-01-01T00:00:00Z"}, "only starts at 2026-12-05T21:00:00Z", Rejected),
        ({"planned_end": None}, "a planned window has a start and an end", Rejected),
        ({"actual_end": "2026-01-01T00:00:00Z"}, "give actual_start too", Rejected),
        ({"zone": "Mars"}, "is not a time zone", Rejected),
        ({"unregistered": ["Fax"]}, "is not STEP ACTION EFFECT MINUTES NAME", Rejected),
        ({"unregistered": ["1 add gone - Fax"]}, "“gone” is not a state", Rejected),
        ({"change_type": "odd"}, "is not one of: standard, normal, emergency", Rejected),
    ],
    ids=str,
)
def test_an_edit_of_the_item_keeps_the_record_whole(
    values: dict[str, object], why: str, kind: type[CmdbError], pool: Service
) -> None:
    """Its fields can be altered one by one, as far as they go together."""
    register(pool)
    with pytest.raises(kind) as caught:
        edit(pool, "CHG-1", **values)
    assert why in f"{caught.value.detail} {caught.value.faults}"
    with pytest.raises(kind):
        edit(pool, "CHG-1", "project:apollo", **values)


HISTORY = """
items:
  - key: CHG-40
    class: change
    name: Old disks
    stage: closed
    change_type: emergency
    outcome: backed_out
    actual_start: 2026-01-05T22:00:00+01:00
    actual_end: 2026-01-05T23:00:00+01:00
    zone: Europe/Berlin
    review: Order spare ones.
relations:
  - {source: CHG-40, type: affects, target: db-a, action: replace, step: 2, minutes: 20}
  - {source: CHG-40, type: affects, target: old, action: retire}
"""


def test_changes_of_the_past_are_imported(pool: Service) -> None:
    """With their number and their end; the next one comes behind them, and the import can be undone."""
    revision = bring(pool, HISTORY, into=None)["revision"]
    told = pool.changes.show("CHG-40")
    assert (told["stage"], told["type"], told["outcome"]) == ("closed", "emergency", "backed_out")
    assert (told["actual"]["local_start"], told["actual"]["minutes"]) == ("2026-01-05T22:00+01:00", 60)
    assert [(one["key"], one["turn"], one["retired"]) for one in told["affects"]] == [
        ("old", 1, True),
        ("db-a", 2, False),
    ]
    assert bring(pool, HISTORY, into=None)["revision"] is None
    assert register(pool)["key"] == "CHG-41"
    pool.undoing.undo(Undo(revision, ADA))
    assert keys(pool.changes.list()["items"]) == ["CHG-41"]
    with pytest.raises(Conflict, match="was taken back"):
        cancel(pool, "CHG-40")


def test_an_import_tells_what_happened_elsewhere(pool: Service) -> None:
    """It moves a change to any stage that there is, and is undone."""
    register(pool)
    submit(pool, "CHG-1")
    done = bring(pool, "items: [{key: CHG-1, class: change, stage: closed, outcome: failed}]", into=None)
    assert pool.changes.show("CHG-1")["outcome"] == "failed"
    pool.undoing.undo(Undo(done["revision"], ADA))
    assert pool.changes.show("CHG-1")["stage"] == "submitted"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ("stage: closd", "Did you mean closed?"),
        ("outcome: lost", "is not one of: successful"),
        ("planned_start: 2026-01-01T00:00:00Z", "a planned window has a start and an end"),
        ("zone: Mars", "is not a time zone"),
    ],
)
def test_an_import_keeps_the_record_whole(fields: str, why: str, pool: Service) -> None:
    """Nothing of a file is imported that says what cannot be."""
    with pytest.raises(Rejected) as caught:
        bring(pool, f"items: [{{key: CHG-9, class: change, {fields}}}]", into=None)
    assert why in caught.value.faults[0].detail
    assert pool.workspace.store.head().revision == 1


def test_a_change_stays_one(pool: Service) -> None:
    """No import makes something else of it."""
    register(pool)
    with pytest.raises(Conflict, match="it is a change, and stays one"):
        bring(pool, "items: [{key: CHG-1, class: incident}]", into=None)


def test_registering_is_undone(pool: Service) -> None:
    """The record with its relations and its plan, until somebody has moved it on."""
    done = register(pool, GROWING)
    pool.undoing.undo(Undo(done["revision"], ADA))
    assert pool.changes.list()["total"] == 0
    assert register(pool)["key"] == "CHG-2"
    submit(pool, "CHG-2")
    with pytest.raises(Conflict):
        pool.undoing.undo(Undo(4, ADA))


def test_a_number_is_never_given_twice(pool: Service) -> None:
    """Also where somebody has given the change another key."""
    register(pool)
    register(pool)
    edit(pool, "CHG-2", key="renamed")
    assert register(pool)["key"] == "CHG-3"


def test_a_request_that_comes_twice_is_answered_the_same(pool: Service) -> None:
    """Registering and moving are done once; another request under the same id is refused."""
    first = register(pool, id="once")
    assert register(pool, id="once") == first
    move = Move(ADA, id="go")
    assert pool.changes.submit("CHG-1", move) == pool.changes.submit("CHG-1", move)
    assert pool.workspace.store.head().revision == 3
    with pytest.raises(Rejected, match="was used before, for another request"):
        register(pool, GROWING, id="once")


def test_nobody_undoes_what_they_have_not_seen(pool: Service) -> None:
    """The edition is another one as soon as the record, what it touches or its plan is."""
    register(pool, GROWING)
    doings: list[Doing] = [
        lambda pool: edit(pool, "CHG-1", reason="x"),
        lambda pool: pool.relating.relate(Link("CHG-1", "affects", "db-a", ADA), {"action": "patch"}),
        lambda pool: edit(pool, "db-b", "change:CHG-1", owner="x"),
    ]
    for doing in doings:
        edition = pool.changes.show("CHG-1")["edition"]
        doing(pool)
        with pytest.raises(Stale):
            alter(pool, "CHG-1", edition, title="Mine")
        with pytest.raises(Stale):
            pool.changes.submit("CHG-1", Move(ADA, edition))
    alter(pool, "CHG-1", pool.changes.show("CHG-1")["edition"], title="Mine")


def test_changes_are_listed(pool: Service) -> None:
    """The newest first, page by page, by stage, by type and by what they touch."""
    for type_name in ("normal", "standard", "normal"):
        register(pool, type=type_name)
    register(pool, GROWING)
    submit(pool, "CHG-3")
    assert keys(pool.changes.list()["items"]) == ["CHG-4", "CHG-3", "CHG-2", "CHG-1"]
    assert keys(pool.changes.list(Filter(stage="submitted"))["items"]) == ["CHG-3"]
    assert keys(pool.changes.list(Filter(type="standard"))["items"]) == ["CHG-2"]
    assert keys(pool.changes.list(Filter(affects="db-a", type="normal"))["items"]) == ["CHG-3", "CHG-1"]
    page = pool.changes.list(limit=3)
    assert (page["total"], page["next"]) == (4, "3")
    assert keys(pool.changes.list(limit=3, cursor="3")["items"]) == ["CHG-1"]


@pytest.mark.parametrize(
    ("wanted", "kind", "why"),
    [
        (Filter(stage="submited"), WrongUsage, "Did you mean submitted?"),
        (Filter(type="urgent"), WrongUsage, "only standard, normal, emergency"),
        (Filter(affects="db-c"), NotFound, "Close to it: db-"),
    ],
    ids=str,
)
def test_a_list_of_what_cannot_be_is_refused(
    wanted: Filter, kind: type[CmdbError], why: str, pool: Service
) -> None:
    """With what is meant."""
    with pytest.raises(kind, match=why):
        pool.changes.list(wanted)


def test_what_is_no_change_is_refused(pool: Service) -> None:
    """And what is close to a number that nothing has is named."""
    register(pool)
    with pytest.raises(NotFound, match="“db-a” is a database, not a change"):
        pool.changes.show("db-a")
    with pytest.raises(NotFound, match="Close to it: CHG-1"):
        submit(pool, "CHG-11")


def test_secrets_are_left_out(pool: Service) -> None:
    """Wherever in what is written they stand; the answer says where."""
    done = register(pool, plans={"backout": "psql postgres://shop:hunter2@db/orders"})
    assert "left out, at plans.backout" in done["warnings"][0]
    assert "hunter2" not in str(pool.changes.show("CHG-1"))


def test_an_export_carries_changes_to_another_store(pool: Service, service: Service) -> None:
    """All of their records, as the native file has them."""
    register(pool)
    submit(pool, "CHG-1")
    bring(service, pool.exports.export().data.decode(), into=None)
    here, there = (one.changes.show("CHG-1") for one in (pool, service))
    for told in (here, there):
        del told["revision"], told["history"]
        told["version"] = told["edition"] = None
    assert here == there


def test_while_the_store_is_away_changes_are_told_from_the_picture(pool: Service) -> None:
    """Without what only the store knows, and saying so."""
    register(pool, GROWING)
    pool.changes.show("CHG-1")
    pool.workspace.store.close()
    told = pool.changes.show("CHG-1")
    assert (told["title"], told["stale"], told["operations"], told["edition"]) == (
        "A third member",
        True,
        None,
        None,
    )
    assert keys(pool.changes.list()["items"]) == ["CHG-1"]
    with pytest.raises(Unavailable):
        submit(pool, "CHG-1")
