import json
import random
from collections import Counter

import pytest

from cmdb.errors import CmdbError
from cmdb.observations import Observations
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import Clock, bring, content
from tests.loaders.conftest import Read

SHOPPING_ASSISTANT = "service:default:shoppingassistantservice"


def triples(seen: Observations) -> set[tuple[str, str, str]]:
    """Return the relations as (source, type, target)."""
    return {(one.source.name, one.type, one.target.name) for one in seen.relations}


def workload(name: str, kind: str = "Deployment", app: str = "", env: dict[str, str] | None = None) -> str:
    """Write a manifest of a workload in the namespace shop."""
    api = {"Job": "batch/v1", "CronJob": "batch/v1"}.get(kind, "apps/v1")
    entries = [{"name": variable, "value": value} for variable, value in (env or {}).items()]
    pod = {
        "metadata": {"labels": {"app": app or name}},
        "spec": {"containers": [{"image": f"registry/{name}:1", "env": entries}]},
    }
    spec: dict[str, object] = {"template": pod}
    spec = {"jobTemplate": {"spec": spec}} if kind == "CronJob" else spec
    metadata = {"name": name, "namespace": "shop"}
    return json.dumps({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec})


def scaled(manifest: str, replicas: int) -> str:
    """Give a workload a number of copies."""
    document = json.loads(manifest)
    return json.dumps({**document, "spec": {**document["spec"], "replicas": replicas}})


def service(name: str, app: str = "", namespace: str = "shop") -> str:
    """Write a manifest of a Service."""
    metadata = {"name": name, "namespace": namespace}
    spec = {"selector": {"app": app or name}, "ports": [{"port": 80}, {"port": 443}]}
    return json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})


def manifest(*objects: str) -> str:
    """Put objects into one file."""
    return "\n---\n".join(objects)


def test_the_real_shop(boutique: Source, vocabulary: Vocabulary) -> None:
    """A real manifest gives its workloads, Services, selectors and calls, and names what is missing."""
    seen = read(boutique, vocabulary)
    ids = {item.source_id for item in seen.items}
    kinds = Counter((one.source.class_name, one.target.name in ids) for one in seen.relations)
    assert Counter(item.class_name for item in seen.items) == {"workload": 12, "technical_service": 12}
    assert kinds == {("workload", True): 16, ("technical_service", True): 12, ("workload", False): 1}
    assert triples(seen) - {one for one in triples(seen) if one[2] in ids} == {
        ("deployment:default:frontend", "depends_on", SHOPPING_ASSISTANT)
    }
    assert seen.warnings == (
        "11 objects of kinds that are no configuration items were left out: 11 ServiceAccount",
    )
    assert seen.rejected == ()
    assert (seen.format, seen.global_keys, seen.all_or_nothing) == ("kubernetes", False, False)


def test_the_real_shop_is_called_as_its_readme_draws_it(boutique: Source, vocabulary: Vocabulary) -> None:
    """The calls of the checkout are the six Services it is told of."""
    called = {target for source, _, target in triples(read(boutique, vocabulary)) if "checkout" in source}
    names = ("cart", "currency", "email", "payment", "productcatalog", "shipping")
    assert called - {"deployment:default:checkoutservice"} == {
        f"service:default:{name}service" for name in names
    }


