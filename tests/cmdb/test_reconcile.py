import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import Conflict, Fault, Rejected, Stale
from cmdb.model import Identity
from cmdb.observations import End, Observations, SeenItem
from cmdb.operations import CreateItem
from cmdb.reconcile import Known, Plan, Rules, plan
from cmdb.stores.base import Store
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary_files import load_vocabulary
from tests.cmdb.estates import (
    TIME,
    Clock,
    asked,
    bring,
    change,
    commit,
    content,
    create,
    end,
    item,
    link,
    listing,
    native,
)

VOCABULARY = load_vocabulary()
NOTHING = {"added": 0, "changed": 0, "retired": 0, "unchanged": 0}

SHOP = native(
    item("checkout", "application_service", "Checkout", tier=1, owner="team-shop"),
    item("db-pool", "redundancy_group", needs=1),
    item("db-a", "database"),
    item("db-b", "database", labels=["old", "big"]),
    item("team-shop", "team", "Shop"),
    link(End(None, "checkout"), "depends_on", End(None, "db-pool"), known="declared"),
    link(End(None, "db-a"), "member_of", End(None, "db-pool")),
    link(End(None, "db-b"), "member_of", End(None, "db-pool")),
    link(End(None, "checkout"), "owned_by", End(None, "team-shop")),
)

SCAN = listing(
    *(item(f"srv-{number}", hostname=f"host{number}", cpus=number) for number in range(10)),
    item("rack-1", "rack"),
    *(link(end(f"srv-{number}"), "located_in", end("rack-1", "rack")) for number in range(10)),
    link(end("srv-1"), "uses", end("srv-2"), role="API"),
)


@pytest.fixture
def store(clock: Clock) -> Iterator[Store]:
    """Return an empty store; which kind it is makes no difference to what is planned."""
    opened = SqliteStore(None, clock)
    yield opened
    opened.close()


def only(seen: Observations, *keep: str) -> Observations:
    """Return what a file would say if it listed only some of its items, and relations between those."""
    return replace(
        seen,
        items=tuple(one for one in seen.items if one.source_id in keep),
        relations=tuple(one for one in seen.relations if one.source.name in keep and one.target.name in keep),
    )


def shuffled(seen: Observations, seed: int) -> Observations:
    """Return the same file with its rows in another order."""
    rng = random.Random(seed)
    return replace(
        seen,
        items=tuple(rng.sample(seen.items, len(seen.items))),
        relations=tuple(rng.sample(seen.relations, len(seen.relations))),
    )


def counted(**numbers: int) -> dict[str, int]:
    """Return the totals of an import, where what is not named is 0."""
    return NOTHING | numbers


def faults_of(caught: pytest.ExceptionInfo[Rejected]) -> list[str]:
    """Return what is wrong, without where."""
    return [fault.detail for fault in caught.value.faults]


def test_a_file_becomes_the_graph(store: Store) -> None:
    """Items get their keys, names, values and source; counts leave out people and teams."""
    found = bring(store, VOCABULARY, SHOP)
    graph = store.read()
    checkout = graph.item("checkout")
    assert (checkout.name, checkout.class_name) == ("Checkout", "application_service")
    assert checkout.attributes == {"owner": "team-shop", "tier": 1}
    assert set(checkout.provenance.values()) == {("native", store.head().time)}
    assert (found.items, found.relations) == (counted(added=4), counted(added=4))
    assert (found.source, found.formats) == ("native", ("native",))
    assert (found.unresolved, found.rejected, found.warnings, found.candidates) == ((), (), (), ())


@pytest.mark.parametrize("seen", [SHOP, SCAN], ids=["native", "listing"])
def test_a_second_import_changes_nothing(store: Store, seen: Observations) -> None:
    """Importing the same file again finds everything unchanged and makes no revision."""
    first = bring(store, VOCABULARY, seen)
    second = bring(store, VOCABULARY, seen)
    assert second.operations == ()
    assert second.items == counted(unchanged=first.items["added"])
    assert second.relations == counted(unchanged=first.relations["added"])
    assert (second.unresolved, second.rejected, second.candidates) == ((), (), ())
    assert store.head().revision == 1


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("seen", [SHOP, SCAN], ids=["native", "listing"])
def test_the_order_of_rows_does_not_matter(seen: Observations, seed: int) -> None:
    """The same file shuffled gives the same graph, and changes nothing where the file was read before."""
    straight, mixed = SqliteStore(None, Clock()), SqliteStore(None, Clock())
    bring(straight, VOCABULARY, seen)
    bring(mixed, VOCABULARY, shuffled(seen, seed))
    assert content(straight.read()) == content(mixed.read())
    assert bring(straight, VOCABULARY, shuffled(seen, seed)).operations == ()
    straight.close()
    mixed.close()


