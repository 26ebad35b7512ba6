import json
import os
from random import Random
from typing import Any

import pytest

from cmdb.errors import TooLarge
from cmdb.model import Graph
from cmdb.observations import Observations
from cmdb.reconcile import Known, Rules, plan
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from loaders import kubernetes
from loaders.content import understood
from loaders.detect import read
from loaders.source import Source
from tests.cmdb.estates import TIME, Clock, bring
from tests.cmdb.estates import content as graph_of
from tests.loaders.conftest import Read
from tests.loaders.mutations import mutated

MUTANTS = 10_000 if os.environ.get("CMDB_SOAK") else 300
EMPTY = Graph(0, TIME, {}, {})


def triples(seen: Observations) -> list[tuple[str, str, str]]:
    """Return the relations as (source, type, target)."""
    return [(one.source.name, one.type, one.target.name) for one in seen.relations]


def described(api: str, kind: str, spec: object, name: str = "shop", **metadata: str) -> dict[str, Any]:
    """Describe an object."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


def manifest(*objects: dict[str, Any]) -> str:
    """Put objects into one file."""
    return "\n---\n".join(json.dumps(one) for one in objects)


def new(name: str) -> dict[str, Any]:
    """Describe a backend as today's Ingresses do."""
    return {"service": {"name": name, "port": {"number": 80}}}


def old(name: str) -> dict[str, Any]:
    """Describe a backend as Ingresses did before."""
    return {"serviceName": name, "servicePort": 80}


def rule(host: str | None, **paths: dict[str, Any]) -> dict[str, Any]:
    """Describe a rule with its paths and backends."""
    listed = [{"path": f"/{path}", "backend": backend} for path, backend in paths.items()]
    return {"http": {"paths": listed}, **({"host": host} if host else {})}


def test_an_ingress_of_one_service_depends_on_it(read_text: Read) -> None:
    """Without the only Service behind it nothing works; host and namespace are attributes."""
    spec = {
        "rules": [rule("shop.example.com", cart=new("web"), pay=new("web"))],
        "defaultBackend": new("web"),
    }
    seen = read_text(manifest(described("networking.k8s.io/v1", "Ingress", spec, namespace="s")))
    (item,) = seen.items
    assert (item.class_name, item.source_id, item.name) == ("load_balancer", "ingress:s:shop", "shop")
    assert item.attributes == {"kind": "Ingress", "namespace": "s", "hostname": "shop.example.com"}
    assert triples(seen) == [("ingress:s:shop", "depends_on", "service:s:web")]
    assert seen.relations[0].attributes == {"known": "declared", "role": "default backend"}


@pytest.mark.parametrize("api", ["networking.k8s.io/v1", "networking.k8s.io/v1beta1", "extensions/v1beta1"])
def test_an_ingress_of_several_services_uses_them(read_text: Read, api: str) -> None:
    """Without one of them the other paths still work; roles say which; several hosts are labels."""
    to = new if api.endswith("/v1") else old
    default = {"defaultBackend" if api.endswith("/v1") else "backend": to("web")}
    rules = [
        rule("a.example.com", cart=to("cart")),
        rule("b.example.com", x=to("web")),
        rule(None, y=to("y")),
    ]
    seen = read_text(manifest(described(api, "Ingress", {**default, "rules": rules})))
    assert [(one.type, one.target.name, one.attributes["role"]) for one in seen.relations] == [
        ("uses", "service:default:web", "default backend"),
        ("uses", "service:default:cart", "a.example.com/cart"),
        ("uses", "service:default:y", "/y"),
    ]
    assert seen.items[0].attributes["labels"] == ["host=a.example.com", "host=b.example.com"]
    assert "hostname" not in seen.items[0].attributes


def test_an_ingress_in_two_parts_uses_all_services_of_both(read_text: Read) -> None:
    """What one description leaves out the other says, in any order."""
    parts = [described("networking.k8s.io/v1", "Ingress", {"defaultBackend": new(name)}) for name in "ab"]
    for order in (parts, parts[::-1]):
        assert {(kind, target) for _, kind, target in triples(read_text(manifest(*order)))} == {
            ("uses", "service:default:a"),
            ("uses", "service:default:b"),
        }


def test_routes_of_the_gateway_api_are_read(read_text: Read) -> None:
    """A route depends on its Gateway and uses its backends; what gets no traffic does not count."""
    backends = [
        {"name": "blue", "weight": 9},
        {"name": "green", "namespace": "far"},
        {"name": "x", "weight": 0},
    ]
    other = [{"name": "bucket", "kind": "Bucket"}, {"name": "s", "group": "example.com"}]
    match = [{"path": {"type": "PathPrefix", "value": "/cart"}}]
    route = described(
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
        {
            "hostnames": ["shop.example.com"],
            "parentRefs": [{"name": "edge", "namespace": "infra"}],
            "rules": [{"matches": match, "backendRefs": backends}, {"backendRefs": other}],
        },
    )
    listeners = [{"port": 443, "hostname": "*.example.com"}, {"port": 80, "hostname": "*.example.com"}]
    gateway = described(
        "gateway.networking.k8s.io/v1", "Gateway", {"listeners": listeners}, "edge", namespace="infra"
    )
    seen = read_text(manifest(route, gateway))
    assert triples(seen) == [
        ("httproute:default:shop", "depends_on", "gateway:infra:edge"),
        ("httproute:default:shop", "uses", "service:default:blue"),
        ("httproute:default:shop", "uses", "service:far:green"),
    ]
    assert [one.attributes["role"] for one in seen.relations] == ["parent", "/cart", "/cart"]
    assert seen.items[1].attributes == {
        "kind": "Gateway",
        "namespace": "infra",
        "hostname": "*.example.com",
        "ports": [443, 80],
    }
    assert seen.warnings == ()


