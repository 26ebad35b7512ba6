"""Kubernetes manifests: workloads, Services, and who calls whom.

A Service depends on the workloads its selector finds. What a workload calls stands nowhere but in the
environment of its containers, as addresses of Services.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cmdb.errors import Fault
from cmdb.observations import Observations, SeenItem
from loaders.content import Content
from loaders.kubernetes.cluster import Cluster
from loaders.kubernetes.objects import KubernetesObject, inside, is_object, mappings, objects
from loaders.kubernetes.relations import pool, relations
from loaders.kubernetes.warnings import left_out, not_modelled

FORMAT = "kubernetes"
LOOKS_LIKE = "Kubernetes objects with “apiVersion” and “kind”"
TEXT_KEYS: frozenset[str] = frozenset()

_OTHERS = ("backstage.io/",)


def recognises(content: Content) -> bool:
    """Whether a document is a Kubernetes object, and not of a tool that only borrows the shape."""
    return any(is_object(one) and not one["apiVersion"].startswith(_OTHERS) for one in content.documents)


def read(content: Content) -> Observations:
    """Say what the documents of a manifest hold.

    Returns
    -------
    Observations
        An address that clearly means a Service which the file does not have is a relation all the same,
        so that it is listed as unresolved.
    """
    found = list(objects(content.name, content.documents))
    known = [one for one in found if isinstance(one, KubernetesObject) and one.is_known]
    named = [one for one in known if one.name and not one.is_owned]
    cluster = Cluster(named)
    return Observations(
        FORMAT,
        items=tuple(_items(cluster)),
        relations=tuple(relations(cluster)),
        rejected=tuple(_rejected(found)),
        warnings=(*left_out(found), *not_modelled(cluster)),
    )


def _items(cluster: Cluster) -> Iterator[SeenItem]:
    for workload in cluster.workloads:
        yield _item("workload", workload, _of_workload(workload))
    for service in cluster.services:
        yield _item("technical_service", service, _of_service(service))
        if len(cluster.selected(service.source_id)) > 1:
            yield pool(service)


def _item(class_name: str, one: KubernetesObject, attributes: dict[str, Any]) -> SeenItem:
    labels = [f"{key}={value}" for key, value in one.labels.items()]
    every = {"kind": one.kind, "namespace": one.namespace, "labels": labels, **attributes}
    said = {key: value for key, value in every.items() if value not in (None, [])}
    return SeenItem(class_name, one.source_id, one.name, said, one.where, one.qualified)


def _of_workload(workload: KubernetesObject) -> dict[str, Any]:
    images = (container.get("image") for container in workload.containers)
    return {"image": next(images, None), "replicas": inside(workload.body, "spec").get("replicas")}


def _of_service(service: KubernetesObject) -> dict[str, Any]:
    ports = mappings(inside(service.body, "spec").get("ports"))
    return {"ports": [port["port"] for port in ports if port.get("port") is not None]}


def _rejected(found: Iterable[KubernetesObject | Fault]) -> Iterator[Fault]:
    for one in found:
        if isinstance(one, Fault):
            yield one
        elif one.is_known and not one.name:
            generated = inside(one.body, "metadata").get("generateName") is not None
            reason = (
                "generateName alone does not say which it is" if generated else "metadata.name is missing"
            )
            yield Fault(one.where, f"This {one.kind} has no name: {reason}.")
