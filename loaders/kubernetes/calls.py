"""Which Services a workload is told of, and where: in its own variables or in ConfigMaps that it reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from loaders.kubernetes.addresses import Address, address, addresses_within
from loaders.kubernetes.cluster import Cluster
from loaders.kubernetes.kinds import SERVICE
from loaders.kubernetes.objects import KubernetesObject
from loaders.kubernetes.pods import readings, variables

_Map = tuple[str, str]
_ADDRESS_VARIABLES = ("_ADDR", "_HOST", "_URL", "_ENDPOINT")


class Call(NamedTuple):
    """A workload is told of a Service.

    Attributes
    ----------
    role
        By which variable or entry.
    place
        Where that stands, within the place of the workload.
    """

    service_id: str
    role: str
    place: str


class Calls:
    """What each workload of a cluster is told."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        # What many workloads read is looked through once.
        self._of_maps: dict[_Map, list[Call]] = {}
        self._of_entries: dict[tuple[_Map, str, bool, bool], list[str]] = {}

    def by(self, workload: KubernetesObject) -> list[Call]:
        """The calls of a workload, one for each Service, under the first that names it."""
        return _first_of_each(self._told(workload))

    def _told(self, workload: KubernetesObject) -> Iterator[Call]:
        for name, value in variables(workload):
            for service_id in self._services(
                workload.namespace, value, is_for_addresses=_is_for_addresses(name)
            ):
                yield Call(service_id, name, f"env {name}")
        for one in readings(workload):
            config_map = (workload.namespace, one.config_map)
            if one.keys is None:
                yield from self._of_map(config_map)
            for key in one.keys or ():
                yield from self._of_entry(config_map, key, one.variable)

    def _of_map(self, config_map: _Map) -> list[Call]:
        if config_map not in self._of_maps:
            keys = self._cluster.configuration.entries(*config_map)
            every = (call for key in keys for call in self._of_entry(config_map, key))
            self._of_maps[config_map] = _first_of_each(every)
        return self._of_maps[config_map]

    def _of_entry(self, config_map: _Map, key: str, variable: str | None = None) -> Iterator[Call]:
        role = f"ConfigMap {config_map[1]}, {key}"
        is_for_addresses = _is_for_addresses(variable or key)
        # A mere word among many settings is hardly meant as an address.
        words = is_for_addresses or variable is not None
        entry = (config_map, key, is_for_addresses, words)
        if entry not in self._of_entries:
            value = self._cluster.configuration.entries(*config_map).get(key, "")
            found = self._services(config_map[0], value, is_for_addresses=is_for_addresses, words=words)
            self._of_entries[entry] = list(dict.fromkeys(found))
        for service_id in self._of_entries[entry]:
            yield Call(service_id, role, role)

    def _services(
        self, namespace: str, value: str, *, is_for_addresses: bool, words: bool = True
    ) -> Iterator[str]:
        """The Services that a value names: as one address, or within a longer text."""
        whole = address(value.strip())
        if whole is None:
            for found in addresses_within(value):
                service_id = _service_id(found, namespace)
                if found.is_full or self._cluster.has_service(service_id):
                    yield service_id
        elif words or whole.is_explicit or whole.is_full:
            service_id = _service_id(whole, namespace)
            if self._cluster.has_service(service_id) or (is_for_addresses and self._is_clear(whole)):
                yield service_id

    def _is_clear(self, found: Address) -> bool:
        """Whether an address means a Service, although the file does not have it."""
        in_cluster = found.is_in_cluster or found.namespace in self._cluster.namespaces
        return found.is_explicit and in_cluster


def _service_id(found: Address, namespace: str) -> str:
    return f"{SERVICE.lower()}:{found.namespace or namespace}:{found.service}"


def _is_for_addresses(name: str) -> bool:
    """Whether the name of a variable or entry says that its value is an address."""
    return re.sub(r"[.-]", "_", f"_{name}").upper().endswith(_ADDRESS_VARIABLES)


def _first_of_each(calls: Iterable[Call]) -> list[Call]:
    unique: dict[str, Call] = {}
    for call in calls:
        unique.setdefault(call.service_id, call)
    return list(unique.values())
