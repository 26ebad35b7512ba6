from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from cmdb.errors import Rejected, Unreadable
from cmdb.harm import FATAL, NONE, SAME, SOFTENED
from cmdb.spelling import did_you_mean
from cmdb.values import normalise
from cmdb.vocabulary import RELATION_FIELDS, Vocabulary
from cmdb.vocabulary_files import BUILT_IN, load_vocabulary

BUILT = load_vocabulary()
TYPES = sorted(BUILT.relations)
Load = Callable[[str], Vocabulary]

# The design's table: what the target's state does to the source, and the source's to the target.
CARRIED = {
    "depends_on": ("same", "none"),
    "runs_on": ("same", "none"),
    "connects_via": ("same", "none"),
    "authenticates_with": ("same", "none"),
    "uses": ("softened", "none"),
    "part_of": ("fatal", "softened"),
    "located_in": ("fatal", "none"),
    "member_of": ("none", "counted"),
    "sends_data_to": ("none", "softened"),
}
SILENT = {
    *("replicates_to", "backed_up_by", "monitored_by", "documented_by", "owned_by", "supported_by"),
    *("delivers", "modifies", "retires", "requires", "affects", "hits", "caused_by", "includes", "threatens"),
    "exempts",
}
CLASSES = """
    business_service service_offering application_service technical_service application software_component
    interface database data_store message_queue server virtual_machine cluster workload cloud_resource
    network_device load_balancer network_link firewall firewall_rule site rack power_feed certificate
    identity_provider external_service redundancy_group document person team organisation project deliverable
    work_package milestone release risk issue stakeholder change incident problem baseline freeze_window
    maintenance_window
"""

ALLOWED = {
    "member_of": ("person", "team"),
    "documented_by": ("server", "document"),
    "owned_by": ("server", "team"),
    "supported_by": ("server", "team"),
    "delivers": ("project", "server"),
    "modifies": ("deliverable", "server"),
    "retires": ("project", "server"),
    "requires": ("change", "server"),
    "affects": ("change", "database"),
    "hits": ("incident", "server"),
    "caused_by": ("incident", "change"),
    "includes": ("baseline", "server"),
    "threatens": ("risk", "project"),
    "exempts": ("freeze_window", "change"),
}
EXCLUDED = {
    "depends_on": ("server", "person"),
    "runs_on": ("document", "server"),
    "connects_via": ("team", "network_device"),
    "authenticates_with": ("person", "identity_provider"),
    "uses": ("project", "server"),
    "part_of": ("milestone", "server"),
    "located_in": ("person", "site"),
    "member_of": ("project", "redundancy_group"),
    "sends_data_to": ("incident", "database"),
    "replicates_to": ("database", "document"),
    "backed_up_by": ("document", "server"),
    "monitored_by": ("server", "team"),
    "documented_by": ("server", "person"),
    "owned_by": ("server", "server"),
    "supported_by": ("team", "server"),
    "delivers": ("server", "project"),
    "modifies": ("change", "server"),
    "retires": ("project", "person"),
    "requires": ("server", "project"),
    "affects": ("change", "person"),
    "hits": ("incident", "team"),
    "caused_by": ("server", "incident"),
    "includes": ("server", "baseline"),
    "threatens": ("risk", "person"),
    "exempts": ("change", "change"),
}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function that puts the text of a user's own file on top of the built-in vocabulary."""

    def on_top(text: str) -> Vocabulary:
        path = tmp_path / "mine.toml"
        path.write_text(text, "utf-8")
        return load_vocabulary(path)

    return on_top


def test_the_design_names_every_relation_type() -> None:
    """Neither the vocabulary nor the design knows a relation type that the other does not."""
    assert set(TYPES) == CARRIED.keys() | SILENT


@pytest.mark.parametrize("name", TYPES)
def test_harm_goes_as_the_design_says(name: str) -> None:
    """What each relation passes on in both directions equals the design's table."""
    relation = BUILT.relations[name]
    assert (relation.to_source, relation.to_target) == CARRIED.get(name, ("none", "none"))
    assert relation.carries == (name in CARRIED)


