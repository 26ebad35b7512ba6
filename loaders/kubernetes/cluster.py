"""The objects of a Kubernetes cluster, and which workloads answer for which Service.

An object that a file describes several times counts once, whatever the order: a pod has the labels that no
description contradicts, and a Service whose descriptions differ in their selector selects nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from cmdb.contradictions import agreed
from loaders.kubernetes.objects import KINDS, KubernetesObject

_Copies = Mapping[str, list[KubernetesObject]]
_Labels = Mapping[str, Mapping[str, str]]
_ByLabel = Mapping[tuple[str, str, str], list[KubernetesObject]]


class Cluster:
    """Workloads and Services, and which belong together."""

    def __init__(self, objects: Sequence[KubernetesObject]) -> None:
        self.workloads = [one for one in objects if one.is_workload]
        self.services = [one for one in objects if not one.is_workload]
        self.namespaces = {one.namespace for one in objects}
        self._services = _by_id(self.services)
        workloads = _by_id(self.workloads)
        self._torn = {name for name, copies in self._services.items() if _differ(copies)}
        whole = {name: copies for name, copies in self._services.items() if name not in self._torn}
        self._fitting = _fitting(whole, workloads)
        self._idle = {name for name, copies in workloads.items() if all(one.runs_none for one in copies)}

    def has_service(self, source_id: str) -> bool:
        """Whether there is such a Service."""
        return source_id in self._services

    def contradicts_itself(self, service_id: str) -> bool:
        """Whether descriptions of a Service differ in their selector."""
        return service_id in self._torn

    def answers(self, workload: KubernetesObject, service_id: str) -> bool:
        """Whether a Service's selector finds the workload, running or not."""
        return any(one.source_id == workload.source_id for one in self.fitting(service_id))

    def fitting(self, service_id: str) -> list[KubernetesObject]:
        """The workloads that a Service's selector finds."""
        return self._fitting.get(service_id, [])

    def selected(self, service_id: str) -> list[KubernetesObject]:
        """The workloads behind a Service; of several only those that run and so replace each other."""
        found = self.fitting(service_id)
        return found if len(found) == 1 else [one for one in found if one.source_id not in self._idle]

    def idle(self, service_id: str) -> list[KubernetesObject]:
        """The workloads that would be behind a Service with others, if they ran."""
        found = self.fitting(service_id)
        return [one for one in found if one.source_id in self._idle] if len(found) > 1 else []


def _by_id(objects: Iterable[KubernetesObject]) -> _Copies:
    found: dict[str, list[KubernetesObject]] = defaultdict(list)
    for one in objects:
        found[one.source_id].append(one)
    return found


def _differ(copies: Sequence[KubernetesObject]) -> bool:
    return any(one.selector != copies[0].selector for one in copies[1:])


def _fitting(services: _Copies, workloads: _Copies) -> Mapping[str, list[KubernetesObject]]:
    labels = {name: agreed(one.pod_labels for one in copies)[0] for name, copies in workloads.items()}
    by_label = _by_label(workloads, labels)
    return {name: _found(copies[0], by_label, labels) for name, copies in services.items()}


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


def _found(service: KubernetesObject, by_label: _ByLabel, labels: _Labels) -> list[KubernetesObject]:
    selector = service.selector
    fits = [by_label.get((service.namespace, *pair), []) for pair in selector.items()]
    fewest = min(fits, key=len, default=[])
    return [one for one in fewest if selector.items() <= labels[one.source_id].items()]
