"""Several sources tell of the same things: they are found again, and the right source's word counts."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.errors import Rejected, Unreadable
from cmdb.model import Identity
from cmdb.observations import ANY_CLASS, End, Observations, SeenItem
from cmdb.operations import ChangeItem
from cmdb.reconcile import Known, Rules, plan
from cmdb.reconcile.identification import Identification, load_identification
from cmdb.reconcile.precedence import Precedence, load_precedence
from cmdb.stores.base import Store
from cmdb.stores.sqlite import SqliteStore
from cmdb.tables import read_table
from cmdb.vocabulary_files import load_vocabulary
from tests.cmdb.estates import TIME, Clock, bring, change, commit, content, end, item, link, listing, native

pytestmark = pytest.mark.slow

VOCABULARY = load_vocabulary()
MAC = "00:1B:21:3C:4D:5E"


@pytest.fixture
def store(clock: Clock) -> Iterator[Store]:
    """Return an empty store."""
    opened = SqliteStore(None, clock)
    yield opened
    opened.close()


def machine(
    source_id: str,
    class_name: str = "server",
    name: str | None = None,
    **values: Any,  # noqa: ANN401
) -> SeenItem:
    """Return a machine as a source sees it, under an id that only that source understands."""
    return item(source_id, class_name, name or f"name of {source_id}", **values)


def described(store: Store) -> Any:  # noqa: ANN401
    """Describe what is there by class, name, values and where each came from, not by key."""
    graph = store.read()
    about = {
        uid: (one.class_name, one.name, tuple(sorted((k, str(v)) for k, v in one.attributes.items())))
        for uid, one in graph.items.items()
    }
    origins = sorted(
        (about[uid], field, origin.source)
        for uid, one in graph.items.items()
        for field, origin in one.provenance.items()
        if field != "key"
    )
    relations = sorted(
        (about[one.source], one.type, about[one.target], str(relation.attributes))
        for one, relation in graph.relations.items()
    )
    return origins, relations


NETBOX = listing(
    machine(
        "7",
        name="web01",
        serial_number="CZ-20 41",
        mac_addresses=[MAC],
        hostname="web01.shop.example",
        cpus=8,
    ),
    format="netbox",
)
NMAP = listing(
    machine("10.0.0.7", name="10.0.0.7", mac_addresses=["00-1b-21-3c-4d-5e"], hostname="scan.shop.example"),
    format="nmap",
)
GLPI = listing(
    machine("41", name="WEB01", serial_number="cz-2041", cpus=16, operating_system="Debian 12"), format="glpi"
)
SERVICENOW = listing(
    machine("a1b2", name="web01 (prod)", hostname="WEB01.shop.example.", owner="team-shop"),
    format="servicenow",
)
FOUR = [NETBOX, NMAP, GLPI, SERVICENOW]
MERGED = {
    "serial_number": ("CZ-20 41", "netbox"),
    "mac_addresses": ([MAC], "netbox"),
    "hostname": ("web01.shop.example", "netbox"),
    "cpus": (16, "glpi"),
    "operating_system": ("Debian 12", "glpi"),
    "owner": ("team-shop", "servicenow"),
}


@pytest.mark.parametrize("order", [*permutations(range(4))], ids=str)
def test_one_machine_of_four_sources_is_one_item(store: Store, order: tuple[int, ...]) -> None:
    """Whatever the order of the files: one item with four names, each value from the source that counts."""
    bring(store, VOCABULARY, *(FOUR[number] for number in order))
    (one,) = store.read().items.values()
    assert (one.key, one.name, one.class_name) == ("web01", "web01", "server")
    assert {name: (value, one.provenance[name].source) for name, value in one.attributes.items()} == MERGED
    assert one.provenance["name"].source == "netbox"
    assert {name.source for name in store.identities()} == {"netbox", "nmap", "glpi", "servicenow"}
    assert bring(store, VOCABULARY, *FOUR).operations == ()


@pytest.mark.parametrize("order", [o for o in permutations(range(4)) if o[0] == 0], ids=str)
def test_one_machine_of_four_imports_is_one_item(store: Store, order: tuple[int, ...]) -> None:
    """One import after the other, it is the same item with the same values."""
    for number in order:
        bring(store, VOCABULARY, FOUR[number])
    (one,) = store.read().items.values()
    assert {name: (value, one.provenance[name].source) for name, value in one.attributes.items()} == MERGED


RULES = [
    pytest.param({"serial_number": " ab 1"}, {"serial_number": "AB1"}, id="serial number"),
    pytest.param({"asset_tag": "INV-9"}, {"asset_tag": "inv-9"}, id="asset tag"),
    pytest.param({"cloud_id": "i-0abc"}, {"cloud_id": "I-0ABC"}, id="cloud id"),
    pytest.param({"hostname": "a.shop.test."}, {"hostname": "A.shop.test"}, id="qualified name"),
    pytest.param({"mac_addresses": [MAC]}, {"mac_addresses": ["00:00:00:00:00:09", MAC.lower()]}, id="MAC"),
]


@pytest.mark.parametrize("apart", [False, True], ids=["one import", "two imports"])
@pytest.mark.parametrize(("here", "there"), RULES)
def test_each_rule_finds_an_item(store: Store, here: Any, there: Any, *, apart: bool) -> None:  # noqa: ANN401
    """Case, blanks and punctuation do not matter; a virtual machine and a server may be one thing."""
    one, other = (
        listing(machine("1", **here)),
        listing(machine("x", "virtual_machine", **there), format="walk"),
    )
    for files in ([one], [other]) if apart else ([one, other],):
        bring(store, VOCABULARY, *files)
    assert len(store.read().items) == 1
    assert len(store.identities()) == 2


JUNK = [
    {"serial_number": "To Be Filled By O.E.M."},
    {"serial_number": "None"},
    {"serial_number": " 0 "},
    {"serial_number": "n/a"},
    {"serial_number": "Default String"},
    {"asset_tag": "no asset tag"},
    {"mac_addresses": ["00-00-00-00-00-00"]},
    {"mac_addresses": ["00:00:5e:00:01:2a"]},
    {"mac_addresses": ["02:42:ac:11:00:02"]},
    {"mac_addresses": ["not an address"]},
    {"hostname": "web01"},
    {"hostname": "10.0.0.7"},
    {"hostname": "localhost.localdomain"},
    {"owner": "ops"},
    {},
]


@pytest.mark.parametrize("values", JUNK, ids=str)
def test_what_identifies_nothing(store: Store, values: dict[str, Any]) -> None:
    """Values that stand for none, addresses that move, and a name alone never make two things one."""
    one, other = item("1", name="web01", **values), item("x", name="web01", **values)
    bring(store, VOCABULARY, listing(one), listing(other, format="walk"))
    assert len(store.read().items) == 2


def test_classes_that_cannot_be_one_thing(store: Store) -> None:
    """A rack with the serial number of a server is another thing."""
    one, other = item("1", serial_number="S-1"), item("x", "rack", serial_number="S-1")
    bring(store, VOCABULARY, listing(one), listing(other, format="walk"))
    assert len(store.read().items) == 2


def test_several_matches_are_for_a_person(store: Store) -> None:
    """It is left out, with the candidates; the rest is imported."""
    bring(store, VOCABULARY, listing(machine("1", name="a"), machine("2", name="b")))
    for key in ("a", "b"):
        uid = store.read().item(key).uid
        commit(store, change(uid, {}, {"serial_number": "S-1"}))
    told = listing(machine("x", name="web", serial_number="S-1"), machine("y", name="db"), format="walk")
    found = bring(store, VOCABULARY, told)
    (fault,) = found.rejected
    assert fault.pointer == "row of x"
    assert fault.detail == (
        "“web” could be several items: its serial number “s-1” is that of a and b."
        " Correct it where it is wrong, or retire what is not in use."
    )
    assert {one.name for one in store.read().items.values()} == {"a", "b", "db"}


def test_the_first_rule_that_finds_anything_decides(store: Store) -> None:
    """A serial number outweighs a hardware address that another item has."""
    bring(
        store,
        VOCABULARY,
        listing(machine("1", name="a", serial_number="S-1"), machine("2", mac_addresses=[MAC])),
    )
    bring(store, VOCABULARY, listing(machine("x", serial_number="S-1", mac_addresses=[MAC]), format="walk"))
    assert store.identities()[Identity("walk", "server", "x")] == store.read().item("a").uid
    assert len(store.read().items) == 2


def test_other_serial_numbers_are_other_machines(store: Store) -> None:
    """A network card, or a name, that moved to another machine does not make the two one."""
    bring(
        store,
        VOCABULARY,
        listing(machine("1", serial_number="S-1", mac_addresses=[MAC], hostname="a.b.test")),
    )
    other = machine("x", serial_number="S-2", mac_addresses=[MAC], hostname="a.b.test")
    bring(store, VOCABULARY, listing(other, format="walk"))
    assert len(store.read().items) == 2


def test_what_one_source_lists_twice_is_two(store: Store) -> None:
    """The source itself says so, in this import; another one cannot tell which of them it means."""
    twins = listing(machine("1", serial_number="S-1"), machine("2", serial_number="S-1"))
    bring(store, VOCABULARY, twins)
    assert len(store.read().items) == 2
    bring(store, VOCABULARY, replace(twins, items=(*twins.items, machine("3", serial_number="S-1"))))
    assert len(store.read().items) == 3
    found = bring(store, VOCABULARY, listing(machine("x", serial_number="S-1"), format="walk"))
    assert len(found.rejected) == 1


@pytest.mark.parametrize("source", [None, "dc1"])
def test_a_renamed_device_is_found_again(store: Store, source: str | None) -> None:
    """Under a new id that its source gives it, when the old one is no longer listed, it is the same item."""
    bring(store, VOCABULARY, listing(machine("old", mac_addresses=[MAC])), source=source)
    (uid,) = store.read().items
    found = bring(store, VOCABULARY, listing(machine("new", mac_addresses=[MAC])), source=source)
    (one,) = store.read().items.values()
    assert (one.uid, one.name, one.retired, found.candidates) == (uid, "name of new", False, ())
    assert {name.source_id for name in store.identities()} == {"old", "new"}


def test_two_formats_in_one_name_are_two_tellers(store: Store) -> None:
    """A scan and an inventory that are imported as one source may tell of one machine."""
    bring(store, VOCABULARY, NETBOX, NMAP, GLPI, SERVICENOW, source="dc1")
    assert len(store.read().items) == 1


def test_a_retired_item_is_found_where_none_is_in_use(store: Store) -> None:
    """It is in use again; where one in use is like it, that is meant."""
    bring(store, VOCABULARY, listing(machine("1", name="a", serial_number="S-1")))
    uid = store.read().item("a").uid
    commit(store, change(uid, {}, {"status": "retired"}))
    walk = listing(machine("x", serial_number="S-1"), format="walk")
    bring(store, VOCABULARY, walk)
    assert not store.read().items[uid].retired

    commit(store, change(uid, {}, {"status": "retired"}))
    bring(store, VOCABULARY, listing(machine("2", name="b"), format="other"))
    commit(store, change(store.read().item("b").uid, {}, {"serial_number": "S-1"}))
    bring(store, VOCABULARY, listing(machine("z", serial_number="S-1"), format="third"))
    assert store.identities()[Identity("third", "server", "z")] == store.read().item("b").uid


def test_what_a_source_no_longer_lists_comes_back_when_a_lower_one_sees_it(store: Store) -> None:
    """Being left out of a list is no word of the source on the item."""
    full = listing(*(machine(str(n), serial_number=f"S-{n}") for n in range(10)), format="any")
    bring(store, VOCABULARY, full, source="netbox")
    bring(store, VOCABULARY, replace(full, items=full.items[1:]), source="netbox")
    (gone,) = (one for one in store.read().items.values() if one.retired)
    scan = listing(machine("x", serial_number="S-0"), format="nmap")
    bring(store, VOCABULARY, scan)
    assert not store.read().items[gone.uid].retired


def test_what_a_higher_source_says_is_retired_stays_so(store: Store) -> None:
    """A scan that sees it does not bring it back; the plan says what was held back."""
    bring(store, VOCABULARY, listing(machine("1", serial_number="S-1", status="retired"), format="netbox"))
    found = bring(
        store, VOCABULARY, listing(machine("x", name="name of 1", serial_number="S-1"), format="nmap")
    )
    assert store.read().item("name-of-1").retired
    ((kept),) = found.kept
    assert (kept.field, kept.value, kept.by, kept.offered) == ("status", "retired", "netbox", None)


def test_a_new_native_item_keeps_its_key(store: Store) -> None:
    """A key is a person's word: it is another item, and a warning says what it is like."""
    bring(store, VOCABULARY, listing(machine("1", name="web01", serial_number="S-1")))
    found = bring(store, VOCABULARY, native(item("web-01", serial_number="S-1")))
    assert found.warnings == (
        "web-01: its serial number “s-1” is that of web01. If they are one thing, give it that key.",
    )
    assert set(store.read().uid_of) == {"web01", "web-01"}