def test_transfers_are_told_by_direction() -> None:
    """A relation's transfer is asked for by direction; where it counts, nothing is passed on."""
    assert BUILT.transfer("part_of", to_source=True) == FATAL
    assert BUILT.transfer("part_of", to_source=False) == SOFTENED
    assert BUILT.transfer("runs_on", to_source=True) == SAME
    assert BUILT.transfer("runs_on", to_source=False) == NONE
    assert BUILT.transfer("member_of", to_source=False) == NONE
    assert BUILT.counts("member_of", to_source=False)
    assert not BUILT.counts("member_of", to_source=True)
    assert not BUILT.counts("runs_on", to_source=True)


@pytest.mark.parametrize("name", TYPES)
def test_a_relation_reads_as_a_sentence(name: str) -> None:
    """There are words for both directions, they differ, and they stand between two names."""
    relation = BUILT.relations[name]
    assert BUILT.sentence("Tills", name, "db-a") == f"Tills {relation.label} db-a"
    for words in (relation.label, relation.inverse):
        assert words == words.strip().lower()
        assert "_" not in words
    assert relation.label != relation.inverse
    assert relation.describe.endswith(".")


def test_no_two_directions_read_the_same() -> None:
    """A sentence tells which relation it is about."""
    words = [words for one in BUILT.relations.values() for words in (one.label, one.inverse)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("name", TYPES)
def test_the_ends_of_a_relation_are_limited(name: str) -> None:
    """Each type joins what it is for, and refuses a pair that makes no sense."""
    assert BUILT.allows(name, *ALLOWED.get(name, ("server", "database")))
    assert not BUILT.allows(name, *EXCLUDED[name])


def test_the_lists_of_pairs_are_complete() -> None:
    """Every relation type has a pair that it must refuse."""
    assert set(TYPES) == EXCLUDED.keys()


@pytest.mark.parametrize("name", sorted(CARRIED))
def test_harm_may_pass_between_any_two_cis(name: str) -> None:
    """A relation that carries harm accepts every configuration item and group at both ends."""
    cis = [one for one in BUILT.classes if BUILT.is_ci(one)]
    assert len(cis) > 20
    assert all(BUILT.allows(name, source, target) for source, target in product(cis, cis))


def test_classes_are_those_of_the_design() -> None:
    """Every class the design lists is there, and each describes itself."""
    assert set(CLASSES.split()) <= BUILT.classes.keys()
    assert all(one.label and one.describe.endswith(".") for one in BUILT.classes.values())


def test_families_have_their_roles() -> None:
    """Services are listed first, people and sources are left out of counts, and only groups count members."""
    assert {one for one in BUILT.classes if BUILT.is_service(one)} == set(CLASSES.split()[:4])
    uncounted = {one for one in BUILT.classes if not BUILT.is_counted(one)}
    assert uncounted == {"person", "team", "organisation", "source"}
    assert BUILT.source_class == "source"
    assert [one for one in BUILT.classes if BUILT.is_source(one)] == ["source"]
    assert {one for one in BUILT.classes if BUILT.is_group(one)} == {"redundancy_group"}
    assert BUILT.is_ci("redundancy_group")
    assert not BUILT.is_ci("change")


def test_every_class_reads_with_its_article() -> None:
    """Errors speak of a server and an application service."""
    assert BUILT.a("server") == "a server"
    assert BUILT.a("application_service") == "an application service"
    assert BUILT.a("incident") == "an incident"


def test_fields_describe_themselves_once() -> None:
    """Each field has a meaning, is used somewhere, and allows the values it lists."""
    used = {name for one in BUILT.classes for name in BUILT.item_fields(one)}
    used |= {name for one in TYPES for name in BUILT.relation_fields(one)}
    assert used == BUILT.fields.keys()
    for field in BUILT.fields.values():
        assert field.describe.endswith(".")
        assert all(field.check(value) == value for value in field.one_of or ())


def test_fields_follow_class_and_type() -> None:
    """A class has the common fields, its family's and its own; a relation likewise."""
    assert {"tier", "hostname"} <= BUILT.item_fields("server").keys()
    assert "needs" in BUILT.item_fields("redundancy_group")
    assert "needs" not in BUILT.item_fields("server")
    assert {"still_works", *RELATION_FIELDS} == BUILT.relation_fields("uses").keys()
    assert "still_works" not in BUILT.relation_fields("runs_on")
    assert {"key", "name", "owner"} <= BUILT.text_fields
    assert "tier" not in BUILT.text_fields


def test_a_field_refuses_other_values() -> None:
    """A value that is not among those a field allows is answered with the list."""
    assert normalise("integer", 1) == BUILT.fields["tier"].check(1)
    with pytest.raises(ValueError, match="“5” is not one of: 1, 2, 3, 4"):
        BUILT.fields["tier"].check(5)


def test_a_misspelt_name_gives_a_hint() -> None:
    """What was probably meant is offered; where nothing is near, nothing is."""
    assert did_you_mean("depend_on", BUILT.relations) == " Did you mean depends_on?"
    assert did_you_mean("zzz", BUILT.relations) == ""


def test_a_users_file_adds_and_changes(load: Load) -> None:
    """New entries are added, and an entry that exists is changed key by key."""
    mine = load(
        """
        [classes.robot]
        family = "compute"
        label = "robot"
        describe = "A machine that moves."
        fields = ["reach_mm"]
        [fields.reach_mm]
        type = "integer"
        describe = "How far it reaches."
        [relations.uses]
        to_source = "same"
        [relations.carries_for]
        label = "carries for"
        inverse = "is served by"
        describe = "The source moves things for the target."
        source = ["robot"]
        target = ["people"]
        """
    )
    assert {"reach_mm", "hostname", "tier"} <= mine.item_fields("robot").keys()
    assert mine.allows("depends_on", "robot", "server")
    assert mine.allows("carries_for", "robot", "person")
    assert not mine.allows("carries_for", "server", "person")
    assert (mine.relations["uses"].to_source, mine.relations["uses"].label) == ("same", "uses")
    assert mine.relations["runs_on"] == BUILT.relations["runs_on"]


def test_several_files_go_on_top_in_order(tmp_path: Path) -> None:
    """The last file wins, and without the built-in one the given files are all there is."""
    for name, label in (("one", "machine"), ("two", "box")):
        (tmp_path / name).write_text(f'[classes.server]\nlabel = "{label}"\n')
    assert load_vocabulary(tmp_path / "one", tmp_path / "two").classes["server"].label == "box"
    bare = tmp_path / "bare"
    bare.write_text('format = 1\n[families.things]\nlabel = "Things"\nci = true\n')
    assert load_vocabulary(bare, built_in=False).classes == {}
    assert load_vocabulary(BUILT_IN, built_in=False) == BUILT


A_CLASS = '[classes.robot]\nlabel = "robot"\ndescribe = "It moves."\n'
A_RELATION = '[relations.lifts]\nlabel = "lifts"\ninverse = "is lifted by"\ndescribe = "Up."\n'
A_WHOLE_RELATION = A_RELATION + "source = ['ci']\ntarget = ['ci']\n"
A_FIELD = '[fields.reach]\ndescribe = "How far."\n'

WRONG = [
    ("format = 2", "format", "Input should be 1"),
    ("[animals.cat]\nlabel = 'cat'", "animals", "there is no such entry"),
    ("classes = 3", "classes", "this has to be a table"),
    ("[classes]\nrobot = 3", "classes.robot", "this has to be a table"),
    ("[classes.robot]\nfamily = 'compute'\nlabel = 'x'", "classes.robot.describe", "this has to be given"),
    (A_CLASS + "family = 'toys'", "classes.robot", "there is no family “toys”"),
    (A_CLASS + "family = 'compute'\nfields = ['reach']", "classes.robot", "there is no field “reach”"),
    (A_CLASS + "family = 'compute'\ncolour = 'red'", "classes.robot.colour", "there is no such entry"),
    (A_CLASS + "family = 'compute'\nfields = 'port'", "classes.robot.fields", "this has to be a list"),
    ("[classes.server]\nlabel = ''", "classes.server.label", "this is empty"),
    ("[families.compute]\nfields = ['reach']", "families.compute", "there is no field “reach”"),
    ("[families.server]\nlabel = 'x'", "classes.server", "a family has this name already"),
    ("[families.ci]\nlabel = 'x'", "families", "“ci” is taken"),
    ("[families.'Big Things']\nlabel = 'x'", "families.Big Things", "lower-case words joined by _"),
    (A_FIELD + "type = 'colour'", "fields.reach.type", "Input should be 'text', 'integer'"),
    (A_FIELD + "type = 'text'\none_of = [1]", "fields.reach", "1 in one_of cannot be a value"),
    (A_FIELD + "type = 'date'\none_of = ['soon']", "fields.reach", "'soon' in one_of cannot be a value"),
    (A_FIELD + "type = 'text'\nat_least = 1", "fields.reach", "at_least is for numbers"),
    ("[fields.key]\ntype = 'text'\ndescribe = 'x'", "fields.key", "every item has this already"),
    (A_RELATION + "source = ['ci']\ntarget = []", "relations.lifts.target", "needs at least one entry"),
    (A_RELATION + "source = ['ci']", "relations.lifts.target", "this has to be given"),
    (
        A_RELATION + "source = ['ci']\ntarget = ['toy']",
        "relations.lifts",
        "“toy” is neither a class nor a family",
    ),
    (A_WHOLE_RELATION + "to_source = 'twice'", "to_source", "Input should be"),
    (
        A_WHOLE_RELATION + "fields = ['mood']",
        "relations.lifts",
        "no field “mood”",
    ),
    (
        A_WHOLE_RELATION + "tells = 'state'",
        "relations.lifts",
        "tells names “state”, which is not among its fields",
    ),
    (
        A_WHOLE_RELATION + "gives = 'mood'",
        "relations.lifts",
        "gives names “mood”, and there is no such field",
    ),
    (
        "[classes.milestone]\ndated = 'noon'",
        "classes.milestone",
        "dated names “noon”, and there is no such field",
    ),
    ("[relations.uses]\ninverse = ''", "relations.uses.inverse", "this is empty"),
]


@pytest.mark.parametrize(("text", "entry", "reason"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_entry_is_refused_by_name(load: Load, text: str, entry: str, reason: str) -> None:
    """The refusal names the file, the entry and the reason, both in its sentence and as a fault."""
    with pytest.raises(Rejected) as caught:
        load(text)
    faults = [fault for fault in caught.value.faults if entry in fault.pointer and reason in fault.detail]
    assert faults
    assert faults[0].pointer.startswith("mine.toml: ")
    assert "mine.toml" in caught.value.detail
    assert f"{entry}: " in caught.value.detail
    assert reason in caught.value.detail


def test_every_wrong_entry_is_listed(load: Load) -> None:
    """All faults of a file come at once."""
    with pytest.raises(Rejected) as caught:
        load(A_CLASS + "family = 'toys'\nfields = ['reach', 'mood']")
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize("content", [b"label = = 3", b"\xff\xfe", b"format = 1\nformat = 1"])
def test_a_file_that_is_not_toml_is_unreadable(tmp_path: Path, content: bytes) -> None:
    """A file that cannot be parsed is named."""
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=r"mine\.toml cannot be read: "):
        load_vocabulary(path)


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(Unreadable, match=r"mine\.toml cannot be read: .*No such file"):
        load_vocabulary(tmp_path / "mine.toml")


def test_a_store_of_another_vocabulary_is_refused() -> None:
    """Somebody who forgot their vocabulary file is told so."""
    BUILT.refuse_unknown(["server"], ["depends_on"])
    with pytest.raises(Rejected, match=r"does not know: robot, lifts\. Name the vocabulary file"):
        BUILT.refuse_unknown(["server", "robot"], ["lifts"])


def test_only_incidents_and_problems_hit() -> None:
    """A change does not put anything out; that is for the incident it causes to say."""
    hits = BUILT.relations["hits"].source
    assert set(hits) == {"incident", "problem"}