def test_a_name_of_nothing_but_blanks_is_left_out() -> None:
    """Of a source's file the rest is applied."""
    store = SqliteStore(None, Clock())
    found = bring(store, VOCABULARY, listing(item("a", name=" \u00a0\t"), item("b")))
    assert found.rejected == (Fault("row of a", "its name holds nothing but blanks"),)
    assert [one.name for one in store.read().items.values()] == ["b"]
    store.close()


def _can_be_a_name(text: str) -> bool:
    return not text.isspace()


NAMES = st.text(max_size=4) | st.sampled_from(["a", "a b", "a/b", "A", "x" * 300, "@", "é", "e\u0301"])


@given(names=st.lists(NAMES.filter(_can_be_a_name), max_size=8), seed=st.integers())
def test_any_names_make_keys(names: list[str], seed: int) -> None:
    """Whatever a source calls its things, each becomes one item, in any order, and only once."""
    seen = listing(
        *(SeenItem("server", f"id{n}", name, {}, "row", ("s", f"id{n}")) for n, name in enumerate(names))
    )
    straight, mixed = SqliteStore(None, Clock()), SqliteStore(None, Clock())
    assert bring(straight, VOCABULARY, seen).items == counted(added=len(names))
    bring(mixed, VOCABULARY, shuffled(seen, seed))
    assert content(straight.read()) == content(mixed.read())
    assert len(straight.read().uid_of) == len(names)
    assert bring(straight, VOCABULARY, seen).operations == ()
    straight.close()
    mixed.close()


def test_only_what_differs_is_changed(store: Store) -> None:
    """A field that a file does not mention stays; one it knows to be empty is taken away."""
    bring(store, VOCABULARY, native(item("a", tier=1, owner="ops", hostname="h")))
    found = bring(store, VOCABULARY, native(item("a", tier=2, owner=None)))
    assert found.items == counted(changed=1)
    assert store.read().item("a").attributes == {"hostname": "h", "tier": 2}
    assert store.read().item("a").version == 2


def test_a_relations_fields_are_updated(store: Store) -> None:
    """A relation keeps what is not mentioned and takes what is."""
    ends = End(None, "a"), End(None, "b")
    bring(store, VOCABULARY, native(item("a"), item("b"), link(ends[0], "uses", ends[1], known="declared")))
    found = bring(store, VOCABULARY, native(link(ends[0], "uses", ends[1], role="API", known=None)))
    ((_, relations), (relation,)) = content(store.read()), store.read().relations.values()
    assert found.relations == counted(changed=1)
    assert relations == {("a", "uses", "b"): {"role": "API"}}
    assert relation.version == 2


def test_a_name_left_out_stays(store: Store) -> None:
    """A file that does not name an item does not rename it; a new one is named by its key."""
    bare = SeenItem("server", "a", None, {}, "row")
    for nameless in (bare, replace(bare, name="")):
        bring(store, VOCABULARY, native(nameless))
        assert store.read().item("a").name == "a"
    bring(store, VOCABULARY, native(item("a", name="Web server")))
    assert bring(store, VOCABULARY, native(bare)).operations == ()
    assert store.read().item("a").name == "Web server"


def test_a_retired_item_is_revived(store: Store) -> None:
    """What is seen again is in use again, as the same item."""
    bring(store, VOCABULARY, SCAN)
    uid = store.read().item("srv-3").uid
    commit(store, change(uid, {}, {"status": "retired"}))
    assert bring(store, VOCABULARY, SCAN).items == counted(changed=1, unchanged=10)
    revived = store.read().item("srv-3")
    assert (revived.uid, revived.retired, revived.attributes.get("status")) == (uid, False, None)


def test_a_source_may_say_that_something_is_retired(store: Store) -> None:
    """A file that lists an item as retired does not revive it."""
    gone = native(item("a", status="retired"))
    bring(store, VOCABULARY, gone)
    assert bring(store, VOCABULARY, gone).operations == ()
    assert store.read().item("a").retired


def _object(kind: str, namespace: str, name: str) -> SeenItem:
    class_name = "workload" if kind == "Deployment" else "technical_service"
    return SeenItem(class_name, f"{kind}/{namespace}/{name}", name, {}, "row", (kind, namespace, name))


