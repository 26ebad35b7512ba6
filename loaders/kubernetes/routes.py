"""Ingresses, Gateways and the routes of the Gateway API: for which hosts, and to which Services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from loaders.kubernetes.kinds import GATEWAY, INGRESS, KINDS, SERVICE
from loaders.kubernetes.objects import KubernetesObject, inside, mappings


class Way(NamedTuple):
    """Where requests go on, or come from.

    Attributes
    ----------
    class_name, source_id
        The other item.
    role
        For which requests.
    """

    class_name: str
    source_id: str
    role: str


def hosts(route: KubernetesObject) -> list[str]:
    """The hosts it answers for, each once."""
    spec = inside(route.body, "spec")
    if route.kind in {INGRESS, GATEWAY}:
        parts = mappings(spec.get("rules" if route.kind == INGRESS else "listeners"))
        found = [part.get("host" if route.kind == INGRESS else "hostname") for part in parts]
    else:
        named = spec.get("hostnames")
        found = named if isinstance(named, list) else []
    return list(dict.fromkeys(host for host in found if isinstance(host, str) and host))


def listened_on(route: KubernetesObject) -> list[Any]:
    """The ports a Gateway listens on."""
    listeners = mappings(inside(route.body, "spec").get("listeners"))
    return [one.get("port") for one in listeners] if route.kind == GATEWAY else []


def backends(route: KubernetesObject) -> Iterator[Way]:
    """The Services that it hands requests to."""
    if route.kind == INGRESS:
        yield from _of_ingress(route)
    elif route.kind != GATEWAY:
        yield from _of_route(route)


def parents(route: KubernetesObject) -> Iterator[Way]:
    """The Gateways through which requests reach a route."""
    for one in mappings(inside(route.body, "spec").get("parentRefs")):
        yield from _reference(route, one, GATEWAY, "parent")


def _of_ingress(ingress: KubernetesObject) -> Iterator[Way]:
    spec = inside(ingress.body, "spec")
    # The first is of networking.k8s.io/v1, the second of the versions before it.
    for default in (inside(spec, "defaultBackend"), inside(spec, "backend")):
        yield from _backend(ingress, default, "default backend")
    for rule in mappings(spec.get("rules")):
        for path in mappings(inside(rule, "http").get("paths")):
            role = f"{_text(rule.get('host'))}{_text(path.get('path')) or '/'}"
            yield from _backend(ingress, inside(path, "backend"), role)


def _backend(ingress: KubernetesObject, backend: Mapping[str, Any], role: str) -> Iterator[Way]:
    name = inside(backend, "service").get("name") or backend.get("serviceName")
    yield from _way(SERVICE, ingress.namespace, name, role)


def _of_route(route: KubernetesObject) -> Iterator[Way]:
    for rule in mappings(inside(route.body, "spec").get("rules")):
        paths = (inside(match, "path").get("value") for match in mappings(rule.get("matches")))
        role = next((path for path in paths if isinstance(path, str) and path), "route")
        for one in mappings(rule.get("backendRefs")):
            if one.get("weight") != 0:
                yield from _reference(route, one, SERVICE, role)


def _reference(route: KubernetesObject, one: Mapping[str, Any], kind: str, role: str) -> Iterator[Way]:
    """A reference of the Gateway API, if it is to such an object."""
    group = one.get("group") or next(iter(KINDS[kind].groups))
    if one.get("kind", kind) == kind and isinstance(group, str) and group in KINDS[kind].groups:
        yield from _way(kind, _text(one.get("namespace")) or route.namespace, one.get("name"), role)


def _way(kind: str, namespace: str, name: object, role: str) -> Iterator[Way]:
    class_name = KINDS[kind].class_name
    if class_name is not None and isinstance(name, str) and name:
        yield Way(class_name, f"{kind.lower()}:{namespace}:{name}", role)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
