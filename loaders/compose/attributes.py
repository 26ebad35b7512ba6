"""What a compose file says of a service by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loaders.compose.interpolation import filled
from loaders.compose.services import Service
from loaders.shapes import said

KIND = "compose service"

_PORT = re.compile(r"(?:\S*:)?(?P<first>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?(?:/[a-z]+)?")
_WIDEST = 20
"""A range of more ports says little, and each would be an entry."""

_HIGHEST_PORT = 65_535
_MOST_REPLICAS = 1_000_000


def attributes(service: Service) -> dict[str, Any]:
    """The values of a service by field, as far as the file says them."""
    return said(
        kind=KIND,
        namespace=service.project,
        image=service.text("image"),
        hostname=service.text("hostname"),
        replicas=_replicas(service),
        ports=sorted({*_ports(service)}),
        labels=list(_labels(service)),
    )


def replicas_given(service: Service) -> Any:  # noqa: ANN401 - a file holds anything
    """How many copies there are, as the file has it."""
    found = service.value("scale")
    for deploy in service.every("deploy"):
        if isinstance(deploy, dict) and deploy.get("replicas") is not None:
            found = deploy["replicas"]
    return found


def ports_given(service: Service) -> Iterator[str]:
    """The ports inside the container, as the file has them; the machine's own port may be left to it."""
    for entry in (*service.entries("ports"), *service.entries("expose")):
        port = entry.get("target") if isinstance(entry, dict) else entry
        if type(port) in (str, int):
            yield str(port).rpartition("}:")[2]


def _replicas(service: Service) -> int | None:
    number = _whole(replicas_given(service))
    return number if number is not None and number <= _MOST_REPLICAS else None


def _whole(value: object) -> int | None:
    if isinstance(value, str):
        text = filled(value).text or ""
        return int(text) if re.fullmatch(r"[0-9]{1,7}", text) else None
    return value if type(value) is int and value >= 0 else None


def _ports(service: Service) -> Iterator[int]:
    """The ports inside the container: those that other services of the project use."""
    for given in ports_given(service):
        text = filled(given).text
        found = _PORT.fullmatch(text) if text and len(text) <= 100 else None
        if found:
            first = int(found["first"])
            last = int(found["last"] or first)
            yield from range(first, last + 1) if 0 < first <= last <= _limit(first) else ()


def _limit(first: int) -> int:
    return min(first + _WIDEST, _HIGHEST_PORT)


def _labels(service: Service) -> Iterator[str]:
    for name, value in service.pairs("labels").items():
        text = filled(value or "").text
        if text is not None:
            yield f"{name}={text}" if value is not None else name
    for profile in service.entries("profiles"):
        if isinstance(profile, str) and profile:
            yield f"profile={profile}"
