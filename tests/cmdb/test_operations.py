import inspect

import pytest

from cmdb import errors
from cmdb.canonical import canonical
from cmdb.errors import CmdbError, Conflict, Rejected
from cmdb.model import EMPTY, Item, Provenance, Relation
from cmdb.operations import (
    ChangeRelation,
    Operation,
    apply_to_item,
    apply_to_relation,
    as_data,
    from_data,
    new_uid,
    value_of,
)
from cmdb.stores.bodies import chained
from tests.cmdb.estates import TIME, change, create, needs, relate, unrelate

SERVER = Item("s", "srv", "server", "Server", {"tier": 1, "owner": "ops"}, version=3)
LINK = Relation(needs("a", "b"), {"known": "declared"}, version=2)
LATER = "2026-11-21T12:00:00Z"


def test_a_created_item_knows_where_it_comes_from() -> None:
    """Every value of a new item carries its source and time."""
    made = apply_to_item(None, create("s", tier=1), TIME)
    assert (made.key, made.class_name, made.name, made.attributes) == ("s", "server", "s", {"tier": 1})
    assert made.provenance == dict.fromkeys(("class", "key", "name", "tier"), Provenance("test", TIME))


def test_a_change_touches_only_its_fields() -> None:
    """Other values, and where they came from, stay as they were."""
    first = apply_to_item(None, create("s", tier=1, owner="ops"), TIME)
    then = apply_to_item(first, change("s", {"tier": 1}, {"tier": 2, "owner": None, "name": "Srv"}), LATER)
    assert (then.name, then.attributes) == ("Srv", {"tier": 2})
    assert then.provenance["tier"] == Provenance("test", LATER)
    assert then.provenance["key"] == Provenance("test", TIME)
    assert "owner" not in then.provenance
    assert first.attributes == {"tier": 1, "owner": "ops"}


def test_the_order_of_fields_does_not_matter() -> None:
    """The same values given in another order make the same item and the same bytes."""
    one, other = create("s", tier=1, owner="ops"), create("s", owner="ops", tier=1)
    assert list(apply_to_item(None, one, TIME).attributes) == ["owner", "tier"]
    assert canonical(as_data([one])) == canonical(as_data([other]))


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ({"tier": 2}, "srv: tier was expected to be “2”, but is “1”."),
        ({"tier": None}, "srv: tier was expected to be missing, but is “1”."),
        ({"location": "Rome"}, "srv: location was expected to be “Rome”, but is missing."),
        ({"name": "Old"}, "srv: name was expected to be “Old”, but is “Server”."),
    ],
)
def test_an_unexpected_value_is_told(before: dict[str, str | int | None], reason: str) -> None:
    """A conflict says which item and field, what was expected and what is there."""
    with pytest.raises(Conflict) as caught:
        apply_to_item(SERVER, change("s", before, {"tier": 4}), TIME)
    assert caught.value.detail == reason


def test_an_item_is_created_once_and_changed_after_that() -> None:
    """What exists is not created, and what does not exist is not changed."""
    with pytest.raises(Conflict, match="srv: it exists already"):
        apply_to_item(SERVER, create("s"), TIME)
    with pytest.raises(Conflict, match="does not exist"):
        apply_to_item(None, change("s", {}, {"tier": 1}), TIME)


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ({"key": None}, "it is missing"),
        ({"key": ""}, "it is missing"),
        ({"key": "a b"}, "“a b” cannot be a key: it holds a blank"),
        ({"name": None}, "srv: an item needs a class and a name"),
        ({"class": ""}, "srv: an item needs a class and a name"),
    ],
)
def test_an_item_stays_whole(after: dict[str, str | None], reason: str) -> None:
    """No change leaves an item without key, class or name, or with a key nobody can type."""
    with pytest.raises(Rejected, match=reason):
        apply_to_item(SERVER, change("s", {}, after), TIME)