def test_a_truncated_file_is_read_or_refused(boutique: Source, vocabulary: Vocabulary) -> None:
    """A file that ends anywhere gives what it still holds, or one clear error."""
    outcomes = Counter[str]()
    for sixteenth in range(17):
        cut = Source("cut.yaml", boutique.data[: len(boutique.data) * sixteenth // 16])
        try:
            seen = read(cut, vocabulary)
        except CmdbError as error:
            outcomes["refused" if str(error).startswith("cut.yaml") else "refused without its name"] += 1
        else:
            assert len(seen.items) <= 24
            outcomes["read"] += 1
    assert outcomes.keys() == {"read", "refused"}


def test_everything_said_fits_the_vocabulary(boutique: Source, vocabulary: Vocabulary) -> None:
    """Every attribute is a field of its class and passes its check, every relation is allowed."""
    seen = read(boutique, vocabulary)
    for item in seen.items:
        fields = vocabulary.item_fields(item.class_name)
        assert all(fields[name].check(value) is not None for name, value in item.attributes.items())
    for one in seen.relations:
        fields = vocabulary.relation_fields(one.type)
        assert all(fields[name].check(value) for name, value in one.attributes.items())
        assert vocabulary.allows(one.type, one.source.class_name or "", one.target.class_name or "")


def test_a_workload_says_what_it_is(read_text: Read) -> None:
    """Kind, namespace, image, replicas and labels are attributes; the identity is qualified."""
    text = """
    apiVersion: extensions/v1beta1
    kind: Deployment
    metadata: {name: 010, labels: {app: web, version: "1.10", team: ~}}
    spec:
      replicas: 3
      template: {spec: {containers: [{image: web:1.10}, {image: proxy:2}]}}
    """
    (item,) = read_text(text).items
    assert (item.class_name, item.source_id, item.name) == ("workload", "deployment:default:010", "010")
    assert item.qualified == ("deployment", "default", "010")
    assert item.where == "shop.yaml line 2"
    assert item.attributes == {
        "kind": "Deployment",
        "namespace": "default",
        "labels": ["app=web", "version=1.10"],
        "image": "web:1.10",
        "replicas": 3,
    }


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"])
def test_every_kind_of_workload_is_read(read_text: Read, kind: str) -> None:
    """All find their containers, however deep they are."""
    seen = read_text(manifest(workload("web", kind, env={"CART_ADDR": "cart:80"}), service("cart")))
    assert seen.items[0].source_id == f"{kind.lower()}:shop:web"
    assert seen.items[0].attributes["image"] == "registry/web:1"
    assert triples(seen) == {(f"{kind.lower()}:shop:web", "depends_on", "service:shop:cart")}


def test_a_bare_pod_is_a_workload(read_text: Read) -> None:
    """A pod that nothing owns stands for itself."""
    seen = read_text("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{image: i}]}}")
    assert [(item.source_id, item.attributes["image"]) for item in seen.items] == [("pod:default:a", "i")]


def test_what_a_workload_made_is_left_out(read_text: Read) -> None:
    """Pods and replica sets of a deployment are no items of their own; those of a node are."""
    owned = "{apiVersion: v1, kind: Pod, metadata: {name: %s, ownerReferences: [{kind: %s}]}}"
    seen = read_text(manifest(owned % ("a", "ReplicaSet"), owned % ("b", "Node"), owned % ("c", "Job")))
    assert [item.name for item in seen.items] == ["b"]
    assert seen.warnings == ("2 objects that a workload made and stands for were left out: 2 Pod",)


def test_a_service_depends_on_what_it_selects(read_text: Read) -> None:
    """The selector must fit, in the same namespace."""
    other = workload("other").replace('"shop"', '"elsewhere"')
    seen = read_text(manifest(service("web"), workload("web"), other, service("other"), service("none")))
    (relation,) = seen.relations
    assert (relation.source, relation.target) == (
        ("technical_service", "service:shop:web"),
        ("workload", "deployment:shop:web"),
    )
    assert relation.attributes == {"known": "declared", "role": "selector"}
    assert seen.items[2].attributes == {"kind": "Service", "namespace": "shop", "ports": [80, 443]}


def test_every_part_of_a_selector_must_fit(read_text: Read) -> None:
    """A Service selects only pods that have all its labels; without a selector it selects none."""
    text = manifest(
        "{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {app: x, tier: front}}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: b, labels: {app: x}}}",
        "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: x, tier: front}}}",
        "{apiVersion: v1, kind: Service, metadata: {name: t}, spec: {type: ExternalName}}",
    )
    assert triples(read_text(text)) == {("service:default:s", "depends_on", "pod:default:a")}


def test_several_selected_workloads_are_a_group(read_text: Read) -> None:
    """A Service with two workloads behind it survives the loss of one; a job does not count."""
    seen = read_text(
        manifest(
            service("web"),
            workload("blue", app="web"),
            workload("green", app="web"),
            workload("x", "Job", "web"),
        )
    )
    group = next(item for item in seen.items if item.class_name == "redundancy_group")
    assert (group.source_id, group.name, group.attributes) == ("pool:shop:web", "web workloads", {"needs": 1})
    assert triples(seen) == {
        ("service:shop:web", "depends_on", "pool:shop:web"),
        ("deployment:shop:blue", "member_of", "pool:shop:web"),
        ("deployment:shop:green", "member_of", "pool:shop:web"),
    }


@pytest.mark.parametrize(
    "value",
    [
        "cart",
        "cart:7070",
        "Cart:7070",
        "http://cart",
        "grpc://cart:7070/health?x=1",
        "redis://user:secret@cart:6379/0",
        "jdbc:postgresql://cart:5432/db",
        "cart.shop",
        "cart.shop:7070",
        "cart.shop.svc",
        "https://cart.shop.svc.cluster.local:443/",
        "cart.shop.svc.cluster.local.",
    ],
)
def test_addresses_of_services_are_calls(read_text: Read, value: str) -> None:
    """A value that names a Service of the file, in any usual form, is a call."""
    seen = read_text(manifest(workload("web", env={"CART": value}), service("cart")))
    (relation,) = seen.relations
    assert (relation.source.name, relation.target.name) == ("deployment:shop:web", "service:shop:cart")
    assert relation.attributes == {"known": "inferred", "role": "CART"}
    assert relation.where == "shop.yaml line 1, env CART"


@pytest.mark.parametrize(
    ("variable", "value", "missing"),
    [
        ("TAX_ADDR", "tax:80", "service:shop:tax"),
        ("TAX_SERVICE_HOST", "http://tax", "service:shop:tax"),
        ("TAX_URL", "http://tax.money.svc/api", "service:money:tax"),
        ("TAX_ENDPOINT", "tax.money.svc.cluster.local:80", "service:money:tax"),
        ("tax_url", "http://tax.shop:80", "service:shop:tax"),
    ],
)
def test_a_missing_service_is_named(read_text: Read, variable: str, value: str, missing: str) -> None:
    """A clear address of a Service that the file lacks is a relation, to be listed as unresolved."""
    seen = read_text(workload("web", env={variable: value}))
    assert triples(seen) == {("deployment:shop:web", "depends_on", missing)}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TAX_ADDR", "tax"),
        ("TAX", "tax:80"),
        ("TAX_ADDR", "localhost:80"),
        ("TAX_ADDR", "http://10.0.0.7:80"),
        ("TAX_ADDR", "http://[::1]:80"),
        ("TAX_URL", "https://api.example.com/v1"),
        ("TAX_URL", "https://example.com"),
        ("TAX_ADDR", "$(TAX_HOST):80"),
        ("TAX_ADDR", "8080"),
        ("TAX_ADDR", ""),
        ("TAX_ADDR", "a b"),
        ("TAX_ADDR", "x" * 100_000),
        ("TAX_URL", "http://" + "a." * 50_000),
    ],
)
def test_other_values_are_no_calls(read_text: Read, variable: str, value: str) -> None:
    """Words, this machine, numbers and the internet are not Services of the cluster."""
    assert read_text(workload("web", env={variable: value})).relations == ()


