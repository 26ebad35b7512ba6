import json
from collections import Counter
from pathlib import Path

import pytest

from cmdb.errors import CmdbError
from cmdb.observations import Observations
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders import backstage
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring
from tests.loaders.conftest import Read


@pytest.fixture(scope="session")
def catalogue(real_data: Path, vocabulary: Vocabulary) -> dict[str, Observations]:
    """Return the two files of a real catalogue, of components and of groups."""
    folder = real_data / "backstage-catalog"
    files = (folder / "charts.yaml", folder / "groups.yaml")
    return {one.name: read(Source(one.name, one.read_bytes()), vocabulary) for one in files}


def entity(kind: str, name: str, namespace: str | None = None, **spec: object) -> str:
    """Write an entity."""
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return json.dumps(
        {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    )


def catalogue_of(*entities: str) -> str:
    """Put entities into one file."""
    return "\n---\n".join(entities)


def triples(seen: Observations) -> set[tuple[str, str, str]]:
    """Return the relations as (source, type, target)."""
    return {(one.source.name, one.type, one.target.name) for one in seen.relations}


def test_the_real_catalogue(catalogue: dict[str, Observations]) -> None:
    """Two files of one catalogue are read whole, a file that begins with a comment too."""
    charts, groups = catalogue["charts.yaml"], catalogue["groups.yaml"]
    assert Counter(one.class_name for one in charts.items) == {"software_component": 181}
    assert len({one.source_id for one in charts.items}) == 177
    assert Counter(one.class_name for one in groups.items) == {"team": 11}
    assert len({one.source_id for one in groups.items}) == 10
    assert Counter(one.type for one in charts.relations) == {"owned_by": 181}
    assert Counter(one.type for one in groups.relations) == {"member_of": 50}
    assert (*charts.rejected, *groups.rejected, *charts.warnings, *groups.warnings) == ()


def test_the_real_owners_are_in_another_namespace(catalogue: dict[str, Observations]) -> None:
    """Their groups are told of, but elsewhere: no owner is found, and each keeps the bare name as a hint."""
    owners = catalogue["charts.yaml"].relations
    teams = {one.source_id: one.name for one in catalogue["groups.yaml"].items}
    assert not {one.target.name for one in owners} & teams.keys()
    namesakes = [one for one in owners if one.target_called in set(teams.values())]
    assert {one.target.name for one in namesakes} >= {
        "group:default/team-atlas",
        "group:default/team-phoenix",
    }


def test_importing_the_real_catalogue(catalogue: dict[str, Observations], vocabulary: Vocabulary) -> None:
    """It gives 177 components and 10 teams; where two entities of one name differ, the difference is said."""
    store = SqliteStore(None, Clock())
    done = bring(store, vocabulary, *catalogue.values())
    again = bring(store, vocabulary, *catalogue.values())
    classes = Counter(one.class_name for one in store.read().items.values())
    store.close()
    assert (classes["software_component"], classes["team"]) == (177, 10)
    assert not again.operations
    assert not done.rejected
    described_twice = [one for one in done.warnings if "described differently" in one]
    assert len(described_twice) == 3


def test_a_real_component_says_what_it_is(catalogue: dict[str, Observations]) -> None:
    """Description, source, owner, tags, type and life cycle are kept; an annotation is no version."""
    item = next(one for one in catalogue["charts.yaml"].items if one.name == "alloy-app")
    assert item.source_id == "component:default/alloy-app"
    assert item.qualified == ("component", "default", "alloy-app")
    assert item.attributes == {
        "description": "Grafana Alloy OpenTelemetry Collector",
        "repository": "https://github.com/giantswarm/alloy-app",
        "owner": "team-atlas",
        "labels": ["helmchart", "helmchart-deployable", "type=service", "lifecycle=production"],
    }


def test_everything_said_fits_the_vocabulary(read_text: Read, vocabulary: Vocabulary) -> None:
    """Every attribute is a field of its class, every relation is allowed, for every kind and field."""
    profile = {"email": "a@example.com"}
    entities = [
        entity("Component", "a", type="service", lifecycle="experimental", owner="t", system="s"),
        entity("Component", "b", subcomponentOf="a", dependsOn=["resource:db"], owner="user:u"),
        entity("API", "i", type="openapi", owner="t", system="s"),
        entity("Resource", "db", type="database", owner="t", dependencyOf=["component:a"]),
        entity("System", "s", owner="t", domain="d"),
        entity("Domain", "d", owner="t", subdomainOf="d2"),
        entity("Group", "t", type="team", profile=profile, parent="t2", children=["t3"], members=["u"]),
        entity("User", "u", profile=profile, memberOf=["t"]),
        entity("Component", "c", providesApis=["i"], consumesApis=["j"]),
    ]
    seen = read_text(catalogue_of(*entities))
    assert len(seen.items) == 9
    assert len(seen.relations) == 19
    for item in seen.items:
        fields = vocabulary.item_fields(item.class_name)
        assert all(fields[name].check(value) is not None for name, value in item.attributes.items())
    for one in seen.relations:
        assert vocabulary.allows(one.type, one.source.class_name or "", one.target.class_name or "")


@pytest.mark.parametrize(
    ("kind", "type_name", "class_name"),
    [
        ("Component", "service", "software_component"),
        ("COMPONENT", "website", "software_component"),
        ("API", "grpc", "interface"),
        ("System", "", "application"),
        ("Domain", "", "business_service"),
        ("Group", "department", "team"),
        ("User", "", "person"),
        ("Resource", "database", "database"),
        ("Resource", "S3-Bucket", "data_store"),
        ("Resource", "kafka-topic", "message_queue"),
        ("Resource", "something-else", "cloud_resource"),
        ("Resource", "", "cloud_resource"),
    ],
)
def test_kinds_and_resource_types_have_classes(
    read_text: Read, kind: str, type_name: str, class_name: str
) -> None:
    """Kinds are compared without regard to capitals, and so are the types of resources."""
    (item,) = read_text(entity(kind, "a", type=type_name)).items
    assert item.class_name == class_name


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("owner", "Team-A", ("component:shop/web", "owned_by", "group:shop/team-a")),
        ("owner", "user:jo", ("component:shop/web", "owned_by", "user:shop/jo")),
        ("owner", "Group:Default/Team-A", ("component:shop/web", "owned_by", "group:default/team-a")),
        ("owner", {"name": "t"}, ("component:shop/web", "owned_by", "group:shop/t")),
        ("dependsOn", ["Resource:DB"], ("component:shop/web", "depends_on", "resource:shop/db")),
        ("dependsOn", "component:x/api", ("component:shop/web", "depends_on", "component:x/api")),
        ("dependencyOf", ["component:api"], ("component:shop/api", "depends_on", "component:shop/web")),
        ("consumesApis", ["orders"], ("component:shop/web", "depends_on", "api:shop/orders")),
        ("providesApis", ["orders"], ("api:shop/orders", "depends_on", "component:shop/web")),
        ("subcomponentOf", "all", ("component:shop/web", "part_of", "component:shop/all")),
        ("system", "shop", ("component:shop/web", "part_of", "system:shop/shop")),
    ],
)
def test_references_are_completed_from_where_they_stand(
    read_text: Read, field: str, value: object, expected: tuple[str, str, str]
) -> None:
    """Kind and namespace may be left out; what is in other files is referred to all the same."""
    seen = read_text(entity("Component", "Web", "Shop", **{field: value}))
    assert triples(seen) == {expected}
    assert seen.relations[0].attributes == {"known": "declared"}
    assert seen.relations[0].where.startswith("shop.yaml line 1, spec.")