def test_native_and_other_files_of_one_import_find_each_other() -> None:
    """By value the native key is taken; by key the native file means what the other one brings."""
    scan = listing(machine("1", name="web01", serial_number="S-1"), machine("2", name="db01"))
    told = native(item("web-01", serial_number="S-1", owner="ops"), item("db01", tier=1))
    for files in ((scan, told), (told, scan)):
        opened = SqliteStore(None, Clock())
        bring(opened, VOCABULARY, *files)
        assert set(opened.read().uid_of) == {"web-01", "db01"}
        assert opened.read().item("db01").attributes == {"tier": 1}
        assert bring(opened, VOCABULARY, *files).operations == ()
        opened.close()


def test_a_value_of_everybody_identifies_nobody(store: Store) -> None:
    """What more than twenty things have is no mark of one; it is said once, and costs nothing."""
    every = [machine(str(n), serial_number="SAME") for n in range(500)]
    bring(store, VOCABULARY, listing(*every))
    found = bring(store, VOCABULARY, listing(*every, format="walk"))
    assert found.items["added"] == 500
    assert "The serial number “same” is that of more than 20 items, so it identifies none." in found.warnings


VALUES = {
    "name": st.sampled_from(["a", "b"]),
    "cpus": st.none() | st.integers(1, 3),
    "owner": st.sampled_from(["x", "y"]),
    "tier": st.integers(1, 2),
    "class": st.sampled_from(["server", "virtual_machine", "firewall"]),
}
SOURCES = ["native", "netbox", "servicenow", "glpi", "any", "jaeger", "nmap"]