def test_a_pair_is_said_once(read_text: Read) -> None:
    """Two variables for one Service are one call, under the first name."""
    env = {"CART_ADDR": "cart:80", "CART_URL": "http://cart/"}
    (relation,) = read_text(manifest(workload("web", env=env), service("cart"))).relations
    assert relation.attributes["role"] == "CART_ADDR"


def test_a_workload_does_not_call_itself(read_text: Read) -> None:
    """A workload that is told its own address does not depend on itself."""
    seen = read_text(manifest(workload("web", env={"PUBLIC_URL": "http://web"}), service("web")))
    assert triples(seen) == {("service:shop:web", "depends_on", "deployment:shop:web")}
    assert seen.warnings == ("The call of 1 workload to its own Service is left out: web",)


def test_workloads_that_are_told_their_own_addresses_are_named(read_text: Read) -> None:
    """Several are one warning, and one that runs no copies does not call itself either."""
    web, api = (workload(name, env={"PUBLIC_URL": f"http://{name}"}) for name in ("web", "api"))
    seen = read_text(manifest(web, service("web"), scaled(api, 0), service("api")))
    assert {one.type for one in seen.relations if one.source.class_name == "workload"} == set()
    assert seen.warnings == ("The calls of 2 workloads to their own Services are left out: api and web",)


