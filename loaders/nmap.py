"""Nmap: the machines that answered a scan of the network.

What an address belongs to is not known, so every machine becomes a server, known by its hardware address
where Nmap saw it, else by its internet address. A machine that did not answer may be switched off or gone:
nothing is said of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cmdb.errors import Fault
from cmdb.observations import Observations, SeenItem
from cmdb.words import listed, natural
from loaders.content import Content
from loaders.network_addresses import hardware_addresses, network_addresses
from loaders.safe import Element

FORMAT = "nmap"
LOOKS_LIKE = "an XML report of Nmap with the root “nmaprun”"
TEXT_KEYS: frozenset[str] = frozenset()

_SURE = 95
"""Percent from which on a guessed operating system is taken for true."""

_UP, _OPEN = "up", "open"


def recognises(content: Content) -> bool:
    """Whether the document is a report of Nmap."""
    return content.root is not None and content.root.tag == "nmaprun"


def read(content: Content) -> Observations:
    """Say which machines answered.

    Returns
    -------
    Observations
        Partial: a machine that is not there did not answer this time, which does not mean that it is gone.
    """
    every = [] if content.root is None else list(content.root.every("host"))
    found = [_host(one, content.name) for one in every if _is_up(one)]
    hosts = [one for one in found if one.source_id]
    by_id: dict[str, list[_Host]] = defaultdict(list)
    for one in hosts:
        by_id[one.source_id].append(one)
    return Observations(
        FORMAT,
        items=tuple(_item(same) for same in by_id.values()),
        relations=(),
        partial=True,
        rejected=tuple(Fault(one.where, "This host has no address.") for one in found if not one.source_id),
        warnings=tuple(_warnings(by_id.values(), len(every) - len(found))),
    )


@dataclass(frozen=True)
class _Host:
    """A machine as one element of the report tells of it."""

    addresses: list[str]
    hardware: list[str]
    names: list[str]
    ports: list[int]
    systems: list[str]
    where: str

    @property
    def source_id(self) -> str:
        """Its hardware address, which stays when the other changes; empty where it has neither."""
        return next(iter((*self.hardware, *self.addresses)), "")


def _is_up(host: Element) -> bool:
    status = host.first("status")
    return status is not None and status.get("state") == _UP


def _host(host: Element, name: str) -> _Host:
    addresses = list(host.every("address"))
    hardware = [one.get("addr") for one in addresses if one.get("addrtype") == "mac"]
    others = [one.get("addr") or "" for one in addresses if one.get("addrtype") != "mac"]
    return _Host(
        addresses=[one for one in others if one],
        hardware=hardware_addresses(hardware),
        names=_names(host),
        ports=_open_ports(host),
        systems=_systems(host),
        where=f"{name} line {host.line}",
    )


def _names(host: Element) -> list[str]:
    """Its names: first what the name service calls it, then what the person who scanned it typed."""
    found = [one for one in host.every("hostnames", "hostname") if one.get("name")]
    ordered = sorted(found, key=lambda one: one.get("type") == "user")
    return list(dict.fromkeys(one.get("name") or "" for one in ordered))


def _open_ports(host: Element) -> list[int]:
    """The ports on which something answered, not those that may be open."""
    found = [
        port.get("portid") or ""
        for port in host.every("ports", "port")
        if (state := port.first("state")) is not None and state.get("state") == _OPEN
    ]
    return [int(port) for port in found if port.isascii() and port.isdecimal() and len(port) < 6]


def _systems(host: Element) -> list[str]:
    """The operating systems that fit best, if they fit well."""
    matches = [(_percent(one), one.get("name") or "") for one in host.every("os", "osmatch")]
    best = max((accuracy for accuracy, _ in matches), default=0)
    return list(dict.fromkeys(name for accuracy, name in matches if name and accuracy == best >= _SURE))


def _percent(match: Element) -> int:
    text = match.get("accuracy") or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else 0


def _item(same: Sequence[_Host]) -> SeenItem:
    """One item of all that is told of one machine."""
    first = same[0]
    names, systems = _all(one.names for one in same), _all(one.systems for one in same)
    addresses = _all(one.addresses for one in same)
    said: dict[str, Any] = {
        "hostname": next(iter(names), None),
        # Several that fit equally well mean that Nmap does not know.
        "operating_system": systems[0] if len(systems) == 1 else None,
        "ip_addresses": network_addresses(addresses),
        "mac_addresses": _all(one.hardware for one in same),
        "ports": sorted({port for one in same for port in one.ports}),
    }
    attributes = {name: value for name, value in said.items() if value not in (None, [])}
    address = next(iter(addresses), first.source_id)
    name = next(iter(names), None)
    return SeenItem("server", first.source_id, name, attributes, first.where, (address,))


def _all(lists: Iterable[list[str]]) -> list[str]:
    return list(dict.fromkeys(one for each in lists for one in each))


def _warnings(found: Collection[Sequence[_Host]], silent: int) -> Iterator[str]:
    hosts = [same[0] for same in found]
    unsure = [one for one in hosts if not network_addresses(one.addresses) and not one.hardware]
    if unsure:
        names = sorted((one.names or one.addresses)[0] for one in unsure)
        yield f"Known only by an address that every machine has, not told apart from others: {listed(names)}."
    several = Counter({same[0].source_id: len(same) for same in found if len(same) > 1})
    if several:
        shown = listed(sorted(several, key=natural))
        yield f"Several hosts of the report have one hardware address and are taken for one machine: {shown}."
    if silent:
        hosts_were = (
            "1 host that did not answer was" if silent == 1 else f"{silent} hosts that did not answer were"
        )
        yield f"{hosts_were} left out."