@st.composite
def tellings(draw: st.DrawFn, source: str) -> Observations:
    """Return what a source says of some of three machines, of each by its serial number."""
    told = []
    for number in draw(st.sets(st.integers(1, 3), min_size=1)):
        values = {
            name: draw(some)
            for name, some in VALUES.items()
            if draw(st.booleans()) or name in {"class", "name"}
        }
        class_name, name = str(values.pop("class")), str(values.pop("name"))
        if values.get("cpus", 1) is None:
            del values["cpus"]
        told.append(
            SeenItem(class_name, f"{source}{number}", name, {**values, "serial_number": f"S{number}"}, "row")
        )
    return listing(*told, format=source)


@settings(deadline=None)
@given(data=st.data(), pair=st.permutations(SOURCES[1:]), seed=st.integers())
def test_the_order_of_imports_does_not_matter(data: st.DataObject, pair: list[str], seed: int) -> None:
    """Two sources of different rank give the same graph, whichever is imported first, or both at once."""
    seen = [data.draw(tellings(source)) for source in pair[:2]]
    found = []
    for files in ([[seen[0]], [seen[1]]], [[seen[1]], [seen[0]]], [seen], [seen[::-1]]):
        opened = SqliteStore(None, Clock())
        for some in files:
            bring(opened, VOCABULARY, *some)
        for _ in range(2):
            every = [
                replace(one, items=tuple(random.Random(seed).sample(one.items, len(one.items))))
                for one in seen
            ]
            bring(opened, VOCABULARY, *every)
        revision = opened.head().revision
        bring(opened, VOCABULARY, *seen)
        assert opened.head().revision == revision
        found.append(described(opened))
        opened.close()
    assert found[1:] == found[:-1]