def test_names_that_are_not_unique_are_qualified(store: Store) -> None:
    """One name for several things in a file becomes kind:namespace:name for each."""
    cart, service = _object("Deployment", "shop", "cart"), _object("Service", "shop", "cart")
    bring(store, VOCABULARY, listing(cart, service, _object("Deployment", "shop", "web")))
    assert set(store.read().uid_of) == {"Deployment:shop:cart", "Service:shop:cart", "web"}
    assert store.read().item("Service:shop:cart").name == "cart"


def test_one_thing_told_twice_keeps_its_short_key(store: Store) -> None:
    """The same object in two files of one import is one item and no reason to qualify its name."""
    both = listing(_object("Deployment", "shop", "cart"))
    assert bring(store, VOCABULARY, both, both).items == counted(added=1)
    assert set(store.read().uid_of) == {"cart"}


def test_a_taken_key_gets_the_source_in_front(store: Store) -> None:
    """Where another identity holds the key, the newcomer's source makes its key another one."""
    bring(store, VOCABULARY, native(item("web")))
    bring(store, VOCABULARY, listing(item("1", name="web"), format="scan"))
    assert set(store.read().uid_of) == {"web", "scan:web"}
    bring(store, VOCABULARY, listing(item("2", name="web"), format="scan"))
    assert set(store.read().uid_of) == {"web", "scan:web", "scan:web-2"}


def test_identity_survives_renaming(store: Store) -> None:
    """An item whose key a person changed is still the one its source knows."""
    bring(store, VOCABULARY, SCAN)
    uid = store.read().item("srv-1").uid
    commit(store, change(uid, {}, {"key": "billing-host"}))
    assert bring(store, VOCABULARY, SCAN).operations == ()
    assert store.read().item("billing-host").uid == uid


def test_a_new_class_is_a_change(store: Store) -> None:
    """In the native file the key alone says which item is meant."""
    bring(store, VOCABULARY, native(item("a", "server")))
    assert bring(store, VOCABULARY, native(item("a", "virtual_machine"))).items == counted(changed=1)
    assert store.read().item("a").class_name == "virtual_machine"


USED = native(
    item("app", "application_service"),
    item("db-a", "database"),
    item("db-b", "database"),
    link(End(None, "app"), "uses", End(None, "db-a")),
    link(End(None, "db-a"), "replicates_to", End(None, "db-b")),
)


def test_a_new_class_must_fit_the_relations_that_stay(store: Store) -> None:
    """What relations do not allow of a class is refused, one fault for each, and nothing is written."""
    bring(store, VOCABULARY, USED)
    with pytest.raises(Rejected, match="Nothing was imported: 2 faults") as caught:
        bring(store, VOCABULARY, native(item("db-a", "team")))
    refused = "db-a cannot become a team: the vocabulary does not allow that"
    assert sorted(faults_of(caught)) == [
        f"app → db-a: {refused} an application service uses a team",
        f"db-a → db-b: {refused} a team replicates to a database",
    ]
    assert {fault.pointer for fault in caught.value.faults} == {"row of db-a"}
    assert store.head().revision == 1


def test_a_relation_given_again_is_one_fault(store: Store) -> None:
    """Where the file itself repeats a relation that its new class forbids, that is said once."""
    bring(store, VOCABULARY, native(*USED.items, USED.relations[0]))
    with pytest.raises(Rejected, match=r"1 fault\. app uses db-a: app → db-a: the vocabulary does not allow"):
        bring(store, VOCABULARY, native(item("db-a", "team"), USED.relations[0]))


def test_a_new_class_may_come_with_the_end_of_a_relation(store: Store) -> None:
    """A relation that the same import ends, or that the new class allows as well, is no obstacle."""
    bring(store, VOCABULARY, USED, source="ops")
    rest = native(*USED.items[::2], item("db-a", "team"))
    assert bring(store, VOCABULARY, rest, source="ops").relations == counted(retired=2)
    assert store.read().item("db-a").class_name == "team"
    bring(store, VOCABULARY, native(link(End(None, "app"), "owned_by", End(None, "db-a"))))
    assert bring(store, VOCABULARY, native(item("db-a", "person"))).items == counted()


