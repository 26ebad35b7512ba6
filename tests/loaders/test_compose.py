from __future__ import annotations

from pathlib import Path

import pytest

from cmdb.errors import CmdbError
from cmdb.observations import Observations, SeenRelation
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders import compose
from loaders.content import Content
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring
from tests.loaders.conftest import Read


@pytest.fixture(scope="module")
def demo(real_data: Path) -> Source:
    """Return the compose file of a real demonstration shop."""
    path = real_data / "docker-compose" / "otel-demo-compose.yaml"
    return Source(path.name, path.read_bytes())


def pairs(seen: Observations) -> set[tuple[str, str, str]]:
    """Return the relations as (source, type, target)."""
    return {(one.source.name, one.type, one.target.name) for one in seen.relations}


def only(seen: Observations) -> SeenRelation:
    """Return the one relation there is."""
    (relation,) = seen.relations
    return relation


def test_the_real_demo(demo: Source, vocabulary: Vocabulary) -> None:
    """A real file gives its 20 services and 46 dependencies, and says what it leaves open."""
    seen = read(demo, vocabulary)
    assert seen.format == "compose"
    assert {item.class_name for item in seen.items} == {"workload"}
    assert (len(seen.items), len(seen.relations), len(pairs(seen))) == (20, 46, 46)
    assert {one.attributes["known"] for one in seen.relations} == {"declared"}
    assert ("checkout", "depends_on", "payment") in pairs(seen)
    assert seen.rejected == ()
    unnamed, variables = seen.warnings
    assert "does not say the name of its project" in unnamed
    assert "variables have no value in the file" in variables


def test_the_real_demo_is_imported_whole(demo: Source, vocabulary: Vocabulary) -> None:
    """Every service and dependency of the real file arrives, and a second import changes nothing."""
    store = SqliteStore(None, Clock())
    seen = read(demo, vocabulary)
    plan = bring(store, vocabulary, seen)
    assert (plan.items["added"], plan.relations["added"]) == (20, 46)
    assert (plan.unresolved, plan.rejected) == ((), ())
    assert bring(store, vocabulary, seen).operations == ()
    store.close()


def test_the_real_demo_cut_anywhere(demo: Source, vocabulary: Vocabulary) -> None:
    """A file that ends anywhere gives what it still holds, or one clear error."""
    refused = []
    for sixteenth in range(1, 17):
        cut = Source("cut.yaml", demo.data[: len(demo.data) * sixteenth // 16])
        try:
            found = len(read(cut, vocabulary).items)
        except CmdbError as error:
            refused.append(str(error))
        else:
            assert found <= 20
    assert all(error.startswith("cut.yaml") for error in refused)


def test_a_service_says_what_it_is(read_text: Read) -> None:
    """Project, image, replicas, ports and labels are attributes; identity is project and name."""
    seen = read_text("""
    name: shop
    services:
      web:
        image: "registry/web:${TAG:-1.10}"
        hostname: web.example
        deploy: {replicas: 3}
        ports: ["8080:80", "127.0.0.1:8443:443/tcp", "${HOST:-9}:9000-9002", {target: 7000}, 53]
        expose: ["6000"]
        labels: {team: shop, price: 1.5}
        profiles: [debug]
    """)
    (item,) = seen.items
    assert (item.source_id, item.name, item.qualified) == ("shop:web", "web", ("shop", "web"))
    assert item.where == "shop.yaml line 5, services.web"
    assert item.attributes == {
        "kind": "compose service",
        "namespace": "shop",
        "image": "registry/web:1.10",
        "hostname": "web.example",
        "replicas": 3,
        "ports": [53, 80, 443, 6000, 7000, 9000, 9001, 9002],
        "labels": ["team=shop", "price=1.5", "profile=debug"],
    }
    assert seen.warnings == ()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("image: 'app:${TAG}'", "image"),
        ("deploy: {replicas: -1}", "replicas"),
        ("deploy: {replicas: many}", "replicas"),
        ("deploy: {replicas: 1e9}", "replicas"),
        ("scale: true", "replicas"),
        ("ports: ['99999', '0', '${PORT}', 'a:b', '2-1', '1-65535']", "ports"),
    ],
)
def test_what_cannot_be_right_is_left_out(read_text: Read, body: str, field: str) -> None:
    """A value that is not known or makes no sense is not guessed."""
    (item,) = read_text(f"services: {{web: {{build: ., {body}}}}}").items
    assert field not in item.attributes


def test_missing_variables_are_named(read_text: Read) -> None:
    """One warning says which variables have no value in the file and how to give them one."""
    seen = read_text("services: {web: {image: 'a:${B}', environment: [C, 'D=${A:-${E}}', F=1]}}")
    assert seen.warnings[1] == (
        "3 variables have no value in the file, so what needs them is left out; “docker compose config”"
        " writes a file in which nothing is missing: B, C and E"
    )


