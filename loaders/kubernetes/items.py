"""What each Kubernetes object becomes, with what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cmdb.observations import SeenItem
from loaders.kubernetes.cluster import Cluster
from loaders.kubernetes.objects import KubernetesObject, inside, mappings
from loaders.kubernetes.outside import outside
from loaders.kubernetes.pods import containers
from loaders.kubernetes.relations import pool
from loaders.kubernetes.routes import hosts, listened_on


def items(cluster: Cluster) -> Iterator[SeenItem]:
    """Every item of a cluster."""
    for workload in cluster.workloads:
        yield _item(workload, _of_workload(workload, cluster), _schedule(workload))
    for service in cluster.services:
        yield _item(service, _of_service(service))
        if len(cluster.selected(service.source_id)) > 1:
            yield pool(service)
        yield from outside(service, cluster)
    for route in cluster.routes:
        yield _item(route, _of_route(route), _several_hosts(route))


def _item(one: KubernetesObject, attributes: dict[str, Any], more_labels: Iterable[str] = ()) -> SeenItem:
    labels = [f"{key}={value}" for key, value in one.labels.items()]
    every = {"kind": one.kind, "namespace": one.namespace, "labels": [*labels, *more_labels], **attributes}
    said = {key: value for key, value in every.items() if value not in (None, [])}
    return SeenItem(str(one.class_name), one.source_id, one.name, said, one.where, one.qualified)


def _of_workload(workload: KubernetesObject, cluster: Cluster) -> dict[str, Any]:
    images = (container.get("image") for container in containers(workload))
    fewest = cluster.fewest_copies(workload)
    replicas = inside(workload.body, "spec").get("replicas") if fewest is None else fewest
    return {"image": next(images, None), "replicas": replicas}


def _schedule(workload: KubernetesObject) -> list[str]:
    schedule = inside(workload.body, "spec").get("schedule")
    return [f"schedule={schedule}"] if workload.kind == "CronJob" and isinstance(schedule, str) else []


def _of_service(service: KubernetesObject) -> dict[str, Any]:
    ports = mappings(inside(service.body, "spec").get("ports"))
    return {"ports": _numbers(port.get("port") for port in ports)}


def _of_route(route: KubernetesObject) -> dict[str, Any]:
    named = hosts(route)
    return {"hostname": named[0] if len(named) == 1 else None, "ports": _numbers(listened_on(route))}


def _several_hosts(route: KubernetesObject) -> list[str]:
    named = hosts(route)
    return [f"host={host}" for host in named] if len(named) > 1 else []


def _numbers(values: Iterable[object]) -> list[int]:
    return [value for value in values if type(value) is int]