def test_a_new_class_must_fit_for_every_format(store: Store) -> None:
    """A listing that would change a class against the vocabulary is refused as well."""
    bring(store, VOCABULARY, listing(item("a"), item("b"), link(end("a"), "uses", end("b"))))
    commit(store, change(store.read().item("b").uid, {}, {"class": "database"}))
    assert bring(store, VOCABULARY, listing(item("b"))).items == counted(changed=1)
    loose = replace(VOCABULARY, relations=dict(VOCABULARY.relations))
    narrow = loose.relations["uses"].model_copy(update={"to_source": "none", "target": ("database",)})
    commit(store, change(store.read().item("b").uid, {}, {"class": "database"}))
    strict = replace(loose, relations={**loose.relations, "uses": narrow})
    with pytest.raises(Rejected, match="a → b: b cannot become a server"):
        bring(store, strict, listing(item("b")))


def _told(place: str, name: str | None = "web", **attributes: object) -> SeenItem:
    return SeenItem("server", "17", name, attributes, place, ("server", "dc1", "17"))


AT_ODDS = listing(
    _told("line 9", cpus=2, owner="ops", tier=1),
    _told("line 10", name="www", cpus=4, owner="ops"),
    _told("line 12", name=None, cpus=2, hostname="h1"),
    item("18", name="db"),
    link(end("17"), "uses", end("18"), role="API", known="declared"),
    link(end("17"), "uses", end("18"), role="web", known="declared"),
)


def test_one_source_at_odds_with_itself_is_believed_where_it_agrees(store: Store) -> None:
    """Fields that contradict each other, also a name, are left out and named once with their places."""
    found = bring(store, VOCABULARY, AT_ODDS)
    assert content(store.read()) == (
        {
            "server:dc1:17": ("server", "server:dc1:17", {"hostname": "h1", "owner": "ops", "tier": 1}),
            "db": ("server", "db", {}),
        },
        {("server:dc1:17", "uses", "db"): {"known": "declared"}},
    )
    assert found.warnings == (
        "“17” is described differently at line 9, line 10 and line 12: cpus and name are left out.",
        "That server:dc1:17 uses db is described differently at 17 uses 18: role is left out.",
    )
    assert (found.items, found.rejected) == (counted(added=2), ())


@pytest.mark.parametrize("seed", range(5))
def test_contradictions_do_not_depend_on_order(seed: int) -> None:
    """Shuffled, also into several files, it is the same graph, and a second import changes nothing."""
    straight, mixed = SqliteStore(None, Clock()), SqliteStore(None, Clock())
    other = shuffled(AT_ODDS, seed)
    parts = replace(other, items=other.items[:2], relations=()), replace(other, items=other.items[2:])
    bring(straight, VOCABULARY, AT_ODDS)
    bring(mixed, VOCABULARY, *parts)
    assert content(straight.read()) == content(mixed.read())
    assert bring(straight, VOCABULARY, other).operations == ()
    assert bring(mixed, VOCABULARY, *reversed(parts)).operations == ()
    straight.close()
    mixed.close()


def test_a_contradiction_leaves_what_was_known(store: Store) -> None:
    """Values from before stay where a source is at odds with itself, and another source still counts."""
    bring(store, VOCABULARY, listing(_told("line 1", cpus=8)))
    found = bring(store, VOCABULARY, AT_ODDS, native(item("web", "server", cpus=16)))
    assert store.read().item("web").attributes == {"cpus": 16, "hostname": "h1", "owner": "ops", "tier": 1}
    assert len(found.warnings) == 2


def test_two_sources_of_one_rank_may_differ_on_a_relation(store: Store) -> None:
    """As with items, the first in order of their names counts, and a warning says so."""
    scan = listing(item("a"), item("b"), link(end("a"), "uses", end("b"), role="API"), format="a-scan")
    again = link(End(None, "a"), "uses", End(None, "b"), role="web", known="declared")
    told = listing(again, format="b-scan")
    for seen in ((scan, told), (told, scan)):
        assert bring(store, VOCABULARY, *seen).warnings == (
            "a → b: b-scan gives another role than a source read before it, which is kept.",
        )
    assert store.head().revision == 1
    assert content(store.read())[1] == {("a", "uses", "b"): {"known": "declared", "role": "API"}}


def test_two_sources_of_one_rank_may_tell_of_one_item(store: Store) -> None:
    """What each adds is kept; where they differ, the first counts, a warning says so, and it stays so."""
    scan = listing(item("web", hostname="h1", serial_number="S-1"), format="a-scan")
    told = listing(item("w", owner="ops", hostname="h2", serial_number="S-1"), format="b-scan")
    for seen in ((scan, told), (told, scan)):
        assert bring(store, VOCABULARY, *seen).warnings == (
            "web: b-scan gives another hostname than a source read before it, which is kept.",
            "web: b-scan gives another name than a source read before it, which is kept.",
        )
    assert store.head().revision == 1
    assert store.read().item("web").attributes == {"hostname": "h1", "owner": "ops", "serial_number": "S-1"}