def test_routes_to_nowhere_are_named(read_text: Read) -> None:
    """An Ingress without a Service is worth a look; a namesake of another tool is no Ingress."""
    ingress = described("networking.k8s.io/v1", "Ingress", {"defaultBackend": {"resource": {"name": "b"}}})
    stranger = described("networking.internal.knative.dev/v1alpha1", "Ingress", {})
    seen = read_text(manifest(ingress, stranger))
    assert len(seen.items) == 1
    assert seen.warnings[1] == "1 Ingress or route leads to no Service: shop"


def test_a_service_for_a_host_outside_needs_that_host(read_text: Read) -> None:
    """Two Services for one host share one supplier; the warning about missing selectors is not for them."""
    spec = {"type": "ExternalName", "externalName": "DB.example.com."}
    seen = read_text(
        manifest(
            described("v1", "Service", spec, "db"), described("v1", "Service", spec, "old", namespace="test")
        )
    )
    suppliers = [(one.source_id, one.name) for one in seen.items if one.class_name == "external_service"]
    assert suppliers == [("external:db.example.com", "db.example.com")] * 2
    assert triples(seen) == [
        ("service:default:db", "depends_on", "external:db.example.com"),
        ("service:test:old", "depends_on", "external:db.example.com"),
    ]
    assert seen.warnings == ()


def test_a_service_for_another_service_needs_that(read_text: Read) -> None:
    """A name of the cluster itself is no supplier; contradicting names are none at all."""
    named = [{"type": "ExternalName", "externalName": f"db.{name}.svc.cluster.local"} for name in "ab"]
    first, second = (described("v1", "Service", spec, "db") for spec in named)
    assert triples(read_text(manifest(first))) == [("service:default:db", "depends_on", "service:a:db")]
    assert read_text(manifest(first, second)).relations == ()
    own = {"type": "ExternalName", "externalName": "db.default.svc"}
    assert read_text(manifest(described("v1", "Service", own, "db"))).relations == ()


def test_an_autoscaler_says_how_many_copies_there_are_at_least(read_text: Read) -> None:
    """The number in the workload changes with the load; the autoscaler's least number stays."""
    web = described("apps/v1", "Deployment", {"replicas": 7}, "web")
    target = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}
    for api in ("v1", "v2beta2", "v2"):
        scaler = described(
            f"autoscaling/{api}", "HorizontalPodAutoscaler", {**target, "minReplicas": 2, "maxReplicas": 9}
        )
        seen = read_text(manifest(scaler, web))
        assert seen.items[0].attributes["replicas"] == 2
        assert seen.warnings == ()
    unsaid = described("autoscaling/v2", "HorizontalPodAutoscaler", target)
    assert read_text(manifest(unsaid, web)).items[0].attributes["replicas"] == 1
    for wrong in (
        {**target, "minReplicas": "2"},
        {**target, "minReplicas": -1},
        {"scaleTargetRef": {"kind": 1}},
    ):
        bad = described("autoscaling/v2", "HorizontalPodAutoscaler", wrong)
        assert read_text(manifest(bad, web)).items[0].attributes["replicas"] == 7
    assert read_text(manifest(scaler, unsaid, web)).items[0].attributes["replicas"] == 7


def test_a_schedule_is_a_label(read_text: Read) -> None:
    """When a job runs is kept."""
    seen = read_text(manifest(described("batch/v1beta1", "CronJob", {"schedule": "*/5 * * * *"})))
    assert seen.items[0].attributes["labels"] == ["schedule=*/5 * * * *"]


def test_storage_of_a_stateful_set_is_no_item(read_text: Read) -> None:
    """Templates of claims belong to their workload; old replication controllers are workloads too."""
    spec = {"volumeClaimTemplates": [{"metadata": {"name": "data"}}], "serviceName": "db"}
    seen = read_text(
        manifest(
            described("apps/v1", "StatefulSet", spec, "db"),
            described("v1", "ReplicationController", {}, "rc"),
        )
    )
    assert [item.source_id for item in seen.items] == [
        "statefulset:default:db",
        "replicationcontroller:default:rc",
    ]


