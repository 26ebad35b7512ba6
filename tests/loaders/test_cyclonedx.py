import json
from collections import Counter
from pathlib import Path

import pytest

from cmdb.errors import CmdbError
from cmdb.observations import Observations
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring

SHOP = {"type": "application", "bom-ref": "shop", "group": "acme", "name": "shop", "version": "2.0"}
XML = """<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/{version}" version="1">
  <metadata><component type="application" bom-ref="shop"><name>shop</name><version>2.0</version></component>
  </metadata>
  <components>
    <component type="library" bom-ref="a">
      <supplier><name>ACME</name></supplier><group>acme</group><name>a</name><version>1.10</version>
      <description>Adds</description><purl>pkg:npm/a@1.10</purl>
      <externalReferences><reference type="vcs"><url>https://git.example.com/a</url></reference>
      </externalReferences>
      <components><component type="library" bom-ref="b"><name>b</name><scope>optional</scope>
      <swid tagId="swid-b" name="b"/></component></components>
    </component>
  </components>
  <services>
    <service bom-ref="pay"><provider><name>Bank</name></provider><name>pay</name>
      <data><classification flow="inbound">PII</classification>
        <dataflow><classification>public</classification><destination><url>log</url></destination></dataflow>
      </data>
      <services><service bom-ref="log"><name>log</name></service></services>
    </service>
  </services>
  <dependencies>
    <dependency ref="shop"><dependency ref="a"/><dependency ref="pay"/></dependency>
    <dependency ref="a"><dependency ref="b"/></dependency>
  </dependencies>
  <vulnerabilities><vulnerability/><vulnerability/></vulnerabilities>
</bom>"""