def test_nothing_is_retired_without_a_source(store: Store) -> None:
    """An import in nobody's name only lists what the format brought before and does not show now."""
    bring(store, VOCABULARY, SCAN)
    found = bring(store, VOCABULARY, only(SCAN, "srv-0", "rack-1"))
    assert found.operations == ()
    assert found.candidates == tuple(f"srv-{number}" for number in range(1, 10))


def test_a_source_retires_what_it_no_longer_lists(store: Store) -> None:
    """In a source's name, what it brought and does not list is retired, and its relations end."""
    bring(store, VOCABULARY, SCAN, source="dc1")
    names = [one.source_id for one in SCAN.items if one.source_id not in ("srv-1", "srv-2")]
    found = bring(store, VOCABULARY, only(SCAN, *names), source="dc1")
    assert found.items == counted(retired=2, unchanged=9)
    assert found.relations == counted(retired=3, unchanged=8)
    graph = store.read()
    assert [key for key in sorted(graph.uid_of) if graph.item(key).retired] == ["srv-1", "srv-2"]
    assert bring(store, VOCABULARY, only(SCAN, *names), source="dc1").operations == ()
    assert bring(store, VOCABULARY, SCAN, source="dc1").relations == counted(added=3, unchanged=8)


def test_a_source_retires_only_its_own(store: Store) -> None:
    """What another source, a person or another name brought, or also sees, stays."""
    bring(store, VOCABULARY, SCAN, source="dc1")
    bring(store, VOCABULARY, listing(item("other")), source="dc2")
    commit(store, create("by-hand"))
    uid = store.read().item("srv-1").uid
    seen_too = plan([native(item("srv-1"))], Known(store.read(), store.identities(), VOCABULARY), Rules(TIME))
    store.see(seen_too.sightings)
    names = [one.source_id for one in SCAN.items if one.source_id not in ("srv-1", "srv-2")]
    assert bring(store, VOCABULARY, only(SCAN, *names), source="dc1").candidates == ("srv-1",)
    graph = store.read()
    assert {one.key for one in graph.items.values() if one.retired} == {"srv-2"}
    assert not graph.items[uid].retired


def _known_from(warned: str, update: str) -> tuple[str]:
    return (f"{warned}. To update {update}.",)


def test_namesakes_of_another_source_are_pointed_out(store: Store) -> None:
    """New items that another source knows by the same names are probably the same things."""
    bring(store, VOCABULARY, SCAN)
    assert bring(store, VOCABULARY, only(SCAN, "srv-1"), source="dc1").warnings == _known_from(
        "This item is known already from scan under the same name",
        "it, import with --source scan, the name that imports without --source have",
    )
    walk = replace(SCAN, format="walk")
    assert bring(store, VOCABULARY, walk).warnings == _known_from(
        "11 of these items are known already from scan under the same names",
        "those, import with --source scan",
    )
    assert bring(store, VOCABULARY, walk).warnings == ()
    third = listing(item("srv-1"), item("new"), format="third")
    assert bring(store, VOCABULARY, third).warnings == _known_from(
        "1 of these items is known already from dc1 under the same name", "it, import with --source dc1"
    )


def test_keys_of_a_native_file_are_no_namesakes(store: Store) -> None:
    """A key means one item for every source, so another source's id is no reason to warn."""
    bring(store, VOCABULARY, listing(item("17", name="web")))
    assert bring(store, VOCABULARY, native(item("17")), source="ops").warnings == ()


def test_too_much_is_not_retired(store: Store) -> None:
    """More than a fifth of a source's live items is refused with the list, unless it is allowed."""
    bring(store, VOCABULARY, SCAN, source="dc1")
    rest = only(SCAN, "rack-1", *(f"srv-{number}" for number in range(7)))
    with pytest.raises(
        Rejected, match=r"would retire 3 of the 11 live items that dc1 brought \(27%\)"
    ) as caught:
        bring(store, VOCABULARY, rest, source="dc1")
    assert [fault.pointer for fault in caught.value.faults] == ["srv-7", "srv-8", "srv-9"]
    assert store.head().revision == 1
    assert bring(store, VOCABULARY, rest, source="dc1", any_share=True).items["retired"] == 3


