"""How the services of a compose project depend on each other.

A pair is related once, by the first of its reasons: what a service shares with another, `depends_on`,
`links`, `volumes_from`, and last the addresses in its environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cmdb.errors import Fault
from cmdb.observations import End, SeenRelation
from loaders.compose.addresses import called
from loaders.compose.interpolation import filled
from loaders.compose.services import CLASS, Service

_SHARED = ("network_mode", "pid", "ipc")
_STARTED = "service_started"
_SERVICE, _CONTAINER = "service:", "container:"


class _Reason(NamedTuple):
    """Why a service needs another.

    Attributes
    ----------
    service
        The other's name.
    place
        The way to it from the service.
    """

    service: str
    type: str
    known: str
    role: str
    place: str


class Project:
    """The services of one document, and the names by which they reach each other."""

    def __init__(self, services: Sequence[Service]) -> None:
        self.services = services
        self._hosts = _hosts(services)
        names = {one.text("container_name"): one.name for one in services}
        self._containers = {container: name for container, name in names.items() if container}

    def relations(self) -> Iterator[SeenRelation | Fault]:
        """Every relation between services; a fault where one is said in a way that means nothing."""
        for service in self.services:
            yield from _related(service, self._reasons(service))
            yield from self._outside(service)

    def _reasons(self, service: Service) -> Iterator[_Reason | Fault]:
        for key in _SHARED:
            yield from self._shared(key, service.text(key) or "")
        yield from _declared(service)
        yield from _listed(service, "links")
        yield from self._volumes(service)
        yield from self._calls(service)

    def _shared(self, key: str, found: str) -> Iterator[_Reason]:
        """Whose network or processes a service lives in."""
        other = self._containers.get(_container(found)) if _is_container(found) else None
        if found.startswith(_SERVICE):
            other = found.removeprefix(_SERVICE)
        if other:
            yield _Reason(other, "depends_on", "declared", key, key)

    def _volumes(self, service: Service) -> Iterator[_Reason | Fault]:
        """Whose volumes a service takes over."""
        for one in _listed(service, "volumes_from"):
            if isinstance(one, Fault) or not _is_container(one.service):
                yield one
            elif (container := _container(one.service)) in self._containers:
                yield one._replace(service=self._containers[container])

    def _outside(self, service: Service) -> Iterator[SeenRelation]:
        """Containers that are started elsewhere, for others to find out what they are."""
        linked = (one for one in service.entries("external_links") if isinstance(one, str))
        named = (*service.entries("volumes_from"), *map(service.text, _SHARED))
        inside = (_container(one) for one in named if _is_container(one))
        every = (
            *(one.partition(":")[0] for one in linked),
            *(one for one in inside if one not in self._containers),
        )
        for name in filter(None, dict.fromkeys(every)):
            attributes = {"known": "declared", "role": "container outside the project"}
            target = End(CLASS, f"{_CONTAINER}{name}")
            yield SeenRelation(service.end, "depends_on", target, service.where, attributes, name)

    def _calls(self, service: Service) -> Iterator[_Reason]:
        aliases = dict(_link_aliases(service))
        for variable, value in service.pairs("environment").items():
            text = filled(value or "").text
            for host, is_one_of_several in called(variable, text or ""):
                found = aliases.get(host) or self._hosts.get(host)
                if found is not None and found != service.name:
                    type_name = "uses" if is_one_of_several else "depends_on"
                    yield _Reason(found, type_name, "inferred", variable, f"environment.{variable}")


def _related(service: Service, reasons: Iterator[_Reason | Fault]) -> Iterator[SeenRelation | Fault]:
    done: set[str] = set()
    for one in reasons:
        if isinstance(one, Fault):
            yield one
        elif one.service == service.name:
            yield Fault(f"{service.where}.{one.place}", "A service cannot depend on itself.")
        elif one.service not in done:
            done.add(one.service)
            attributes = {"known": one.known, "role": one.role}
            place = f"{service.where}.{one.place}"
            target = service.named(one.service)
            yield SeenRelation(service.end, one.type, target, place, attributes, one.service)


def _declared(service: Service) -> Iterator[_Reason | Fault]:
    """What `depends_on` says, with its conditions."""
    given: dict[str, Any] = {}
    for found in service.every("depends_on"):
        if isinstance(found, dict):
            given.update(found)
        else:
            yield from _names(service, found, given)
    for name, how in given.items():
        told = how if isinstance(how, dict) else {}
        condition = told.get("condition")
        role = condition if isinstance(condition, str) and condition else _STARTED
        type_name = "uses" if told.get("required") is False else "depends_on"
        yield _Reason(name, type_name, "declared", role, "depends_on")


def _names(service: Service, found: object, given: dict[str, Any]) -> Iterator[Fault]:
    """Add what `depends_on` says as a list; give back what of it is no name."""
    for index, name in enumerate(found if isinstance(found, list) else [found]):
        if isinstance(name, str) and name:
            given.setdefault(name, None)
        else:
            yield Fault(f"{service.where}.depends_on[{index}]", "This is not the name of a service.")


def _listed(service: Service, key: str) -> Iterator[_Reason | Fault]:
    """What a list of names says; behind a colon stands an alias, or how a volume may be used."""
    for index, entry in enumerate(service.entries(key)):
        name = entry if isinstance(entry, str) else ""
        if not _is_container(name):
            name = name.partition(":")[0]
        if name:
            yield _Reason(name, "depends_on", "declared", key, key)
        else:
            yield Fault(f"{service.where}.{key}[{index}]", "This is not the name of a service.")


def _is_container(entry: object) -> bool:
    return isinstance(entry, str) and entry.startswith(_CONTAINER)


def _container(entry: object) -> str:
    return str(entry).removeprefix(_CONTAINER).partition(":")[0]


def _hosts(services: Sequence[Service]) -> dict[str, str]:
    """Who is reached by which name; an alias that several have says nothing of any one of them."""
    found: dict[str, str | None] = {}
    for service in services:
        for alias in _aliases(service):
            found[alias] = service.name if found.get(alias, service.name) == service.name else None
    named = {service.name.lower(): service.name for service in services}
    return {host: name for host, name in found.items() if name is not None} | named


def _aliases(service: Service) -> Iterator[str]:
    yield from (one.lower() for one in map(service.text, ("container_name", "hostname")) if one)
    for networks in service.every("networks"):
        for network in networks.values() if isinstance(networks, dict) else ():
            aliases = network.get("aliases") if isinstance(network, dict) else None
            listed = aliases if isinstance(aliases, list) else []
            yield from (one.lower() for one in listed if isinstance(one, str))


def _link_aliases(service: Service) -> Iterator[tuple[str, str]]:
    for entry in service.entries("links"):
        name, _, alias = entry.partition(":") if isinstance(entry, str) else ("", "", "")
        if alias:
            yield alias.lower(), name
