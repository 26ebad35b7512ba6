"""How the objects of a Kubernetes cluster depend on each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from cmdb.observations import End, SeenItem, SeenRelation
from loaders.cluster_address import Address, address
from loaders.kubernetes_objects import KINDS, SERVICE, KubernetesObject, inside, mappings, texts

_ADDRESS_VARIABLES = ("_ADDR", "_HOST", "_URL", "_ENDPOINT")
_BY_SELECTOR = {"known": "declared", "role": "selector"}


class Cluster:
    """Workloads and Services, and which belong together."""

    def __init__(self, objects: Sequence[KubernetesObject]) -> None:
        self.workloads = [one for one in objects if one.is_workload]
        self.services = [one for one in objects if not one.is_workload]
        self.namespaces = {one.namespace for one in objects}
        by_label = _by_label(self.workloads)
        self._selected = {one.source_id: _selected(one, by_label) for one in self.services}

    def has_service(self, source_id: str) -> bool:
        """Whether there is such a Service."""
        return source_id in self._selected

    def selected(self, service_id: str) -> list[KubernetesObject]:
        """The workloads that answer for a Service: its selector fits the labels of their pods."""
        return self._selected.get(service_id, [])


_ByLabel = dict[tuple[str, str, str], list[KubernetesObject]]


def _by_label(workloads: Sequence[KubernetesObject]) -> _ByLabel:
    """Index the workloads that can answer for a Service by namespace, label and value.

    A job may share the labels, but counted as a member it would make a pool look safer than it is.
    """
    found: _ByLabel = defaultdict(list)
    for one in workloads:
        if KINDS[one.kind].serves:
            for label, value in one.pod_labels.items():
                found[one.namespace, label, value].append(one)
    return found


def _selected(service: KubernetesObject, by_label: _ByLabel) -> list[KubernetesObject]:
    selector = texts(inside(service.body, "spec").get("selector"))
    fits = [by_label.get((service.namespace, *pair), []) for pair in selector.items()]
    fewest = min(fits, key=len, default=[])
    return [one for one in fewest if selector.items() <= one.pod_labels.items()]


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
    for variable, value in _environment(workload):
        service_id = _service_called(variable, value, workload, cluster)
        if service_id is None or service_id in called:
            continue
        called.add(service_id)
        target = End("technical_service", service_id)
        attributes = {"known": "inferred", "role": variable}
        place = f"{workload.where}, env {variable}"
        yield SeenRelation(_end(workload), "depends_on", target, place, attributes)


def _environment(workload: KubernetesObject) -> Iterator[tuple[str, str]]:
    for container in (*workload.containers, *workload.init_containers):
        for entry in mappings(container.get("env")):
            name, value = entry.get("name"), entry.get("value")
            if isinstance(name, str) and isinstance(value, str):
                yield name, value


def _service_called(variable: str, value: str, workload: KubernetesObject, cluster: Cluster) -> str | None:
    found = address(value)
    if found is None:
        return None
    service_id = f"{SERVICE.lower()}:{found.namespace or workload.namespace}:{found.service}"
    if cluster.has_service(service_id):
        # Told its own address, a workload does not call itself.
        return None if workload in cluster.selected(service_id) else service_id
    return service_id if _clearly_a_service(variable, found, cluster) else None


def _clearly_a_service(variable: str, found: Address, cluster: Cluster) -> bool:
    in_cluster = found.is_in_cluster or found.namespace in cluster.namespaces
    return variable.upper().endswith(_ADDRESS_VARIABLES) and found.is_explicit and in_cluster


def _end(one: KubernetesObject) -> End:
    return End("workload" if one.is_workload else "technical_service", one.source_id)
