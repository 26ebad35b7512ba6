"""What the containers of a workload are told: variables, and ConfigMaps as variables or as files.

Secrets are passed by: neither their values nor their names are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from loaders.kubernetes.objects import KubernetesObject, inside, mappings

_OF_EVERY_CLUSTER = "kube-root-ca.crt"
"""A ConfigMap that every namespace has, with certificates."""


class Variable(NamedTuple):
    """A variable whose value stands with the container."""

    name: str
    value: str


class Reading(NamedTuple):
    """A workload reads a ConfigMap.

    Attributes
    ----------
    keys
        Which of its entries, `None` for all of them.
    variable
        The variable that gets its value from the one entry, `None` where it is not read like that.
    is_optional
        Whether the workload starts without it too.
    """

    config_map: str
    keys: tuple[str, ...] | None = None
    variable: str | None = None
    is_optional: bool = False


def containers(workload: KubernetesObject) -> list[dict[str, Any]]:
    """The containers of its pods."""
    return mappings(inside(workload.pod, "spec").get("containers"))


def variables(workload: KubernetesObject) -> Iterator[Variable]:
    """The variables that are written out, of its containers and of those that run before them."""
    for container in _every_container(workload):
        for entry in mappings(container.get("env")):
            name, value = entry.get("name"), entry.get("value")
            if isinstance(name, str) and isinstance(value, str):
                yield Variable(name, value)


def readings(workload: KubernetesObject) -> Iterator[Reading]:
    """The ConfigMaps it reads, each reading once."""
    found = (one for one in _readings(workload) if one is not None)
    yield from dict.fromkeys(one for one in found if one.config_map != _OF_EVERY_CLUSTER)


def _readings(workload: KubernetesObject) -> Iterator[Reading | None]:
    for container in _every_container(workload):
        for entry in mappings(container.get("env")):
            yield _one_entry(entry)
        for entry in mappings(container.get("envFrom")):
            yield _reading(inside(entry, "configMapRef"))
    for volume in mappings(inside(workload.pod, "spec").get("volumes")):
        yield _reading(inside(volume, "configMap"))
        for part in mappings(inside(volume, "projected").get("sources")):
            yield _reading(inside(part, "configMap"))


def _every_container(workload: KubernetesObject) -> list[dict[str, Any]]:
    return containers(workload) + mappings(inside(workload.pod, "spec").get("initContainers"))


def _one_entry(entry: dict[str, Any]) -> Reading | None:
    """The reading of a variable that gets its value from an entry of a ConfigMap."""
    named, variable = inside(entry, "valueFrom", "configMapKeyRef"), entry.get("name")
    name, key = named.get("name"), named.get("key")
    if not (isinstance(name, str) and isinstance(key, str) and isinstance(variable, str)):
        return None
    return Reading(name, (key,), variable, named.get("optional") is True)


def _reading(named: Any) -> Reading | None:  # noqa: ANN401 - a file holds anything
    """The reading of a whole ConfigMap, or of the entries that a volume picks from it."""
    name, picked = named.get("name"), named.get("items")
    if not isinstance(name, str):
        return None
    keys = (entry.get("key") for entry in mappings(picked))
    some = tuple(key for key in keys if isinstance(key, str)) if isinstance(picked, list) else None
    return Reading(name, some, is_optional=named.get("optional") is True)