class ReadBill:
    """Reads a bill of materials that a test writes down."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def __call__(self, **parts: object) -> Observations:
        """Say what a bill with these parts holds."""
        bill = {"bomFormat": "CycloneDX", "specVersion": "1.5", **parts}
        return read(Source("bom.json", json.dumps(bill).encode()), self._vocabulary)


@pytest.fixture
def read_bill(vocabulary: Vocabulary) -> ReadBill:
    """Return a function that reads a bill."""
    return ReadBill(vocabulary)


@pytest.fixture(scope="session")
def bills(real_data: Path, vocabulary: Vocabulary) -> dict[str, Observations]:
    """Return two real bills, of a Java library and of a cloud service, by the beginning of their names."""
    files = (real_data / "cyclonedx").glob("*.json")
    return {one.name[:4]: read(Source(one.name, one.read_bytes()), vocabulary) for one in files}


def library(name: str, **more: object) -> dict[str, object]:
    """Write a component."""
    return {"type": "library", "bom-ref": name, "name": name, "version": "1"} | more


def needs(ref: object, *needed: object) -> dict[str, object]:
    """Write an entry of the dependencies."""
    return {"ref": ref, "dependsOn": list(needed)}


def triples(seen: Observations) -> set[tuple[str, str, str]]:
    """Return the relations as (source, type, target)."""
    return {(one.source.name, one.type, one.target.name) for one in seen.relations}


def test_the_real_library(bills: dict[str, Observations]) -> None:
    """All 167 components, their 170 dependencies, and what they are components of."""
    seen = bills["drop"]
    known = Counter((one.type, one.attributes["known"]) for one in seen.relations)
    assert Counter(one.class_name for one in seen.items) == {"software_component": 168}
    assert len({one.source_id for one in seen.items}) == 168
    assert known == {("depends_on", "declared"): 170, ("depends_on", "inferred"): 29}
    (warning,) = seen.warnings
    assert warning.endswith("is taken to need the 29 parts that no other part needs.")
    assert seen.rejected == ()


def test_every_real_component_leads_to_the_software(bills: dict[str, Observations]) -> None:
    """From the software, everything it is made of can be reached."""
    below: dict[str, list[str]] = {}
    for source, _, target in triples(bills["drop"]):
        below.setdefault(source, []).append(target)
    reached, waiting = set[str](), ["pkg:maven/io.dropwizard/dropwizard-parent@1.3.15"]
    while waiting:
        one = waiting.pop()
        waiting += [] if one in reached else below.get(one, [])
        reached.add(one)
    assert reached == {one.source_id for one in bills["drop"].items}


def test_the_real_cloud_service(bills: dict[str, Observations]) -> None:
    """One application and six services, five of which are inside the first, with their dependencies."""
    seen = bills["SaaS"]
    assert Counter(one.class_name for one in seen.items) == {"application": 1, "application_service": 6}
    assert Counter(one.type for one in seen.relations) == {"depends_on": 6, "part_of": 5}
    gateway = next(one for one in seen.items if one.name == "API Gateway")
    assert gateway.attributes == {
        "description": "Example API Gateway",
        "version": "2022-1",
        "manufacturer": "Acme Inc",
        "data_class": "PII, PIFI, Public",
    }
    assert ("Acme Cloud Example", "depends_on", "com.example/API Gateway") in triples(seen)
    assert (seen.rejected, seen.warnings) == ((), ())


def test_everything_said_fits_the_vocabulary(
    bills: dict[str, Observations], read_bill: ReadBill, vocabulary: Vocabulary
) -> None:
    """Every attribute is a field of its class and passes its check, every relation is allowed."""
    vcs = [{"type": "vcs", "url": "https://git.example.com"}]
    kinds = ("application", "container", "data", "library", "firmware")
    parts = [library(kind, type=kind, externalReferences=vcs, publisher="p") for kind in kinds]
    service = {"name": "s", "data": [{"classification": "PII"}], "externalReferences": vcs}
    for seen in (*bills.values(), read_bill(components=parts, services=[service])):
        for item in seen.items:
            fields = vocabulary.item_fields(item.class_name)
            assert all(fields[name].check(value) is not None for name, value in item.attributes.items())
        for one in seen.relations:
            assert vocabulary.allows(one.type, one.source.class_name or "", one.target.class_name or "")


def test_importing_real_bills(bills: dict[str, Observations], vocabulary: Vocabulary) -> None:
    """Both are taken whole, and a second import changes nothing."""
    store = SqliteStore(None, Clock())
    done = bring(store, vocabulary, *bills.values())
    again = bring(store, vocabulary, *bills.values())
    store.close()
    assert (done.items["added"], done.relations["added"]) == (168 + 7, 199 + 11)
    assert (done.unresolved, done.rejected) == ((), ())
    assert not again.operations


@pytest.mark.parametrize("version", ["1.2", "1.4", "1.5", "1.6"])
def test_xml_is_read_like_json(vocabulary: Vocabulary, version: str) -> None:
    """The same bill in XML gives items, nesting, dependencies and data flows, with lines as places."""
    seen = read(Source("bom.xml", XML.format(version=version).encode()), vocabulary)
    assert seen.format == "cyclonedx"
    assert [(one.class_name, one.source_id) for one in seen.items] == [
        ("application", "shop"),
        ("software_component", "pkg:npm/a@1.10"),
        ("software_component", "swid-b"),
        ("application_service", "pay"),
        ("application_service", "log"),
    ]
    assert triples(seen) == {
        ("shop", "depends_on", "pkg:npm/a@1.10"),
        ("shop", "depends_on", "pay"),
        ("pkg:npm/a@1.10", "uses", "swid-b"),
        ("swid-b", "part_of", "pkg:npm/a@1.10"),
        ("log", "part_of", "pay"),
        ("pay", "sends_data_to", "log"),
    }
    assert seen.items[1].where == "bom.xml line 6, components[0]"
    assert seen.items[1].attributes == {
        "description": "Adds",
        "version": "1.10",
        "manufacturer": "ACME",
        "repository": "https://git.example.com/a",
    }
    assert seen.items[3].attributes == {"manufacturer": "Bank", "data_class": "PII, public"}
    assert seen.warnings == ("Left out of bom.xml: 2 vulnerabilities.",)


def test_other_xml_is_no_bill(vocabulary: Vocabulary) -> None:
    """Neither another namespace nor another root is one, which is said if it is asked for all the same."""
    for text in ('<bom xmlns="http://example.com"/>', '<x xmlns="http://cyclonedx.org/schema/bom/1.4"/>'):
        seen = read(Source("a.xml", text.encode()), vocabulary, "cyclonedx")
        assert (seen.items, len(seen.rejected)) == ((), 1)
        with pytest.raises(CmdbError, match="no format"):
            read(Source("a.xml", text.encode()), vocabulary)


@pytest.mark.parametrize(
    ("part", "identity"),
    [
        ({"purl": "pkg:npm/a@1", "cpe": "cpe:2.3:a:x:a:1"}, "pkg:npm/a@1"),
        ({"cpe": "cpe:2.3:a:x:a:1", "swid": {"tagId": "t"}}, "cpe:2.3:a:x:a:1"),
        ({"swid": {"tagId": "t"}, "group": "g"}, "t"),
        ({"group": "g"}, "g/a@1"),
        ({"version": ""}, "a"),
        ({"type": "application", "purl": "pkg:npm/%40acme/a@1.2"}, "pkg:npm/%40acme/a"),
        ({"type": "application", "cpe": "cpe:2.3:a:x:a:1"}, "a"),
    ],
)
def test_identity_is_not_the_bill_s_own(read_bill: ReadBill, part: dict[str, object], identity: str) -> None:
    """What is known everywhere identifies a part; an application stays the same in its next version."""
    (item,) = read_bill(components=[library("a", **part)]).items
    assert item.source_id == identity


def test_a_library_is_one_in_all_bills(read_bill: ReadBill, vocabulary: Vocabulary) -> None:
    """Two applications with the same library lead to one item; the bill's own references do not matter."""
    store = SqliteStore(None, Clock())
    bills = [
        read_bill(
            metadata={"component": SHOP | {"name": name}},
            components=[library("x", purl="pkg:npm/log@1", **{"bom-ref": f"ref-{name}"})],
            dependencies=[needs("shop", f"ref-{name}")],
        )
        for name in ("shop", "desk")
    ]
    done = bring(store, vocabulary, *bills)
    store.close()
    assert (done.items["added"], done.relations["added"]) == (3, 2)