def test_nothing_is_retired_when_parts_could_not_be_read(store: Store) -> None:
    """What stands in a part that was not understood is not taken for gone."""
    bring(store, VOCABULARY, SCAN, source="dc1")
    names = [one.source_id for one in SCAN.items if one.source_id != "srv-1"]
    torn = replace(only(SCAN, *names), rejected=(Fault("line 7", "this is no object"),))
    found = bring(store, VOCABULARY, torn, source="dc1")
    assert (found.items["retired"], found.candidates) == (0, ("srv-1",))
    assert found.warnings == ("Nothing was retired, because parts of what was read could not be used.",)


def test_exactly_a_fifth_may_go(store: Store) -> None:
    """The ceiling itself is allowed."""
    names = [f"srv-{number}" for number in range(10)]
    bring(store, VOCABULARY, only(SCAN, *names), source="dc1")
    assert bring(store, VOCABULARY, only(SCAN, *names[2:]), source="dc1").items["retired"] == 2


def test_an_empty_listing_retires_nothing(store: Store) -> None:
    """A source that suddenly has nothing is a fault, not news; one that never had anything may be empty."""
    assert bring(store, VOCABULARY, listing(), source="dc1").operations == ()
    bring(store, VOCABULARY, SCAN, source="dc1")
    with pytest.raises(Rejected, match="100%"):
        bring(store, VOCABULARY, listing(), source="dc1")


def test_every_fault_of_a_native_file_is_listed(store: Store) -> None:
    """All or nothing: one import, every fault with its place, nothing written."""
    a, b = End(None, "a"), End(None, "b")
    seen = native(
        item("a", hostnam="h", cpus="four"),
        item("b", "servr"),
        item("c", status="broken"),
        item("c", status="live"),
        link(a, "depend_on", b),
        link(a, "depends_on", End(None, "aa")),
        link(a, "depends_on", b),
        link(a, "uses", a),
        link(a, "owned_by", End(None, "c"), knwon="declared"),
        link(a, "uses", End(None, "c"), known="heard"),
    )
    seen = replace(seen, rejected=(Fault("line 9", "“key” is missing."),))
    with pytest.raises(Rejected, match=r"11 faults\. a depend_on b: there is no") as caught:
        bring(store, VOCABULARY, seen)
    assert sorted(faults_of(caught)) == sorted(
        [
            "“key” is missing.",
            "there is no class “servr”. Did you mean server?",
            "a server has no field “hostnam”. Did you mean hostname?",
            "cpus: the text “four” is not a whole number",
            "status: “broken” is not one of: planned, in_build, live, maintenance, retiring, retired",
            "“c” is described differently at row of c",
            "there is no relation type “depend_on”. Did you mean depends_on?",
            "nothing has the key “aa”.",
            "a cannot be related to itself",
            "a → c: the vocabulary does not allow that a server is owned by a server",
            "known: “heard” is not one of: declared, observed, inferred",
        ]
    )
    assert store.head().revision == 0
    assert store.identities() == {}


PLACES = ["f line 2", "f line 9", "f line 10, items[2]", "f line 12, items[10]"]


def test_faults_come_in_the_order_of_the_file(store: Store) -> None:
    """Items and relations are mixed by place, and lines are counted as people count."""
    items = [replace(item(place, "robot"), where=place) for place in (PLACES[3], PLACES[0])]
    links = [replace(link(End(None, "a"), "zigzags", End(None, "b")), where=place) for place in PLACES[1:2]]
    torn = replace(native(*items, *links), rejected=(Fault(PLACES[2], "this is no item"),))
    with pytest.raises(Rejected, match=r"4 faults\. f line 2: there is no class") as caught:
        bring(store, VOCABULARY, torn)
    assert [fault.pointer for fault in caught.value.faults] == PLACES
    found = bring(store, VOCABULARY, replace(torn, all_or_nothing=False, global_keys=False))
    assert [fault.pointer for fault in found.rejected] == PLACES


def test_unresolved_relations_come_in_the_order_of_the_file(store: Store) -> None:
    """What was not found is listed by its place too."""
    links = [replace(link(end("a"), "uses", end(place)), where=place) for place in reversed(PLACES)]
    assert [one.where for one in bring(store, VOCABULARY, listing(*links)).unresolved] == PLACES


