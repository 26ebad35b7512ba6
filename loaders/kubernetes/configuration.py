"""ConfigMaps: what stands under their keys. They are no items, but workloads find addresses in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from cmdb.contradictions import agreed
from loaders.kubernetes.objects import KubernetesObject, inside
from loaders.kubernetes.pods import Reading, readings

_Name = tuple[str, str]


class Configuration:
    """The ConfigMaps of a cluster; an entry that a file gives twice, differently, counts as none."""

    def __init__(self, config_maps: Iterable[KubernetesObject]) -> None:
        copies: dict[_Name, list[Mapping[str, str]]] = defaultdict(list)
        for one in config_maps:
            copies[one.namespace, one.name or ""].append(_entries(one))
        self._entries = {name: agreed(each)[0] for name, each in copies.items()}

    def entries(self, namespace: str, name: str) -> Mapping[str, str]:
        """The texts of a ConfigMap by key, none where it is not known."""
        return self._entries.get((namespace, name), {})

    def missing(self, workload: KubernetesObject) -> Iterator[Reading]:
        """What a workload reads that is not there, and that it does not start without."""
        for one in readings(workload):
            if not one.is_optional and (workload.namespace, one.config_map) not in self._entries:
                yield one


def _entries(config_map: KubernetesObject) -> dict[str, str]:
    data = inside(config_map.body, "data")
    return {key: value for key, value in data.items() if isinstance(value, str)}