@settings(deadline=None)
@given(data=st.data(), seed=st.integers())
def test_the_order_of_files_does_not_matter(data: st.DataObject, seed: int) -> None:
    """All sources in one import, their files and rows shuffled: the same graph with the same keys."""
    seen = [data.draw(tellings(source)) for source in SOURCES[1:]]
    straight, mixed = SqliteStore(None, Clock()), SqliteStore(None, Clock())
    rng = random.Random(seed)
    bring(straight, VOCABULARY, *seen)
    bring(
        mixed,
        VOCABULARY,
        *(replace(one, items=tuple(rng.sample(one.items, len(one.items)))) for one in rng.sample(seen, 6)),
    )
    assert content(straight.read()) == content(mixed.read())
    assert described(straight) == described(mixed)
    straight.close()
    mixed.close()


def known_as(source: str, **values: Any) -> Observations:  # noqa: ANN401
    """Return what a source says of the one machine."""
    return listing(machine("1", name="web", serial_number="S-1", **values), format=source)


def test_a_lower_source_fills_what_is_absent(store: Store) -> None:
    """And changes nothing else: what was held back is listed."""
    bring(store, VOCABULARY, known_as("netbox", owner="dc"))
    found = bring(store, VOCABULARY, known_as("nmap", owner="scan", description="seen"))
    one = store.read().item("web")
    assert one.attributes == {"description": "seen", "owner": "dc", "serial_number": "S-1"}
    assert [tuple(kept) for kept in found.kept] == [
        ("web", "owner", "dc", "netbox", "scan", "nmap", "row of 1")
    ]
    assert found.items == {"added": 0, "changed": 1, "retired": 0, "unchanged": 0}