def test_a_reference_finds_what_the_file_knows_better(read_text: Read) -> None:
    """A resource has the class of its type also where it is only referred to."""
    seen = read_text(
        catalogue_of(
            entity("Component", "a", dependsOn=["resource:db"]), entity("Resource", "DB", type="rds")
        )
    )
    assert seen.relations[0].target == ("database", "resource:default/db")


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("owner", "group:", "“group:” is no reference: write it as kind:namespace/name."),
        ("owner", "a/b/c", "“a/b/c” is no reference"),
        ("owner", "a:b:c", "“a:b:c” is no reference"),
        ("owner", "my team", "“my team” is no reference"),
        ("owner", {"kind": "Group"}, "This is no reference"),
        ("owner", [["a"]], "This is no reference"),
        ("owner", "location:a", "“location:default/a” is of a kind that is not read here."),
        ("dependsOn", ["db"], "“db” does not say of which kind it is: write kind:name."),
    ],
)
def test_what_refers_to_nothing_is_rejected(read_text: Read, field: str, value: object, problem: str) -> None:
    """The entity itself is read; the reference is listed with its place."""
    seen = read_text(entity("Component", "a", None, **{field: value}))
    assert len(seen.items) == 1
    assert seen.relations == ()
    (fault,) = seen.rejected
    assert fault.pointer == f"shop.yaml line 1, spec.{field}"
    assert fault.detail.startswith(problem)


def test_texts_stay_as_they_are_written(read_text: Read) -> None:
    """A name or tag that looks like a number keeps its digits."""
    text = """
    apiVersion: backstage.io/v1alpha1
    kind: Component
    metadata: {name: 0.10, tags: [1.10, 010]}
    spec: {type: service, owner: 007}
    """
    (item,) = read_text(text).items
    assert (item.name, item.source_id) == ("0.10", "component:default/0.10")
    assert item.attributes["labels"] == ["1.10", "010", "type=service"]
    assert item.attributes["owner"] == "007"