def test_the_next_version_updates_an_application(read_bill: ReadBill, vocabulary: Vocabulary) -> None:
    """A new bill of the same application changes its version; the new library is another item."""
    store = SqliteStore(None, Clock())
    for version in ("1", "2"):
        parts = [library("a", version=version)]
        done = bring(
            store,
            vocabulary,
            read_bill(metadata={"component": SHOP | {"version": version}}, components=parts),
        )
    store.close()
    assert (done.items["added"], done.items["changed"]) == (1, 1)


def test_services_of_one_name_are_told_apart(read_bill: ReadBill) -> None:
    """Two databases of one product are two services; the same component twice is one."""
    services = [{"bom-ref": f"pg-{n}", "group": "org", "name": "Postgres"} for n in (1, 2)]
    twice = [library("a", purl="pkg:npm/a@1", **{"bom-ref": f"a{n}"}) for n in (1, 2)]
    seen = read_bill(services=services, components=twice, dependencies=[needs("pg-1", "a1", "a2")])
    assert {one.source_id for one in seen.items} == {"org/Postgres#pg-1", "org/Postgres#pg-2", "pkg:npm/a@1"}
    assert triples(seen) == {("org/Postgres#pg-1", "depends_on", "pkg:npm/a@1")}


def test_cycles_are_normal(read_bill: ReadBill) -> None:
    """Two libraries may need each other; one that needs itself is nothing new."""
    modules = [library("global-modules"), library("resolve-dir")]
    seen = read_bill(
        metadata={"component": SHOP},
        components=modules,
        dependencies=[
            needs("global-modules", "resolve-dir", "global-modules"),
            needs("resolve-dir", "global-modules", "global-modules"),
        ],
    )
    assert triples(seen) == {
        ("global-modules@1", "depends_on", "resolve-dir@1"),
        ("resolve-dir@1", "depends_on", "global-modules@1"),
        ("acme/shop", "depends_on", "global-modules@1"),
        ("acme/shop", "depends_on", "resolve-dir@1"),
    }


def test_without_dependencies_the_software_needs_its_parts(read_bill: ReadBill) -> None:
    """Where a bill does not say what needs what, that is inferred and said; inner parts follow outer ones."""
    inner = library("inner")
    seen = read_bill(
        metadata={"component": SHOP}, components=[library("a", components=[inner]), library("b")]
    )
    assert triples(seen) == {
        ("acme/shop", "depends_on", "a@1"),
        ("acme/shop", "depends_on", "b@1"),
        ("inner@1", "part_of", "a@1"),
    }
    inferred = [one for one in seen.relations if one.type == "depends_on"]
    assert all(one.attributes == {"known": "inferred"} for one in inferred)
    assert seen.warnings == (
        "bom.json does not say what shop needs: it is taken to need the 2 parts that no other part needs.",
    )


def test_what_the_software_needs_is_not_guessed_where_it_is_said(read_bill: ReadBill) -> None:
    """An entry for the software, even an empty one, is all it needs."""
    seen = read_bill(
        metadata={"component": SHOP}, components=[library("a")], dependencies=[needs("shop"), needs("a")]
    )
    assert (seen.relations, seen.warnings) == ((), ())


def test_a_bill_without_a_subject_says_so(read_bill: ReadBill) -> None:
    """Its parts are read, and hang on nothing."""
    seen = read_bill(components=[library("a")])
    assert len(seen.items) == 1
    assert seen.warnings == (
        "bom.json does not say what software it is about: metadata.component is missing.",
    )


def test_a_bill_of_vulnerabilities_is_said_to_be_empty(read_bill: ReadBill) -> None:
    """A file that only tells of vulnerabilities imports nothing, which is no error."""
    seen = read_bill(vulnerabilities=[{"id": f"CVE-2026-{n}"} for n in range(19)])
    assert (seen.items, seen.relations, seen.rejected) == ((), (), ())
    assert seen.warnings == (
        "bom.json lists no components and no services: there is nothing in it to import.",
        "Left out of bom.json: 19 vulnerabilities.",
    )