def test_of_one_rank_the_newest_counts(store: Store) -> None:
    """As ever between two sources that the table does not name."""
    bring(store, VOCABULARY, known_as("one", owner="a"))
    assert bring(store, VOCABULARY, known_as("two", owner="b")).kept == ()
    assert store.read().item("web").attributes["owner"] == "b"


@pytest.mark.parametrize("source", ["edited by hand", "native"])
def test_people_rank_highest(store: Store, source: str) -> None:
    """What a person set, no source overwrites; a person overwrites what any source said."""
    bring(store, VOCABULARY, known_as("netbox", owner="dc"))
    bring(store, VOCABULARY, known_as(source, owner="me"))
    assert store.read().item("web").attributes["owner"] == "me"
    bring(store, VOCABULARY, known_as("netbox", owner="dc"))
    assert store.read().item("web").attributes["owner"] == "me"


def test_who_measures_knows_better(store: Store) -> None:
    """A field may have an order of its own."""
    for source, cpus in (("glpi", 16), ("netbox", 8)):
        bring(store, VOCABULARY, known_as(source, cpus=cpus))
    assert store.read().item("web").attributes["cpus"] == 16


def test_a_higher_source_answers_for_what_it_confirms(store: Store) -> None:
    """Then a third one, between the two, does not change it."""
    for source, owner in (("nmap", "a"), ("netbox", "a"), ("any", "b")):
        bring(store, VOCABULARY, known_as(source, owner=owner))
    one = store.read().item("web")
    assert (one.attributes["owner"], one.provenance["owner"].source) == ("a", "netbox")


def test_empty_takes_away_only_ones_own(store: Store) -> None:
    """Most sources leave empty what they do not know; what people leave empty is empty."""
    bring(store, VOCABULARY, known_as("one", owner="a"))
    assert [one.offered for one in bring(store, VOCABULARY, known_as("netbox", owner=None)).kept] == [None]
    assert "owner" in store.read().item("web").attributes
    bring(store, VOCABULARY, known_as("one", owner=None))
    assert "owner" not in store.read().item("web").attributes
    bring(store, VOCABULARY, known_as("one", owner="a"))
    bring(store, VOCABULARY, known_as("native", owner=None))
    assert "owner" not in store.read().item("web").attributes