def test_dependencies_as_list_and_as_mapping(read_text: Read) -> None:
    """Both forms declare a dependency; a condition is kept, and what is not required is only used."""
    seen = read_text("""
    services:
      web:
        build: .
        depends_on: [api]
      api:
        depends_on:
          db: {condition: service_healthy}
          cache: {condition: service_started, required: false}
          queue:
      db: {image: postgres}
      cache: {image: redis}
      queue: {image: rabbitmq}
    """)
    roles = {(one.target.name, one.type): one.attributes["role"] for one in seen.relations}
    assert roles == {
        ("api", "depends_on"): "service_started",
        ("db", "depends_on"): "service_healthy",
        ("cache", "uses"): "service_started",
        ("queue", "depends_on"): "service_started",
    }


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ("links: ['db:database']", "links"),
        ("network_mode: 'service:db'", "network_mode"),
        ("network_mode: 'container:shop-db'", "network_mode"),
        ("pid: 'service:db'", "pid"),
        ("volumes_from: ['db:ro']", "volumes_from"),
        ("volumes_from: ['container:shop-db:ro']", "volumes_from"),
    ],
)
def test_other_declared_dependencies(read_text: Read, body: str, role: str) -> None:
    """Links, shared networks and shared volumes are dependencies too."""
    seen = read_text(f"services: {{web: {{{body}}}, db: {{image: a, container_name: shop-db}}}}")
    relation = only(seen)
    assert pairs(seen) == {("web", "depends_on", "db")}
    assert relation.attributes == {"known": "declared", "role": role}


def test_a_pair_is_related_once(read_text: Read) -> None:
    """Several reasons for one dependency are one relation, the declared one."""
    seen = read_text("""
    services:
      web: {depends_on: [db], links: [db], environment: {DB_HOST: db}}
      db: {image: a}
    """)
    assert only(seen).attributes == {"known": "declared", "role": "service_started"}


@pytest.mark.parametrize(
    "value",
    [
        "DB_HOST=my_db",
        "DB=my_db:5432",
        "DATABASE_URL=postgres://me:secret@my_db:5432/shop?x=1",
        "X=jdbc:postgresql://MY_DB/shop",
        "X=tcp://database:5432",
        "X=tcp://store:5432",
        "PGHOST=${DB:-my_db}",
    ],
)
def test_addresses_in_the_environment(read_text: Read, value: str) -> None:
    """A variable that clearly holds the address of another service shows a dependency."""
    seen = read_text(f"""
    services:
      web: {{environment: ['{value}']}}
      my_db: {{container_name: database, networks: {{back: {{aliases: [store]}}}}}}
    """)
    assert pairs(seen) == {("web", "depends_on", "my_db")}
    assert only(seen).attributes == {"known": "inferred", "role": value.partition("=")[0]}


@pytest.mark.parametrize(
    "value",
    [
        "OTEL_SERVICE_NAME=db",
        "MODE=db",
        "DB_IMAGE=db:16",
        "CORS_ORIGINS=http://db:3000",
        "DB_HOST=${DB_HOST}",
        "DB_HOST",
        "DB_HOST=db.example.com",
        "WEB_URL=http://web:80",
        "DB_HOST=",
        "DB_HOST=" + "a." * 5_000,
    ],
)
def test_other_values_are_no_dependencies(read_text: Read, value: str) -> None:
    """A word that happens to be a name, an unknown value or the service's own address shows nothing."""
    seen = read_text(f"services: {{web: {{environment: ['{value}']}}, db: {{image: a}}}}")
    assert seen.relations == ()


def test_one_of_several_addresses_is_used(read_text: Read) -> None:
    """Where a variable lists several services, losing one of them makes things worse and no more."""
    seen = read_text("""
    services:
      web: {environment: {BROKERS: "kafka-1:9092,kafka-2:9092"}}
      kafka-1: {image: a}
      kafka-2: {image: a}
    """)
    assert pairs(seen) == {("web", "uses", "kafka-1"), ("web", "uses", "kafka-2")}


def test_an_alias_of_several_services_is_nobodys(read_text: Read) -> None:
    """A name that two services share does not say which of them is meant."""
    seen = read_text("""
    services:
      web: {environment: {DB_HOST: store}}
      db-1: {networks: {back: {aliases: [store]}}}
      db-2: {networks: {back: {aliases: [store]}}}
    """)
    assert seen.relations == ()


def test_services_extend_each_other(read_text: Read) -> None:
    """What a service of the file is extended by counts, own values first; a circle ends."""
    seen = read_text("""
    services:
      base: {image: "app:1", depends_on: [db], environment: {CACHE_HOST: cache}, extends: web}
      web: {extends: {service: base}, image: "app:2", depends_on: {queue: {}}}
      other: {extends: {file: elsewhere.yaml, service: base}}
      db: {image: a}
      cache: {image: a}
      queue: {image: a}
    """)
    images = {item.name: item.attributes.get("image") for item in seen.items}
    assert (images["base"], images["web"]) == ("app:1", "app:2")
    assert {pair for pair in pairs(seen) if pair[0] == "web"} == {
        ("web", "depends_on", "db"),
        ("web", "depends_on", "queue"),
        ("web", "depends_on", "cache"),
    }
    assert any("inherit from other files" in one and one.endswith(": other") for one in seen.warnings)


