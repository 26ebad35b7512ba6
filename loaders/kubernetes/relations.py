"""How the objects of a Kubernetes cluster depend on each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cmdb.observations import End, SeenItem, SeenRelation
from loaders.kubernetes.addresses import Address, address
from loaders.kubernetes.cluster import Cluster
from loaders.kubernetes.objects import SERVICE, KubernetesObject, mappings

_ADDRESS_VARIABLES = ("_ADDR", "_HOST", "_URL", "_ENDPOINT")
_BY_SELECTOR = {"known": "declared", "role": "selector"}


def pool(service: KubernetesObject) -> SeenItem:
    """The group of the workloads behind a Service that selects several."""
    qualified = ("pool", service.namespace, service.name or "")
    name = f"{service.name} workloads"
    return SeenItem("redundancy_group", ":".join(qualified), name, {"needs": 1}, service.where, qualified)


def relations(cluster: Cluster) -> Iterator[SeenRelation]:
    """Every dependency in the cluster."""
    for service in cluster.services:
        yield from _selections(service, cluster.selected(service.source_id))
    for workload in cluster.workloads:
        yield from _calls(workload, cluster)


def own_calls(cluster: Cluster) -> Iterator[KubernetesObject]:
    """The workloads that are told the address of a Service they answer for themselves."""
    for workload in cluster.workloads:
        if any(cluster.answers(workload, called) for _, called in _addresses(workload, cluster)):
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


def _calls(workload: KubernetesObject, cluster: Cluster) -> Iterator[SeenRelation]:
    """One relation for each Service the workload calls, under the first variable that names it."""
    called: set[str] = set()
    for variable, service_id in _addresses(workload, cluster):
        # Told its own address, a workload does not call itself.
        if service_id in called or cluster.answers(workload, service_id):
            continue
        called.add(service_id)
        target = End("technical_service", service_id)
        attributes = {"known": "inferred", "role": variable}
        place = f"{workload.where}, env {variable}"
        yield SeenRelation(_end(workload), "depends_on", target, place, attributes)


def _addresses(workload: KubernetesObject, cluster: Cluster) -> Iterator[tuple[str, str]]:
    """The variables that name a Service, and its id."""
    for variable, value in _environment(workload):
        service_id = _service_named(variable, value, workload, cluster)
        if service_id is not None:
            yield variable, service_id


def _environment(workload: KubernetesObject) -> Iterator[tuple[str, str]]:
    for container in (*workload.containers, *workload.init_containers):
        for entry in mappings(container.get("env")):
            name, value = entry.get("name"), entry.get("value")
            if isinstance(name, str) and isinstance(value, str):
                yield name, value


def _service_named(variable: str, value: str, workload: KubernetesObject, cluster: Cluster) -> str | None:
    found = address(value)
    if found is None:
        return None
    service_id = f"{SERVICE.lower()}:{found.namespace or workload.namespace}:{found.service}"
    known = cluster.has_service(service_id) or _clearly_a_service(variable, found, cluster)
    return service_id if known else None


def _clearly_a_service(variable: str, found: Address, cluster: Cluster) -> bool:
    in_cluster = found.is_in_cluster or found.namespace in cluster.namespaces
    return variable.upper().endswith(_ADDRESS_VARIABLES) and found.is_explicit and in_cluster


def _end(one: KubernetesObject) -> End:
    return End("workload" if one.is_workload else "technical_service", one.source_id)