def test_name_and_class_are_fields_too(store: Store) -> None:
    """A lower source renames nothing and gives nothing another class, and so no fields without a place."""
    bring(store, VOCABULARY, listing(machine("1", "firewall", "fw", serial_number="S-1"), format="netbox"))
    found = bring(
        store, VOCABULARY, listing(machine("x", name="x", serial_number="S-1", cpus=2), format="nmap")
    )
    (one,) = store.read().items.values()
    assert (one.class_name, one.name) == ("firewall", "fw")
    assert one.attributes == {"serial_number": "S-1"}
    assert [kept.field for kept in found.kept] == ["class", "name"]
    assert found.warnings == ("fw: cpus left out: a firewall has no such fields.",)


def test_another_class_takes_away_what_it_has_no_place_for(store: Store) -> None:
    """So that an export of the graph can be imported again."""
    bring(store, VOCABULARY, listing(machine("x", serial_number="S-1", cpus=2), format="nmap"))
    bring(store, VOCABULARY, listing(machine("1", "firewall", serial_number="S-1"), format="netbox"))
    (one,) = store.read().items.values()
    assert (one.class_name, one.attributes) == ("firewall", {"serial_number": "S-1"})


def test_relations_obey_the_same_order(store: Store) -> None:
    """A lower source fills in a relation's fields and changes none; in one import as in several."""
    ends = item("a"), item("b")
    high = listing(*ends, link(end("a"), "uses", end("b"), role="API"), format="netbox")
    low = listing(link(End(None, "a"), "uses", End(None, "b"), role="web", known="observed"), format="nmap")
    found = bring(store, VOCABULARY, low, high)
    (relation,) = store.read().relations.values()
    assert {
        name: (value, relation.provenance[name].source) for name, value in relation.attributes.items()
    } == {
        "role": ("API", "netbox"),
        "known": ("observed", "nmap"),
    }
    assert [(kept.about, kept.offered) for kept in found.kept] == [(("a", "uses", "b"), "web")]
    assert bring(store, VOCABULARY, low).operations == ()
    assert bring(store, VOCABULARY, low, high).operations == ()


def test_a_plan_tells_what_is_meant_whoever_told_what_is(store: Store) -> None:
    """Into a plan nothing is held back; between the files of one import the order counts as ever."""
    bring(store, VOCABULARY, known_as("netbox", owner="dc"))
    known = Known(store.read(), store.identities(), VOCABULARY)
    found = plan([known_as("nmap", owner="x"), known_as("any", owner="y")], known, Rules(TIME, planned=True))
    changes = [one.after for one in found.operations if isinstance(one, ChangeItem)]
    assert [one["owner"] for one in changes if "owner" in one] == ["y"]
    assert [(kept.value, kept.offered) for kept in found.kept] == [("y", "x")]


def test_part_of_a_source_retires_nothing(store: Store) -> None:
    """What a partial file leaves out is not missing; a whole one beside it counts as ever."""
    scan = listing(*(machine(str(number)) for number in range(10)))
    bring(store, VOCABULARY, scan, source="dc1")
    part = replace(scan, items=scan.items[:1], partial=True)
    found = bring(store, VOCABULARY, part, source="dc1")
    assert (found.operations, found.candidates) == ((), ())
    whole = replace(scan, items=scan.items[1:9])
    assert bring(store, VOCABULARY, part, whole, source="dc1").items["retired"] == 1


def test_lonely_items_are_told(store: Store) -> None:
    """Configuration items of this import that no relation joins; neither people nor retired ones."""
    rows = [item(name) for name in "abcd"]
    seen = listing(*rows, item("t", "team"), item("old", status="retired"), link(end("a"), "uses", end("b")))
    assert bring(store, VOCABULARY, seen).lonely == ("c", "d")
    assert (
        bring(store, VOCABULARY, native(item("c"), link(End(None, "c"), "uses", End(None, "a")))).lonely == ()
    )
    assert bring(store, VOCABULARY, listing(*rows)).lonely == ("d",)
    full = replace(seen, relations=())
    assert bring(store, VOCABULARY, full, source="scan").lonely == ("b", "d")