def test_files_of_one_cluster_are_joined(vocabulary: Vocabulary) -> None:
    """Calls and routes find their Service in another file; a selector cannot, and that is said."""
    pod = {"containers": [{"env": [{"name": "CART_ADDR", "value": "cart:80"}]}]}
    web = described("v1", "Pod", pod, "web")
    ingress = described("networking.k8s.io/v1", "Ingress", {"defaultBackend": new("cart")})
    cart = described("v1", "Service", {"selector": {"app": "cart"}}, "cart")
    files = [Source(f"{n}.json", json.dumps(one).encode()) for n, one in enumerate((web, ingress, cart))]
    store = SqliteStore(None, Clock())
    found = bring(store, vocabulary, *(read(file, vocabulary) for file in files))
    assert graph_of(store.read())[1].keys() == {("web", "depends_on", "cart"), ("shop", "depends_on", "cart")}
    store.close()
    assert found.unresolved == ()
    assert found.warnings == ("1 Service selects no workload in this file: cart",)


def test_a_file_in_which_everything_selects_everything_is_too_large(vocabulary: Vocabulary) -> None:
    """A short file that means a million relations is refused by its name."""
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"p{n}", "labels": {"a": "b"}},
        }
        for n in range(1_000)
    ]
    services = [described("v1", "Service", {"selector": {"a": "b"}}, f"s{n}") for n in range(1_000)]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": pods + services})
    with pytest.raises(TooLarge, match=r"^knot\.json means more than 500,000 relations"):
        read(Source("knot.json", text.encode()), vocabulary)


@pytest.mark.parametrize("wrong", [None, 7, "x", [], [7], [[{}]], {}, {"name": 7}, [{"host": [1]}]])
def test_wrong_shapes_in_routes_mean_nothing(read_text: Read, wrong: object) -> None:
    """Whatever stands where rules belong, the item itself is read."""
    for api, kind, spec in (
        ("networking.k8s.io/v1", "Ingress", wrong),
        ("networking.k8s.io/v1", "Ingress", {"rules": wrong, "backend": wrong, "defaultBackend": wrong}),
        ("networking.k8s.io/v1", "Ingress", {"rules": [{"http": wrong, "host": wrong}]}),
        ("networking.k8s.io/v1", "Ingress", {"rules": [{"http": {"paths": wrong}}]}),
        ("networking.k8s.io/v1", "Ingress", {"backend": {"serviceName": [7], "service": wrong}}),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", {"rules": wrong, "hostnames": wrong}),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", {"rules": [{"backendRefs": wrong, "matches": wrong}]}),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", {"parentRefs": [{"group": wrong, "kind": wrong}]}),
        ("gateway.networking.k8s.io/v1", "Gateway", {"listeners": wrong}),
        ("v1", "Service", {"type": "ExternalName", "externalName": wrong}),
        ("v1", "Service", {"type": wrong, "externalName": "a b"}),
    ):
        seen = read_text(manifest(described(api, kind, spec)))
        assert seen.items[0].name == "shop"
        assert {one.target.name for one in seen.relations} <= {"external:x", "service:default:7"}


EVERY_KIND = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80}]}
---
{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {type: ExternalName, externalName: d.io}}
---
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: cart, namespace: shop, labels: {app: cart}, ownerReferences: [{kind: Cart, name: x}]}
    spec:
      replicas: 2
      template:
        metadata: {labels: {app: cart}}
        spec:
          initContainers: [{envFrom: [{configMapRef: {name: settings}, prefix: A_}]}]
          containers:
            - image: cart:1
              env:
                - {name: DB_URL, value: "jdbc:postgresql://db.default.svc:5432/x"}
                - {name: TAX, valueFrom: {configMapKeyRef: {name: settings, key: TAX_ADDR}}}
          volumes:
            - {name: a, configMap: {name: settings, items: [{key: app.conf, path: x}]}}
            - {name: b, projected: {sources: [{configMap: {name: more}}]}}
  - {apiVersion: batch/v1, kind: CronJob, metadata: {name: n}, spec: {schedule: "* * * * *"}}
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings, namespace: shop}
    data: {TAX_ADDR: "tax:80", app.conf: "a=http://cart:80\\nb: db.default.svc"}
  - apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: cart, namespace: shop}
    spec: {minReplicas: 3, scaleTargetRef: {kind: StatefulSet, name: cart}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  defaultBackend: {service: {name: cart}}
  rules: [{host: a.example.com, http: {paths: [{path: /, backend: {serviceName: tax}}]}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec:
  hostnames: [a.example.com]
  parentRefs: [{name: edge}]
  rules: [{matches: [{path: {value: /}}], backendRefs: [{name: cart, weight: 1}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {listeners: [{port: 80, hostname: a.example.com}]}
"""


def test_no_fault_in_any_kind_of_object_breaks_it(vocabulary: Vocabulary) -> None:
    """Whatever is lost, exchanged or repeated in a manifest with every kind, something is read of it."""
    rng = Random("every kind")
    content = understood(Source("shop.yaml", EVERY_KIND.encode()), vocabulary.text_fields)
    whole = kubernetes.read(content)
    assert (len(whole.items), len(whole.relations)) == (8, 8)
    for _ in range(MUTANTS):
        seen = kubernetes.read(mutated(content, rng))
        assert len(seen.items) + len(seen.rejected) + len(seen.warnings)
        plan([seen], Known(EMPTY, {}, vocabulary), Rules(TIME))
