"""Computers: their attributes section by section, and what runs on them.

A section that is not there says nothing, so that a partial inventory leaves the rest as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from cmdb.observations import End, SeenItem, SeenRelation
from loaders.glpi.inventory import Attributes, Inventory, Section, said, texts
from loaders.glpi.tables import class_of_computer, is_container, is_host_only, is_removable
from loaders.network_addresses import hardware_addresses, network_addresses


def computer(inventory: Inventory) -> Iterator[SeenItem | SeenRelation]:
    """The computer itself, and the databases and guests that run on it."""
    content = inventory.content
    hardware = content.part("hardware")
    class_name = class_of_computer(hardware.text("vmsystem"))
    name = hardware.text("name")
    attributes = said(
        _bios(content.part("bios"))
        | _hardware(hardware)
        | _system(content, name)
        | _processors(content)
        | _disks(content)
        | _networks(content)
        | software(content)
    )
    yield SeenItem(class_name, inventory.device_id, name, attributes, inventory.where, (inventory.device_id,))
    host = inventory.end(class_name)
    for item in (*_databases(inventory), *_guests(inventory, name)):
        yield item
        yield inventory.relation(End(item.class_name, item.source_id), "runs_on", host)


def software(content: Section) -> Attributes:
    """What is installed, each with its version."""
    return {"software": texts(_with_version(one) for one in content.parts("softwares"))}


def _with_version(one: Section) -> str | None:
    name = one.text("name", "guid")
    return " ".join(filter(None, (name, one.text("version")))) if name else None


def _bios(bios: Section) -> Attributes:
    return {
        "serial_number": bios.text("ssn"),
        "asset_tag": bios.text("assettag"),
        "manufacturer": bios.text("smanufacturer"),
        "model": bios.text("smodel"),
    }


def _hardware(hardware: Section) -> Attributes:
    return {"memory_mb": hardware.whole("memory"), "kind": hardware.text("chassis_type")}


def _system(content: Section, name: str | None) -> Attributes:
    system = content.part("operatingsystem")
    if not system.fields:  # else a partial inventory would put the short name in place of the full one
        return {}
    together = " ".join(filter(None, (system.text("name"), system.text("version"))))
    return {
        "operating_system": system.text("full_name") or together or None,
        "hostname": system.text("fqdn") or name,
    }


def _processors(content: Section) -> Attributes:
    """All cores, if every processor tells how many it has."""
    cores = [one.whole("core") for one in content.parts("cpus")]
    known = [one for one in cores if one is not None and one < 2**20]
    return {"cpus": sum(known) if known and len(known) == len(cores) else None}


def _disks(content: Section) -> Attributes:
    """The room on all disks, which GLPI tells in MB."""
    own = [one for one in content.parts("storages") if not is_removable(one.text("type") or "")]
    megabytes = sum(one.whole("disksize") or 0 for one in own)
    return {"disk_gb": megabytes / 1000 if megabytes else None}


def _networks(content: Section) -> Attributes:
    outside = [one for one in content.parts("networks") if not is_host_only(one.text("description") or "")]
    # A bridge or tunnel makes up its own hardware address; a bond borrows that of a real interface.
    real = [one for one in outside if one.fields.get("virtualdev") not in (True, 1, "1")]
    addresses = (one.fields.get(name) for one in outside for name in ("ipaddress", "ipaddress6"))
    return {
        "ip_addresses": network_addresses(addresses),
        "mac_addresses": hardware_addresses(one.text("mac", "macaddr") for one in real),
    }


def _databases(inventory: Inventory) -> Iterator[SeenItem]:
    """Database services, each by its name and port on this computer."""
    for one in inventory.content.parts("databases_services"):
        name, port = one.text("name", "type"), one.whole("port")
        if name is None:
            continue
        qualified = ("database", inventory.device_id, name, *([str(port)] if port else []))
        size = one.whole("size")
        attributes = said(
            {
                "engine": one.text("type"),
                "manufacturer": one.text("manufacturer"),
                "version": one.text("version"),
                "port": port if port is not None and port < 65_536 else None,
                "size_gb": None if size is None else size / 1000,
            }
        )
        yield SeenItem("database", ":".join(qualified), name, attributes, inventory.where, qualified)


def _guests(inventory: Inventory, host: str | None) -> Iterator[SeenItem]:
    """Virtual machines, which keep their number when they move, and containers, which keep their name."""
    for one in inventory.content.parts("virtualmachines"):
        kind, name, uuid = one.text("vmtype"), one.text("name"), one.text("uuid")
        contained = is_container(kind or "")
        known_by = name or uuid if contained else uuid or name
        if known_by is None:
            continue
        moves = uuid is not None and not contained
        qualified = ("vm", known_by.lower()) if moves else ("guest", host or inventory.device_id, known_by)
        source_id = ":".join(qualified) if moves else f"guest:{inventory.device_id}:{known_by}"
        attributes = said({**_of_guest(one), "kind": kind, "image": one.text("image")})
        class_name = "workload" if contained else "virtual_machine"
        yield SeenItem(class_name, source_id, name, attributes, inventory.where, qualified)


def _of_guest(one: Section) -> Attributes:
    return {
        "cpus": one.whole("vcpu"),
        "memory_mb": one.whole("memory"),
        "ip_addresses": network_addresses((one.text("ip") or "").split("/")),
        "mac_addresses": hardware_addresses((one.text("mac") or "").split("/")),
    }