def test_services_without_workloads_are_named(read_text: Read) -> None:
    """One warning for those that select nothing and one for those without a selector, folded when many."""
    outside = "{apiVersion: v1, kind: Service, metadata: {name: tax}, spec: {type: ExternalName%s}}"
    bare = "{apiVersion: v1, kind: Service, metadata: {name: old}, spec: {ports: [{port: 80}]}}"
    three = manifest(*(service(name) for name in "bca"))
    assert read_text(three).warnings == ("3 Services select no workload in this file: a, b and c",)
    assert read_text(manifest(bare, outside % "")).warnings == (
        "2 Services have no selector, so what is behind them is not known: old and tax",
    )
    seen = read_text(manifest(outside % ", selector: {app: tax}", workload("tax").replace("shop", "default")))
    assert seen.relations == ()
    assert seen.warnings == ("1 Service has no selector, so what is behind it is not known: tax",)
    many = read_text(manifest(*(service(f"s{number}") for number in range(12)))).warnings
    assert many == (
        "12 Services select no workload in this file: s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 2 more",
    )


def test_namesakes_are_told_apart_in_warnings(read_text: Read) -> None:
    """Two Services of one name are named with their namespaces."""
    seen = read_text(manifest(service("a"), service("a", namespace="test")))
    assert seen.warnings == ("2 Services select no workload in this file: service:shop:a and service:test:a",)


def test_what_runs_no_copies_is_no_member(read_text: Read) -> None:
    """A workload with replicas: 0 makes a pool no safer; alone it is still what a Service needs."""
    blue, green, red = (workload(name, app="web") for name in ("blue", "green", "red"))
    two = read_text(manifest(service("web"), blue, scaled(green, 0)))
    assert triples(two) == {("service:shop:web", "depends_on", "deployment:shop:blue")}
    assert two.warnings == ("1 workload with replicas: 0 is not counted behind its Service: green",)
    three = read_text(manifest(service("web"), blue, scaled(red, 2), scaled(green, 0)))
    assert len([one for one in three.relations if one.type == "member_of"]) == 2
    alone = read_text(manifest(service("web"), scaled(green, 0)))
    assert triples(alone) == {("service:shop:web", "depends_on", "deployment:shop:green")}
    assert alone.warnings == ()


def test_an_object_given_twice_counts_once(read_text: Read) -> None:
    """A copy of a workload is no second member, and contradicting selectors select nothing, in any order."""
    once = read_text(manifest(service("web"), workload("web"), workload("web")))
    assert triples(once) == {("service:shop:web", "depends_on", "deployment:shop:web")}
    for torn in ((service("web"), service("web", "other")), (service("web", "other"), service("web"))):
        seen = read_text(manifest(*torn, workload("web"), workload("other")))
        assert seen.relations == ()
        assert seen.warnings == (
            "1 Service is described with different selectors, of which none is used: web",
        )


def test_contradicting_labels_are_not_selected(read_text: Read) -> None:
    """A workload that is labelled differently in two places answers for neither Service."""
    objects = [workload("web", app="a"), workload("web", app="b"), service("a"), service("b")]
    for order in (objects, objects[::-1]):
        assert read_text(manifest(*order)).relations == ()


def test_the_order_of_contradicting_documents_does_not_matter(
    read_text: Read, vocabulary: Vocabulary
) -> None:
    """Objects described differently in one file give the same graph in any order, and only once."""
    documents = [
        scaled(workload("web", env={"A_ADDR": "cart:80"}), 3),
        scaled(workload("web", env={"B_ADDR": "cart:80"}), 2),
        scaled(workload("web", app="green"), 0),
        service("cart"),
        service("cart").replace("443", "8443"),
        service("web"),
        workload("cart"),
        workload("cart").replace("cart:1", "cart:2"),
    ]
    store, graphs = SqliteStore(None, Clock()), []
    for seed in range(6):
        seen = read_text(manifest(*random.Random(seed).sample(documents, len(documents))))
        fresh = SqliteStore(None, Clock())
        assert len(bring(fresh, vocabulary, seen).warnings) == 5
        graphs.append(content(fresh.read()))
        assert bool(bring(store, vocabulary, seen).operations) == (seed == 0)
        fresh.close()
    store.close()
    assert all(graph == graphs[0] for graph in graphs)
    assert graphs[0][1]["deployment:shop:web", "depends_on", "service:shop:cart"] == {"known": "inferred"}