def test_the_source_is_found_in_annotations(read_text: Read) -> None:
    """The location of the source, or else the project on a known host."""
    text = "{apiVersion: backstage.io/v1beta1, kind: API, metadata: {name: a, annotations: {%s: %s}}}"
    slug = read_text(text % ("gitlab.com/project-slug", "shop/web")).items[0]
    there = read_text(text % ("backstage.io/source-location", '"url:https://git.example.com/a/tree/main/"'))
    assert slug.attributes["repository"] == "https://gitlab.com/shop/web"
    assert there.items[0].attributes["repository"] == "https://git.example.com/a/tree/main/"


def test_answers_of_the_catalogue_s_interface_are_read(vocabulary: Vocabulary) -> None:
    """A list of entities, and a page of them, are read like the documents of a file."""
    web = json.loads(entity("Component", "web", owner="t"))
    for document, place in (
        ([web], "all.json, [0]"),
        ({"items": [web], "totalItems": 1}, "all.json, items[0]"),
    ):
        seen = read(Source("all.json", json.dumps(document).encode()), vocabulary)
        assert (seen.format, [one.where for one in seen.items]) == ("backstage", [place])


def test_other_kinds_are_counted(read_text: Read) -> None:
    """Locations, templates and kinds of one's own are left out, and that is said."""
    template = "{apiVersion: scaffolder.backstage.io/v1beta3, kind: Template, metadata: {name: t}}"
    deployment = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}"
    seen = read_text(catalogue_of(entity("Location", "all"), entity("Location", "b"), template, deployment))
    assert seen.items == ()
    assert seen.warnings == (
        "4 entities were left out, of kinds that are no items here: 1 Deployment, 2 Location and 1 Template.",
    )
    assert read_text(template).format == "backstage"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("just text", "This is no entity of a catalogue: it has no apiVersion or no kind."),
        ("[7]", "This is no entity of a catalogue"),
        ("{kind: Component, metadata: {name: a}}", "This is no entity of a catalogue"),
        ("{apiVersion: backstage.io/v1alpha1, kind: [a]}", "This is no entity of a catalogue"),
        ("{apiVersion: backstage.io/v1alpha1, kind: API}", "This API has no name that can be referred to"),
        ("{apiVersion: backstage.io/v1alpha1, kind: API, metadata: [a]}", "This API has no name"),
        ("{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: a/b}}", "This API has no name"),
        ("{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: ~}}", "This API has no name"),
        (
            "{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: a, namespace: 'b c'}}",
            "a is in a namespace that cannot be referred to: “b c”.",
        ),
    ],
)
def test_what_is_no_entity_is_listed(read_text: Read, text: str, problem: str) -> None:
    """The rest of the file is read; what has no meaning is rejected with its place."""
    seen = read_text(catalogue_of(entity("Component", "web"), text))
    (fault,) = seen.rejected
    assert fault.pointer.startswith("shop.yaml")
    assert fault.detail.startswith(problem)
    assert len(seen.items) == 1


@pytest.mark.parametrize("wrong", ["~", "7", "[7]", "[[7]]", "[{}]", "{a: 7}", "''", "{name: [7]}"])
def test_wrong_shapes_never_break_it(read_text: Read, wrong: str) -> None:
    """Whatever stands where something else belongs, the entity itself is read."""
    front = "{apiVersion: backstage.io/v1alpha1, kind: "
    for text in (
        "Component, metadata: {name: a}, spec: %s}",
        "Component, metadata: {name: a, labels: %s, tags: %s, annotations: %s, description: %s}}",
        "Component, metadata: {name: a}, spec: {dependsOn: %s, owner: %s, system: %s, type: %s}}",
        "Resource, metadata: {name: a}, spec: {type: %s}}",
        "Group, metadata: {name: a}, spec: {profile: %s, members: %s, children: %s, parent: %s}}",
    ):
        assert len(read_text(front + text.replace("%s", wrong)).items) == 1


def test_a_truncated_file_is_read_or_refused(real_data: Path, vocabulary: Vocabulary) -> None:
    """A file that ends anywhere gives what it still holds, or one clear error."""
    data = (real_data / "backstage-catalog" / "groups.yaml").read_bytes()
    outcomes = Counter[str]()
    for sixteenth in range(17):
        try:
            seen = read(Source("cut.yaml", data[: len(data) * sixteenth // 16]), vocabulary)
        except CmdbError as error:
            outcomes["refused" if str(error).startswith("cut.yaml") else "refused without its name"] += 1
        else:
            outcomes[seen.format if len(seen.items) <= 11 else "more than there is"] += 1
    assert outcomes.keys() == {backstage.FORMAT, "refused"}
