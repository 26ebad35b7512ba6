"""The objects of a Kubernetes cluster, and which workloads answer for which Service.

An object that a file describes several times counts once, whatever the order: a pod has the labels that no
description contradicts, and a Service whose descriptions differ in their selector selects nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from cmdb.contradictions import agreed
from loaders.kubernetes.autoscaling import fewest_copies
from loaders.kubernetes.configuration import Configuration
from loaders.kubernetes.kinds import AUTOSCALER, CONFIG_MAP, KINDS, SERVICE
from loaders.kubernetes.limit import check_number
from loaders.kubernetes.objects import KubernetesObject

_Copies = Mapping[str, list[KubernetesObject]]
_Labels = Mapping[str, Mapping[str, str]]
_ByLabel = Mapping[tuple[str, str, str], list[KubernetesObject]]


class Cluster:
    """Workloads, Services and routes, and which belong together.

    Parameters
    ----------
    name
        What messages call the file.

    Raises
    ------
    TooLarge
        If Services select more workloads than can be true.
    """

    def __init__(self, name: str, objects: Sequence[KubernetesObject]) -> None:
        self.workloads = [one for one in objects if one.is_workload]
        self.services = [one for one in objects if one.kind == SERVICE]
        self.routes = [one for one in objects if one.class_name == "load_balancer"]
        self.configuration = Configuration(one for one in objects if one.kind == CONFIG_MAP)
        self.namespaces = {one.namespace for one in objects}
        self._fewest_copies = fewest_copies(one for one in objects if one.kind == AUTOSCALER)
        self._services = _by_id(self.services)
        workloads = _by_id(self.workloads)
        self._torn = {name for name, copies in self._services.items() if _differ(copies)}
        whole = {name: copies for name, copies in self._services.items() if name not in self._torn}
        self._fitting = _fitting(whole, workloads, name)
        self._fitting_ids: dict[str, set[str]] = {}
        self._idle = {name for name, copies in workloads.items() if all(one.runs_none for one in copies)}
        self._selected = {name: self._running(found) for name, found in self._fitting.items()}

    def has_service(self, source_id: str) -> bool:
        """Whether there is such a Service."""
        return source_id in self._services

    def contradicts_itself(self, service_id: str) -> bool:
        """Whether descriptions of a Service differ in their selector."""
        return service_id in self._torn

    def answers(self, workload: KubernetesObject, service_id: str) -> bool:
        """Whether a Service's selector finds the workload, running or not."""
        if service_id not in self._fitting_ids:
            self._fitting_ids[service_id] = {one.source_id for one in self.fitting(service_id)}
        return workload.source_id in self._fitting_ids[service_id]

    def fewest_copies(self, workload: KubernetesObject) -> int | None:
        """How many copies an autoscaler always keeps of a workload, `None` where there is none."""
        return self._fewest_copies.get(workload.source_id)

    def fitting(self, service_id: str) -> list[KubernetesObject]:
        """The workloads that a Service's selector finds."""
        return self._fitting.get(service_id, [])

    def selected(self, service_id: str) -> list[KubernetesObject]:
        """The workloads behind a Service; of several only those that run and so replace each other."""
        return self._selected.get(service_id, [])

    def idle(self, service_id: str) -> list[KubernetesObject]:
        """The workloads that would be behind a Service with others, if they ran."""
        found = self.fitting(service_id)
        return [one for one in found if one.source_id in self._idle] if len(found) > 1 else []

    def _running(self, found: list[KubernetesObject]) -> list[KubernetesObject]:
        return found if len(found) == 1 else [one for one in found if one.source_id not in self._idle]


def _by_id(objects: Iterable[KubernetesObject]) -> _Copies:
    found: dict[str, list[KubernetesObject]] = defaultdict(list)
    for one in objects:
        found[one.source_id].append(one)
    return found


def _differ(copies: Sequence[KubernetesObject]) -> bool:
    return any(_behind(one) != _behind(copies[0]) for one in copies[1:])


def _behind(service: KubernetesObject) -> tuple[dict[str, str], str | None]:
    return service.selector, service.external_name


def _fitting(services: _Copies, workloads: _Copies, name: str) -> Mapping[str, list[KubernetesObject]]:
    labels = {name: agreed(one.pod_labels for one in copies)[0] for name, copies in workloads.items()}
    by_label = _by_label(workloads, labels)
    found: dict[str, list[KubernetesObject]] = {}
    looked_at = 0
    for service_id, copies in services.items():
        candidates, selector = _candidates(copies[0], by_label), copies[0].selector
        looked_at += len(candidates)
        check_number(looked_at, name)
        found[service_id] = [one for one in candidates if selector.items() <= labels[one.source_id].items()]
    return found


def _by_label(workloads: _Copies, labels: _Labels) -> _ByLabel:
    """Index the workloads that can answer for a Service by namespace, label and value.

    A job may share the labels, but counted as a member it would make a pool look safer than it is.
    """
    found: dict[tuple[str, str, str], list[KubernetesObject]] = defaultdict(list)
    for name, copies in workloads.items():
        if KINDS[copies[0].kind].serves:
            for label, value in labels[name].items():
                found[copies[0].namespace, label, value].append(copies[0])
    return found


def _candidates(service: KubernetesObject, by_label: _ByLabel) -> list[KubernetesObject]:
    """The workloads with the rarest of the labels that a Service selects by."""
    fits = [by_label.get((service.namespace, *pair), []) for pair in service.selector.items()]
    return min(fits, key=len, default=[])
