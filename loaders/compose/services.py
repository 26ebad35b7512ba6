"""The services of a compose file, with what they inherit from others by `extends`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cmdb.errors import Fault
from cmdb.observations import End
from loaders.compose.interpolation import filled
from loaders.safe.place import where

CLASS = "workload"

_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")
_LONGEST_LINE = 20
"""How many services may extend one another; in practice two or three."""

_INHERITED_AT_MOST = 1_000_000
"""Entries that all services of a file may inherit together, so that no small file becomes a large one."""


@dataclass(frozen=True, eq=False)
class Service:
    """One service.

    Attributes
    ----------
    project
        The name of its project, `None` where the file does not say it.
    layers
        Its own description, then those of the services that it extends, nearest first.
    """

    project: str | None
    name: str
    layers: tuple[Mapping[str, Any], ...] = field(repr=False)
    where: str

    @property
    def qualified(self) -> tuple[str, ...]:
        """Project and name, which are unique on one machine."""
        return (self.project, self.name) if self.project else ()

    @property
    def end(self) -> End:
        """The service as the end of a relation."""
        return self.named(self.name)

    def named(self, name: str) -> End:
        """Another service of the same project, in this file or not."""
        return End(CLASS, f"{self.project}:{name}" if self.project else name)

    def value(self, key: str) -> Any:  # noqa: ANN401 - a file holds anything
        """What stands under a key, inherited or its own; `None` where nothing does."""
        return next((layer[key] for layer in self.layers if layer.get(key) is not None), None)

    def text(self, key: str) -> str | None:
        """The text under a key, `None` where there is none or a variable of it has no value."""
        found = self.value(key)
        return filled(found).text if isinstance(found, str) and found else None

    def every(self, key: str) -> Iterator[Any]:
        """What stands under a key in each layer, its own last."""
        return (layer[key] for layer in reversed(self.layers) if layer.get(key) is not None)

    def entries(self, key: str) -> list[Any]:
        """The entries of the lists under a key."""
        return [one for found in self.every(key) if isinstance(found, list) for one in found]

    def pairs(self, key: str) -> dict[str, str | None]:
        """Names and values under a key, written as a mapping or as a list of NAME=VALUE.

        Returns
        -------
        dict
            Without variables filled in; the value is `None` where only a name is given.
        """
        found: dict[str, str | None] = {}
        for given in self.every(key):
            found.update(_pairs(given))
        return found


def services(name: str, document: Mapping[str, Any]) -> Iterator[Service | Fault]:
    """Every service of a document; a fault for what is none."""
    found = document["services"]
    project, families = project_of(document), _Families(found)
    for service, body in found.items():
        place = where(name, body, f"services.{service[:60]}")
        if not _NAME.fullmatch(service):
            yield Fault(place, "A service's name holds only letters, digits, “.”, “_” and “-”.")
        elif not isinstance(body, dict | None):
            yield Fault(place, "This is no service: it is not a mapping.")
        else:
            yield Service(project, service, (body or {}, *families.before(service)), place)


def project_of(document: Mapping[str, Any]) -> str | None:
    """The name of the project, `None` where the document does not say it."""
    name = document.get("name")
    name = filled(name).text if isinstance(name, str) else None
    return name if name and _NAME.fullmatch(name) else None


class _Families:
    """Which services extend which, in one file."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._found = found
        self._left = _INHERITED_AT_MOST

    def before(self, service: str) -> Iterator[Mapping[str, Any]]:
        """The descriptions that a service extends, nearest first."""
        passed = {service}
        while len(passed) <= _LONGEST_LINE:
            service = extended(self._found[service]) or ""
            body = self._found.get(service)
            if service in passed or not isinstance(body, dict) or self._left < 0:
                return
            passed.add(service)
            self._left -= sum(len(part) for part in body.values() if isinstance(part, dict | list))
            yield body


def extended(body: object) -> str | None:
    """The service of the same file that a description extends, `None` where there is none."""
    found = body.get("extends") if isinstance(body, dict) else None
    if isinstance(found, dict):
        found = None if found.get("file") is not None else found.get("service")
    return found if isinstance(found, str) else None


def _pairs(given: object) -> dict[str, str | None]:
    if isinstance(given, dict):
        return {key: None if one is None else _written(one) for key, one in given.items() if _is_plain(one)}
    listed = [one.partition("=") for one in given if isinstance(one, str)] if isinstance(given, list) else []
    return {key: value if equals else None for key, equals, value in listed}


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _written(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
