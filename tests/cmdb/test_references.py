"""References that lead nowhere: kept at an item for their source, as long as they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cmdb.model import RelationId
from cmdb.observations import End
from cmdb.operations import AddRelation
from cmdb.reconcile import Known, Rules, plan
from cmdb.references import Reference, read_reference, reference
from cmdb.stores.base import Store
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary_files import load_vocabulary
from tests.cmdb.estates import TIME, Clock, bring, change, commit, end, item, link, listing, native

VOCABULARY = load_vocabulary()
LOST = listing(item("web"), item("app"), link(end("web"), "uses", end("db-7")))


@pytest.fixture
def store(clock: Clock) -> Iterator[Store]:
    """Return an empty store; which kind it is makes no difference to what is planned."""
    opened = SqliteStore(None, clock)
    yield opened
    opened.close()


def told(store: Store, key: str = "source:scan") -> object:
    """Return what the item of a source says, `None` where it says nothing."""
    return store.read().item(key).attributes.get("unresolved")


def keys(store: Store) -> set[str]:
    """Return the keys of everything in the store."""
    return {one.key for one in store.read().items.values()}


def test_a_reference_is_a_text_that_can_be_read_back() -> None:
    """Names may hold blanks, keys and types do not; what says nothing is read as nothing."""
    for one in (Reference("web", "uses", "Orders DB"), Reference("web", "part_of", "^x y", back=True)):
        assert read_reference(str(one)) == one
    assert [read_reference(text) for text in ("", "web", "web uses", "web ^ x", "-a uses b")] == [None] * 5


def test_a_reference_fits_into_a_line() -> None:
    """Whatever a source calls something can be stored."""
    assert reference("web", "uses", "a\n\tb \ud83d", back=False).name == "a b \\ud83d"
    assert len(reference("web", "uses", 1_000 * "x", back=True).name) == 200


def test_what_a_source_refers_to_is_kept_at_an_item_of_its_own(store: Store) -> None:
    """It is there once there is something to say, is not counted, and a second import changes nothing."""
    found = bring(store, VOCABULARY, listing(item("web")))
    assert keys(store) == {"web"}
    found = bring(store, VOCABULARY, LOST)
    source = store.read().item("source:scan")
    assert (source.class_name, source.name, told(store)) == ("source", "data source scan", ["web uses db-7"])
    assert (found.items["added"], found.items["unchanged"]) == (1, 1)
    assert bring(store, VOCABULARY, LOST).operations == ()


def test_a_reference_that_is_resolved_goes(store: Store) -> None:
    """Once the source lists what was missing there is nothing left to say."""
    bring(store, VOCABULARY, LOST)
    bring(store, VOCABULARY, replace(LOST, items=(*LOST.items, item("db-7", "database"))))
    assert told(store) == ["web uses db-7"]  # a database is no server
    bring(store, VOCABULARY, replace(LOST, items=(*LOST.items, item("db-7"))))
    assert told(store) is None
    assert "source:scan" in keys(store)


def test_a_reference_to_what_refers_is_told_backwards(store: Store) -> None:
    """The missing end may be the source of the relation; where both are missing nothing here is touched."""
    lost = link(end("gone"), "uses", end("web")), link(end("gone"), "uses", end("lost"))
    found = bring(store, VOCABULARY, listing(item("web"), *lost))
    assert (told(store), len(found.unresolved)) == (["web ^uses gone"], 2)


def test_what_people_call_it_is_what_is_kept(store: Store) -> None:
    """An id means nothing to those who are to say what it is."""
    seen = replace(link(end("web"), "uses", end("17")), target_called="Orders DB")
    bring(store, VOCABULARY, listing(item("web"), seen))
    assert told(store) == ["web uses Orders DB"]


def test_only_what_an_import_speaks_of_is_replaced(store: Store) -> None:
    """A file that tells of another item leaves what is known of the first; a retired item's is forgotten."""
    bring(store, VOCABULARY, LOST)
    bring(store, VOCABULARY, listing(item("app"), link(end("app"), "depends_on", end("api"))))
    assert told(store) == ["app depends_on api", "web uses db-7"]
    bring(store, VOCABULARY, listing(item("app")))
    assert told(store) == ["web uses db-7"]
    web = store.read().item("web")
    commit(store, change(web.uid, {"status": None}, {"status": "retired"}))
    bring(store, VOCABULARY, listing(item("app")))
    assert told(store) is None


def test_what_an_import_retires_refers_to_nothing_any_more(store: Store) -> None:
    """It is forgotten in the same revision."""
    seen = (*(item(f"srv-{number}") for number in range(9)), item("web"))
    bring(store, VOCABULARY, listing(*seen, link(end("web"), "uses", end("db-7"))), source="scan")
    bring(store, VOCABULARY, listing(*seen[:-1]), source="scan")
    assert told(store) is None


@pytest.mark.parametrize("attributes", [{}, {"resolves": "db-7"}], ids=["by its name", "by what it resolves"])
def test_a_person_can_resolve_a_reference(store: Store, attributes: dict[str, str]) -> None:
    """A relation to an item so called, or one that says so, is what was missing."""
    bring(store, VOCABULARY, LOST, native(item("other", "database", None if attributes else "db-7")))
    graph = store.read()
    made = RelationId(graph.item("web").uid, "uses", graph.item("other").uid)
    commit(store, AddRelation(made, attributes, "by hand"))
    assert len(bring(store, VOCABULARY, LOST).unresolved) == 1
    assert told(store) is None
    assert bring(store, VOCABULARY, LOST).operations == ()


def test_each_source_has_an_item_of_its_own(store: Store) -> None:
    """Also where their names give the same key, and where something else has it."""
    bring(store, VOCABULARY, native(item("source:scan", "server")))
    bring(store, VOCABULARY, LOST)
    assert told(store, "source:scan-2") == ["web uses db-7"]
    assert bring(store, VOCABULARY, LOST).operations == ()
    for number, source in enumerate(("a b", "a-b")):
        seen = listing(item(f"srv-{number}"), link(end(f"srv-{number}"), "uses", end("lost")))
        bring(store, VOCABULARY, seen, source=source)
    assert told(store, "source:a-b") == ["srv-0 uses lost"]
    assert told(store, "source:a-b-2") == ["srv-1 uses lost"]


def test_files_of_several_formats_speak_for_themselves(store: Store) -> None:
    """One import may read them together."""
    other = listing(item("x"), link(end("x"), "uses", end("y")), format="other")
    bring(store, VOCABULARY, LOST, other)
    assert (told(store), told(store, "source:other")) == (["web uses db-7"], ["x uses y"])


def test_a_plan_keeps_no_references(store: Store) -> None:
    """What is only meant to be refers to nothing yet."""
    known = Known(store.read(), store.identities(), VOCABULARY)
    found = plan([LOST], known, Rules(TIME, planned=True))
    assert len(found.unresolved) == 1
    assert len(found.operations) == 2


def test_a_native_file_may_tell_what_is_unresolved(store: Store) -> None:
    """An export holds the item of a source too, and is believed like anything else it says."""
    told_of = item("source:native", "source", "data source native", unresolved=["web uses db-7"])
    bring(
        store,
        VOCABULARY,
        native(told_of, item("web"), item("app"), link(End(None, "web"), "uses", End(None, "app"))),
    )
    assert told(store, "source:native") == ["web uses db-7"]
