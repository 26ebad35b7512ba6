"""How the objects of a Kubernetes cluster depend on each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from cmdb.observations import End, SeenItem, SeenRelation
from loaders.kubernetes.calls import Calls
from loaders.kubernetes.cluster import Cluster
from loaders.kubernetes.objects import KubernetesObject
from loaders.kubernetes.outside import stands_for
from loaders.kubernetes.routes import Way, backends, parents

_BY_SELECTOR = {"known": "declared", "role": "selector"}
_BY_NAME = {"known": "declared", "role": "externalName"}


def pool(service: KubernetesObject) -> SeenItem:
    """The group of the workloads behind a Service that selects several."""
    qualified = ("pool", service.namespace, service.name or "")
    name = f"{service.name} workloads"
    return SeenItem("redundancy_group", ":".join(qualified), name, {"needs": 1}, service.where, qualified)


def relations(cluster: Cluster, calls: Calls) -> Iterator[SeenRelation]:
    """Every dependency in the cluster."""
    for service in cluster.services:
        yield from _selections(service, cluster.selected(service.source_id))
        yield from _other_name(service, cluster)
    for workload in cluster.workloads:
        yield from _calls(workload, cluster, calls)
    for follow in (parents, backends):
        yield from _ways(cluster.routes, follow)


def own_calls(cluster: Cluster, calls: Calls) -> Iterator[KubernetesObject]:
    """The workloads that are told the address of a Service they answer for themselves."""
    for workload in cluster.workloads:
        if any(cluster.answers(workload, call.service_id) for call in calls.by(workload)):
            yield workload


def _selections(service: KubernetesObject, selected: Sequence[KubernetesObject]) -> Iterator[SeenRelation]:
    source, place = _end(service), service.where
    if len(selected) == 1:
        yield SeenRelation(source, "depends_on", _end(selected[0]), place, _BY_SELECTOR)
    elif selected:
        group = pool(service)
        target = End(group.class_name, group.source_id)
        yield SeenRelation(source, "depends_on", target, place, _BY_SELECTOR)
        for member in selected:
            yield SeenRelation(_end(member), "member_of", target, place, _BY_SELECTOR)


def _other_name(service: KubernetesObject, cluster: Cluster) -> Iterator[SeenRelation]:
    target = stands_for(service, cluster)
    if target is not None and target != _end(service):
        yield SeenRelation(_end(service), "depends_on", target, service.where, _BY_NAME)


def _calls(workload: KubernetesObject, cluster: Cluster, calls: Calls) -> Iterator[SeenRelation]:
    for call in calls.by(workload):
        # Told its own address, a workload does not call itself.
        if not cluster.answers(workload, call.service_id):
            target = End("technical_service", call.service_id)
            attributes = {"known": "inferred", "role": call.role}
            place = f"{workload.where}, {call.place}"
            called = call.service_id.rpartition(":")[2]
            yield SeenRelation(_end(workload), "depends_on", target, place, attributes, called)


def _ways(
    routes: Iterable[KubernetesObject], follow: Callable[[KubernetesObject], Iterable[Way]]
) -> Iterator[SeenRelation]:
    """Where requests go: the only way is needed, without one of several a part still works."""
    ends: dict[str, set[str]] = defaultdict(set)
    for route in routes:
        ends[route.source_id].update(way.source_id for way in follow(route))
    for route in routes:
        type_name = "depends_on" if len(ends[route.source_id]) == 1 else "uses"
        for way in _first_of_each(follow(route)):
            attributes = {"known": "declared", "role": way.role}
            target, called = End(way.class_name, way.source_id), way.source_id.rpartition(":")[2]
            yield SeenRelation(_end(route), type_name, target, route.where, attributes, called)


def _first_of_each(ways: Iterable[Way]) -> Iterable[Way]:
    first: dict[str, Way] = {}
    for way in ways:
        first.setdefault(way.source_id, way)
    return first.values()


def _end(one: KubernetesObject) -> End:
    return End(one.class_name, one.source_id)
