"""Devices: what each one is, where it stands, and which act as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from cmdb.observations import End
from loaders.netbox.addresses import Addresses
from loaders.netbox.dump import Dump, Pk, Row, end
from loaders.netbox.graph import Graph
from loaders.netbox.places import place_in_words, site_of
from loaders.netbox.tables import UNKNOWN, Role, role_called


class Devices:
    """The devices of a dump with their roles."""

    def __init__(self, dump: Dump) -> None:
        self.rows = {row.pk: row for row in dump.all("dcim.device")}
        self.roles = {pk: _role(dump, row) for pk, row in self.rows.items()}

    def end(self, pk: Pk | None) -> End | None:
        """A device as the end of a relation, `None` where there is none."""
        row = None if pk is None else self.rows.get(pk)
        return None if row is None else End(self.roles[row.pk].class_name, row.source_id)


def add_devices(graph: Graph, devices: Devices, addresses: Addresses) -> None:
    """Add every device with the place it stands in, and the virtual chassis as groups."""
    chassis = _bays(graph.dump)
    for pk, row in devices.rows.items():
        own = _described(graph.dump, row) | addresses.of(row)
        device = graph.add(devices.roles[pk].class_name, row, own)
        rack = end("rack", "dcim.rack", row.pk_of("rack"))
        place = devices.end(chassis.get(pk)) or rack or site_of(graph.dump, row)
        graph.relate(device, "located_in", place, row)
    _add_virtual_chassis(graph, devices)


def hosts_of_clusters(devices: Devices) -> Mapping[Pk, list[End]]:
    """The devices that each cluster runs on."""
    found: dict[Pk, list[End]] = defaultdict(list)
    for pk, row in devices.rows.items():
        cluster, device = row.pk_of("cluster"), devices.end(pk)
        if cluster is not None and device is not None:
            found[cluster].append(device)
    return found


def _add_virtual_chassis(graph: Graph, devices: Devices) -> None:
    members: dict[Pk, list[End]] = defaultdict(list)
    for pk, row in devices.rows.items():
        chassis, device = row.pk_of("virtual_chassis"), devices.end(pk)
        if chassis is not None and device is not None:
            members[chassis].append(device)
    for row in graph.dump.all("dcim.virtualchassis"):
        if row.pk in members:
            group = graph.add("redundancy_group", row, {})
            for member in members[row.pk]:
                graph.relate(member, "member_of", group, row)


def _described(dump: Dump, row: Row) -> dict[str, Any]:
    kind = dump.find("dcim.devicetype", row.pk_of("device_type"))
    return {
        "kind": dump.title("dcim.devicerole", row.pk_of("role", "device_role")),
        "manufacturer": kind and dump.title("dcim.manufacturer", kind.pk_of("manufacturer")),
        "model": kind and kind.text("model"),
        "serial_number": row.text("serial"),
        "asset_tag": row.text("asset_tag"),
        "operating_system": dump.title("dcim.platform", row.pk_of("platform")),
        "location": place_in_words(dump, row),
    }


def _role(dump: Dump, row: Row) -> Role:
    found = dump.find("dcim.devicerole", row.pk_of("role", "device_role"))
    slug = found and (found.text("slug") or found.text("name"))
    return role_called(slug) if slug else UNKNOWN


def _bays(dump: Dump) -> dict[Pk, Pk]:
    """The chassis of each device that is plugged into one."""
    pairs = ((bay.pk_of("installed_device"), bay.pk_of("device")) for bay in dump.all("dcim.devicebay"))
    return {inside: chassis for inside, chassis in pairs if inside is not None and chassis is not None}