def test_candidates_for_what_was_not_found(store: Store) -> None:
    """Who is called so, the asked class first; else who is spelt alike; never more than five."""
    bring(
        store,
        VOCABULARY,
        native(*(item(f"k{n}", name="Payments") for n in range(7)), item("pay", "database", "PAYMENTS")),
    )
    links = [
        replace(link(end("a"), "uses", End("database", "x")), target_called="payments"),
        link(end("a"), "uses", end("paymets")),
        link(end("a"), "uses", end("nothing like it")),
        link(end("K0"), "uses", end("a")),
    ]
    links = [replace(one, where=f"line {number}") for number, one in enumerate(links)]
    found = bring(store, VOCABULARY, listing(item("a"), *links)).unresolved
    assert [(one.missing, one.candidates, one.candidates_total) for one in found] == [
        (("target",), ("pay", "k0", "k1", "k2", "k3"), 8),
        (("target",), ("k0", "k1", "k2", "k3", "k4"), 8),
        (("target",), (), 0),
        (("source",), ("k0",), 1),
    ]


def test_the_tables_fit_the_vocabulary() -> None:
    """Every class, family and field that they name exists."""
    identification, precedence = load_identification(), load_precedence()
    names = VOCABULARY.classes.keys() | VOCABULARY.families.keys()
    assert {one for some in identification.sets.values() for one in some} <= names
    assert {rule.field for rule in identification.rules} <= VOCABULARY.fields.keys()
    assert precedence.fields.keys() <= VOCABULARY.fields.keys()


WRONG = [
    (Identification, "format = 1\nrules = []", "sets: Field required"),
    (Identification, "format = [", "cannot be read"),
    (
        Identification,
        "format = 1\n[sets]\na = ['server']\n[[rules]]\nwhat = 'x'\nfield = 'f'\namong = ['b']",
        "names a set that is not there: b",
    ),
    (
        Identification,
        "format = 1\n[sets]\na = ['server']\n[[rules]]\nwhat = 'x'\nfield = 'f'\namong = ['a']\nform = '('",
        "this is no regular expression",
    ),
    (Precedence, "format = 1\nsources = ['a']", "has to stand there"),
    (Precedence, "format = 1\nsources = ['a', '*', ['a']]", "“a” stands there twice"),
    (Precedence, "format = 1\nsources = ['*']\nfield = 1", "field: Extra inputs"),
]


@pytest.mark.parametrize(("kind", "text", "said"), WRONG, ids=[one[2] for one in WRONG])
def test_a_wrong_table_is_refused(tmp_path: Path, kind: Any, text: str, said: str) -> None:  # noqa: ANN401
    """With the place and what is wrong."""
    path = tmp_path / "table.toml"
    path.write_text(text, "utf-8")
    with pytest.raises((Rejected, Unreadable), match=said.replace("(", r"\(")):
        read_table(kind, path)


def test_an_end_may_leave_its_class_open(store: Store) -> None:
    """The one item that the source knows by the id is meant, imported now or long before."""
    any_web, any_db = end("web", ANY_CLASS), end("db", ANY_CLASS)
    bring(store, VOCABULARY, listing(item("db", "database")))
    found = bring(store, VOCABULARY, listing(item("web"), link(any_web, "depends_on", any_db)))
    assert (found.relations["added"], found.unresolved) == (1, ())


def test_an_end_that_several_could_be_is_unresolved(store: Store) -> None:
    """Of two items with one id none is guessed, and another source's item does not count."""
    twins = listing(item("db", "database"), item("db", "data_store"), item("web"))
    bring(store, VOCABULARY, twins)
    bring(store, VOCABULARY, listing(item("cache", "data_store"), format="other"))
    for name in ("db", "cache"):
        relation = link(end("web"), "depends_on", end(name, ANY_CLASS))
        (missing,) = bring(store, VOCABULARY, listing(item("web"), relation)).unresolved
        assert missing.target == name