def test_what_is_left_out_is_counted(read_bill: ReadBill) -> None:
    """Files, devices and what is only needed to build are no items, and what they need is not unresolved."""
    seen = read_bill(
        metadata={"component": SHOP},
        components=[
            library("a"),
            library("f", type="file", components=[library("inner")]),
            library("d", type="device"),
            library("t", scope="excluded"),
        ],
        dependencies=[needs("shop", "a", "f", "t"), needs("t", "a"), needs("d", "a")],
    )
    assert [one.name for one in seen.items] == ["shop", "a", "inner"]
    assert triples(seen) == {("acme/shop", "depends_on", "a@1")}
    assert seen.warnings == (
        "Left out of bom.json: 1 of type device, 1 of type file and 1 only to build or test.",
    )


def test_references_to_other_bills_are_kept(read_bill: ReadBill) -> None:
    """A package URL that the bill does not list may be known from another one."""
    seen = read_bill(components=[library("a")], dependencies=[needs("a", "pkg:npm/b@1")])
    (relation,) = seen.relations
    assert relation.target == ("software_component", "pkg:npm/b@1")
    assert relation.where == "bom.json, dependencies[0]"


def test_an_ambiguous_reference_is_not_followed(read_bill: ReadBill) -> None:
    """One bom-ref for two parts leads nowhere, and is listed."""
    parts = [library("a"), library("b", **{"bom-ref": "a"}), library("c")]
    seen = read_bill(components=parts, dependencies=[needs("c", "a")])
    (fault,) = seen.rejected
    assert fault.detail == "“a” is the bom-ref of 2 different parts, so it cannot be followed."
    assert (len(seen.items), seen.relations) == (3, ())


@pytest.mark.parametrize(
    ("parts", "place", "problem"),
    [
        ({"components": [7]}, "bom.json, components[0]", "This is not a mapping."),
        ({"components": [{"type": "library"}]}, "bom.json, components[0]", "This has no name."),
        ({"services": [{"services": [{}], "name": "a"}]}, "bom.json, services[0].services[0]", "This has no"),
        ({"metadata": {"component": ["a"]}}, "bom.json, metadata.component", "This is not a mapping."),
        ({"dependencies": [needs(None)]}, "bom.json, dependencies[0]", "This does not say whose"),
        ({"dependencies": ["a"]}, "bom.json, dependencies[0]", "This does not say whose"),
    ],
)
def test_what_has_no_meaning_is_listed(
    read_bill: ReadBill, parts: dict[str, object], place: str, problem: str
) -> None:
    """Each with its place; the rest is read."""
    (fault,) = read_bill(**parts).rejected
    assert fault.pointer == place
    assert fault.detail.startswith(problem)


@pytest.mark.parametrize("wrong", [None, 7, "x", [], [7], [[7]], {}, {"a": 7}, True, 1.5])
def test_wrong_shapes_never_break_it(read_bill: ReadBill, wrong: object) -> None:
    """Whatever stands where something else belongs, the parts beside it are read."""
    for key in ("metadata", "services", "dependencies", "vulnerabilities"):
        assert read_bill(components=[library("a")], **{key: wrong}).items
    assert read_bill(components=wrong).relations == ()
    for key in ("group", "version", "purl", "cpe", "swid", "supplier", "externalReferences", "components"):
        assert read_bill(components=[library("a", **{key: wrong})]).items[0].name == "a"
    for key in ("data", "services", "provider", "bom-ref"):
        assert read_bill(services=[{"name": "s", key: wrong}]).items[0].name == "s"
    assert read_bill(dependencies=[{"ref": "a", "dependsOn": wrong}]).relations == ()


@pytest.mark.parametrize("document", [[], 7, "x", {}, {"bomFormat": "SPDX"}])
def test_what_is_no_bill_is_listed(vocabulary: Vocabulary, document: object) -> None:
    """Read as a bill because it was asked for, it is rejected and never an error."""
    seen = read(Source("bom.json", json.dumps(document).encode()), vocabulary, "cyclonedx")
    assert (len(seen.rejected), seen.items) == (1, ())


def test_deep_nesting_is_read(read_bill: ReadBill) -> None:
    """As deep as a file may be nested at all."""
    part: dict[str, object] = library("p0")
    for depth in range(1, 48):
        part = library(f"p{depth}", components=[part])
    assert len(read_bill(components=[part]).items) == 48


def test_a_truncated_file_is_refused(real_data: Path, vocabulary: Vocabulary) -> None:
    """A bill that was cut anywhere is no JSON, which one clear error says."""
    data = (real_data / "cyclonedx" / "dropwizard-1.3.15_bom.json").read_bytes().rstrip()
    for sixteenth in range(16):
        with pytest.raises(CmdbError, match=r"^cut\.json"):
            read(Source("cut.json", data[: len(data) * sixteenth // 16]), vocabulary)
