"""Switches, routers and the like: what they are, the members of a stack, and their neighbours."""

from __future__ import annotations

from collections.abc import Iterator

from cmdb.observations import End, SeenItem, SeenRelation
from loaders.glpi.computers import software
from loaders.glpi.inventory import Attributes, Inventory, Section, said
from loaders.network_addresses import hardware_addresses, network_addresses

Found = Iterator[SeenItem | SeenRelation]


def network_equipment(inventory: Inventory, class_name: str) -> Found:
    """The device itself, the switches it is stacked of, and the links to its neighbours."""
    content = inventory.content
    device = content.part("network_device")
    members = _members(content)
    attributes = said(_described(content, device) | software(content))
    if members:
        # The number of one member would make that member and the whole stack the same thing.
        attributes.pop("serial_number", None)
    name, source_id = device.text("name"), inventory.device_id
    yield SeenItem(class_name, source_id, name, attributes, inventory.where, (source_id,))
    yield from _stack(inventory, class_name, name, members)
    yield from _neighbours(inventory, class_name, name)


def _described(content: Section, device: Section) -> Attributes:
    ips = device.fields.get("ips")
    ports = content.parts("network_ports")
    macs = [device.text("mac"), *(port.text("mac") for port in ports)]
    return {
        "manufacturer": device.text("manufacturer"),
        "model": device.text("model"),
        "serial_number": device.text("serial"),
        "version": device.text("firmware"),
        "location": device.text("location"),
        "description": device.text("description"),
        "kind": device.text("type"),
        "hostname": device.text("name"),
        "ip_addresses": network_addresses(ips if isinstance(ips, list) else [ips]),
        "mac_addresses": hardware_addresses(macs),
    }


def _members(content: Section) -> dict[str, Section]:
    """The switches of a stack by their serial numbers; one alone is no stack."""
    parts = content.parts("network_components")
    chassis = [(one.text("serial"), one) for one in parts if one.text("type") == "chassis"]
    found = {serial: one for serial, one in chassis if serial}
    return found if len(found) > 1 else {}


def _stack(inventory: Inventory, class_name: str, name: str | None, members: dict[str, Section]) -> Found:
    """A stack works as long as one of its members does."""
    if not members:
        return
    qualified = ("members", inventory.device_id)
    group = End("redundancy_group", ":".join(qualified))
    title = f"{name} members" if name else None
    yield SeenItem("redundancy_group", group.name, title, {}, inventory.where, qualified)
    yield inventory.relation(inventory.end(class_name), "runs_on", group)
    for serial, one in members.items():
        own = {"serial_number": serial, "model": one.text("model"), "manufacturer": one.text("manufacturer")}
        parts = ("member", inventory.device_id, serial)
        member = SeenItem(class_name, ":".join(parts), None, said(own), inventory.where, parts)
        yield member
        yield inventory.relation(End(class_name, member.source_id), "member_of", group)


def _neighbours(inventory: Inventory, class_name: str, name: str | None) -> Found:
    """A link for each neighbour that a port was told of (LLDP, CDP).

    The link needs both devices. Whether one of them needs the link is more than an inventory knows.
    """
    here = name or inventory.device_id
    for port in inventory.content.parts("network_ports"):
        if port.fields.get("lldp") in (True, 1, "1"):
            own_port = port.text("ifname", "ifdescr")
            for one in port.parts("connections"):
                neighbour = one.text("sysname", "ip", "sysmac")
                if neighbour is not None and own_port is not None:
                    there = f"{neighbour} {one.text('ifdescr', 'ifnumber', 'mac') or ''}".strip()
                    link = _link(inventory, f"{here} {own_port}", there)
                    end = End(link.class_name, link.source_id)
                    yield link
                    yield inventory.relation(end, "connects_via", inventory.end(class_name))
                    yield inventory.relation(end, "connects_via", End(class_name, neighbour), neighbour)


def _link(inventory: Inventory, here: str, there: str) -> SeenItem:
    """The link between two ports, the same from whichever side it is told."""
    ends = tuple(sorted((here, there)))
    return SeenItem("network_link", ":".join(("link", *ends)), " to ".join(ends), {}, inventory.where, ends)