def test_anchors_and_extensions(read_text: Read) -> None:
    """Anchors and merge keys work, and blocks that begin with x- are no services."""
    seen = read_text("""
    x-common: &common {image: app, depends_on: [db]}
    x-services: {ghost: {image: ghost}}
    services:
      web: {<<: *common}
      job: {<<: *common, image: job}
      db: {image: a}
    """)
    assert {item.name for item in seen.items} == {"web", "job", "db"}
    assert pairs(seen) == {("web", "depends_on", "db"), ("job", "depends_on", "db")}


def test_projects_do_not_share_services(vocabulary: Vocabulary) -> None:
    """Two projects with a service of one name are two items, whose keys tell them apart."""
    store = SqliteStore(None, Clock())
    text = "name: %s\nservices: {web: {depends_on: [db]}, db: {image: a}}"
    files = [Source(f"{name}.yaml", (text % name).encode()) for name in ("shop", "bank")]
    plan = bring(store, vocabulary, *(read(one, vocabulary) for one in files))
    assert (plan.items["added"], plan.relations["added"]) == (4, 2)
    assert {item.key for item in store.read().items.values()} == {
        "shop:web",
        "shop:db",
        "bank:web",
        "bank:db",
    }
    store.close()


def test_an_override_adds_to_its_file(vocabulary: Vocabulary) -> None:
    """Files of one project describe the same services, wherever each service stands."""
    store = SqliteStore(None, Clock())
    texts = ("services: {web: {image: a}, db: {image: b}}", "services: {web: {depends_on: [db]}, db: }")
    files = [Source(f"{number}.yaml", text.encode()) for number, text in enumerate(texts)]
    plan = bring(store, vocabulary, *(read(one, vocabulary) for one in files))
    assert (plan.items["added"], plan.relations["added"], plan.unresolved) == (2, 1, ())
    store.close()


def test_what_the_file_does_not_have_is_unresolved(read_text: Read, vocabulary: Vocabulary) -> None:
    """Missing services and containers of other projects are listed, never invented."""
    seen = read_text("""
    services:
      web: {depends_on: [gone], external_links: ["legacy_db_1:db"], network_mode: "container:vpn"}
    """)
    store = SqliteStore(None, Clock())
    plan = bring(store, vocabulary, seen)
    assert {one.target for one in plan.unresolved} == {"gone", "container:legacy_db_1", "container:vpn"}
    assert {one.target_called for one in seen.relations} == {"gone", "legacy_db_1", "vpn"}
    store.close()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("services: {web: [a], db: {image: a}}", "This is no service"),
        ("services: {'a b': {image: a}, db: {image: a}}", "A service's name holds only letters"),
        ("services: {db: {image: a, depends_on: [db]}}", "A service cannot depend on itself."),
        ("services: {db: {image: a, depends_on: [[1]]}}", "This is not the name of a service."),
        ("services: {db: {image: a, links: [{}]}}", "This is not the name of a service."),
    ],
)
def test_what_means_nothing_is_listed(read_text: Read, text: str, problem: str) -> None:
    """The rest of the file is read, and what has no meaning is rejected with its place."""
    seen = read_text(text)
    assert [item.name for item in seen.items] == ["db"]
    (fault,) = seen.rejected
    assert fault.pointer.startswith("shop.yaml")
    assert ", services." in fault.pointer
    assert fault.detail.startswith(problem)


@pytest.mark.parametrize("wrong", [None, 7, [7], [[7]], [{}], {"a": 7}, {"a": [None]}, "x", "${", 2.5, True])
def test_wrong_shapes_never_break_it(wrong: object) -> None:
    """Whatever stands where something else belongs, the service itself is read."""
    keys = [
        "build", "container_name", "deploy", "depends_on", "environment", "expose", "extends", "hostname",
        "image", "ipc", "labels", "links", "network_mode", "networks", "pid", "ports", "profiles", "scale",
        "volumes_from", "external_links", "env_file",
    ]  # fmt: skip
    for key in keys:
        document = {"name": wrong, "include": wrong, "services": {"web": {key: wrong}}}
        seen = compose.read(Content("shop.yaml", [document]))
        assert [item.name for item in seen.items] == ["web"]
    compose.read(Content("shop.yaml", [wrong, {"services": wrong}]))


@pytest.mark.parametrize(
    "document",
    [
        {"services": [{"image": "a"}]},
        {"services": {}},
        {"services": {"web": {"name": "a"}}},
        {"services": {"web": {"image": "a"}}, "kind": "List"},
        {"services": {"web": {"image": "a"}}, "items": []},
        {"web": {"image": "a"}},
        [],
        None,
    ],
)
def test_other_files_are_not_claimed(document: object) -> None:
    """Services of other kinds of files are not those of compose."""
    assert not compose.recognises(Content("a.yaml", [document]))


def test_long_lines_of_inheritance_end() -> None:
    """Thousands of services that extend one another are read in passing."""
    services = {f"s{number}": {"extends": f"s{number - 1}", "links": ["db"]} for number in range(5_000)}
    seen = compose.read(Content("shop.yaml", [{"services": services}]))
    assert len(seen.items) == len(seen.relations) == 5_000
