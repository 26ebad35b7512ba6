"""Clusters, the virtual machines on them, and the services that NetBox lists on machines."""

from __future__ import annotations

import json
from typing import Any

from cmdb.observations import End
from loaders.netbox.addresses import Addresses
from loaders.netbox.devices import Devices, hosts_of_clusters
from loaders.netbox.dump import Dump, Row, end
from loaders.netbox.graph import Graph
from loaders.netbox.places import site_of

_PORTS = 1_000
_MACHINE = "virtualization.virtualmachine"


def add_machines(graph: Graph, devices: Devices, addresses: Addresses) -> None:
    """Add clusters with their hosts, and virtual machines with what they run on."""
    hosts = hosts_of_clusters(devices)
    for row in graph.dump.all("virtualization.cluster"):
        kind = graph.dump.title("virtualization.clustertype", row.pk_of("type"))
        cluster = graph.add("cluster", row, {"kind": kind})
        graph.one_of(cluster, "runs_on", hosts.get(row.pk, []), row, "hosts")
        graph.relate(cluster, "located_in", site_of(graph.dump, row), row)
    for row in graph.dump.all(_MACHINE):
        own = _described(graph.dump, row) | addresses.of(row)
        machine = graph.add("virtual_machine", row, own)
        # The host that NetBox names in a cluster is where the machine was seen last: it moves.
        cluster_or_host = end("cluster", "virtualization.cluster", row.pk_of("cluster"))
        graph.relate(machine, "runs_on", cluster_or_host or devices.end(row.pk_of("device")), row)


def add_services(graph: Graph, devices: Devices) -> None:
    """Add the services that are listed on devices and virtual machines."""
    for row in graph.dump.all("ipam.service"):
        service = graph.add("technical_service", row, {"ports": _ports(row), "kind": row.text("protocol")})
        graph.relate(service, "runs_on", _machine_of(graph.dump, row, devices), row)


def _machine_of(dump: Dump, row: Row, devices: Devices) -> End | None:
    """What a service is listed on: fields of its own, since NetBox 4.3 a content type and number."""
    model, pk = dump.target(row, "parent_object_type", "parent_object_id") or ("", None)
    device = row.pk_of("device") if pk is None else pk if model == "dcim.device" else None
    machine = row.pk_of("virtual_machine") if pk is None else pk if model == _MACHINE else None
    return devices.end(device) or end("virtual_machine", _MACHINE, machine)


def _described(dump: Dump, row: Row) -> dict[str, Any]:
    cpus, memory = row.number("vcpus"), row.number("memory")
    return {
        "kind": dump.title("dcim.devicerole", row.pk_of("role")),
        "operating_system": dump.title("dcim.platform", row.pk_of("platform")),
        "serial_number": row.text("serial"),
        "cpus": _whole(cpus),
        "memory_mb": _whole(memory),
    }


def _whole(number: float | None) -> int | None:
    """A number of things as a whole number; a part of a processor is none."""
    return int(number) if number is not None and 0 < number < 2**53 and number.is_integer() else None


def _ports(row: Row) -> list[int]:
    """The ports of a service, a list that the dump writes as text."""
    value = row.fields.get("ports", row.fields.get("port"))
    try:
        found = json.loads(value) if isinstance(value, str) and len(value) < 10 * _PORTS else value
    except (ValueError, RecursionError):
        return []
    listed = found if isinstance(found, list) else [found]
    numbers = (int(port) if isinstance(port, str) and port.isdecimal() else port for port in listed[:_PORTS])
    return [port for port in numbers if type(port) is int and 0 < port < 65_536]