def test_relations_are_added_changed_and_removed() -> None:
    """The three steps in the life of a relation."""
    added = apply_to_relation(None, relate("a", "b", known="declared"), TIME)
    assert added is not None
    assert added.attributes == {"known": "declared"}
    changed = apply_to_relation(
        added, ChangeRelation(needs("a", "b"), {"known": "declared"}, {"known": "observed"}, "test"), LATER
    )
    assert changed is not None
    assert (changed.attributes, changed.provenance["known"].time) == ({"known": "observed"}, LATER)
    assert apply_to_relation(changed, unrelate("a", "b", known="observed"), LATER) is None


@pytest.mark.parametrize(
    ("relation", "operation", "reason"),
    [
        (LINK, relate("a", "b"), "depends_on: it is there already."),
        (None, unrelate("a", "b"), "depends_on: it is not there."),
        (None, ChangeRelation(needs("a", "b"), {}, {"role": "db"}, "test"), "depends_on: it is not there."),
        (
            LINK,
            unrelate("a", "b", known="observed"),
            "depends_on: known was expected to be “observed”, but is “declared”.",
        ),
        (
            LINK,
            ChangeRelation(needs("a", "b"), {"known": None}, {"known": "observed"}, "test"),
            "depends_on: known was expected to be missing, but is “declared”.",
        ),
    ],
)
def test_a_relation_that_is_not_as_expected_is_a_conflict(
    relation: Relation | None, operation: ChangeRelation, reason: str
) -> None:
    """A conflict says of what type, what was expected and what is there."""
    with pytest.raises(Conflict) as caught:
        apply_to_relation(relation, operation, TIME)
    assert caught.value.detail == reason


def test_operations_are_plain_data() -> None:
    """What is hashed names each step, its subject, its values before and after, and its source."""
    steps: list[Operation] = [
        create("s", tier=1),
        change("s", {"tier": 1}, {"tier": None}),
        unrelate("a", "b"),
    ]
    assert as_data(steps) == [
        {
            "do": "CreateItem",
            "item": "s",
            "source": "test",
            "after": {"key": "s", "name": "s", "class": "server", "tier": 1},
        },
        {
            "do": "ChangeItem",
            "item": "s",
            "source": "test",
            "before": {"tier": 1},
            "after": {"tier": None},
        },
        {"do": "RemoveRelation", "relation": ["a", "depends_on", "b"], "source": "test", "before": {}},
    ]
    assert from_data(as_data(steps)) == steps


def test_fields_are_read_by_name() -> None:
    """Key, class and name are fields like any other; a missing one is nothing."""
    fields = [value_of(SERVER, field) for field in ("key", "class", "name", "tier", "users")]
    assert fields == ["srv", "server", "Server", 1, None]
    assert not SERVER.retired
    assert Item("s", "s", "server", "s", {"status": "retired"}).retired


def test_uids_differ() -> None:
    """Every new item gets a name that no other has, without the mark that joins the uids of relations."""
    uids = {new_uid() for _ in range(1000)}
    assert len(uids) == 1000
    assert not any(">" in uid for uid in uids)


def test_the_chain_covers_everything() -> None:
    """Another predecessor, revision, time, id or body gives another hash."""
    parts = ("before", 7, TIME, "id", "body")
    others = [("x", *parts[1:]), (parts[0], 8, *parts[2:]), (*parts[:2], LATER, *parts[3:])]
    others += [(*parts[:3], "x", parts[4]), (*parts[:4], "x")]
    assert len({chained(*one) for one in [parts, *others]}) == 6


def test_half_a_character_cannot_be_stored() -> None:
    """Text that no file can hold is refused before anything is hashed."""
    with pytest.raises(Rejected, match="cannot be stored"):
        canonical({"name": "half \ud83d"})


def test_the_empty_graph_is_the_start() -> None:
    """Before the first revision there is nothing."""
    assert (EMPTY.revision, dict(EMPTY.items), dict(EMPTY.relations)) == (0, {}, {})


@pytest.mark.parametrize("kind", [one for _, one in inspect.getmembers(errors, inspect.isclass)])
def test_every_error_has_a_title_and_a_slug(kind: type) -> None:
    """Each kind of error has a constant name of its own, for people and for programs."""
    if issubclass(kind, CmdbError):
        error = kind("what was seen")
        assert (error.detail, str(error), error.faults) == ("what was seen", "what was seen", ())
        assert error.title[0].isupper()
        assert "slug" in vars(kind)