def test_one_fault_is_told_in_the_sentence(store: Store) -> None:
    """A single fault reads as one."""
    with pytest.raises(Rejected) as caught:
        bring(store, VOCABULARY, native(item("a", "application_servce")))
    assert caught.value.detail == (
        "Nothing was imported: 1 fault. row of a: there is no class “application_servce”."
        " Did you mean application_service?"
    )


def test_a_missing_end_gets_a_hint(store: Store) -> None:
    """A misspelt key is answered with the key that was probably meant."""
    seen = native(item("checkout"), item("web"), link(End(None, "web"), "uses", End(None, "chekout")))
    with pytest.raises(Rejected, match=r"nothing has the key “chekout”\. Did you mean checkout\?"):
        bring(store, VOCABULARY, seen)


def test_another_format_applies_what_is_valid(store: Store) -> None:
    """What cannot be applied is listed with its place and reason; the rest is there."""
    found = bring(
        store,
        VOCABULARY,
        listing(
            item("a", cpus=4, memory_mb=2**63),
            item("b", "servr"),
            item("half \ud83d"),
            SeenItem("server", "c", "half \ud83d", {}, "row of c"),
            link(end("a"), "uses", end("nobody")),
            link(end("b", "servr"), "uses", end("a")),
            link(end("a"), "uses", end("a")),
            link(end("a"), "zigzags", end("a")),
        ),
    )
    assert content(store.read())[0]["a"] == ("server", "a", {"cpus": 4})
    assert found.items == counted(added=1)
    assert [(one.source, one.type, one.target) for one in found.unresolved] == [
        ("a", "uses", "nobody"),
        ("b", "uses", "a"),
    ]
    assert sorted(fault.detail for fault in found.rejected) == sorted(
        [
            "there is no class “servr”. Did you mean server?",
            "memory_mb: the number does not fit 64 bits",
            "its name: the text holds half a character (a lone surrogate) and cannot be stored",
            "its name: the text holds half a character (a lone surrogate) and cannot be stored",
            "there is no relation type “zigzags”.",
            "a cannot be related to itself",
        ]
    )


def test_what_only_its_source_knows_is_resolved_by_identity(store: Store) -> None:
    """Ends are found by the source's own ids, in this file or an earlier one, whatever their keys are."""
    bring(store, VOCABULARY, listing(item("17", name="web"), item("18", name="db")))
    found = bring(store, VOCABULARY, listing(item("19", name="app"), link(end("19"), "uses", end("18"))))
    assert found.unresolved == ()
    assert ("app", "uses", "db") in content(store.read())[1]
    other = bring(store, VOCABULARY, listing(link(end("19"), "uses", end("17")), format="other"))
    assert len(other.unresolved) == 1


def test_the_same_relation_twice_is_one(store: Store) -> None:
    """A fact stated from both ends is one relation; stated differently, it is a fault."""
    once = link(End(None, "a"), "uses", End(None, "b"), role="API")
    seen = native(item("a"), item("b"), once, once)
    assert bring(store, VOCABULARY, seen).relations == counted(added=1)
    with pytest.raises(Rejected, match="the same relation is given before, with other values"):
        bring(store, VOCABULARY, native(once, replace(once, attributes={"role": "web"})))


def test_a_relation_of_two_sources_stays_while_one_lists_it(store: Store) -> None:
    """What several sources see, also in one import, is not ended because one of them drops it."""
    scan = listing(item("a"), item("b"), link(end("a"), "uses", end("b")), format="scan")
    walk = listing(link(End(None, "a"), "uses", End(None, "b")), format="walk")
    bring(store, VOCABULARY, scan, walk)
    without = listing(item("a"), item("b"))
    assert bring(store, VOCABULARY, without, source="scan").relations == counted()
    assert bring(store, VOCABULARY, listing(), source="walk").relations == counted()
    assert len(store.read().relations) == 1


def _runs_on(*targets: str) -> Observations:
    app = item("app", "workload")
    links = (link(End(None, "app"), "runs_on", End(None, target)) for target in targets)
    return native(app, *map(item, targets), *links)


def test_several_hosts_without_a_group_are_warned_of(store: Store) -> None:
    """Running on two machines means needing both, which is probably not meant."""
    advice = "If they stand in for each other, put them into a group."
    warning = f"app runs on 2 items, so it needs all of them. {advice}"
    assert bring(store, VOCABULARY, _runs_on("srv-1")).warnings == ()
    assert bring(store, VOCABULARY, _runs_on("srv-2")).warnings == (warning,)
    assert bring(store, VOCABULARY, _runs_on("srv-1", "srv-2")).warnings == (warning,)