def test_containers_that_start_first_call_too(read_text: Read) -> None:
    """The environment of init containers counts, references in it do not."""
    text = """
    apiVersion: v1
    kind: Pod
    metadata: {name: a}
    spec:
      initContainers:
        - env: [{name: DB_ADDR, value: "db:5432"}, {name: X_ADDR, valueFrom: {}}, 7, {value: 8}]
    """
    assert triples(read_text(text)) == {("pod:default:a", "depends_on", "service:default:db")}


def test_lists_are_unwrapped(vocabulary: Vocabulary) -> None:
    """What kubectl and the API print as a list is read as its entries; places point into it."""
    pods = {"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "a"}}, {"metadata": {}}]}
    all_of_it = {"apiVersion": "v1", "kind": "List", "items": [pods, json.loads(service("cart"))]}
    seen = read(Source("all.json", json.dumps(all_of_it).encode()), vocabulary)
    assert [(item.source_id, item.where) for item in seen.items] == [
        ("pod:default:a", "all.json, items[0].items[0]"),
        ("service:shop:cart", "all.json, items[1]"),
    ]
    assert [fault.pointer for fault in seen.rejected] == ["all.json, items[0].items[1]"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "{kind: Pod, metadata: {name: a}}",
            "This is no Kubernetes object: it has no apiVersion or no kind.",
        ),
        ("{apiVersion: v1, kind: [Pod]}", "This is no Kubernetes object"),
        ("- 1", "This is no Kubernetes object"),
        ("text", "This is no Kubernetes object"),
        ("{apiVersion: v1, kind: Pod}", "This Pod has no name: metadata.name is missing."),
        ("{apiVersion: v1, kind: Pod, metadata: [a]}", "This Pod has no name: metadata.name is missing."),
        ("{apiVersion: v1, kind: Pod, metadata: {name: [a]}}", "This Pod has no name"),
        (
            "{apiVersion: v1, kind: Pod, metadata: {generateName: a-}}",
            "This Pod has no name: generateName alone",
        ),
    ],
)
def test_what_is_no_object_is_listed(read_text: Read, text: str, problem: str) -> None:
    """The rest of the file is read; what has no meaning is rejected with its place."""
    seen = read_text(manifest(service("web"), text))
    (fault,) = seen.rejected
    assert fault.pointer.startswith("shop.yaml")
    assert fault.detail.startswith(problem)
    assert len(seen.items) == 1


def test_other_kinds_are_counted(read_text: Read) -> None:
    """One sentence says what was left out, and a kind that only shares a name is told apart."""
    others = [
        "{apiVersion: v1, kind: Secret}",
        "{apiVersion: v1, kind: Secret}",
        "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a}}",
    ]
    assert read_text(manifest(*others)).warnings == (
        (
            "3 objects of kinds that are no configuration items were left out: "
            "2 Secret, 1 Service (serving.knative.dev/v1)"
        ),
    )
    assert read_text(others[0]).warnings == (
        "1 object of kinds that are no configuration items was left out: 1 Secret",
    )


@pytest.mark.parametrize("wrong", ["~", "7", "[7]", "[[7]]", "[{}]", "{a: 7}", "{metadata: [7], spec: 7}"])
def test_wrong_shapes_never_break_it(read_text: Read, wrong: str) -> None:
    """Whatever stands where a specification belongs, the object itself is read."""
    for text in (
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: %s}",
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: %s}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: %s, initContainers: %s}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{image: a, env: %s}]}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: a, labels: %s, ownerReferences: %s}}",
        "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: %s}}",
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: %s, selector: %s}}",
    ):
        assert len(read_text(text.replace("%s", wrong)).items) == 1


def test_repeated_objects_share_an_anchor(read_text: Read) -> None:
    """Anchors and merge keys work in manifests."""
    text = """
    apiVersion: v1
    kind: List
    items:
      - &a {apiVersion: v1, kind: Service, metadata: &m {name: a, namespace: shop}}
      - {<<: *a, metadata: {<<: *m, name: b}}
    """
    assert [item.source_id for item in read_text(text).items] == ["service:shop:a", "service:shop:b"]