def test_moving_to_another_host_is_no_reason_to_warn(store: Store) -> None:
    """A relation that the same import ends does not count."""
    bring(store, VOCABULARY, _runs_on("srv-1"), source="ops")
    assert bring(store, VOCABULARY, _runs_on("srv-2"), source="ops", any_share=True).warnings == ()


def test_warnings_of_the_file_are_passed_on_once(store: Store) -> None:
    """What a loader warns of reaches the reader, without repeating itself."""
    seen = replace(listing(item("a")), warnings=("half of it is missing", "half of it is missing"))
    assert bring(store, VOCABULARY, seen).warnings == ("half of it is missing",)


def _planned(store: Store, *seen: Observations) -> Plan:
    return plan(seen, Known(store.read(), store.identities(), VOCABULARY), Rules(TIME))


def test_planning_writes_nothing(store: Store) -> None:
    """A plan is data: the store is as before, and sightings are part of the plan."""
    found = _planned(store, SHOP)
    assert store.head().revision == 0
    assert store.identities() == {}
    assert len(found.sightings) == 9


def test_the_same_import_at_once_is_applied_once(store: Store) -> None:
    """Of two plans for the same file only one fits; the other is told to look again."""
    first, second = _planned(store, SHOP), _planned(store, SHOP)
    store.commit(replace(asked(*first.operations), sightings=first.sightings))
    with pytest.raises(Conflict, match="The key “checkout” is taken"):
        store.commit(asked(*second.operations))
    assert len(store.read().items) == 5


def test_a_change_meanwhile_is_noticed(store: Store) -> None:
    """A plan made before somebody else's change is stale and overwrites nothing."""
    bring(store, VOCABULARY, SHOP)
    found = _planned(store, native(item("db-a", owner="dba")))
    commit(store, change(store.read().item("db-a").uid, {}, {"owner": "ops"}))
    with pytest.raises(Stale, match="planned at revision 1; now it is 2"):
        commit(store, *found.operations, planned_at=found.planned_at)
    assert store.read().item("db-a").attributes == {"owner": "ops"}


def test_somebody_who_came_meanwhile_is_noticed(store: Store) -> None:
    """Names that became known after the graph was read lead to a clear answer, not to a second item."""
    before = store.read()
    bring(store, VOCABULARY, SCAN)
    with pytest.raises(Stale, match="was imported by somebody else meanwhile"):
        plan([SCAN], Known(before, store.identities(), VOCABULARY), Rules(TIME))


def test_a_store_of_another_vocabulary_is_not_imported_into(store: Store) -> None:
    """Whoever forgot their own vocabulary file is told, before anything happens."""
    commit(store, CreateItem("r", {"key": "r", "class": "robot", "name": "R"}, "test"))
    with pytest.raises(Rejected, match="does not know: robot"):
        bring(store, VOCABULARY, SHOP)


def test_sightings_name_who_saw_what(store: Store) -> None:
    """Every item and relation is remembered by the name its source has for it."""
    bring(store, VOCABULARY, SCAN)
    graph = store.read()
    known = store.identities()
    assert known[Identity("scan", "server", "srv-1")] == graph.item("srv-1").uid
    assert set(known.values()) == graph.items.keys() | {one.uid for one in graph.relations}
    seen = dict(one for batch in store.last_seen() for one in batch)
    assert seen == {one.uid: TIME for one in graph.relations}


def test_sightings_come_one_by_one_or_by_number(store: Store) -> None:
    """They can be counted, gone through and picked like a list, items before relations."""
    seen = _planned(store, SHOP).sightings
    every = list(seen)
    assert len(seen) == len(every) == 9
    assert (seen[0], seen[-1], list(seen[5:])) == (every[0], every[-1], every[5:])
    assert [">" in one.uid for one in every] == [False] * 5 + [True] * 4


def test_every_carrying_relation_can_be_imported_between_any_cis(store: Store) -> None:
    """What harm may pass along is never refused for its ends."""
    names = [name for name in VOCABULARY.classes if VOCABULARY.is_ci(name)]
    carrying = [name for name, one in VOCABULARY.relations.items() if one.carries]
    ends = [(End(None, one), End(None, other)) for one, other in pairwise(names)]
    links = [link(one, name, other) for one, other in ends for name in carrying]
    found = bring(store, VOCABULARY, native(*(item(name, name) for name in names), *links))
    assert found.relations == counted(added=len(links))
